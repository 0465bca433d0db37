/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node may take over the work of the node that makes one of its operands: x * logistic(x) is two
 * nodes of a file and one pass over memory, and a depthwise convolution needs only some lines at a
 * time of what the convolution before it gives. The node that is taken over then neither runs nor
 * has a result.
 */
#include "run/session.h"

/* So far back a maker is looked for; files have it next to the node that reads it. */
enum { NEARBY = 16 };

static uint8_t count_up(uint8_t uses)
{
    return uses < UINT8_MAX ? uses + 1 : uses;
}

midge_status mg_instance_count_uses(mg_instance *instance)
{
    const mg_graph *graph = instance->graph;
    void *memory = NULL;
    TRY(mg_region_get(&instance->session->region, graph->tensor_count + 1, &memory,
                      &instance->session->error));
    instance->uses = memory;
    for (size_t n = 0; n < graph->node_count; ++n) {
        const mg_node *node = &graph->nodes[n];
        for (size_t k = 0; k < node->input_count; ++k)
            if (node->inputs[k] >= 0)
                instance->uses[node->inputs[k]] = count_up(instance->uses[node->inputs[k]]);
    }
    for (size_t i = 0; i < graph->output_count; ++i)
        instance->uses[graph->outputs[i]] = count_up(instance->uses[graph->outputs[i]]);
    return MIDGE_OK;
}

/* Nobody but one node reads it, and no caller can. */
static bool is_private(const mg_instance *instance, const midge_tensor *tensor)
{
    const size_t index = (size_t)(tensor - instance->tensors);
    return !instance->session->preserve_all_tensors && instance->uses[index] == 1 &&
           !tensor->known && !tensor->dynamic && tensor->given == NULL &&
           !tensor->definition->is_variable;
}

/* The node makes this tensor alone, with an operator of kind `op` of our own, in its turn. */
static bool makes(const mg_node_state *maker, const midge_tensor *tensor, int32_t op)
{
    const midge_op_context *context = &maker->context;
    return context->output_count == 1 && context->outputs[0] == tensor && context->node->op == op &&
           context->custom == NULL && !maker->late && !maker->folded && !maker->absorbed;
}

static void take(mg_node_state *maker, size_t absorber)
{
    maker->absorbed = true;
    maker->absorber = absorber;
}

midge_op_context *mg_node_maker(mg_node_state *state, const midge_tensor *operand, int32_t op)
{
    mg_instance *instance = state->instance;
    const size_t index = (size_t)(state - instance->nodes);
    if (index == 0 || state->late || !is_private(instance, operand)) return NULL;
    mg_node_state *maker = &instance->nodes[index - 1];
    return makes(maker, operand, op) ? &maker->context : NULL;
}

void mg_node_take_over(mg_node_state *state, const midge_tensor *operand)
{
    const size_t index = (size_t)(state - state->instance->nodes);
    mg_node_state *maker = state - 1;
    if (index > 0 && maker->context.outputs[0] == operand) take(maker, index);
}

bool mg_node_absorb(mg_node_state *state, const midge_tensor *operand, int32_t op,
                    const midge_tensor *source)
{
    mg_instance *instance = state->instance;
    const size_t index = (size_t)(state - instance->nodes);
    if (operand == NULL || state->late || !is_private(instance, operand)) return false;
    for (size_t back = 1; back <= NEARBY && back <= index; ++back) {
        mg_node_state *maker = &instance->nodes[index - back];
        const midge_op_context *context = &maker->context;
        if (!makes(maker, operand, op)) continue;
        if (context->input_count != 1 || context->inputs[0] != source) return false;
        take(maker, index);
        return true;
    }
    return false;
}
