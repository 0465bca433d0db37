/* SPDX-License-Identifier: Apache-2.0 */
/* Two sessions that get the same inputs. */
#ifndef CLI_TWINS_H
#define CLI_TWINS_H

#include "arguments.h"
#include "ports.h"

/*
 * Gives A the inputs of --input and fills the others from the seed, then gives B the same: shapes
 * as A has them, and numbers as they are when types agree, else as the real numbers that they stand
 * for. Where nothing was given and A's input is a float and B's is not, B is filled and A follows,
 * so that B's narrower range cuts nothing off.
 */
midge_status cli_twins_feed(const cli_ports *a, const cli_ports *b, const cli_texts *texts,
                            uint64_t seed, midge_error *error);

/* Gives B the inputs that A has. */
midge_status cli_twins_copy(const cli_ports *a, const cli_ports *b, midge_error *error);

/* That both have as many inputs. */
midge_status cli_twins_check(const cli_ports *a, const cli_ports *b, midge_error *error);

#endif
