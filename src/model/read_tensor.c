/* SPDX-License-Identifier: Apache-2.0 */
/* One tensor of the file, checked: type, shape, constant data, quantisation. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/size.h"
#include "model/read.h"

enum { TYPE_COUNT = MIDGE_FLOAT8_E5M2 + 1, TEXT = 80 };

midge_status mg_tensor_fail(mg_reading *reading, size_t graph, size_t index,
                            const mg_Tensor *source, const char *format, ...)
{
    char name[TEXT], text[300];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return mg_fail(reading->error, MIDGE_INVALID_MODEL, "subgraph %zu tensor %zu (%s): %s", graph,
                   index, mg_printable(source->name, name, sizeof name), text);
}

midge_status mg_read_buffer(mg_reading *reading, uint32_t index, const uint8_t **bytes,
                            size_t *size)
{
    *bytes = NULL;
    *size = 0;
    if (index == 0 && reading->schema->buffers.count == 0) return MIDGE_OK;
    if (index >= reading->schema->buffers.count)
        return mg_fail(reading->error, MIDGE_INVALID_MODEL,
                       "buffer %u does not exist: the file has %zu", (unsigned)index,
                       reading->schema->buffers.count);
    const mg_Buffer *buffer = &reading->schema->buffers.items[index];
    if (buffer->data.count > 0) {
        *bytes = buffer->data.items;
        *size = buffer->data.count;
    } else if (buffer->offset > 1) {
        /* Offsets 0 and 1 mark "none": data of large models follows the FlatBuffer. */
        size_t total = reading->model->file_bytes;
        if (buffer->offset > total || buffer->size > total - buffer->offset)
            return mg_fail(reading->error, MIDGE_INVALID_MODEL,
                           "buffer %u (%llu bytes at %llu) passes the end of the file (%zu bytes)",
                           (unsigned)index, (unsigned long long)buffer->size,
                           (unsigned long long)buffer->offset, total);
        *bytes = reading->model->file + buffer->offset;
        *size = (size_t)buffer->size;
    }
    return MIDGE_OK;
}

static midge_status read_shape(mg_reading *reading, size_t graph, size_t index,
                               const mg_Tensor *source, mg_tensor *tensor)
{
    if (source->shape.count > MIDGE_MAX_RANK || source->shape_signature.count > MIDGE_MAX_RANK)
        return mg_tensor_fail(
            reading, graph, index, source, "%zu dimensions are more than the %d that midge handles",
            source->shape.count > source->shape_signature.count ? source->shape.count
                                                                : source->shape_signature.count,
            MIDGE_MAX_RANK);
    tensor->rank = (int32_t)source->shape.count;
    tensor->shape = source->shape.items;
    tensor->has_rank = source->has_rank;
    size_t elements;
    if (!mg_shape_elements(tensor->rank, tensor->shape, &elements))
        return mg_tensor_fail(reading, graph, index, source,
                              "a size is negative, or their product passes 2^31 - 1");
    bool signature = source->shape_signature.count > 0;
    tensor->signature_rank = signature ? (int32_t)source->shape_signature.count : tensor->rank;
    tensor->signature = signature ? source->shape_signature.items : tensor->shape;
    return MIDGE_OK;
}

static midge_status check_strings(mg_reading *reading, size_t graph, size_t index,
                                  const mg_Tensor *source, const uint8_t *bytes, size_t size,
                                  size_t elements)
{
    int32_t count = -1, last = 0;
    TRY(mg_spend(reading, elements));
    if (size >= 4) memcpy(&count, bytes, 4);
    if (count < 0 || (size_t)count != elements || (size - 4) / 4 < (size_t)count + 1)
        return mg_tensor_fail(reading, graph, index, source,
                              "string data of %zu bytes holds %d strings, need %zu", size,
                              (int)count, elements);
    for (size_t i = 0; i <= (size_t)count; ++i) {
        int32_t offset;
        memcpy(&offset, bytes + 4 + 4 * i, 4);
        if (i == 0 ? offset != 4 * (count + 2) : offset < last)
            return mg_tensor_fail(reading, graph, index, source, "string %zu starts at %d", i,
                                  (int)offset);
        last = offset;
    }
    if ((size_t)last > size)
        return mg_tensor_fail(reading, graph, index, source, "strings end at byte %d of %zu",
                              (int)last, size);
    return MIDGE_OK;
}

/* Elements wider than a byte must lie at a multiple of their size; files do not promise that. A
 * buffer is copied once, however many tensors it serves. */
static midge_status align_constant(mg_reading *reading, uint32_t buffer, const uint8_t *bytes,
                                   size_t size, size_t alignment, const void **aligned)
{
    void *memory = NULL;
    *aligned = bytes;
    if ((uintptr_t)bytes % alignment == 0) return MIDGE_OK;
    if (reading->aligned == NULL) {
        TRY(mg_region_get_array(&reading->model->region, reading->schema->buffers.count,
                                sizeof(void *), &memory, reading->error));
        reading->aligned = memory;
    }
    if (reading->aligned[buffer] == NULL) {
        if (size > reading->copies_left)
            return mg_fail(reading->error, MIDGE_LIMIT_EXCEEDED,
                           "buffer %u: the file's buffers lie in each other and unaligned; copies "
                           "would pass %d times its size",
                           (unsigned)buffer, MG_COPIES_OF_FILE);
        reading->copies_left -= size;
        TRY(mg_region_get(&reading->model->region, size, &memory, reading->error));
        memcpy(memory, bytes, size);
        reading->aligned[buffer] = memory;
    }
    *aligned = reading->aligned[buffer];
    return MIDGE_OK;
}

static midge_status read_constant(mg_reading *reading, size_t graph, size_t index,
                                  const mg_Tensor *source, mg_tensor *tensor)
{
    const uint8_t *bytes = NULL;
    size_t size = 0, elements = 0, needed = 0;
    TRY(mg_read_buffer(reading, source->buffer, &bytes, &size));
    if (size == 0) return MIDGE_OK;
    if (tensor->is_variable)
        return mg_tensor_fail(reading, graph, index, source,
                              "is a variable, but has constant data in buffer %u",
                              (unsigned)source->buffer);
    (void)mg_shape_elements(tensor->rank, tensor->shape, &elements);
    if (tensor->type == MIDGE_STRING) {
        TRY(check_strings(reading, graph, index, source, bytes, size, elements));
        tensor->constant_bytes = size;
        return align_constant(reading, source->buffer, bytes, size, 4, &tensor->constant);
    }
    if (tensor->type == MIDGE_RESOURCE || tensor->type == MIDGE_VARIANT)
        return mg_tensor_fail(reading, graph, index, source, "a %s cannot be a constant",
                              midge_type_name(tensor->type));
    if (source->sparsity != NULL) {
        tensor->sparsity = source->sparsity;
        TRY(mg_check_sparsity(reading, graph, index, source, tensor, &elements));
    }
    if (!mg_type_bytes(tensor->type, elements, &needed) || size < needed)
        return mg_tensor_fail(
            reading, graph, index, source, "buffer %u has %zu bytes, %zu elements of %s need %zu",
            (unsigned)source->buffer, size, elements, midge_type_name(tensor->type), needed);
    tensor->constant_bytes = needed;
    size_t alignment = midge_type_bits(tensor->type) / 8;
    if (alignment > 8) alignment = 8;
    return align_constant(reading, source->buffer, bytes, size, alignment < 1 ? 1 : alignment,
                          &tensor->constant);
}

static midge_status read_quantization(mg_reading *reading, size_t graph, size_t index,
                                      const mg_Tensor *source, mg_tensor *tensor)
{
    const mg_QuantizationParameters *from = source->quantization;
    if (from == NULL) return MIDGE_OK;
    tensor->quantization_details_type = from->details_type;
    tensor->quantization_details = from->details;
    /* Block-wise and multi-axis scales stand in tensors of their own. */
    if (from->details_type != 0 && from->details_type != MG_DETAILS_CustomQuantization)
        return MIDGE_OK;
    if (from->scale.count == 0) return MIDGE_OK;
    if (from->zero_point.count != from->scale.count)
        return mg_tensor_fail(reading, graph, index, source, "has %zu scales, but %zu zero points",
                              from->scale.count, from->zero_point.count);
    /* Files give biases the dimension of their filters; a vector has only one. */
    int32_t axis = from->scale.count == 1 || tensor->rank == 1 ? 0 : from->quantized_dimension;
    if (tensor->rank > 0 && (axis < 0 || axis >= tensor->rank))
        return mg_tensor_fail(reading, graph, index, source,
                              "is quantised along dimension %d of %d", (int)axis,
                              (int)tensor->rank);
    if (from->scale.count != 1 && tensor->rank > 0 &&
        from->scale.count != (size_t)tensor->shape[axis])
        return mg_tensor_fail(reading, graph, index, source,
                              "has %zu scales, need 1 or %d, the size of dimension %d",
                              from->scale.count, (int)tensor->shape[axis], (int)axis);
    tensor->quantization =
        (midge_quantization){from->scale.count, from->scale.items, from->zero_point.items, axis};
    return MIDGE_OK;
}

/* Quantisation whose parameters are tensors: the indices must exist. */
static midge_status check_details(mg_reading *reading, size_t graph, size_t index,
                                  const mg_Tensor *source)
{
    const mg_QuantizationParameters *from = source->quantization;
    if (from == NULL || from->details == NULL) return MIDGE_OK;
    int64_t count = (int64_t)reading->schema->subgraphs.items[graph].tensors.count;
    int32_t scales = 0, zero_points = -1, block = 1;
    if (from->details_type == MG_DETAILS_BlockwiseQuantization) {
        const mg_BlockwiseQuantization *details = from->details;
        scales = details->scales, zero_points = details->zero_points, block = details->block_size;
    } else if (from->details_type == MG_DETAILS_MultiAxisQuantization) {
        const mg_MultiAxisQuantization *details = from->details;
        scales = details->scales, zero_points = details->zero_points, block = details->block_size;
    } else {
        return MIDGE_OK;
    }
    if (scales < 0 || scales >= count || zero_points < -1 || zero_points >= count || block < 0)
        return mg_tensor_fail(
            reading, graph, index, source,
            "quantisation names scales in tensor %d, zero points in tensor %d and "
            "blocks of %d; the subgraph has %lld tensors",
            (int)scales, (int)zero_points, (int)block, (long long)count);
    return MIDGE_OK;
}

midge_status mg_read_tensor(mg_reading *reading, size_t graph, size_t index,
                            const mg_Tensor *source, mg_tensor *tensor)
{
    *tensor = (mg_tensor){.name = source->name != NULL ? source->name : "",
                          .is_variable = source->is_variable};
    if (source->type < 0 || source->type >= TYPE_COUNT)
        return mg_tensor_fail(reading, graph, index, source, "element type %d is unknown",
                              (int)source->type);
    tensor->type = (midge_type)source->type;
    if (source->external_buffer != 0)
        return mg_tensor_fail(reading, graph, index, source,
                              "keeps its data in another file (external buffer %u), which midge "
                              "does not read; convert the model into one file",
                              (unsigned)source->external_buffer);
    TRY(read_shape(reading, graph, index, source, tensor));
    TRY(read_constant(reading, graph, index, source, tensor));
    TRY(read_quantization(reading, graph, index, source, tensor));
    return check_details(reading, graph, index, source);
}
