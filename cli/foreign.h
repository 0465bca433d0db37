/* SPDX-License-Identifier: Apache-2.0 */
/* Files that people take for a model, a picture or an array, told by their first bytes. */
#ifndef CLI_FOREIGN_H
#define CLI_FOREIGN_H

#include "report.h"

/* What a file is, as in "is %s": "a web page", …; NULL for one that is not known, and for models.
 */
const char *cli_foreign_kind(const unsigned char *bytes, size_t size);

/* What to do when such a file was given as a model; NULL when cli_foreign_kind is NULL. */
const char *cli_foreign_remedy(const unsigned char *bytes, size_t size);

#endif
