/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "inspect.h"
#include "machine.h"
#include "npy.h"
#include "table.h"

static void print_field(const char *name, const char *value)
{
    char safe[1200];
    if (value[0] != '\0') {
        (void)printf("  %-12s %s\n", name, cli_printable(value, safe, sizeof safe));
    }
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void print_compression(const cli_compression *of)
{
    char text[200] = "unknown: this midge was built without zlib", a[CLI_BYTES_TEXT];
    if (of == NULL) return;
    if (of->deflated > 0)
        (void)snprintf(text, sizeof text, "%s", cli_bytes_text((double)of->deflated, a));
    print_field("deflated", text);
    (void)snprintf(text, sizeof text, "%zu of %zu weights, %.1f %%", of->zeros, of->weights,
                   of->weights > 0 ? 100.0 * (double)of->zeros / (double)of->weights : 0.0);
    print_field("zeros", text);
}

static void print_head(const cli_model_facts *facts, const cli_compression *compression)
{
    char safe[1200], text[400], a[CLI_BYTES_TEXT], b[CLI_BYTES_TEXT];
    size_t bytes = 0;
    size_t graphs = midge_inspect_graph_count(facts->model);
    (void)midge_model_file(facts->model, &bytes);
    (void)printf("%s\n", cli_printable(facts->path, safe, sizeof safe));
    (void)snprintf(text, sizeof text, "%s, of which weights %s", cli_bytes_text((double)bytes, a),
                   cli_bytes_text((double)facts->constant_bytes, b));
    print_field("size", text);
    print_compression(compression);
    (void)snprintf(text, sizeof text, "%zu operator%s, %zu tensor%s, %zu graph%s",
                   facts->node_count, plural(facts->node_count), facts->tensor_count,
                   plural(facts->tensor_count), graphs, plural(graphs));
    print_field("content", text);
    if (facts->multiply_accumulates > 0) {
        (void)snprintf(text, sizeof text, "%s multiply-accumulates per run",
                       cli_count_text((double)facts->multiply_accumulates, a));
        print_field("work", text);
    }
    if (facts->session != NULL) {
        size_t arena = 0;
        size_t all = midge_session_memory(facts->session, &arena);
        (void)snprintf(text, sizeof text, "%s in a session, of which the arena %s",
                       cli_bytes_text((double)all, a), cli_bytes_text((double)arena, b));
        print_field("memory", text);
    } else {
        print_field("cannot run", facts->session_error.message);
    }
    print_field("description", midge_model_description(facts->model));
}

static void print_metadata(const cli_model_facts *facts)
{
    char text[1000] = "";
    size_t used = 0;
    for (size_t i = 0; i < midge_model_metadata_count(facts->model) && used < sizeof text; ++i) {
        const char *name = midge_model_metadata_name(facts->model, i);
        size_t bytes = 0;
        (void)midge_model_metadata(facts->model, name, &bytes);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s (%zu B)",
                                 i == 0 ? "" : ", ", name, bytes);
    }
    print_field("metadata", text);
    if (facts->metadata_error.message[0] != '\0') {
        print_field("broken", facts->metadata_error.message);
    }
    if (facts->metadata == NULL) return;
    midge_metadata_info about = midge_metadata_about(facts->metadata);
    print_field("name", about.name);
    print_field("about", about.description);
    print_field("version", about.version);
    print_field("author", about.author);
    print_field("license", about.license);
}

static void print_labels(const cli_model_facts *facts)
{
    char text[300];
    size_t used = 0;
    if (facts->labels.count == 0) return;
    used = (size_t)snprintf(text, sizeof text, "%zu:", facts->labels.count);
    for (size_t i = 0; i < facts->labels.count && i < 4 && used < sizeof text; ++i) {
        const char *name = cli_labels_name(&facts->labels, i);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s %.40s", i == 0 ? "" : ",",
                                 name != NULL ? name : "-");
    }
    if (facts->labels.count > 4 && used < sizeof text) {
        (void)snprintf(text + used, sizeof text - used, ", ...");
    }
    print_field("labels", text);
    print_field("", facts->labels_source);
}

static void add_tensor(cli_table *table, const cli_model_facts *facts, size_t graph, int32_t index)
{
    char label[30], shape[CLI_SHAPE_TEXT], signature[CLI_SHAPE_TEXT], quantization[100];
    midge_tensor_info tensor;
    if (index < 0 || !midge_inspect_tensor(facts->model, graph, (size_t)index, &tensor)) return;
    (void)cli_shape_text(tensor.rank, tensor.shape, shape);
    (void)cli_shape_text(tensor.signature_rank, tensor.signature, signature);
    cli_table_add(table, "%d", index);
    cli_table_add(table, "%s", midge_type_name(tensor.type));
    cli_table_add(table, "%s%s%s", shape, strcmp(shape, signature) != 0 ? " any " : "",
                  strcmp(shape, signature) != 0 ? signature : "");
    cli_table_add(table, "%s",
                  cli_quantization_text(&tensor.quantization, quantization, sizeof quantization));
    cli_table_add(table, "%s", cli_tensor_label(&tensor, (size_t)index, label, sizeof label));
}

static midge_status print_tensors(const cli_model_facts *facts, const char *title,
                                  const int32_t *indices, size_t count, midge_error *error)
{
    cli_table table = cli_table_make(5, NULL, 0x1);
    (void)printf("%s\n", title);
    for (size_t i = 0; i < count; ++i) add_tensor(&table, facts, 0, indices[i]);
    return cli_table_print(&table, 2, error);
}

static void print_bindings(const cli_model_facts *facts, size_t signature, size_t graph,
                           bool output, size_t count)
{
    char safe[400], label[400], buffer[30];
    for (size_t i = 0; i < count; ++i) {
        const char *name = NULL;
        int32_t index = 0;
        midge_tensor_info tensor;
        if (!midge_inspect_binding(facts->model, signature, output, i, &name, &index)) break;
        if (!midge_inspect_tensor(facts->model, graph, (size_t)index, &tensor)) break;
        const char *shown = cli_tensor_label(&tensor, (size_t)index, buffer, sizeof buffer);
        (void)printf("    %s %s = %d %s\n", output ? "output" : "input",
                     cli_printable(name, safe, sizeof safe), index,
                     cli_printable(shown, label, sizeof label));
    }
}

static void print_signatures(const cli_model_facts *facts)
{
    char safe[400];
    size_t count = midge_model_signature_count(facts->model);
    if (count > 0) (void)printf("signatures\n");
    for (size_t i = 0; i < count; ++i) {
        size_t graph = 0, inputs = 0, outputs = 0;
        if (!midge_inspect_signature(facts->model, i, &graph, &inputs, &outputs)) break;
        const char *key = midge_model_signature_key(facts->model, i);
        (void)printf("  %s (graph %zu)\n", cli_printable(key, safe, sizeof safe), graph);
        print_bindings(facts, i, graph, false, inputs);
        print_bindings(facts, i, graph, true, outputs);
    }
}

static midge_status print_operators(const cli_model_facts *facts, midge_error *error)
{
    static const char *const headers[] = {"operator", "version", "count", "MACs", ""};
    char text[CLI_BYTES_TEXT];
    cli_table table = cli_table_make(5, headers, 0xe);
    for (size_t i = 0; i < facts->operator_count; ++i) {
        const cli_operator_use *row = &facts->operators[i];
        cli_table_add(&table, "%s", row->name);
        cli_table_add(&table, "%d", row->version);
        cli_table_add(&table, "%zu", row->count);
        cli_table_add(&table, "%s",
                      row->multiply_accumulates > 0
                          ? cli_count_text((double)row->multiply_accumulates, text)
                          : "");
        switch (row->support) {
        case MIDGE_SUPPORT_YES: cli_table_add(&table, "%s", ""); break;
        case MIDGE_SUPPORT_NO_CUSTOM:
        case MIDGE_SUPPORT_NO_OPERATOR: cli_table_add(&table, "not in midge"); break;
        case MIDGE_SUPPORT_NO_VERSION:
            cli_table_add(&table, "midge knows up to version %d", row->known);
            break;
        }
    }
    (void)printf("operators\n");
    return cli_table_print(&table, 2, error);
}

/* "3 7 -" */
static const char *index_list(const int32_t *indices, size_t count, char *buffer, size_t capacity)
{
    size_t used = 0;
    buffer[0] = '\0';
    for (size_t i = 0; i < count && used < capacity; ++i) {
        used += (size_t)(indices[i] < 0
                             ? snprintf(buffer + used, capacity - used, "%s-", i == 0 ? "" : " ")
                             : snprintf(buffer + used, capacity - used, "%s%d", i == 0 ? "" : " ",
                                        indices[i]));
    }
    return buffer;
}

static midge_status print_graph(const cli_model_facts *facts, size_t index, midge_error *error)
{
    static const char *const headers[] = {"node", "operator", "version", "inputs", "outputs"};
    char text[500];
    midge_graph_info graph;
    midge_node_info node;
    if (!midge_inspect_graph(facts->model, index, &graph)) return MIDGE_OK;
    (void)printf("graph %zu %s\n", index, cli_printable(graph.name, text, sizeof text));
    cli_table table = cli_table_make(5, headers, 0x5);
    for (size_t i = 0; i < graph.node_count; ++i) {
        if (!midge_inspect_node(facts->model, index, i, &node)) break;
        cli_table_add(&table, "%zu", i);
        cli_table_add(&table, "%s", node.op);
        cli_table_add(&table, "%d", node.version);
        cli_table_add(&table, "%s", index_list(node.inputs, node.input_count, text, sizeof text));
        cli_table_add(&table, "%s", index_list(node.outputs, node.output_count, text, sizeof text));
    }
    TRY(cli_table_print(&table, 2, error));
    static const char *const tensor_headers[] = {"tensor", "type", "shape", "scale, zero point",
                                                 "name"};
    table = cli_table_make(5, tensor_headers, 0x1);
    for (size_t i = 0; i < graph.tensor_count; ++i) add_tensor(&table, facts, index, (int32_t)i);
    return cli_table_print(&table, 2, error);
}

midge_status cli_inspect_text(const cli_model_facts *facts, bool all,
                              const cli_compression *compression, midge_error *error)
{
    print_head(facts, compression);
    print_metadata(facts);
    print_labels(facts);
    TRY(print_tensors(facts, "inputs", facts->graph.inputs, facts->graph.input_count, error));
    TRY(print_tensors(facts, "outputs", facts->graph.outputs, facts->graph.output_count, error));
    print_signatures(facts);
    TRY(print_operators(facts, error));
    for (size_t i = 0; all && i < midge_inspect_graph_count(facts->model); ++i) {
        TRY(print_graph(facts, i, error));
    }
    return MIDGE_OK;
}

static void print_live_row(cli_table *table, const cli_model_facts *facts,
                           const cli_memory_plan *plan, size_t node)
{
    enum { width = 40 };
    char bar[width + 1], bytes[CLI_BYTES_TEXT];
    midge_node_info about;
    size_t most = plan->live[plan->peak];
    size_t length = most > 0 ? (size_t)((double)plan->live[node] / (double)most * width + 0.5) : 0;
    if (!midge_inspect_node(facts->model, 0, node, &about)) return;
    memset(bar, '#', length);
    bar[length] = '\0';
    cli_table_add(table, "%zu", node);
    cli_table_add(table, "%s", about.op);
    cli_table_add(table, "%s", cli_bytes_text((double)plan->live[node], bytes));
    cli_table_add(table, "%s%s", bar, node == plan->peak ? " most" : "");
}

midge_status cli_inspect_memory(const cli_model_facts *facts, const cli_memory_plan *plan,
                                midge_error *error)
{
    static const char *const headers[] = {"node", "operator", "living", ""};
    static const char *const peak_headers[] = {"tensor", "bytes", "offset", "nodes", "name"};
    char a[CLI_BYTES_TEXT], b[CLI_BYTES_TEXT], label[30];
    cli_table table = cli_table_make(4, headers, 0x5);
    (void)printf("memory plan: arena %s for %zu tensors and scratch; session %s\n",
                 cli_bytes_text((double)plan->arena_bytes, a), plan->count,
                 cli_bytes_text((double)plan->session_bytes, b));
    for (size_t node = 0; node < plan->node_count; ++node) {
        print_live_row(&table, facts, plan, node);
    }
    TRY(cli_table_print(&table, 2, error));
    if (plan->node_count == 0) return MIDGE_OK;
    (void)printf("living while node %zu runs\n", plan->peak);
    table = cli_table_make(5, peak_headers, 0x7);
    for (size_t i = 0; i < plan->count; ++i) {
        const cli_placed *at = &plan->tensors[i];
        midge_tensor_info tensor;
        if (!cli_is_live(at, plan->peak)) continue;
        if (!midge_inspect_tensor(facts->model, 0, at->tensor, &tensor)) continue;
        cli_table_add(&table, "%zu", at->tensor);
        cli_table_add(&table, "%zu", at->bytes);
        cli_table_add(&table, "%zu", at->offset);
        cli_table_add(&table, "%d..%d", at->first, at->last);
        cli_table_add(&table, "%s", cli_tensor_label(&tensor, at->tensor, label, sizeof label));
    }
    return cli_table_print(&table, 2, error);
}
