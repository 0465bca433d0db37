/* SPDX-License-Identifier: Apache-2.0 */
/* The delegate for Android's NNAPI. Elsewhere, and always in this library, it takes no node. */
#ifndef TENSORFLOW_LITE_DELEGATES_NNAPI_NNAPI_DELEGATE_C_API_H_
#define TENSORFLOW_LITE_DELEGATES_NNAPI_NNAPI_DELEGATE_C_API_H_

#include "tensorflow/lite/core/c/common.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct TfLiteNnapiDelegateOptions {
    enum ExecutionPreference {
        kUndefined = -1,
        kLowPower = 0,
        kFastSingleAnswer = 1,
        kSustainedSpeed = 2,
    } execution_preference;
    const char *accelerator_name;
    const char *cache_dir;
    const char *model_token;
    int disallow_nnapi_cpu;
    int allow_fp16;
    int max_number_delegated_partitions;
    void *nnapi_support_library_handle;
} TfLiteNnapiDelegateOptions;

TFL_CAPI_EXPORT extern TfLiteDelegate *
TfLiteNnapiDelegateCreate(const TfLiteNnapiDelegateOptions *options);
TFL_CAPI_EXPORT extern TfLiteNnapiDelegateOptions TfLiteNnapiDelegateOptionsDefault(void);
TFL_CAPI_EXPORT extern void TfLiteNnapiDelegateDelete(TfLiteDelegate *delegate);

#ifdef __cplusplus
}
#endif

#endif
