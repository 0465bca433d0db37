/* SPDX-License-Identifier: Apache-2.0 */
#include "model/callees.h"

#include <stddef.h>
#include <string.h>

enum { MOST_CALLS = 2 };

/* Where the options of an operator name subgraphs. What counts is the operator, not the table that
 * a node brings: without one an operator reads zeros, and subgraph 0 is as good as any. */
typedef struct caller {
    int32_t op;
    uint8_t union_number; /* 1: options, 2: options_2 */
    uint8_t tag;
    uint8_t count;
    uint16_t members[MOST_CALLS]; /* offsets of an int32 */
} caller;

#define ONE_CALL(op, number, table, member)             \
    {                                                   \
        MG_BUILTIN_##op, number, MG_OPTIONS_##table, 1, \
        {                                               \
            offsetof(mg_##table, member)                \
        }                                               \
    }
#define TWO_CALLS(op, number, table, a, b)                   \
    {                                                        \
        MG_BUILTIN_##op, number, MG_OPTIONS_##table, 2,      \
        {                                                    \
            offsetof(mg_##table, a), offsetof(mg_##table, b) \
        }                                                    \
    }

static const caller callers[] = {
    TWO_CALLS(IF, 1, IfOptions, then_subgraph_index, else_subgraph_index),
    TWO_CALLS(WHILE, 1, WhileOptions, cond_subgraph_index, body_subgraph_index),
    ONE_CALL(CALL_ONCE, 1, CallOnceOptions, init_subgraph_index),
    ONE_CALL(STABLEHLO_COMPOSITE, 2, StableHLOCompositeOptions, decomposition_subgraph_index),
    ONE_CALL(STABLEHLO_REDUCE, 2, StablehloReduceOptions, body_subgraph_index),
    ONE_CALL(STABLEHLO_REDUCE_WINDOW, 2, StablehloReduceWindowOptions, body_subgraph_index),
    ONE_CALL(STABLEHLO_SCATTER, 2, StablehloScatterOptions, update_computation_subgraph_index),
    ONE_CALL(STABLEHLO_SORT, 2, StablehloSortOptions, comparator_subgraph_index),
    TWO_CALLS(STABLEHLO_WHILE, 2, StablehloWhileOptions, cond_subgraph_index, body_subgraph_index),
};

static bool case_callee(const mg_node *node, size_t k, int32_t *graph)
{
    const mg_StablehloCaseOptions *options = node->options_2;
    if (node->options_2_type != MG_OPTIONS_StablehloCaseOptions ||
        k >= options->branch_subgraph_indices.count)
        return false;
    *graph = options->branch_subgraph_indices.items[k];
    return true;
}

bool mg_node_callee(const mg_node *node, size_t k, int32_t *graph)
{
    if (node->op == MG_BUILTIN_STABLEHLO_CASE) return case_callee(node, k, graph);
    for (size_t i = 0; i < sizeof callers / sizeof callers[0]; ++i) {
        const caller *at = &callers[i];
        if (at->op != node->op || k >= at->count) continue;
        uint8_t tag = at->union_number == 1 ? node->options_type : node->options_2_type;
        const void *options = at->union_number == 1 ? node->options : node->options_2;
        if (tag != at->tag && tag != 0) return false;
        memcpy(graph, (const unsigned char *)options + at->members[k], sizeof *graph);
        return true;
    }
    return false;
}
