/* SPDX-License-Identifier: Apache-2.0 */
/* What integer arithmetic was asked for and not given. */
#ifndef CLI_FLOAT_NODES_H
#define CLI_FLOAT_NODES_H

#include <stddef.h>

/* One note that names the operators of the file which compute in floats, and how many there are of
 * each; none where there are none. `name` begins it. */
void cli_note_float_nodes(const char *name, const void *bytes, size_t size);

#endif
