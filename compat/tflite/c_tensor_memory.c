/* SPDX-License-Identifier: Apache-2.0 */
/* What operators and delegates do to whole TfLiteTensors: free, reset, copy, resize. */
#include <stdlib.h>
#include <string.h>

#include "objects.h"

/* Only its address counts, see objects.h. */
const char tfl_borrowed = 0;

static bool owns_data(const TfLiteTensor *tensor)
{
    return (tensor->allocation_type == kTfLiteDynamic ||
            tensor->allocation_type == kTfLitePersistentRo) &&
           tensor->allocation != &tfl_borrowed;
}

/* Data of the allocator is released through it; NULL: of malloc. */
void TfLiteTensorDataFreeWithAllocator(TfLiteTensor *t, TfLiteAllocator *allocator)
{
    enum { ALIGNMENT = 64 };
    if (t == NULL) return;
    if (owns_data(t) && t->data.raw != NULL) {
        if (allocator != NULL && allocator->deallocate != NULL)
            allocator->deallocate(allocator->data, t->data.raw, t->bytes, ALIGNMENT);
        else
            free(t->data.raw);
    }
    if (t->allocation == &tfl_borrowed) t->allocation = NULL;
    t->data.raw = NULL;
}

void TfLiteTensorDataFree(TfLiteTensor *t)
{
    TfLiteTensorDataFreeWithAllocator(t, NULL);
}

void TfLiteQuantizationFree(TfLiteQuantization *quantization)
{
    if (quantization == NULL) return;
    if (quantization->type == kTfLiteAffineQuantization && quantization->params != NULL) {
        TfLiteAffineQuantization *affine = quantization->params;
        TfLiteFloatArrayFree(affine->scale);
        TfLiteIntArrayFree(affine->zero_point);
    }
    if (quantization->type == kTfLiteMultiAxisQuantization && quantization->params != NULL) {
        TfLiteMultiAxisQuantization *axes = quantization->params;
        TfLiteIntArrayFree(axes->quantized_dimensions);
    }
    if (quantization->type != kTfLiteNoQuantization) free(quantization->params);
    *quantization = (TfLiteQuantization){kTfLiteNoQuantization, NULL};
}

void TfLiteSparsityFree(TfLiteSparsity *sparsity)
{
    if (sparsity == NULL) return;
    TfLiteIntArrayFree(sparsity->traversal_order);
    TfLiteIntArrayFree(sparsity->block_map);
    for (int i = 0; sparsity->dim_metadata != NULL && i < sparsity->dim_metadata_size; ++i) {
        if (sparsity->dim_metadata[i].format != kTfLiteDimSparseCSR) continue;
        TfLiteIntArrayFree(sparsity->dim_metadata[i].array_segments);
        TfLiteIntArrayFree(sparsity->dim_metadata[i].array_indices);
    }
    free(sparsity->dim_metadata);
    free(sparsity);
}

void TfLiteTensorFree(TfLiteTensor *t)
{
    if (t == NULL) return;
    TfLiteTensorDataFree(t);
    TfLiteIntArrayFree(t->dims);
    TfLiteIntArrayFree((TfLiteIntArray *)(uintptr_t)t->dims_signature);
    t->dims = NULL;
    t->dims_signature = NULL;
    TfLiteQuantizationFree(&t->quantization);
    TfLiteSparsityFree(t->sparsity);
    t->sparsity = NULL;
}

void TfLiteTensorReset(TfLiteType type, const char *name, TfLiteIntArray *dims,
                       TfLiteQuantizationParams quantization, char *buffer, size_t size,
                       TfLiteAllocationType allocation_type, const void *allocation,
                       bool is_variable, TfLiteTensor *tensor)
{
    if (tensor == NULL) return;
    TfLiteTensorFree(tensor);
    tensor->type = type;
    tensor->name = name;
    tensor->dims = dims;
    tensor->params = quantization;
    tensor->data.raw = buffer;
    tensor->bytes = size;
    tensor->allocation_type = allocation_type;
    tensor->allocation = allocation == &tfl_borrowed ? NULL : allocation;
    tensor->is_variable = is_variable;
}

TfLiteStatus TfLiteTensorCopy(const TfLiteTensor *src, TfLiteTensor *dst)
{
    if (src == NULL || dst == NULL || src == dst) return kTfLiteOk;
    if (src->bytes != dst->bytes ||
        (src->bytes > 0 && (src->data.raw == NULL || dst->data.raw == NULL)))
        return kTfLiteError;
    TfLiteIntArray *dims = TfLiteIntArrayCopy(src->dims);
    if (dims == NULL && src->dims != NULL) return kTfLiteError;
    TfLiteIntArrayFree(dst->dims);
    dst->dims = dims;
    dst->type = src->type;
    if (src->bytes > 0) memmove(dst->data.raw, src->data.raw, src->bytes);
    dst->buffer_handle = src->buffer_handle;
    dst->data_is_stale = src->data_is_stale;
    dst->delegate = src->delegate;
    return kTfLiteOk;
}

static TfLiteQuantization clone_quantization(const TfLiteQuantization *from)
{
    static const size_t sizes[] = {0, sizeof(TfLiteAffineQuantization),
                                   sizeof(TfLiteBlockwiseQuantization),
                                   sizeof(TfLiteMultiAxisQuantization)};
    TfLiteQuantization none = {kTfLiteNoQuantization, NULL};
    if (from->type == kTfLiteNoQuantization || from->params == NULL) return none;
    void *params = malloc(sizes[from->type]);
    if (params == NULL) return none;
    memcpy(params, from->params, sizes[from->type]);
    if (from->type == kTfLiteAffineQuantization) {
        TfLiteAffineQuantization *affine = params;
        affine->scale = TfLiteFloatArrayCopy(affine->scale);
        affine->zero_point = TfLiteIntArrayCopy(affine->zero_point);
    }
    if (from->type == kTfLiteMultiAxisQuantization) {
        TfLiteMultiAxisQuantization *axes = params;
        axes->quantized_dimensions = TfLiteIntArrayCopy(axes->quantized_dimensions);
    }
    return (TfLiteQuantization){from->type, params};
}

static TfLiteSparsity *clone_sparsity(const TfLiteSparsity *from)
{
    TfLiteSparsity *made = from == NULL ? NULL : malloc(sizeof *made);
    if (made == NULL) return NULL;
    size_t count = from->dim_metadata_size > 0 ? (size_t)from->dim_metadata_size : 0;
    *made = *from;
    made->traversal_order = TfLiteIntArrayCopy(from->traversal_order);
    made->block_map = TfLiteIntArrayCopy(from->block_map);
    made->dim_metadata = calloc(count + 1, sizeof *made->dim_metadata);
    if (made->dim_metadata == NULL) made->dim_metadata_size = 0;
    for (size_t i = 0; made->dim_metadata != NULL && i < count; ++i) {
        made->dim_metadata[i] = from->dim_metadata[i];
        made->dim_metadata[i].array_segments =
            TfLiteIntArrayCopy(from->dim_metadata[i].array_segments);
        made->dim_metadata[i].array_indices =
            TfLiteIntArrayCopy(from->dim_metadata[i].array_indices);
    }
    return made;
}

TfLiteTensor TfLiteTensorClone(TfLiteTensor src)
{
    TfLiteTensor made = src;
    bool dynamic =
        src.allocation_type == kTfLiteDynamic || src.allocation_type == kTfLitePersistentRo;
    if (dynamic && src.data.data != NULL) {
        made.allocation = NULL;
        made.data.data = malloc(src.bytes > 0 ? src.bytes : 1);
        if (made.data.data == NULL) return (TfLiteTensor){0};
        memcpy(made.data.data, src.data.data, src.bytes);
    }
    made.dims = TfLiteIntArrayCopy(src.dims);
    made.dims_signature = TfLiteIntArrayCopy(src.dims_signature);
    made.quantization = clone_quantization(&src.quantization);
    made.sparsity = clone_sparsity(src.sparsity);
    return made;
}

/* Always memory of at least one byte, so that data tells allocated from not. */
TfLiteStatus TfLiteTensorResizeMaybeCopy(size_t num_bytes, TfLiteTensor *tensor, bool preserve_data)
{
    enum { SLACK = 16 }; /* readers of whole vectors may look past the end */
    if (tensor == NULL || num_bytes > SIZE_MAX - SLACK) return kTfLiteError;
    if (tensor->allocation_type != kTfLiteDynamic && tensor->allocation_type != kTfLitePersistentRo)
        return kTfLiteOk;
    bool owned = owns_data(tensor);
    if (owned && tensor->data.raw != NULL && num_bytes <= tensor->bytes) {
        tensor->bytes = num_bytes;
        return kTfLiteOk;
    }
    size_t kept = tensor->data.raw == NULL || !preserve_data ? 0
                  : tensor->bytes < num_bytes                ? tensor->bytes
                                                             : num_bytes;
    char *made = owned && preserve_data ? realloc(tensor->data.raw, num_bytes + SLACK)
                                        : malloc(num_bytes + SLACK);
    if (made == NULL) return kTfLiteError;
    if (!(owned && preserve_data)) {
        if (kept > 0) memcpy(made, tensor->data.raw, kept);
        TfLiteTensorDataFree(tensor);
    }
    tensor->data.raw = made;
    tensor->bytes = num_bytes;
    return kTfLiteOk;
}

TfLiteStatus TfLiteTensorRealloc(size_t num_bytes, TfLiteTensor *tensor)
{
    return TfLiteTensorResizeMaybeCopy(num_bytes, tensor, true);
}

TfLiteStatus tfl_tensor_resize(TfLiteTensor *tensor, TfLiteIntArray *dims)
{
    size_t elements, bytes = 0;
    if (!tfl_elements(dims->size, dims->data, &elements) ||
        (tensor->type != kTfLiteString && !tfl_type_bytes(tensor->type, elements, &bytes))) {
        TfLiteIntArrayFree(dims);
        return kTfLiteError;
    }
    TfLiteIntArrayFree(tensor->dims);
    tensor->dims = dims;
    if (tensor->type == kTfLiteString) return kTfLiteOk;
    return TfLiteTensorRealloc(bytes, tensor);
}

const TfLiteIntArray *TfLiteTensorGetDimsSignature(const TfLiteTensor *t)
{
    return t->dims_signature != NULL && t->dims_signature->size != 0 ? t->dims_signature : t->dims;
}
