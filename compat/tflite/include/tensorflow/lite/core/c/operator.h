/* SPDX-License-Identifier: Apache-2.0 */
/* Custom operators of the C interface. */
#ifndef TENSORFLOW_LITE_CORE_C_OPERATOR_H_
#define TENSORFLOW_LITE_CORE_C_OPERATOR_H_

#include "tensorflow/lite/builtin_ops.h"
#include "tensorflow/lite/core/async/c/types.h"
#include "tensorflow/lite/core/c/c_api_types.h"
#include <stdint.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An operator that the program brings, against types whose layout stays hidden. */
typedef struct TfLiteOperator TfLiteOperator;

/* `custom_name` is not copied. Of functions set in both forms, the one with data is called. */
TFL_CAPI_EXPORT TfLiteOperator *TfLiteOperatorCreate(TfLiteBuiltinOperator builtin_code,
                                                     const char *custom_name, int version,
                                                     void *user_data);
/* The same, under the name that it had in version 2.17. */
TFL_CAPI_EXPORT TfLiteOperator *TfLiteOperatorCreateWithData(TfLiteBuiltinOperator builtin_code,
                                                             const char *custom_name, int version,
                                                             void *user_data);
TFL_CAPI_EXPORT void TfLiteOperatorDelete(TfLiteOperator *registration);
TFL_CAPI_EXPORT TfLiteBuiltinOperator
TfLiteOperatorGetBuiltInCode(const TfLiteOperator *registration);
TFL_CAPI_EXPORT const char *TfLiteOperatorGetCustomName(const TfLiteOperator *registration);
TFL_CAPI_EXPORT int TfLiteOperatorGetVersion(const TfLiteOperator *registration);
TFL_CAPI_EXPORT void *TfLiteOperatorGetUserData(const TfLiteOperator *registration);
TFL_CAPI_EXPORT void TfLiteOperatorSetInit(TfLiteOperator *registration,
                                           void *(*init)(TfLiteOpaqueContext *context,
                                                         const char *buffer, size_t length));
TFL_CAPI_EXPORT TfLiteStatus TfLiteOperatorSetInitWithData(
    TfLiteOperator *registration, void *(*init)(void *user_data, TfLiteOpaqueContext *context,
                                                const char *buffer, size_t length));
TFL_CAPI_EXPORT void TfLiteOperatorSetFree(TfLiteOperator *registration,
                                           void (*free)(TfLiteOpaqueContext *context, void *data));
TFL_CAPI_EXPORT TfLiteStatus TfLiteOperatorSetFreeWithData(
    TfLiteOperator *registration,
    void (*free)(void *user_data, TfLiteOpaqueContext *context, void *data));
TFL_CAPI_EXPORT void TfLiteOperatorSetPrepare(TfLiteOperator *registration,
                                              TfLiteStatus (*prepare)(TfLiteOpaqueContext *context,
                                                                      TfLiteOpaqueNode *node));
TFL_CAPI_EXPORT TfLiteStatus TfLiteOperatorSetPrepareWithData(
    TfLiteOperator *registration,
    TfLiteStatus (*prepare)(void *user_data, TfLiteOpaqueContext *context, TfLiteOpaqueNode *node));
TFL_CAPI_EXPORT void TfLiteOperatorSetInvoke(TfLiteOperator *registration,
                                             TfLiteStatus (*invoke)(TfLiteOpaqueContext *context,
                                                                    TfLiteOpaqueNode *node));
TFL_CAPI_EXPORT TfLiteStatus TfLiteOperatorSetInvokeWithData(
    TfLiteOperator *registration,
    TfLiteStatus (*invoke)(void *user_data, TfLiteOpaqueContext *context, TfLiteOpaqueNode *node));
/* Kept, never called: there is no asynchronous execution. */
TFL_CAPI_EXPORT void
TfLiteOperatorSetAsyncKernel(TfLiteOperator *registration,
                             struct TfLiteAsyncKernel *(*async_kernel)(TfLiteOpaqueContext *context,
                                                                       TfLiteOpaqueNode *node));
TFL_CAPI_EXPORT TfLiteStatus TfLiteOperatorSetAsyncKernelWithData(
    TfLiteOperator *registration,
    struct TfLiteAsyncKernel *(*async_kernel)(void *user_data, TfLiteOpaqueContext *context,
                                              TfLiteOpaqueNode *node));
TFL_CAPI_EXPORT void TfLiteOperatorSetInplaceOperator(TfLiteOperator *registration,
                                                      uint64_t inplace_operator);

#ifdef __cplusplus
}
#endif

#endif
