/* SPDX-License-Identifier: Apache-2.0 */
/* What a file is that was given as a picture, an array or labels, told by its first bytes. (What
 * was given as a model is told by the library.) */
#ifndef CLI_FOREIGN_H
#define CLI_FOREIGN_H

#include "report.h"

/* What a file is, as in "is %s": "a web page", …; NULL for one that is not known, and for models.
 */
const char *cli_foreign_kind(const unsigned char *bytes, size_t size);

#endif
