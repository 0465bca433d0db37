/* SPDX-License-Identifier: Apache-2.0 */
#include "float_nodes.h"

#include <stdio.h>
#include <string.h>

#include "midge_tools.h"
#include "report.h"

enum { MOST_NAMED = 12 };

typedef struct tally {
    const char *op;
    size_t count;
} tally;

/* A node that computes, and whose result is float. */
static bool is_float(const midge_model *model, size_t graph, const midge_node_info *node)
{
    static const char *const others[] = {"DEQUANTIZE", "READ_VARIABLE", "IF", "WHILE"};
    midge_tensor_info tensor;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; ++i)
        if (strcmp(node->op, others[i]) == 0) return false;
    return node->output_count > 0 &&
           midge_inspect_tensor(model, graph, (size_t)node->outputs[0], &tensor) &&
           tensor.type == MIDGE_FLOAT32;
}

/* The tally of an operator, or a free one; NULL when there are too many. */
static tally *find(tally *tallies, const char *op)
{
    for (size_t i = 0; i < MOST_NAMED; ++i)
        if (tallies[i].op == NULL || strcmp(tallies[i].op, op) == 0) return &tallies[i];
    return NULL;
}

static size_t count(const midge_model *model, tally *tallies)
{
    size_t all = 0;
    midge_node_info node;
    for (size_t g = 0; g < midge_inspect_graph_count(model); ++g)
        for (size_t n = 0; midge_inspect_node(model, g, n, &node); ++n) {
            if (!is_float(model, g, &node)) continue;
            tally *of = find(tallies, node.op);
            if (of != NULL) *of = (tally){node.op, of->count + 1};
            ++all;
        }
    return all;
}

void cli_note_float_nodes(const char *name, const void *bytes, size_t size)
{
    tally tallies[MOST_NAMED] = {{NULL, 0}};
    char text[600] = "";
    midge_model *model = NULL;
    if (midge_model_load_memory(bytes, size, NULL, &model, NULL) != MIDGE_OK) return;
    size_t all = count(model, tallies), used = 0, named = 0;
    for (size_t i = 0; i < MOST_NAMED && tallies[i].op != NULL && used < sizeof text; ++i) {
        int written = snprintf(text + used, sizeof text - used, "%s%s %zu", i > 0 ? ", " : "",
                               tallies[i].op, tallies[i].count);
        used += written > 0 ? (size_t)written : 0;
        named += tallies[i].count;
    }
    if (all > 0)
        cli_note("%s: still computed in floats: %s%s", name, text, named < all ? ", …" : "");
    midge_model_free(model);
}
