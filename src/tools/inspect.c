/* SPDX-License-Identifier: Apache-2.0 */
/* The inspection half of midge_tools.h: views of the checked model. */
#include "midge_tools.h"

#include "op/op.h"

size_t midge_inspect_graph_count(const midge_model *model)
{
    return model->graph_count;
}

bool midge_inspect_graph(const midge_model *model, size_t graph, midge_graph_info *info)
{
    if (graph >= model->graph_count) return false;
    const mg_graph *found = &model->graphs[graph];
    *info = (midge_graph_info){
        .name = found->name,
        .tensor_count = found->tensor_count,
        .node_count = found->node_count,
        .input_count = found->input_count,
        .inputs = found->inputs,
        .output_count = found->output_count,
        .outputs = found->outputs,
    };
    return true;
}

bool midge_inspect_tensor(const midge_model *model, size_t graph, size_t tensor,
                          midge_tensor_info *info)
{
    if (graph >= model->graph_count || tensor >= model->graphs[graph].tensor_count) return false;
    const mg_tensor *found = &model->graphs[graph].tensors[tensor];
    *info = (midge_tensor_info){
        .name = found->name,
        .type = found->type,
        .rank = found->rank,
        .shape = found->shape,
        .signature_rank = found->signature_rank,
        .signature = found->signature,
        .variable = found->is_variable,
        .sparse = found->sparsity != NULL,
        .constant = found->constant,
        .constant_bytes = found->constant_bytes,
        .quantization = found->quantization,
    };
    return true;
}

static const mg_node *find_node(const midge_model *model, size_t graph, size_t node)
{
    if (graph >= model->graph_count || node >= model->graphs[graph].node_count) return NULL;
    return &model->graphs[graph].nodes[node];
}

bool midge_inspect_node(const midge_model *model, size_t graph, size_t node, midge_node_info *info)
{
    const mg_node *found = find_node(model, graph, node);
    if (found == NULL) return false;
    *info = (midge_node_info){
        .op = found->op == MG_BUILTIN_CUSTOM ? found->custom_name : mg_builtin_name(found->op),
        .version = found->version,
        .input_count = found->input_count,
        .inputs = found->inputs,
        .output_count = found->output_count,
        .outputs = found->outputs,
        .kernel = "",
        .code = (int)found->op,
        .custom_options = found->custom_options,
        .custom_options_bytes = found->custom_options_bytes,
    };
    return true;
}

midge_support midge_inspect_support(const midge_model *model, size_t graph, size_t node, int *known)
{
    const mg_node *found = find_node(model, graph, node);
    const mg_op *row = found != NULL ? mg_op_find(found->op, found->custom_name) : NULL;
    *known = row != NULL ? row->max_version : 0;
    if (row == NULL && found != NULL && found->op == MG_BUILTIN_CUSTOM)
        return MIDGE_SUPPORT_NO_CUSTOM;
    if (row == NULL) return MIDGE_SUPPORT_NO_OPERATOR;
    return found->version <= row->max_version ? MIDGE_SUPPORT_YES : MIDGE_SUPPORT_NO_VERSION;
}

bool midge_inspect_signature(const midge_model *model, size_t signature, size_t *graph,
                             size_t *input_count, size_t *output_count)
{
    if (signature >= model->signature_count) return false;
    const mg_signature *found = &model->signatures[signature];
    *graph = (size_t)found->graph;
    *input_count = found->input_count;
    *output_count = found->output_count;
    return true;
}

bool midge_inspect_binding(const midge_model *model, size_t signature, bool output, size_t index,
                           const char **name, int32_t *tensor)
{
    if (signature >= model->signature_count) return false;
    const mg_signature *found = &model->signatures[signature];
    if (index >= (output ? found->output_count : found->input_count)) return false;
    const mg_binding *binding = output ? &found->outputs[index] : &found->inputs[index];
    *name = binding->name;
    *tensor = binding->tensor;
    return true;
}
