/* SPDX-License-Identifier: Apache-2.0 */
/* The ways in which midge inspect shows a model. */
#ifndef CLI_INSPECT_H
#define CLI_INSPECT_H

#include "compression.h"
#include "json_print.h"
#include "memory_plan.h"
#include "model_facts.h"

/* Prints for people. `all` lists every node and tensor; `compression` may be NULL, as below. */
midge_status cli_inspect_text(const cli_model_facts *facts, bool all,
                              const cli_compression *compression, midge_error *error);

/* Prints the memory plan over time. */
midge_status cli_inspect_memory(const cli_model_facts *facts, const cli_memory_plan *plan,
                                midge_error *error);

/* Prints everything, as one object; `plan` may be NULL. */
void cli_inspect_json(const cli_model_facts *facts, const cli_memory_plan *plan,
                      const cli_compression *compression, cli_json *json);

/* Draws the nodes of graph 0, what flows between them, and beside each row what lies in the arena
 * then. `plan` may be NULL. */
midge_status cli_inspect_svg(const cli_model_facts *facts, const cli_memory_plan *plan,
                             FILE *stream, midge_error *error);

#endif
