/* SPDX-License-Identifier: Apache-2.0 */
/* The memory plan of a session over time: which tensors lie in the arena when. */
#ifndef CLI_MEMORY_PLAN_H
#define CLI_MEMORY_PLAN_H

#include "report.h"

typedef struct cli_placed {
    size_t tensor;
    size_t offset, bytes;
    int32_t first, last; /* nodes between which it lives; first may be -1: before the first node */
} cli_placed;

typedef struct cli_memory_plan {
    size_t node_count;
    size_t count;
    cli_placed *tensors;
    size_t *live; /* bytes of living tensors while each node runs */
    size_t peak;  /* the node with the most */
    size_t arena_bytes;
    size_t session_bytes;
} cli_memory_plan;

/* `name` stands in messages. The caller frees with cli_memory_plan_free. */
midge_status cli_memory_plan_make(const char *name, const midge_session *session,
                                  cli_memory_plan *plan, midge_error *error);
void cli_memory_plan_free(cli_memory_plan *plan);

/* Whether a tensor lives while a node runs. */
bool cli_is_live(const cli_placed *placed, size_t node);

#endif
