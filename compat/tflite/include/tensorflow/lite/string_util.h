/* SPDX-License-Identifier: Apache-2.0 */
/* Strings in and out of tensors. */
#ifndef TENSORFLOW_LITE_STRING_UTIL_H_
#define TENSORFLOW_LITE_STRING_UTIL_H_

#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "tensorflow/lite/core/c/c_api_opaque.h"
#include "tensorflow/lite/core/c/common.h"

namespace tflite
{

/* Bytes inside a tensor; no zero behind them. */
struct StringRef {
    const char *str;
    std::size_t len;
};

inline int GetStringCount(const TfLiteTensor *tensor)
{
    return TfLiteOpaqueTensorGetStringCount(reinterpret_cast<const TfLiteOpaqueTensor *>(tensor));
}

/* Empty for an index out of range. */
inline StringRef GetString(const TfLiteTensor *tensor, int string_index)
{
    const char *text = nullptr;
    int length = 0;
    (void)TfLiteOpaqueTensorGetString(reinterpret_cast<const TfLiteOpaqueTensor *>(tensor),
                                      string_index, &text, &length);
    return StringRef{text, static_cast<std::size_t>(length)};
}

/* Strings on their way into a tensor. */
class DynamicBuffer
{
  public:
    TfLiteStatus AddString(const StringRef &string)
    {
        return AddString(string.str, string.len);
    }
    TfLiteStatus AddString(const char *text, std::size_t length)
    {
        strings_.emplace_back(text, length);
        return kTfLiteOk;
    }

    /* The shape becomes [number of strings]. */
    TfLiteStatus WriteToTensorAsVector(TfLiteTensor *tensor)
    {
        std::vector<const char *> texts;
        std::vector<int> lengths;
        for (const std::string &string : strings_) {
            texts.push_back(string.data());
            lengths.push_back(static_cast<int>(string.size()));
        }
        return TfLiteOpaqueTensorWriteStrings(reinterpret_cast<TfLiteOpaqueTensor *>(tensor),
                                              texts.data(), static_cast<int>(texts.size()),
                                              lengths.data());
    }

    /* The shape becomes `new_shape`, which is taken over; null: it stays. */
    TfLiteStatus WriteToTensor(TfLiteTensor *tensor, TfLiteIntArray *new_shape)
    {
        TfLiteIntArray *shape = new_shape != nullptr ? new_shape : TfLiteIntArrayCopy(tensor->dims);
        TfLiteStatus status = WriteToTensorAsVector(tensor);
        if (status != kTfLiteOk) {
            TfLiteIntArrayFree(shape);
            return status;
        }
        TfLiteIntArrayFree(tensor->dims);
        tensor->dims = shape;
        return kTfLiteOk;
    }

  private:
    std::vector<std::string> strings_;
};

} // namespace tflite

#endif
