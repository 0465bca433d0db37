/* SPDX-License-Identifier: Apache-2.0 */
/* What most custom operators are written with. */
#ifndef TENSORFLOW_LITE_KERNELS_KERNEL_UTIL_H_
#define TENSORFLOW_LITE_KERNELS_KERNEL_UTIL_H_

#include <cstdint>

#include "tensorflow/lite/core/c/builtin_op_data.h"
#include "tensorflow/lite/core/c/common.h"

namespace tflite
{

inline int NumInputs(const TfLiteNode *node)
{
    return node->inputs ? node->inputs->size : 0;
}
inline int NumOutputs(const TfLiteNode *node)
{
    return node->outputs ? node->outputs->size : 0;
}
inline int NumDimensions(const TfLiteTensor *t)
{
    return t->dims ? t->dims->size : 0;
}
inline int SizeOfDimension(const TfLiteTensor *t, int dim)
{
    return t->dims->data[dim];
}

inline std::int64_t NumElements(const TfLiteIntArray *dims)
{
    std::int64_t count = 1;
    for (int i = 0; i < dims->size; ++i) count *= dims->data[i];
    return count;
}
inline std::int64_t NumElements(const TfLiteTensor *t)
{
    return NumElements(t->dims);
}

/* Null for an absent input or an index out of range. */
inline const TfLiteTensor *GetInput(const TfLiteContext *context, const TfLiteNode *node, int index)
{
    if (index < 0 || index >= NumInputs(node)) return nullptr;
    return context->GetTensor(context, node->inputs->data[index]);
}
inline const TfLiteTensor *GetOptionalInputTensor(const TfLiteContext *context,
                                                  const TfLiteNode *node, int index)
{
    return GetInput(context, node, index);
}
inline TfLiteTensor *GetVariableInput(TfLiteContext *context, const TfLiteNode *node, int index)
{
    TfLiteTensor *found = const_cast<TfLiteTensor *>(GetInput(context, node, index));
    return found != nullptr && found->is_variable ? found : nullptr;
}
inline TfLiteTensor *GetOutput(TfLiteContext *context, const TfLiteNode *node, int index)
{
    if (index < 0 || index >= NumOutputs(node)) return nullptr;
    return context->GetTensor(context, node->outputs->data[index]);
}
inline TfLiteTensor *GetTemporary(TfLiteContext *context, const TfLiteNode *node, int index)
{
    if (node->temporaries == nullptr || index < 0 || index >= node->temporaries->size)
        return nullptr;
    return context->GetTensor(context, node->temporaries->data[index]);
}

inline TfLiteStatus GetInputSafe(const TfLiteContext *context, const TfLiteNode *node, int index,
                                 const TfLiteTensor **tensor)
{
    *tensor = GetInput(context, node, index);
    return *tensor != nullptr ? kTfLiteOk : kTfLiteError;
}
inline TfLiteStatus GetOutputSafe(TfLiteContext *context, const TfLiteNode *node, int index,
                                  TfLiteTensor **tensor)
{
    *tensor = GetOutput(context, node, index);
    return *tensor != nullptr ? kTfLiteOk : kTfLiteError;
}

inline bool IsConstantTensor(const TfLiteTensor *tensor)
{
    return tensor->allocation_type == kTfLiteMmapRo;
}
inline bool IsDynamicTensor(const TfLiteTensor *tensor)
{
    return tensor->allocation_type == kTfLiteDynamic;
}
inline void SetTensorToDynamic(TfLiteTensor *tensor)
{
    if (tensor->allocation_type == kTfLiteDynamic) return;
    tensor->allocation_type = kTfLiteDynamic;
    tensor->data.raw = nullptr;
}

template <typename T> inline T *GetTensorData(TfLiteTensor *tensor)
{
    return tensor != nullptr ? reinterpret_cast<T *>(tensor->data.raw) : nullptr;
}
template <typename T> inline const T *GetTensorData(const TfLiteTensor *tensor)
{
    return tensor != nullptr ? reinterpret_cast<const T *>(tensor->data.raw) : nullptr;
}

} // namespace tflite

#endif
