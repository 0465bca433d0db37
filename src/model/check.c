/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What only the whole model shows: that every tensor is made before it is read and by one node
 * only, that nothing is read and written at once, that subgraphs call each other without cycles and
 * not too deep. Rules about single tensors and nodes are where those are read; rules about
 * operators are in their rows and prepare functions.
 */
#include <string.h>

#include "model/callees.h"
#include "model/read.h"

/* Marks of a tensor of the graph at hand. */
enum { MADE = 1, READ_HERE = 2 };

typedef struct checking {
    mg_reading *reading;
    const midge_model *model;
    midge_error *error;
    unsigned char *marks; /* per tensor of the graph at hand */
} checking;

static midge_status fail_node(const checking *check, size_t graph, size_t node, const char *what,
                              int32_t tensor)
{
    const mg_graph *at = &check->model->graphs[graph];
    char op[64], name[64];
    const mg_node *subject = &at->nodes[node];
    return mg_fail(check->error, MIDGE_INVALID_MODEL, "subgraph %zu node %zu %s: tensor %d (%s) %s",
                   graph, node,
                   mg_printable(subject->op == MG_BUILTIN_CUSTOM ? subject->custom_name
                                                                 : mg_builtin_name(subject->op),
                                op, sizeof op),
                   (int)tensor, mg_printable(at->tensors[tensor].name, name, sizeof name), what);
}

/* A tensor that nobody makes may be read when reading it means reading nothing. */
static bool is_given(const mg_tensor *tensor)
{
    size_t elements = 1;
    (void)mg_shape_elements(tensor->rank, tensor->shape, &elements);
    return tensor->constant != NULL || tensor->is_variable || elements == 0;
}

static midge_status check_node_inputs(const checking *check, size_t graph, size_t index)
{
    const mg_graph *at = &check->model->graphs[graph];
    const mg_node *node = &at->nodes[index];
    for (size_t i = 0; i < node->input_count; ++i) {
        int32_t tensor = node->inputs[i];
        if (tensor < 0) continue;
        if ((check->marks[tensor] & MADE) == 0 && !is_given(&at->tensors[tensor]))
            return fail_node(check, graph, index,
                             "is read, but has no data: no earlier node makes it, and it is "
                             "neither an input, a constant nor a variable",
                             tensor);
        check->marks[tensor] |= READ_HERE;
    }
    return MIDGE_OK;
}

static midge_status check_node_outputs(const checking *check, size_t graph, size_t index)
{
    const mg_graph *at = &check->model->graphs[graph];
    const mg_node *node = &at->nodes[index];
    for (size_t i = 0; i < node->output_count; ++i) {
        int32_t tensor = node->outputs[i];
        const mg_tensor *definition = &at->tensors[tensor];
        if ((check->marks[tensor] & READ_HERE) != 0)
            return fail_node(check, graph, index, "is both input and output", tensor);
        if (definition->constant != NULL || definition->is_variable)
            return fail_node(check, graph, index, "is written, but is a constant or a variable",
                             tensor);
        if ((check->marks[tensor] & MADE) != 0)
            return fail_node(check, graph, index,
                             "is written, but is an input or the output of an earlier node",
                             tensor);
        check->marks[tensor] |= MADE;
    }
    return MIDGE_OK;
}

static midge_status check_node(const checking *check, size_t graph, size_t index)
{
    const mg_node *node = &check->model->graphs[graph].nodes[index];
    TRY(check_node_inputs(check, graph, index));
    TRY(check_node_outputs(check, graph, index));
    for (size_t i = 0; i < node->input_count; ++i)
        if (node->inputs[i] >= 0)
            check->marks[node->inputs[i]] &= (unsigned char)~(unsigned)READ_HERE;
    return MIDGE_OK;
}

static midge_status check_ends(const checking *check, size_t graph)
{
    const mg_graph *at = &check->model->graphs[graph];
    for (size_t i = 0; i < at->input_count; ++i) {
        const mg_tensor *tensor = &at->tensors[at->inputs[i]];
        if (tensor->constant != NULL)
            return mg_fail(check->error, MIDGE_INVALID_MODEL,
                           "subgraph %zu: input %zu (tensor %d) is a constant", graph, i,
                           (int)at->inputs[i]);
        check->marks[at->inputs[i]] = MADE;
    }
    return MIDGE_OK;
}

static midge_status check_graph(const checking *check, size_t graph)
{
    const mg_graph *at = &check->model->graphs[graph];
    memset(check->marks, 0, at->tensor_count);
    TRY(check_ends(check, graph));
    for (size_t i = 0; i < at->node_count; ++i) TRY(check_node(check, graph, i));
    for (size_t i = 0; i < at->output_count; ++i) {
        const mg_tensor *tensor = &at->tensors[at->outputs[i]];
        if (check->marks[at->outputs[i]] == 0 && !is_given(tensor))
            return mg_fail(check->error, MIDGE_INVALID_MODEL,
                           "subgraph %zu: no node makes output %zu (tensor %d)", graph, i,
                           (int)at->outputs[i]);
    }
    return MIDGE_OK;
}

/*
 * Depth of calls below a graph, at most limit + 1, by the longest path. `state` holds 0 for unseen
 * and depth + 1 for done. The recursion ends at the limit, so a cycle shows as too deep.
 */
static midge_status measure_depth(const checking *check, size_t graph, uint32_t level,
                                  uint32_t *state)
{
    const midge_model *model = check->model;
    if (level > model->limits.call_depth)
        return mg_fail(check->error, MIDGE_INVALID_MODEL,
                       "subgraph %zu is called in a cycle or more than %u calls deep", graph,
                       (unsigned)model->limits.call_depth);
    if (state[graph] > level) return MIDGE_OK;
    state[graph] = level + 1;
    const mg_graph *at = &model->graphs[graph];
    for (size_t i = 0; i < at->node_count; ++i) {
        int32_t callee;
        for (size_t k = 0; mg_node_callee(&at->nodes[i], k, &callee); ++k) {
            if (callee < 0 || (size_t)callee >= model->graph_count)
                return mg_fail(check->error, MIDGE_INVALID_MODEL,
                               "subgraph %zu node %zu %s: subgraph %d does not exist, the file "
                               "has %zu",
                               graph, i, mg_builtin_name(at->nodes[i].op), (int)callee,
                               model->graph_count);
            TRY(mg_spend(check->reading, 1));
            TRY(measure_depth(check, (size_t)callee, level + 1, state));
        }
    }
    return MIDGE_OK;
}

static midge_status check_calls(const checking *check, uint32_t *state)
{
    memset(state, 0, check->model->graph_count * sizeof *state);
    for (size_t i = 0; i < check->model->graph_count; ++i)
        if (state[i] == 0) TRY(measure_depth(check, i, 0, state));
    return MIDGE_OK;
}

midge_status mg_check_model(mg_reading *reading)
{
    const midge_model *model = reading->model;
    mg_heap *heap = &reading->model->heap;
    size_t most = model->graph_count * sizeof(uint32_t);
    for (size_t i = 0; i < model->graph_count; ++i)
        if (model->graphs[i].tensor_count > most) most = model->graphs[i].tensor_count;
    void *memory = NULL;
    TRY(mg_heap_get(heap, most, &memory, reading->error));
    checking check = {reading, model, reading->error, memory};
    midge_status status = MIDGE_OK;
    for (size_t i = 0; i < model->graph_count && status == MIDGE_OK; ++i)
        status = check_graph(&check, i);
    if (status == MIDGE_OK) status = check_calls(&check, memory);
    mg_heap_release(heap, memory);
    return status;
}
