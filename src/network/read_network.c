/* SPDX-License-Identifier: Apache-2.0 */
/* A loaded model as a network that can be changed. */
#include <math.h>
#include <string.h>

#include "model/load.h"
#include "network/network.h"

static midge_status read_tensor(mg_network *network, mg_network_graph *graph,
                                const mg_tensor *source)
{
    int32_t number;
    TRY(mg_network_add(network, graph, source->name, source->type, source->rank, source->shape,
                       &number));
    mg_network_tensor *tensor = &graph->tensors[number];
    for (int32_t i = 0; i < tensor->rank && i < source->signature_rank; ++i)
        tensor->open[i] = source->signature[i] < 0;
    tensor->is_variable = source->is_variable;
    tensor->data = source->constant;
    tensor->bytes = source->constant_bytes;
    tensor->quantization = source->quantization;
    tensor->sparsity = source->sparsity;
    return MIDGE_OK;
}

bool mg_model_range(const midge_model *model, size_t graph, size_t tensor, float range[2])
{
    const mg_Tensor *source = &model->schema->subgraphs.items[graph].tensors.items[tensor];
    const mg_QuantizationParameters *from = source->quantization;
    if (source->type != MIDGE_FLOAT32 || from == NULL || from->scale.count > 0 ||
        from->min.count != 1 || from->max.count != 1)
        return false;
    range[0] = from->min.items[0];
    range[1] = from->max.items[0];
    return isfinite(range[0]) && isfinite(range[1]) && range[0] < range[1];
}

/* Options are copied, so that changing them leaves the model alone. */
static midge_status copy_options(mg_network *network, const mg_node *source, mg_network_node *node)
{
    const mg_union *first = &mg_schema_layout.unions[MG_UNION_BuiltinOptions];
    const mg_union *second = &mg_schema_layout.unions[MG_UNION_BuiltinOptions2];
    node->options_type = source->options_type <= first->count ? source->options_type : 0;
    node->options_2_type = source->options_2_type <= second->count ? source->options_2_type : 0;
    node->options = node->options_2 = NULL;
    if (node->options_type != 0) {
        size_t bytes = mg_schema_layout.tables[first->members[node->options_type - 1]].size;
        TRY(mg_network_memory(network, bytes, &node->options));
        memcpy(node->options, source->options, bytes);
    }
    if (node->options_2_type != 0) {
        size_t bytes = mg_schema_layout.tables[second->members[node->options_2_type - 1]].size;
        TRY(mg_network_memory(network, bytes, &node->options_2));
        memcpy(node->options_2, source->options_2, bytes);
    }
    return MIDGE_OK;
}

static midge_status read_node(mg_network *network, mg_network_graph *graph, const mg_node *source)
{
    mg_network_node *node;
    TRY(mg_network_add_node(network, graph, -1, source->op, "", source->input_count, source->inputs,
                            source->output_count, source->outputs, &node));
    node->custom_name = source->custom_name;
    node->custom_options = source->custom_options;
    node->custom_options_bytes = source->custom_options_bytes;
    void *memory = NULL;
    TRY(mg_network_memory(network, source->intermediate_count * sizeof(int32_t), &memory));
    node->intermediates = memory;
    node->intermediate_count = source->intermediate_count;
    if (source->intermediate_count > 0)
        memcpy(node->intermediates, source->intermediates,
               source->intermediate_count * sizeof(int32_t));
    return copy_options(network, source, node);
}

static midge_status read_graph(mg_network *network, const midge_model *model, size_t index)
{
    const mg_graph *source = &model->graphs[index];
    const mg_SubGraph *file = &model->schema->subgraphs.items[index];
    mg_network_graph *graph = &network->graphs[index];
    graph->name = source->name;
    for (size_t i = 0; i < source->tensor_count; ++i) {
        TRY(read_tensor(network, graph, &source->tensors[i]));
        const mg_QuantizationParameters *parameters = file->tensors.items[i].quantization;
        if (parameters != NULL && parameters->details_type != 0)
            graph->tensors[i].details = parameters;
        float range[2];
        if (!mg_model_range(model, index, i, range)) continue;
        graph->tensors[i].ranged = true;
        graph->tensors[i].least = range[0];
        graph->tensors[i].most = range[1];
    }
    for (size_t n = 0; n < source->node_count; ++n)
        TRY(read_node(network, graph, &source->nodes[n]));
    TRY(mg_network_set_inputs(network, graph, source->input_count, source->inputs));
    return mg_network_set_outputs(network, graph, source->output_count, source->outputs);
}

static midge_status read_signature(mg_network *network, const mg_signature *source)
{
    mg_network_signature *signature;
    TRY(mg_network_add_signature(network, source->key, source->input_count, source->output_count,
                                 &signature));
    signature->graph = source->graph;
    for (size_t i = 0; i < source->input_count; ++i)
        signature->inputs[i] =
            (mg_network_binding){source->inputs[i].name, source->inputs[i].tensor};
    for (size_t i = 0; i < source->output_count; ++i)
        signature->outputs[i] =
            (mg_network_binding){source->outputs[i].name, source->outputs[i].tensor};
    return MIDGE_OK;
}

static midge_status read_metadata(mg_network *network, const midge_model *model)
{
    const mg_Metadata_vector *source = &model->schema->metadata;
    void *memory = NULL;
    TRY(mg_network_memory(network, source->count * sizeof(mg_network_metadata), &memory));
    network->metadata = memory;
    for (size_t i = 0; i < source->count; ++i) {
        mg_network_metadata *entry = &network->metadata[network->metadata_count];
        if (source->items[i].name == NULL) continue;
        entry->name = source->items[i].name;
        entry->data = mg_model_metadata(model, entry->name, &entry->bytes);
        ++network->metadata_count;
    }
    return MIDGE_OK;
}

midge_status mg_network_read(mg_heap *heap, const midge_model *model, midge_error *error,
                             mg_network *network)
{
    TRY(mg_network_create(heap, error, network));
    if (model->schema->description != NULL) network->description = model->schema->description;
    void *memory = NULL;
    TRY(mg_network_memory(network, model->graph_count * sizeof(mg_network_graph), &memory));
    network->graphs = memory;
    network->graph_count = model->graph_count;
    for (size_t i = 0; i < model->graph_count; ++i) TRY(read_graph(network, model, i));
    for (size_t i = 0; i < model->signature_count; ++i)
        TRY(read_signature(network, &model->signatures[i]));
    return read_metadata(network, model);
}
