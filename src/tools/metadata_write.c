/* SPDX-License-Identifier: Apache-2.0 */
/* midge_metadata_add: a model with what is to be said about it. */
#include <math.h>
#include <string.h>

#include "midge_tools.h"
#include "network/network.h"
#include "tools/metadata_schema.h"
#include "tools/stored_archive.h"

#define MAX_MEMORY ((size_t)(UINT64_C(8) << 30 > SIZE_MAX ? SIZE_MAX : UINT64_C(8) << 30))

static const char block_name[] = "TFLITE_METADATA";
static const char label_file[] = "labels.txt";

/* What readers must know to understand all that is said here. */
static const char parser_version[] = "1.0.0";

enum { MOST_CHANNELS = 64 };

midge_metadata_options midge_metadata_options_default(void)
{
    return (midge_metadata_options){.size = sizeof(midge_metadata_options)};
}

static midge_status check(const midge_metadata_options *options, midge_error *error)
{
    if (options->size < sizeof *options)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "metadata options of an unknown size");
    if (options->content < MIDGE_CONTENT_UNKNOWN || options->content > MIDGE_CONTENT_AUDIO ||
        options->color_space < MIDGE_COLOR_UNKNOWN || options->color_space > MIDGE_COLOR_GREY)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "content %d, colours %d",
                       (int)options->content, (int)options->color_space);
    if (options->mean_count > MOST_CHANNELS ||
        (options->mean_count > 0 && (options->mean == NULL || options->deviation == NULL)))
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "a normalisation of %zu channels",
                       options->mean_count);
    for (size_t i = 0; i < options->mean_count; ++i)
        if (!isfinite(options->mean[i]) || !isfinite(options->deviation[i]) ||
            options->deviation[i] == 0)
            return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                           "a normalisation of mean %g, deviation %g", (double)options->mean[i],
                           (double)options->deviation[i]);
    for (size_t i = 0; i < options->label_count; ++i)
        if (options->labels == NULL || options->labels[i] == NULL ||
            strchr(options->labels[i], '\n') != NULL)
            return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                           "label %zu is none, or has more than one line", i);
    return MIDGE_OK;
}

/* ---- The block ---- */

/* Everything that the block of one model consists of. */
typedef struct description {
    mg_ModelMetadata model;
    mg_SubGraphMetadata graph;
    mg_Content content;
    mg_FeatureProperties feature;
    mg_ImageProperties image;
    mg_BoundingBoxProperties boxes;
    mg_AudioProperties audio;
    mg_ProcessUnit unit;
    mg_NormalizationOptions normalization;
    mg_AssociatedFile labels;
} description;

static void describe_input(const midge_metadata_options *options, description *at,
                           mg_TensorMetadata *input)
{
    if (options->content != MIDGE_CONTENT_UNKNOWN) {
        at->image.color_space = (int8_t)options->color_space;
        void *const properties[] = {NULL, &at->feature, &at->image, &at->boxes, &at->audio};
        at->content.content_properties_type = (uint8_t)options->content;
        at->content.content_properties = properties[options->content];
        input->content = &at->content;
    }
    if (options->mean_count == 0) return;
    at->normalization.mean = (mg_floats){options->mean, options->mean_count};
    at->normalization.std = (mg_floats){options->deviation, options->mean_count};
    at->unit = (mg_ProcessUnit){MG_PROCESS_UNIT_NormalizationOptions, &at->normalization};
    input->process_units = (mg_ProcessUnit_vector){&at->unit, 1};
}

static void describe_output(const midge_metadata_options *options, description *at,
                            mg_TensorMetadata *output)
{
    if (options->label_count == 0) return;
    at->labels = (mg_AssociatedFile){
        .name = label_file, .description = "names of the classes", .type = MIDGE_FILE_AXIS_LABELS};
    output->associated_files = (mg_AssociatedFile_vector){&at->labels, 1};
}

/* An entry for each input or output, with its name. */
static midge_status name_tensors(mg_network *network, size_t count, const int32_t *tensors,
                                 mg_TensorMetadata_vector *made)
{
    void *memory = NULL;
    TRY(mg_network_memory(network, count * sizeof(mg_TensorMetadata), &memory));
    *made = (mg_TensorMetadata_vector){memory, count};
    for (size_t i = 0; i < count; ++i)
        made->items[i].name = network->graphs[0].tensors[tensors[i]].name;
    return MIDGE_OK;
}

static midge_status make_block(mg_network *network, const midge_metadata_options *options,
                               void **bytes, size_t *size)
{
    const mg_network_graph *graph = &network->graphs[0];
    description at = {.model = {.name = options->name,
                                .description = options->description,
                                .version = options->version,
                                .author = options->author,
                                .license = options->license,
                                .min_parser_version = parser_version}};
    TRY(name_tensors(network, graph->input_count, graph->inputs, &at.graph.input_tensor_metadata));
    TRY(name_tensors(network, graph->output_count, graph->outputs,
                     &at.graph.output_tensor_metadata));
    if (graph->input_count > 0)
        describe_input(options, &at, &at.graph.input_tensor_metadata.items[0]);
    if (graph->output_count > 0)
        describe_output(options, &at, &at.graph.output_tensor_metadata.items[0]);
    at.model.subgraph_metadata = (mg_SubGraphMetadata_vector){&at.graph, 1};
    return mg_metadata_write(&at.model, network->heap, bytes, size, network->error);
}

static midge_status set_block(mg_network *network, const void *bytes, size_t size)
{
    void *memory = NULL;
    size_t count = network->metadata_count;
    TRY(mg_network_memory(network, (count + 1) * sizeof(mg_network_metadata), &memory));
    mg_network_metadata *entries = memory;
    size_t kept = 0;
    for (size_t i = 0; i < count; ++i)
        if (strcmp(network->metadata[i].name, block_name) != 0)
            entries[kept++] = network->metadata[i];
    entries[kept++] = (mg_network_metadata){block_name, bytes, size};
    network->metadata = entries;
    network->metadata_count = kept;
    return MIDGE_OK;
}

/* ---- The archive ---- */

static midge_status make_labels(mg_heap *heap, const midge_metadata_options *options, char **text,
                                size_t *size, midge_error *error)
{
    void *memory = NULL;
    *size = 0;
    for (size_t i = 0; i < options->label_count; ++i) *size += strlen(options->labels[i]) + 1;
    TRY(mg_heap_get(heap, *size, &memory, error));
    char *to = *text = memory;
    for (size_t i = 0; i < options->label_count; ++i) {
        size_t length = strlen(options->labels[i]);
        memcpy(to, options->labels[i], length);
        to[length] = '\n';
        to += length + 1;
    }
    return MIDGE_OK;
}

/* Puts the labels behind the model, whose bytes move. */
static midge_status add_labels(mg_heap *heap, const midge_metadata_options *options, void **bytes,
                               size_t *size, midge_error *error)
{
    char *labels = NULL;
    size_t label_bytes = 0, whole = 0;
    void *memory = NULL;
    TRY(make_labels(heap, options, &labels, &label_bytes, error));
    size_t more = mg_stored_archive_bytes(label_file, label_bytes);
    midge_status status = MIDGE_OK;
    if (!mg_size_add(*size, more, &whole) || whole > UINT32_MAX)
        status = mg_fail(error, MIDGE_LIMIT_EXCEEDED, "a model of more than 4 GiB has no archive");
    if (status == MIDGE_OK) status = mg_heap_get(heap, whole, &memory, error);
    if (status == MIDGE_OK) {
        memcpy(memory, *bytes, *size);
        mg_stored_archive_write(label_file, labels, label_bytes, *size,
                                (unsigned char *)memory + *size);
        mg_heap_release(heap, *bytes);
        *bytes = memory;
        *size = whole;
    }
    mg_heap_release(heap, labels);
    return status;
}

static midge_status add(mg_heap *heap, const midge_model *model,
                        const midge_metadata_options *options, void **bytes, size_t *size,
                        midge_error *error)
{
    mg_network network = {0};
    void *block = NULL;
    size_t block_bytes = 0;
    midge_status status = mg_network_read(heap, model, error, &network);
    if (status == MIDGE_OK) status = make_block(&network, options, &block, &block_bytes);
    if (status == MIDGE_OK) status = set_block(&network, block, block_bytes);
    if (status == MIDGE_OK) status = mg_network_write(&network, bytes, size);
    mg_heap_release(heap, block);
    mg_network_free(&network);
    TRY(status);
    if (options->label_count == 0) return MIDGE_OK;
    status = add_labels(heap, options, bytes, size, error);
    if (status != MIDGE_OK) mg_heap_release(heap, *bytes);
    return status;
}

midge_status midge_metadata_add(const midge_model *model, const midge_metadata_options *options,
                                void **bytes, size_t *size, midge_error *error)
{
    mg_heap heap;
    if (model == NULL || options == NULL || bytes == NULL || size == NULL)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "midge_metadata_add: an argument is NULL");
    TRY(check(options, error));
    mg_heap_init(&heap, options->allocator, MAX_MEMORY);
    midge_status status = add(&heap, model, options, bytes, size, error);
    if (status != MIDGE_OK) *bytes = NULL;
    return status;
}
