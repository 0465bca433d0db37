/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect.h"

static void print_quantization(cli_json *json, const midge_quantization *quantization)
{
    if (quantization->count == 0) return;
    cli_json_begin(json, "quantization", '{');
    cli_json_numbers(json, "scale", quantization->scale, quantization->count);
    cli_json_long_integers(json, "zero_point", quantization->zero_point, quantization->count);
    cli_json_integer(json, "axis", quantization->axis);
    cli_json_end(json, '}');
}

static void print_tensor(cli_json *json, const cli_model_facts *facts, size_t graph, size_t index)
{
    midge_tensor_info tensor;
    if (!midge_inspect_tensor(facts->model, graph, index, &tensor)) return;
    cli_json_begin(json, NULL, '{');
    cli_json_integer(json, "index", (int64_t)index);
    cli_json_text(json, "name", tensor.name);
    cli_json_text(json, "type", midge_type_name(tensor.type));
    cli_json_integers(json, "shape", tensor.shape, (size_t)tensor.rank);
    cli_json_integers(json, "shape_signature", tensor.signature, (size_t)tensor.signature_rank);
    print_quantization(json, &tensor.quantization);
    if (tensor.constant != NULL) {
        cli_json_integer(json, "constant_bytes", (int64_t)tensor.constant_bytes);
    }
    if (tensor.variable) cli_json_bool(json, "variable", true);
    if (tensor.sparse) cli_json_bool(json, "sparse", true);
    cli_json_end(json, '}');
}

static void print_ports(cli_json *json, const cli_model_facts *facts, bool output)
{
    size_t count = output ? facts->graph.output_count : facts->graph.input_count;
    const int32_t *indices = output ? facts->graph.outputs : facts->graph.inputs;
    cli_json_begin(json, output ? "outputs" : "inputs", '[');
    for (size_t i = 0; i < count; ++i) {
        if (indices[i] >= 0) print_tensor(json, facts, 0, (size_t)indices[i]);
    }
    cli_json_end(json, ']');
}

static void print_signatures(cli_json *json, const cli_model_facts *facts)
{
    cli_json_begin(json, "signatures", '[');
    for (size_t i = 0; i < midge_model_signature_count(facts->model); ++i) {
        size_t graph = 0, counts[2] = {0, 0};
        if (!midge_inspect_signature(facts->model, i, &graph, &counts[0], &counts[1])) break;
        cli_json_begin(json, NULL, '{');
        cli_json_text(json, "key", midge_model_signature_key(facts->model, i));
        cli_json_integer(json, "graph", (int64_t)graph);
        for (int output = 0; output < 2; ++output) {
            cli_json_begin(json, output == 1 ? "outputs" : "inputs", '{');
            for (size_t k = 0; k < counts[output]; ++k) {
                const char *name = NULL;
                int32_t tensor = 0;
                if (!midge_inspect_binding(facts->model, i, output == 1, k, &name, &tensor)) break;
                cli_json_integer(json, name, tensor);
            }
            cli_json_end(json, '}');
        }
        cli_json_end(json, '}');
    }
    cli_json_end(json, ']');
}

static void print_operators(cli_json *json, const cli_model_facts *facts)
{
    cli_json_begin(json, "operators", '[');
    for (size_t i = 0; i < facts->operator_count; ++i) {
        const cli_operator_use *row = &facts->operators[i];
        cli_json_begin(json, NULL, '{');
        cli_json_text(json, "name", row->name);
        cli_json_integer(json, "version", row->version);
        cli_json_integer(json, "count", (int64_t)row->count);
        cli_json_integer(json, "macs", (int64_t)row->multiply_accumulates);
        cli_json_bool(json, "supported", row->support == MIDGE_SUPPORT_YES);
        cli_json_end(json, '}');
    }
    cli_json_end(json, ']');
}

static void print_metadata(cli_json *json, const cli_model_facts *facts)
{
    cli_json_begin(json, "metadata", '[');
    for (size_t i = 0; i < midge_model_metadata_count(facts->model); ++i) {
        const char *name = midge_model_metadata_name(facts->model, i);
        size_t bytes = 0;
        (void)midge_model_metadata(facts->model, name, &bytes);
        cli_json_begin(json, NULL, '{');
        cli_json_text(json, "name", name);
        cli_json_integer(json, "bytes", (int64_t)bytes);
        cli_json_end(json, '}');
    }
    cli_json_end(json, ']');
    if (facts->metadata != NULL) {
        midge_metadata_info about = midge_metadata_about(facts->metadata);
        cli_json_begin(json, "about", '{');
        cli_json_text(json, "name", about.name);
        cli_json_text(json, "description", about.description);
        cli_json_text(json, "version", about.version);
        cli_json_text(json, "author", about.author);
        cli_json_text(json, "license", about.license);
        cli_json_end(json, '}');
    }
    cli_json_begin(json, "labels", '[');
    for (size_t i = 0; i < facts->labels.count; ++i) {
        cli_json_text(json, NULL, cli_labels_name(&facts->labels, i));
    }
    cli_json_end(json, ']');
}

static void print_node(cli_json *json, const cli_model_facts *facts, size_t graph, size_t index)
{
    midge_node_info node, running;
    if (!midge_inspect_node(facts->model, graph, index, &node)) return;
    cli_json_begin(json, NULL, '{');
    cli_json_text(json, "operator", node.op);
    cli_json_integer(json, "version", node.version);
    cli_json_integers(json, "inputs", node.inputs, node.input_count);
    cli_json_integers(json, "outputs", node.outputs, node.output_count);
    if (graph == 0 && facts->session != NULL &&
        midge_session_node(facts->session, index, &running)) {
        cli_json_integer(json, "macs", (int64_t)running.multiply_accumulates);
        cli_json_text(json, "kernel", running.kernel);
    }
    cli_json_end(json, '}');
}

static void print_graphs(cli_json *json, const cli_model_facts *facts)
{
    cli_json_begin(json, "graphs", '[');
    for (size_t g = 0; g < midge_inspect_graph_count(facts->model); ++g) {
        midge_graph_info graph;
        if (!midge_inspect_graph(facts->model, g, &graph)) break;
        cli_json_begin(json, NULL, '{');
        cli_json_text(json, "name", graph.name);
        cli_json_integers(json, "inputs", graph.inputs, graph.input_count);
        cli_json_integers(json, "outputs", graph.outputs, graph.output_count);
        cli_json_begin(json, "nodes", '[');
        for (size_t i = 0; i < graph.node_count; ++i) print_node(json, facts, g, i);
        cli_json_end(json, ']');
        cli_json_begin(json, "tensors", '[');
        for (size_t i = 0; i < graph.tensor_count; ++i) print_tensor(json, facts, g, i);
        cli_json_end(json, ']');
        cli_json_end(json, '}');
    }
    cli_json_end(json, ']');
}

static void print_plan(cli_json *json, const cli_memory_plan *plan)
{
    cli_json_begin(json, "memory", '{');
    cli_json_integer(json, "session_bytes", (int64_t)plan->session_bytes);
    cli_json_integer(json, "arena_bytes", (int64_t)plan->arena_bytes);
    cli_json_begin(json, "living_bytes", '[');
    for (size_t i = 0; i < plan->node_count; ++i) {
        cli_json_integer(json, NULL, (int64_t)plan->live[i]);
    }
    cli_json_end(json, ']');
    cli_json_begin(json, "tensors", '[');
    for (size_t i = 0; i < plan->count; ++i) {
        const cli_placed *at = &plan->tensors[i];
        cli_json_begin(json, NULL, '{');
        cli_json_integer(json, "tensor", (int64_t)at->tensor);
        cli_json_integer(json, "offset", (int64_t)at->offset);
        cli_json_integer(json, "bytes", (int64_t)at->bytes);
        cli_json_integer(json, "first_node", at->first);
        cli_json_integer(json, "last_node", at->last);
        cli_json_end(json, '}');
    }
    cli_json_end(json, ']');
    cli_json_end(json, '}');
}

void cli_inspect_json(const cli_model_facts *facts, const cli_memory_plan *plan,
                      const cli_compression *compression, cli_json *json)
{
    size_t bytes = 0;
    (void)midge_model_file(facts->model, &bytes);
    cli_json_begin(json, NULL, '{');
    cli_json_text(json, "file", facts->path);
    cli_json_integer(json, "bytes", (int64_t)bytes);
    cli_json_text(json, "description", midge_model_description(facts->model));
    cli_json_bool(json, "runs", facts->session != NULL);
    if (facts->session == NULL) cli_json_text(json, "refusal", facts->session_error.message);
    cli_json_integer(json, "constant_bytes", (int64_t)facts->constant_bytes);
    if (compression != NULL) {
        cli_json_integer(json, "deflated_bytes", (int64_t)compression->deflated);
        cli_json_integer(json, "weights", (int64_t)compression->weights);
        cli_json_integer(json, "zero_weights", (int64_t)compression->zeros);
    }
    cli_json_integer(json, "macs", (int64_t)facts->multiply_accumulates);
    print_ports(json, facts, false);
    print_ports(json, facts, true);
    print_signatures(json, facts);
    print_operators(json, facts);
    print_metadata(json, facts);
    if (plan != NULL) print_plan(json, plan);
    print_graphs(json, facts);
    cli_json_end(json, '}');
}
