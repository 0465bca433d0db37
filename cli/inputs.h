/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of --input and --output. */
#ifndef CLI_INPUTS_H
#define CLI_INPUTS_H

#include "ports.h"

/* Reads the arguments of --input, "[NAME=]FILE", in the order of the model where no name is given,
 * and fits and writes them all, then fills the others from the seed. given[i] gets whether input i
 * was given; NULL when nobody asks. */
midge_status cli_inputs_read(const cli_ports *ports, const char *const *texts, size_t count,
                             uint64_t seed, bool *given, midge_error *error);

/* Finds which input or output an argument "[NAME=]FILE" means: *index stays as it is when it has no
 * name. *file is the part behind the name. */
midge_status cli_port_argument(const cli_ports *ports, bool output, const char *text, size_t *index,
                               const char **file, midge_error *error);

#endif
