/* SPDX-License-Identifier: Apache-2.0 */
/* The metadata half of midge_tools.h. */
#include "midge_tools.h"

#include "model/load.h"
#include "tools/metadata_schema.h"

/* A refused block must not take more memory than models do. */
#define MAX_MEMORY ((size_t)256 << 20)

struct midge_metadata {
    mg_heap heap;
    mg_region region;
    const mg_ModelMetadata *root;
};

static const char *text(const char *string)
{
    return string != NULL ? string : "";
}

midge_status midge_metadata_create(const midge_model *model, midge_metadata **metadata,
                                   midge_error *error)
{
    size_t bytes = 0;
    const void *block = mg_model_metadata(model, "TFLITE_METADATA", &bytes);
    mg_heap heap;
    void *memory = NULL;
    *metadata = NULL;
    if (block == NULL) return MIDGE_OK;
    mg_heap_init(&heap, &model->heap.allocator, MAX_MEMORY);
    TRY(mg_heap_get(&heap, sizeof **metadata, &memory, error));
    midge_metadata *result = memory;
    result->heap = heap;
    mg_region_init(&result->region, &result->heap);
    mg_ModelMetadata *root = NULL;
    midge_error reason = {MIDGE_OK, ""};
    midge_status status = mg_metadata_read(block, bytes, &result->region, &root, &reason);
    if (status != MIDGE_OK) {
        midge_metadata_free(result);
        return mg_fail(error, status, "metadata TFLITE_METADATA: %s", reason.message);
    }
    result->root = root;
    *metadata = result;
    return MIDGE_OK;
}

void midge_metadata_free(midge_metadata *metadata)
{
    if (metadata == NULL) return;
    mg_region_free(&metadata->region);
    mg_heap heap = metadata->heap;
    mg_heap_release(&heap, metadata);
}

midge_metadata_info midge_metadata_about(const midge_metadata *metadata)
{
    const mg_ModelMetadata *root = metadata->root;
    return (midge_metadata_info){
        .name = text(root->name),
        .description = text(root->description),
        .version = text(root->version),
        .author = text(root->author),
        .license = text(root->license),
        .min_parser_version = text(root->min_parser_version),
    };
}

static const mg_TensorMetadata *find_tensor(const midge_metadata *metadata, bool output,
                                            size_t index)
{
    if (metadata->root->subgraph_metadata.count == 0) return NULL;
    const mg_SubGraphMetadata *graph = &metadata->root->subgraph_metadata.items[0];
    const mg_TensorMetadata_vector *tensors =
        output ? &graph->output_tensor_metadata : &graph->input_tensor_metadata;
    return index < tensors->count ? &tensors->items[index] : NULL;
}

bool midge_metadata_tensor(const midge_metadata *metadata, bool output, size_t index,
                           midge_tensor_metadata *info)
{
    const mg_TensorMetadata *tensor = find_tensor(metadata, output, index);
    if (tensor == NULL) return false;
    *info = (midge_tensor_metadata){.name = text(tensor->name),
                                    .description = text(tensor->description),
                                    .file_count = tensor->associated_files.count};
    const mg_Content *content = tensor->content;
    if (content != NULL && content->content_properties_type <= MG_CONTENT_AudioProperties) {
        info->content = (midge_content)content->content_properties_type;
    }
    if (info->content == MIDGE_CONTENT_IMAGE && content->content_properties != NULL) {
        const mg_ImageProperties *image = content->content_properties;
        if (image->color_space == MIDGE_COLOR_RGB || image->color_space == MIDGE_COLOR_GREY) {
            info->color_space = (midge_color_space)image->color_space;
        }
    }
    for (size_t i = 0; i < tensor->process_units.count; ++i) {
        const mg_ProcessUnit *unit = &tensor->process_units.items[i];
        if (unit->options_type != MG_PROCESS_UNIT_NormalizationOptions) continue;
        const mg_NormalizationOptions *options = unit->options;
        if (options == NULL) continue;
        info->mean_count = options->mean.count;
        info->mean = options->mean.items;
        info->deviation_count = options->std.count;
        info->deviation = options->std.items;
    }
    return true;
}

bool midge_metadata_file(const midge_metadata *metadata, bool output, size_t index, size_t file,
                         midge_associated_file *info)
{
    const mg_TensorMetadata *tensor = find_tensor(metadata, output, index);
    if (tensor == NULL || file >= tensor->associated_files.count) return false;
    const mg_AssociatedFile *found = &tensor->associated_files.items[file];
    *info = (midge_associated_file){
        .name = text(found->name),
        .description = text(found->description),
        .locale = text(found->locale),
    };
    if (found->type >= 0 && found->type <= MIDGE_FILE_SCANN_INDEX) {
        info->type = (midge_file_type)found->type;
    }
    return true;
}
