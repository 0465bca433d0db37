/* SPDX-License-Identifier: Apache-2.0 */
#include "model_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model_file.h"
#include "model_labels.h"

static int more_frequent(const void *a, const void *b)
{
    const cli_operator_use *first = a, *second = b;
    if (first->count != second->count) return first->count > second->count ? -1 : 1;
    int order = strcmp(first->name, second->name);
    return order != 0 ? order : first->version - second->version;
}

/* The row of the node's operator and version, made if there is none yet. */
static cli_operator_use *use_of(cli_model_facts *facts, size_t graph, size_t index,
                                const midge_node_info *node)
{
    for (size_t i = 0; i < facts->operator_count; ++i) {
        cli_operator_use *row = &facts->operators[i];
        if (row->version == node->version && strcmp(row->name, node->op) == 0) return row;
    }
    cli_operator_use *moved =
        realloc(facts->operators, (facts->operator_count + 1) * sizeof *moved);
    if (moved == NULL) return NULL;
    facts->operators = moved;
    cli_operator_use *row = &moved[facts->operator_count++];
    *row = (cli_operator_use){.name = node->op, .version = node->version};
    row->support = midge_inspect_support(facts->model, graph, index, &row->known);
    return row;
}

static midge_status count_operators(cli_model_facts *facts, size_t graph, size_t nodes,
                                    midge_error *error)
{
    midge_node_info node, running;
    for (size_t i = 0; i < nodes && midge_inspect_node(facts->model, graph, i, &node); ++i) {
        cli_operator_use *row = use_of(facts, graph, i, &node);
        if (row == NULL) return cli_fail_memory(error, facts->path, sizeof *row);
        ++row->count;
        if (graph == 0 && facts->session != NULL &&
            midge_session_node(facts->session, i, &running)) {
            row->multiply_accumulates += running.multiply_accumulates;
            facts->multiply_accumulates += running.multiply_accumulates;
        }
    }
    return MIDGE_OK;
}

static midge_status count_graphs(cli_model_facts *facts, midge_error *error)
{
    for (size_t g = 0; g < midge_inspect_graph_count(facts->model); ++g) {
        midge_graph_info graph;
        midge_tensor_info tensor;
        if (!midge_inspect_graph(facts->model, g, &graph)) break;
        facts->node_count += graph.node_count;
        facts->tensor_count += graph.tensor_count;
        for (size_t i = 0; i < graph.tensor_count; ++i) {
            if (!midge_inspect_tensor(facts->model, g, i, &tensor)) break;
            facts->constant_bytes += tensor.constant_bytes;
        }
        TRY(count_operators(facts, g, graph.node_count, error));
    }
    if (facts->operator_count > 0) {
        qsort(facts->operators, facts->operator_count, sizeof *facts->operators, more_frequent);
    }
    return MIDGE_OK;
}

midge_status cli_model_facts_collect(const char *path, cli_model_facts *facts, midge_error *error)
{
    *facts = (cli_model_facts){.path = path};
    TRY(cli_model_load(path, &facts->model, error));
    if (!midge_inspect_graph(facts->model, 0, &facts->graph)) {
        return cli_fail(error, MIDGE_INVALID_MODEL, "%s: has no graph", path);
    }
    (void)midge_metadata_create(facts->model, &facts->metadata, &facts->metadata_error);
    (void)midge_session_create(facts->model, NULL, &facts->session, &facts->session_error);
    TRY(count_graphs(facts, error));
    (void)cli_model_labels(path, facts->model, facts->metadata, cli_labelled_output(facts), NULL,
                           &facts->labels, facts->labels_source, sizeof facts->labels_source,
                           &facts->labels_error);
    return MIDGE_OK;
}

void cli_model_facts_free(cli_model_facts *facts)
{
    free(facts->operators);
    cli_labels_free(&facts->labels);
    midge_session_free(facts->session);
    midge_metadata_free(facts->metadata);
    midge_model_free(facts->model);
    *facts = (cli_model_facts){0};
}

const char *cli_quantization_text(const midge_quantization *quantization, char *buffer,
                                  size_t capacity)
{
    size_t count = quantization->count;
    buffer[0] = '\0';
    if (count == 1) {
        (void)snprintf(buffer, capacity, "%.6g, %lld", (double)quantization->scale[0],
                       (long long)quantization->zero_point[0]);
    } else if (count > 1) {
        float low = quantization->scale[0], high = low;
        for (size_t i = 1; i < count; ++i) {
            if (quantization->scale[i] < low) low = quantization->scale[i];
            if (quantization->scale[i] > high) high = quantization->scale[i];
        }
        (void)snprintf(buffer, capacity, "%zu along axis %d: %.3g to %.3g", count,
                       quantization->axis, (double)low, (double)high);
    }
    return buffer;
}

const char *cli_tensor_label(const midge_tensor_info *tensor, size_t index, char *buffer,
                             size_t capacity)
{
    if (tensor->name[0] != '\0') return tensor->name;
    (void)snprintf(buffer, capacity, "#%zu", index);
    return buffer;
}

size_t cli_labelled_output(const cli_model_facts *facts)
{
    for (size_t i = 0; facts->metadata != NULL && i < facts->graph.output_count; ++i) {
        midge_tensor_metadata about;
        midge_associated_file file;
        if (!midge_metadata_tensor(facts->metadata, true, i, &about)) continue;
        for (size_t k = 0; k < about.file_count; ++k) {
            if (midge_metadata_file(facts->metadata, true, i, k, &file) &&
                file.type == MIDGE_FILE_AXIS_LABELS) {
                return i;
            }
        }
    }
    return 0;
}
