/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x divided by its length along the last dimension is one L2_NORMALIZATION:
 *
 *   squares = SUM(SQUARE(x)) or SUM(MUL(x, x)), with no more than 1e-6 added or as the least
 *   MUL(x, RSQRT(squares))   or with MINIMUM(RSQRT(squares), 1e3 or more)
 *   DIV(x, SQRT(squares))    or with no more than 1e-6 added, or 1e-3 as the least
 *
 * The operator has 1e-6 as the least length. In integers it is not only shorter: squares, their sum
 * and the root spread over more orders of magnitude than 8 bits tell apart.
 */
#include <math.h>
#include <string.h>

#include "network/passes.h"
#include "schema/schema.h"

enum { MOST_DIMENSIONS = 4 }; /* that TensorFlow Lite's kernel takes */

static const float most_added = 1e-6f, least_length = 1e-3f;

typedef struct search {
    const mg_network_graph *graph;
    const mg_links *links;
    int32_t x;
} search;

/* The node that makes a tensor, if it is this operator with so many inputs. */
static const mg_network_node *maker(const search *at, int32_t tensor, int32_t op, size_t inputs)
{
    int32_t node =
        tensor >= 0 && (size_t)tensor < at->links->count ? at->links->producer[tensor] : -1;
    if (node < 0) return NULL;
    const mg_network_node *made = &at->graph->nodes[node];
    return made->op == op && made->input_count == inputs ? made : NULL;
}

/* Whether a node has no activation; its operator is one of these. */
static bool is_plain(const mg_network_node *node)
{
    if (node->options == NULL) return true;
    switch (node->op) {
    case MG_BUILTIN_ADD: return ((mg_AddOptions *)node->options)->fused_activation_function == 0;
    case MG_BUILTIN_MUL: return ((mg_MulOptions *)node->options)->fused_activation_function == 0;
    case MG_BUILTIN_DIV: return ((mg_DivOptions *)node->options)->fused_activation_function == 0;
    default: return true;
    }
}

/* *tensor as the other side of `op` with one number between two bounds; unchanged if it is none. */
static bool look_through(const search *at, int32_t op, float least, float most, int32_t *tensor)
{
    const mg_network_node *node = maker(at, *tensor, op, 2);
    for (size_t i = 0; node != NULL && is_plain(node) && i < 2; ++i) {
        float value;
        if (!mg_holds_floats(at->graph, node->inputs[i])) continue;
        const mg_network_tensor *number = &at->graph->tensors[node->inputs[i]];
        if (number->bytes != sizeof value) continue;
        memcpy(&value, number->data, sizeof value);
        if (!(value >= least && value <= most)) continue;
        *tensor = node->inputs[1 - i];
        return true;
    }
    return false;
}

static bool is_square_of_x(const search *at, int32_t tensor)
{
    const mg_network_node *square = maker(at, tensor, MG_BUILTIN_SQUARE, 1);
    if (square != NULL) return square->inputs[0] == at->x;
    const mg_network_node *product = maker(at, tensor, MG_BUILTIN_MUL, 2);
    return product != NULL && is_plain(product) && product->inputs[0] == at->x &&
           product->inputs[1] == at->x;
}

static bool is_sum_of_squares(const search *at, int32_t tensor)
{
    int32_t rank = at->graph->tensors[at->x].rank, axis;
    if (!look_through(at, MG_BUILTIN_ADD, 0, most_added, &tensor))
        (void)look_through(at, MG_BUILTIN_MAXIMUM, 0, most_added, &tensor);
    const mg_network_node *sum = maker(at, tensor, MG_BUILTIN_SUM, 2);
    if (sum == NULL || sum->options == NULL || !is_square_of_x(at, sum->inputs[0])) return false;
    if (!((mg_ReducerOptions *)sum->options)->keep_dims && rank > 1) return false;
    const mg_network_tensor *axes = &at->graph->tensors[sum->inputs[1]];
    if (axes->data == NULL || axes->type != MIDGE_INT32 || axes->bytes != sizeof axis) return false;
    memcpy(&axis, axes->data, sizeof axis);
    return axis == -1 || axis == rank - 1;
}

static bool is_inverse_length(const search *at, int32_t tensor)
{
    (void)look_through(at, MG_BUILTIN_MINIMUM, 1 / least_length, INFINITY, &tensor);
    const mg_network_node *root = maker(at, tensor, MG_BUILTIN_RSQRT, 1);
    return root != NULL && is_sum_of_squares(at, root->inputs[0]);
}

static bool is_length(const search *at, int32_t tensor)
{
    if (!look_through(at, MG_BUILTIN_ADD, 0, most_added, &tensor))
        (void)look_through(at, MG_BUILTIN_MAXIMUM, 0, least_length, &tensor);
    const mg_network_node *root = maker(at, tensor, MG_BUILTIN_SQRT, 1);
    return root != NULL && is_sum_of_squares(at, root->inputs[0]);
}

/* The x that the node divides by its length; -1 for none. */
static int32_t find_normalised(const mg_network_graph *graph, const mg_links *links,
                               const mg_network_node *node)
{
    bool product = node->op == MG_BUILTIN_MUL;
    if (node->removed || node->input_count != 2 || (!product && node->op != MG_BUILTIN_DIV) ||
        !is_plain(node))
        return -1;
    for (size_t i = 0; i < (product ? 2 : 1); ++i) {
        search at = {graph, links, node->inputs[i]};
        const mg_network_tensor *x = at.x >= 0 ? &graph->tensors[at.x] : NULL;
        if (x == NULL || x->type != MIDGE_FLOAT32 || x->rank < 1 || x->rank > MOST_DIMENSIONS)
            continue;
        if (product ? is_inverse_length(&at, node->inputs[1 - i]) : is_length(&at, node->inputs[1]))
            return at.x;
    }
    return -1;
}

static midge_status fuse_in_graph(mg_network *network, mg_network_graph *graph)
{
    mg_links links;
    TRY(mg_links_find(network, graph, &links));
    /* Backwards: a node added at n moves only those behind it, which are done. */
    for (size_t n = graph->node_count; n-- > 0;) {
        const mg_network_node node = graph->nodes[n];
        int32_t x = find_normalised(graph, &links, &node);
        if (x < 0) continue;
        TRY(mg_network_add_node(network, graph, (int32_t)n, MG_BUILTIN_L2_NORMALIZATION,
                                node.origin, 1, &x, 1, node.outputs, NULL));
        graph->nodes[n + 1].removed = true;
    }
    return MIDGE_OK;
}

midge_status mg_fuse_l2_normalization(mg_network *network)
{
    for (size_t g = 0; g < network->graph_count; ++g)
        TRY(fuse_in_graph(network, &network->graphs[g]));
    return MIDGE_OK;
}
