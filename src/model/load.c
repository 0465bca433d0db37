/* SPDX-License-Identifier: Apache-2.0 */
/* From a file to a checked model: structure, tensors, nodes, signatures, then the whole. */
#include <string.h>

#include "base/file.h"
#include "base/size.h"
#include "model/load.h"
#include "model/read.h"

enum { SCHEMA_VERSION = 3, LEAST_WORK = 1 << 20, WORK_PER_BYTE = 16 };

midge_status mg_spend(mg_reading *reading, uint64_t work)
{
    if (work > reading->work_left)
        return mg_fail(reading->error, MIDGE_LIMIT_EXCEEDED,
                       "the file refers to the same vectors so often that checking it would take "
                       "more time than its %zu bytes warrant",
                       reading->model->file_bytes);
    reading->work_left -= work;
    return MIDGE_OK;
}

static midge_limits fill_limits(const midge_limits *given)
{
    midge_limits limits = given != NULL ? *given : (midge_limits){0};
    if (limits.file_bytes == 0) limits.file_bytes = (uint64_t)1 << 31;
    if (limits.memory_bytes == 0) limits.memory_bytes = (uint64_t)1 << 30;
    if (limits.tensors == 0) limits.tensors = 1000000;
    if (limits.nodes == 0) limits.nodes = 1000000;
    if (limits.subgraphs == 0) limits.subgraphs = 10000;
    if (limits.call_depth == 0) limits.call_depth = 8;
    if (limits.call_depth > 64) limits.call_depth = 64;
    if (limits.while_iterations == 0) limits.while_iterations = 1000000;
    return limits;
}

static midge_status check_counts(mg_reading *reading)
{
    const midge_limits *limits = &reading->model->limits;
    const mg_SubGraph_vector *graphs = &reading->schema->subgraphs;
    if (graphs->count > limits->subgraphs)
        return mg_fail(reading->error, MIDGE_LIMIT_EXCEEDED, "%zu subgraphs pass the limit of %u",
                       graphs->count, (unsigned)limits->subgraphs);
    size_t tensors = 0, nodes = 0;
    for (size_t i = 0; i < graphs->count; ++i) {
        tensors += graphs->items[i].tensors.count;
        nodes += graphs->items[i].operators.count;
    }
    if (tensors > limits->tensors || nodes > limits->nodes)
        return mg_fail(reading->error, MIDGE_LIMIT_EXCEEDED,
                       "%zu tensors and %zu nodes pass the limits of %u and %u", tensors, nodes,
                       (unsigned)limits->tensors, (unsigned)limits->nodes);
    return MIDGE_OK;
}

static midge_status check_header(mg_reading *reading)
{
    const mg_Model *schema = reading->schema;
    if (schema->version != SCHEMA_VERSION)
        return mg_fail(reading->error, MIDGE_INVALID_MODEL,
                       "schema version %u, need %d; convert the model again",
                       (unsigned)schema->version, SCHEMA_VERSION);
    if (schema->subgraphs.count == 0 || schema->buffers.items == NULL)
        return mg_fail(reading->error, MIDGE_INVALID_MODEL, "the model has no %s",
                       schema->subgraphs.count == 0 ? "subgraph" : "buffers");
    for (size_t i = 0; i < schema->metadata.count; ++i) {
        const uint8_t *bytes;
        size_t size;
        TRY(mg_read_buffer(reading, schema->metadata.items[i].buffer, &bytes, &size));
    }
    return check_counts(reading);
}

static midge_status check_graph_ends(mg_reading *reading, size_t index, const mg_int32s *ends,
                                     size_t tensor_count, const char *what)
{
    TRY(mg_spend(reading, ends->count));
    for (size_t i = 0; i < ends->count; ++i)
        if (ends->items[i] < 0 || (size_t)ends->items[i] >= tensor_count)
            return mg_fail(reading->error, MIDGE_INVALID_MODEL,
                           "subgraph %zu: %s %zu is tensor %d, the subgraph has %zu", index, what,
                           i, (int)ends->items[i], tensor_count);
    return MIDGE_OK;
}

static midge_status read_graph(mg_reading *reading, size_t index, mg_graph *graph)
{
    const mg_SubGraph *source = &reading->schema->subgraphs.items[index];
    graph->name = source->name != NULL ? source->name : "";
    graph->tensor_count = source->tensors.count;
    void *memory = NULL;
    TRY(mg_region_get_array(&reading->model->region, graph->tensor_count, sizeof(mg_tensor),
                            &memory, reading->error));
    mg_tensor *tensors = memory;
    for (size_t i = 0; i < graph->tensor_count; ++i)
        TRY(mg_read_tensor(reading, index, i, &source->tensors.items[i], &tensors[i]));
    graph->tensors = tensors;
    TRY(check_graph_ends(reading, index, &source->inputs, graph->tensor_count, "input"));
    TRY(check_graph_ends(reading, index, &source->outputs, graph->tensor_count, "output"));
    graph->input_count = source->inputs.count;
    graph->inputs = source->inputs.items;
    graph->output_count = source->outputs.count;
    graph->outputs = source->outputs.items;
    return mg_read_nodes(reading, index, source, graph);
}

static midge_status read_model(midge_model *model, midge_error *error)
{
    const char *foreign = mg_identify_foreign(model->file, model->file_bytes);
    if (foreign != NULL) return mg_fail(error, MIDGE_INVALID_MODEL, "%s", foreign);
    mg_Model *schema = NULL;
    TRY(mg_schema_read(model->file, model->file_bytes, NULL, &model->region, &schema, error));
    model->schema = schema;
    mg_reading reading = {.model = model,
                          .schema = schema,
                          .error = error,
                          .work_left = LEAST_WORK + (uint64_t)model->file_bytes * WORK_PER_BYTE,
                          .copies_left = (uint64_t)model->file_bytes * MG_COPIES_OF_FILE};
    TRY(check_header(&reading));
    void *memory = NULL;
    TRY(mg_region_get_array(&model->region, schema->subgraphs.count, sizeof(mg_graph), &memory,
                            error));
    mg_graph *graphs = memory;
    for (size_t i = 0; i < schema->subgraphs.count; ++i) TRY(read_graph(&reading, i, &graphs[i]));
    model->graphs = graphs;
    model->graph_count = schema->subgraphs.count;
    TRY(mg_read_signatures(&reading));
    return mg_check_model(&reading);
}

static midge_status open_source(const mg_model_source *source, const midge_model_options *options,
                                midge_model *model, midge_error *error)
{
    mg_file file = {source->bytes, source->size, MG_FILE_BORROWED};
    if (source->path != NULL)
        TRY(mg_file_open(&model->heap, source->path, options->map_file, model->limits.file_bytes,
                         &file, error));
    else if (source->read != NULL)
        TRY(mg_file_stream(&model->heap, source->read, source->context, model->limits.file_bytes,
                           &file, error));
    else if (source->size == 0)
        return mg_fail(error, MIDGE_INVALID_MODEL, "the model has 0 bytes");
    else if (source->size > model->limits.file_bytes)
        return mg_fail(error, MIDGE_LIMIT_EXCEEDED, "%zu bytes pass the limit of %llu",
                       source->size, (unsigned long long)model->limits.file_bytes);
    model->file = file.bytes;
    model->file_bytes = file.size;
    model->file_origin = (int)file.origin;
    return MIDGE_OK;
}

/* Puts the path in front of a message that does not have it yet. */
static void name_file(const char *path, midge_error *error)
{
    char name[200], text[sizeof error->message];
    (void)mg_printable(path, name, sizeof name);
    if (error == NULL || strncmp(error->message, name, strlen(name)) == 0) return;
    memcpy(text, error->message, sizeof text);
    (void)mg_fail(error, error->status, "%s: %.*s", name, (int)(sizeof text - strlen(name) - 3),
                  text);
}

midge_status mg_model_load(const mg_model_source *source, const midge_model_options *options,
                           midge_model **model, midge_error *error)
{
    midge_limits limits = fill_limits(options->limits);
    mg_heap heap;
    mg_heap_init(&heap, options->allocator, SIZE_MAX);
    void *memory = NULL;
    TRY(mg_heap_get(&heap, sizeof(midge_model), &memory, error));
    midge_model *made = memory;
    *made = (midge_model){.limits = limits, .heap = heap};
    atomic_init(&made->holders, 1);
    mg_region_init(&made->region, &made->heap);
    midge_status status = open_source(source, options, made, error);
    if (status == MIDGE_OK) status = read_model(made, error);
    if (status != MIDGE_OK) {
        mg_model_release(made);
        if (source->path != NULL && error != NULL) name_file(source->path, error);
        return status;
    }
    *model = made;
    return MIDGE_OK;
}

void mg_model_hold(midge_model *model)
{
    atomic_fetch_add(&model->holders, 1);
}

void mg_model_release(midge_model *model)
{
    if (model == NULL || atomic_fetch_sub(&model->holders, 1) != 1) return;
    mg_file file = {model->file, model->file_bytes, (mg_file_origin)model->file_origin};
    mg_file_close(&model->heap, &file);
    mg_region_free(&model->region);
    mg_heap heap = model->heap;
    mg_heap_release(&heap, model);
}

const void *mg_model_metadata(const midge_model *model, const char *name, size_t *bytes)
{
    const mg_Metadata_vector *metadata = &model->schema->metadata;
    mg_reading reading = {.model = (midge_model *)(uintptr_t)model, .schema = model->schema};
    for (size_t i = 0; name != NULL && i < metadata->count; ++i) {
        const uint8_t *found;
        size_t size;
        if (metadata->items[i].name == NULL || strcmp(metadata->items[i].name, name) != 0) continue;
        if (mg_read_buffer(&reading, metadata->items[i].buffer, &found, &size) != MIDGE_OK) break;
        if (bytes != NULL) *bytes = size;
        return found;
    }
    return NULL;
}
