/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this library adds to the C interface of TensorFlow Lite, because its C++ and Python
 * interfaces have it and its C interface has not. Google's library lacks these functions.
 */
#ifndef MIDGE_TFLITE_H
#define MIDGE_TFLITE_H

#include "tensorflow/lite/core/c/c_api.h"
#include "tensorflow/lite/core/c/common.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whether tensors between operators stay readable after Invoke; without it they share memory. */
TFL_CAPI_EXPORT extern void
midge_tflite_options_preserve_all_tensors(TfLiteInterpreterOptions *options, bool preserve);

/* Which kernels compute: NULL or "auto", "ref" for scalar code, or a tier that `midge kernels`
 * prints. The text must live until the interpreter is made. */
TFL_CAPI_EXPORT extern void midge_tflite_options_kernels(TfLiteInterpreterOptions *options,
                                                         const char *kernels);

/* As TfLiteInterpreterOptionsSetNumThreads, for an interpreter that is made. It takes effect at
 * once before the first allocation, and after one with the next that follows a resize. */
TFL_CAPI_EXPORT extern TfLiteStatus midge_tflite_set_threads(TfLiteInterpreter *interpreter,
                                                             int32_t num_threads);

/* What operators of the program get from GetExternalContext; NULL takes it back. */
TFL_CAPI_EXPORT extern TfLiteStatus
midge_tflite_set_external_context(TfLiteInterpreter *interpreter, TfLiteExternalContextType type,
                                  TfLiteExternalContext *context);

#ifdef __cplusplus
}
#endif

#endif
