/* SPDX-License-Identifier: Apache-2.0 */
/* Accessors of TfLiteTensor. Of no tensor they tell nothing. */
#include <string.h>

#include "objects.h"

TfLiteType TfLiteTensorType(const TfLiteTensor *tensor)
{
    return tensor == NULL ? kTfLiteNoType : tensor->type;
}

int32_t TfLiteTensorNumDims(const TfLiteTensor *tensor)
{
    return tensor == NULL || tensor->dims == NULL ? -1 : tensor->dims->size;
}

int32_t TfLiteTensorDim(const TfLiteTensor *tensor, int32_t dim_index)
{
    if (dim_index < 0 || dim_index >= TfLiteTensorNumDims(tensor)) return -1;
    return tensor->dims->data[dim_index];
}

size_t TfLiteTensorByteSize(const TfLiteTensor *tensor)
{
    return tensor == NULL ? 0 : tensor->bytes;
}

void *TfLiteTensorData(const TfLiteTensor *tensor)
{
    return tensor == NULL ? NULL : tensor->data.data;
}

const char *TfLiteTensorName(const TfLiteTensor *tensor)
{
    return tensor == NULL ? NULL : tensor->name;
}

TfLiteQuantizationParams TfLiteTensorQuantizationParams(const TfLiteTensor *tensor)
{
    return tensor == NULL ? (TfLiteQuantizationParams){0} : tensor->params;
}

/* Data may be missing before allocation; nothing is copied then. */
static bool can_copy(const TfLiteTensor *tensor, const void *data, size_t size)
{
    if (tensor == NULL || tensor->bytes != size) return false;
    return size == 0 || (tensor->data.raw != NULL && data != NULL);
}

TfLiteStatus TfLiteTensorCopyFromBuffer(TfLiteTensor *tensor, const void *input_data,
                                        size_t input_data_size)
{
    if (!can_copy(tensor, input_data, input_data_size)) return kTfLiteError;
    if (input_data_size > 0) memcpy(tensor->data.raw, input_data, input_data_size);
    return kTfLiteOk;
}

TfLiteStatus TfLiteTensorCopyToBuffer(const TfLiteTensor *output_tensor, void *output_data,
                                      size_t output_data_size)
{
    if (!can_copy(output_tensor, output_data, output_data_size)) return kTfLiteError;
    if (output_data_size > 0) memcpy(output_data, output_tensor->data.raw, output_data_size);
    return kTfLiteOk;
}
