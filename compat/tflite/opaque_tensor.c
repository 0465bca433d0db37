/* SPDX-License-Identifier: Apache-2.0 */
/* TfLiteOpaqueTensor, which is a TfLiteTensor, and TfLiteOpaqueTensorBuilder. */
#include <stdlib.h>
#include <string.h>

#include "objects.h"

static const TfLiteTensor *seen(const TfLiteOpaqueTensor *tensor)
{
    return (const TfLiteTensor *)tensor;
}

static TfLiteTensor *held(TfLiteOpaqueTensor *tensor)
{
    return (TfLiteTensor *)tensor;
}

TfLiteType TfLiteOpaqueTensorType(const TfLiteOpaqueTensor *opaque_tensor)
{
    return TfLiteTensorType(seen(opaque_tensor));
}

int32_t TfLiteOpaqueTensorNumDims(const TfLiteOpaqueTensor *opaque_tensor)
{
    return TfLiteTensorNumDims(seen(opaque_tensor));
}

int32_t TfLiteOpaqueTensorDim(const TfLiteOpaqueTensor *opaque_tensor, int32_t dim_index)
{
    return TfLiteTensorDim(seen(opaque_tensor), dim_index);
}

TfLiteStatus TfLiteOpaqueTensorGetNumDimsSignature(const TfLiteOpaqueTensor *opaque_tensor,
                                                   int32_t *num_dims)
{
    if (opaque_tensor == NULL || num_dims == NULL) return kTfLiteError;
    const TfLiteIntArray *signature = seen(opaque_tensor)->dims_signature;
    *num_dims = signature != NULL ? signature->size : -1;
    return kTfLiteOk;
}

TfLiteStatus TfLiteOpaqueTensorGetDimSignature(const TfLiteOpaqueTensor *opaque_tensor,
                                               int32_t dim_index, int32_t *dim_length)
{
    if (opaque_tensor == NULL || dim_length == NULL) return kTfLiteError;
    const TfLiteIntArray *signature = TfLiteTensorGetDimsSignature(seen(opaque_tensor));
    if (signature == NULL || dim_index < 0 || dim_index >= signature->size) return kTfLiteError;
    *dim_length = signature->data[dim_index];
    return kTfLiteOk;
}

int TfLiteOpaqueTensorIsVariable(const TfLiteOpaqueTensor *opaque_tensor)
{
    return opaque_tensor != NULL && seen(opaque_tensor)->is_variable;
}

size_t TfLiteOpaqueTensorByteSize(const TfLiteOpaqueTensor *opaque_tensor)
{
    return TfLiteTensorByteSize(seen(opaque_tensor));
}

void *TfLiteOpaqueTensorData(const TfLiteOpaqueTensor *opaque_tensor)
{
    return TfLiteTensorData(seen(opaque_tensor));
}

TfLiteAllocationType TfLiteOpaqueTensorGetAllocationType(const TfLiteOpaqueTensor *opaque_tensor)
{
    return opaque_tensor == NULL ? kTfLiteMemNone : seen(opaque_tensor)->allocation_type;
}

TfLiteAllocationStrategy TfLiteOpaqueTensorGetAllocationStrategy(const TfLiteOpaqueTensor *t)
{
    return TfLiteTensorGetAllocationStrategy(seen(t));
}

TfLiteRunStability TfLiteOpaqueTensorGetBufferAddressStability(const TfLiteOpaqueTensor *t)
{
    return TfLiteTensorGetBufferAddressStability(seen(t));
}

TfLiteRunStability TfLiteOpaqueTensorGetDataStability(const TfLiteOpaqueTensor *t)
{
    return TfLiteTensorGetDataStability(seen(t));
}

TfLiteRunStep TfLiteOpaqueTensorGetDataKnownStep(const TfLiteOpaqueTensor *t)
{
    return TfLiteTensorGetDataKnownStep(seen(t));
}

TfLiteRunStep TfLiteOpaqueTensorGetShapeKnownStep(const TfLiteOpaqueTensor *t)
{
    return TfLiteTensorGetShapeKnownStep(seen(t));
}

const char *TfLiteOpaqueTensorName(const TfLiteOpaqueTensor *opaque_tensor)
{
    return TfLiteTensorName(seen(opaque_tensor));
}

TfLiteQuantization TfLiteOpaqueTensorGetQuantization(const TfLiteOpaqueTensor *opaque_tensor)
{
    return opaque_tensor == NULL ? (TfLiteQuantization){kTfLiteNoQuantization, NULL}
                                 : seen(opaque_tensor)->quantization;
}

TfLiteQuantizationParams
TfLiteOpaqueTensorGetQuantizationParams(const TfLiteOpaqueTensor *opaque_tensor)
{
    return TfLiteTensorQuantizationParams(seen(opaque_tensor));
}

TfLiteStatus TfLiteOpaqueTensorCopyFromBuffer(TfLiteOpaqueTensor *opaque_tensor,
                                              const void *input_data, size_t input_data_size)
{
    return TfLiteTensorCopyFromBuffer(held(opaque_tensor), input_data, input_data_size);
}

TfLiteStatus TfLiteOpaqueTensorCopyToBuffer(const TfLiteOpaqueTensor *opaque_tensor,
                                            void *output_data, size_t output_data_size)
{
    return TfLiteTensorCopyToBuffer(seen(opaque_tensor), output_data, output_data_size);
}

void TfLiteOpaqueTensorSetAllocationTypeToDynamic(TfLiteOpaqueTensor *tensor)
{
    TfLiteTensor *to = held(tensor);
    if (to == NULL || to->allocation_type == kTfLiteDynamic) return;
    to->allocation_type = kTfLiteDynamic;
    to->allocation = NULL;
    to->data.raw = NULL;
}

/* ---- Strings: int32 count, count + 1 offsets from the start, then the bytes ---- */

static int32_t word(const TfLiteTensor *tensor, size_t index)
{
    int32_t value = 0;
    if (tensor != NULL && tensor->data.raw != NULL && tensor->bytes >= 4 * (index + 1))
        memcpy(&value, tensor->data.raw + 4 * index, 4);
    return value;
}

int TfLiteOpaqueTensorGetStringCount(const TfLiteOpaqueTensor *tensor)
{
    return word(seen(tensor), 0);
}

TfLiteStatus TfLiteOpaqueTensorGetString(const TfLiteOpaqueTensor *tensor, int index,
                                         const char **str, int *len)
{
    if (index < 0 || index >= TfLiteOpaqueTensorGetStringCount(tensor)) return kTfLiteError;
    int32_t from = word(seen(tensor), (size_t)index + 1);
    int32_t to = word(seen(tensor), (size_t)index + 2);
    if (from < 0 || to < from || (size_t)to > seen(tensor)->bytes) return kTfLiteError;
    *str = seen(tensor)->data.raw_const + from;
    *len = to - from;
    return kTfLiteOk;
}

TfLiteStatus TfLiteOpaqueTensorWriteStrings(TfLiteOpaqueTensor *tensor,
                                            const char *const *str_array, int str_array_len,
                                            const int *str_n_len)
{
    TfLiteTensor *to = held(tensor);
    if (to == NULL || to->type != kTfLiteString || str_array_len < 0) return kTfLiteError;
    size_t bytes = 4 * ((size_t)str_array_len + 2);
    for (int i = 0; i < str_array_len; ++i) {
        if (str_n_len[i] < 0) return kTfLiteError;
        bytes += (size_t)str_n_len[i];
    }
    TfLiteIntArray *dims = TfLiteIntArrayCreate(1);
    char *made = bytes > INT32_MAX ? NULL : malloc(bytes);
    if (dims == NULL || made == NULL) {
        TfLiteIntArrayFree(dims);
        free(made);
        return kTfLiteError;
    }
    int32_t offset = 4 * (str_array_len + 2);
    memcpy(made, &str_array_len, 4);
    for (int i = 0; i <= str_array_len; ++i) {
        memcpy(made + 4 * (i + 1), &offset, 4);
        if (i == str_array_len) break;
        if (str_n_len[i] > 0) memcpy(made + offset, str_array[i], (size_t)str_n_len[i]);
        offset += str_n_len[i];
    }
    dims->data[0] = str_array_len;
    TfLiteTensorDataFree(to);
    TfLiteIntArrayFree(to->dims);
    to->dims = dims;
    to->data.raw = made;
    to->bytes = bytes;
    to->allocation_type = kTfLiteDynamic;
    return kTfLiteOk;
}

TfLiteStatus TfLiteOpaqueTensorWriteString(TfLiteOpaqueTensor *tensor, const char *str, int len)
{
    return TfLiteOpaqueTensorWriteStrings(tensor, &str, 1, &len);
}

/* ---- Builders of temporaries ---- */

struct TfLiteOpaqueTensorBuilder {
    TfLiteType type;
    void *data;
    TfLiteAllocationType allocation_type;
    TfLiteQuantizationParams params;
    TfLiteQuantization quantization;
};

TfLiteOpaqueTensorBuilder *TfLiteOpaqueTensorBuilderCreate(void)
{
    return calloc(1, sizeof(TfLiteOpaqueTensorBuilder));
}

void TfLiteOpaqueTensorBuilderDelete(TfLiteOpaqueTensorBuilder *builder)
{
    free(builder);
}

TfLiteOpaqueTensorBuilder *TfLiteOpaqueTensorBuilderSetType(TfLiteOpaqueTensorBuilder *builder,
                                                            TfLiteType type)
{
    builder->type = type;
    return builder;
}

TfLiteOpaqueTensorBuilder *TfLiteOpaqueTensorBuilderSetData(TfLiteOpaqueTensorBuilder *builder,
                                                            void *data)
{
    builder->data = data;
    return builder;
}

TfLiteOpaqueTensorBuilder *
TfLiteOpaqueTensorBuilderSetAllocationType(TfLiteOpaqueTensorBuilder *builder,
                                           TfLiteAllocationType allocation_type)
{
    builder->allocation_type = allocation_type;
    return builder;
}

TfLiteOpaqueTensorBuilder *
TfLiteOpaqueTensorBuilderSetQuantizationParams(TfLiteOpaqueTensorBuilder *builder,
                                               TfLiteQuantizationParams params)
{
    builder->params = params;
    return builder;
}

TfLiteOpaqueTensorBuilder *
TfLiteOpaqueTensorBuilderSetQuantization(TfLiteOpaqueTensorBuilder *builder,
                                         TfLiteQuantization quantization)
{
    builder->quantization = quantization;
    return builder;
}

TfLiteStatus TfLiteOpaqueContextAddTensor(TfLiteOpaqueContext *context,
                                          TfLiteOpaqueTensorBuilder *builder, int *new_tensor_index)
{
    TfLiteContext *to = (TfLiteContext *)context;
    if (to == NULL || builder == NULL) return kTfLiteError;
    bool dynamic = builder->allocation_type == kTfLiteDynamic;
    bool arena = builder->allocation_type == kTfLiteArenaRw ||
                 builder->allocation_type == kTfLiteArenaRwPersistent;
    if ((!dynamic && !arena) || dynamic != (builder->data != NULL)) {
        to->ReportError(to,
                        "a tensor is added as kTfLiteDynamic with data, or as kTfLiteArenaRw or "
                        "kTfLiteArenaRwPersistent without; got allocation type %d",
                        (int)builder->allocation_type);
        return kTfLiteError;
    }
    int index = -1;
    TfLiteStatus status = to->AddTensors(to, 1, &index);
    if (status != kTfLiteOk) return status;
    TfLiteTensor *added = &to->tensors[index];
    added->type = builder->type;
    added->data.data = builder->data;
    added->allocation_type = builder->allocation_type;
    added->params = builder->params;
    added->quantization = builder->quantization;
    if (new_tensor_index != NULL) *new_tensor_index = index;
    return kTfLiteOk;
}
