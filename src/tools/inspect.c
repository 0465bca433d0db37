/* SPDX-License-Identifier: Apache-2.0 */
/* The inspection half of midge_tools.h: views of the checked model. */
#include "midge_tools.h"

#include "network/network.h"
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
        .block_zero_points = -1,
    };
    if (found->quantization_details_type == MG_DETAILS_BlockwiseQuantization) {
        const mg_BlockwiseQuantization *blocks = found->quantization_details;
        info->block_size = blocks->block_size;
        info->block_scales = blocks->scales;
        info->block_zero_points = blocks->zero_points;
    }
    return true;
}

bool midge_inspect_range(const midge_model *model, size_t graph, size_t tensor, float range[2])
{
    if (graph >= model->graph_count || tensor >= model->graphs[graph].tensor_count) return false;
    return mg_model_range(model, graph, tensor, range);
}

static const mg_SparsityParameters *find_sparsity(const midge_model *model, size_t graph,
                                                  size_t tensor)
{
    if (graph >= model->graph_count || tensor >= model->graphs[graph].tensor_count) return NULL;
    return model->graphs[graph].tensors[tensor].sparsity;
}

bool midge_inspect_sparsity(const midge_model *model, size_t graph, size_t tensor,
                            size_t *level_count, size_t *block_count, const int32_t **block_map)
{
    const mg_SparsityParameters *found = find_sparsity(model, graph, tensor);
    if (found == NULL) return false;
    *level_count = found->dim_metadata.count;
    *block_count = found->block_map.count;
    *block_map = found->block_map.items;
    return true;
}

/* The numbers of a vector of one of three widths. */
static const void *index_vector(uint8_t tag, const void *vector, size_t *count, size_t *bytes)
{
    const mg_Int32Vector *wide = vector;
    const mg_Uint16Vector *middle = vector;
    const mg_Uint8Vector *narrow = vector;
    switch (tag) {
    case MG_INDEX_VECTOR_Int32Vector:
        *count = wide->values.count;
        *bytes = 4;
        return wide->values.items;
    case MG_INDEX_VECTOR_Uint16Vector:
        *count = middle->values.count;
        *bytes = 2;
        return middle->values.items;
    default:
        *count = narrow->values.count;
        *bytes = 1;
        return narrow->values.items;
    }
}

bool midge_inspect_sparse_level(const midge_model *model, size_t graph, size_t tensor, size_t level,
                                midge_sparse_level *info)
{
    const mg_SparsityParameters *found = find_sparsity(model, graph, tensor);
    if (found == NULL || level >= found->dim_metadata.count) return false;
    const mg_DimensionMetadata *stored = &found->dim_metadata.items[level];
    *info = (midge_sparse_level){
        .dimension = found->traversal_order.items[level],
        .compressed = stored->format != MG_DIMENSION_DENSE,
        .dense_size = stored->dense_size,
    };
    if (!info->compressed) return true;
    info->dense_size = 0;
    info->segments = index_vector(stored->array_segments_type, stored->array_segments,
                                  &info->segment_count, &info->segment_bytes);
    info->indices = index_vector(stored->array_indices_type, stored->array_indices,
                                 &info->index_count, &info->index_bytes);
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
        .has_options = mg_node_has_options(found),
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
