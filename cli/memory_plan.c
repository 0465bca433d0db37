/* SPDX-License-Identifier: Apache-2.0 */
#include "memory_plan.h"

#include <stdlib.h>

bool cli_is_live(const cli_placed *placed, size_t node)
{
    return placed->first <= (int64_t)node && (int64_t)node <= placed->last;
}

midge_status cli_memory_plan_make(const char *name, const midge_session *session,
                                  cli_memory_plan *plan, midge_error *error)
{
    size_t tensors = midge_session_tensor_count(session);
    size_t nodes = midge_session_node_count(session);
    *plan = (cli_memory_plan){.node_count = nodes};
    plan->session_bytes = midge_session_memory(session, &plan->arena_bytes);
    plan->tensors = calloc(tensors + 1, sizeof *plan->tensors);
    plan->live = calloc(nodes + 1, sizeof *plan->live);
    if (plan->tensors == NULL || plan->live == NULL) {
        cli_memory_plan_free(plan);
        return cli_fail_memory(error, name, (tensors + 1) * sizeof *plan->tensors);
    }
    for (size_t i = 0; i < tensors; ++i) {
        cli_placed *at = &plan->tensors[plan->count];
        at->tensor = i;
        if (midge_session_tensor_place(session, i, &at->offset, &at->bytes, &at->first,
                                       &at->last)) {
            ++plan->count;
        }
    }
    for (size_t i = 0; i < plan->count; ++i) {
        const cli_placed *at = &plan->tensors[i];
        size_t first = at->first < 0 ? 0 : (size_t)at->first;
        for (size_t node = first; node < nodes && cli_is_live(at, node); ++node) {
            plan->live[node] += at->bytes;
        }
    }
    for (size_t node = 0; node < nodes; ++node) {
        if (plan->live[node] > plan->live[plan->peak]) plan->peak = node;
    }
    return MIDGE_OK;
}

void cli_memory_plan_free(cli_memory_plan *plan)
{
    free(plan->tensors);
    free(plan->live);
    *plan = (cli_memory_plan){0};
}
