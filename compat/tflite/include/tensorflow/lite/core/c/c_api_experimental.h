/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the C interface that TensorFlow Lite calls experimental. */
#ifndef TENSORFLOW_LITE_CORE_C_C_API_EXPERIMENTAL_H_
#define TENSORFLOW_LITE_CORE_C_C_API_EXPERIMENTAL_H_

#include "tensorflow/lite/core/c/c_api.h"
#include "tensorflow/lite/core/c/common.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct TfLiteTelemetryProfilerStruct TfLiteTelemetryProfilerStruct;

TFL_CAPI_EXPORT TfLiteStatus TfLiteInterpreterResetVariableTensors(TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT int32_t
TfLiteInterpreterGetVariableTensorCount(const TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT TfLiteTensor *
TfLiteInterpreterGetVariableTensor(const TfLiteInterpreter *interpreter, int32_t variable_index);
/* A registration without invoke stands for the operator of this library. */
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsAddBuiltinOp(TfLiteInterpreterOptions *options,
                                                          TfLiteBuiltinOperator op,
                                                          const TfLiteRegistration *registration,
                                                          int32_t min_version, int32_t max_version);
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsAddCustomOp(TfLiteInterpreterOptions *options,
                                                         const char *name,
                                                         const TfLiteRegistration *registration,
                                                         int32_t min_version, int32_t max_version);
/* Of the built-in operators only those that were added are there. */
TFL_CAPI_EXPORT TfLiteInterpreter *
TfLiteInterpreterCreateWithSelectedOps(const TfLiteModel *model,
                                       const TfLiteInterpreterOptions *options);
/* Accepted and ignored. */
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsSetUseNNAPI(TfLiteInterpreterOptions *options,
                                                         bool enable);
TFL_CAPI_EXPORT void
TfLiteInterpreterOptionsSetEnableDelegateFallback(TfLiteInterpreterOptions *options, bool enable);
TFL_CAPI_EXPORT TfLiteStatus TfLiteInterpreterModifyGraphWithDelegate(
    const TfLiteInterpreter *interpreter, TfLiteDelegate *delegate);
TFL_CAPI_EXPORT int32_t TfLiteInterpreterGetInputTensorIndex(const TfLiteInterpreter *interpreter,
                                                             int32_t input_index);
TFL_CAPI_EXPORT int32_t TfLiteInterpreterGetOutputTensorIndex(const TfLiteInterpreter *interpreter,
                                                              int32_t output_index);
/* The memory must be aligned to 64 bytes, or to 8 with kTfLiteCustomAllocationFlagsSkipAlignCheck.
 */
TFL_CAPI_EXPORT TfLiteStatus TfLiteInterpreterSetCustomAllocationForTensor(
    TfLiteInterpreter *interpreter, int tensor_index, const TfLiteCustomAllocation *allocation,
    int64_t flags);
/* No delegate owns buffers here: kTfLiteError. */
TFL_CAPI_EXPORT TfLiteStatus TfLiteInterpreterSetBufferHandle(TfLiteInterpreter *interpreter,
                                                              TfLiteTensor *tensor,
                                                              TfLiteBufferHandle buffer_handle,
                                                              TfLiteOpaqueDelegate *delegate);
TFL_CAPI_EXPORT TfLiteStatus TfLiteInterpreterGetBufferHandle(TfLiteInterpreter *interpreter,
                                                              int tensor_index,
                                                              TfLiteBufferHandle *buffer_handle,
                                                              TfLiteOpaqueDelegate **delegate);
TFL_CAPI_EXPORT void TfLiteSetAllowBufferHandleOutput(const TfLiteInterpreter *interpreter,
                                                      bool allow_buffer_handle_output);
TFL_CAPI_EXPORT TfLiteStatus TfLiteSignatureRunnerCancel(TfLiteSignatureRunner *signature_runner);
/* Accepted and ignored. */
TFL_CAPI_EXPORT void
TfLiteInterpreterOptionsSetTelemetryProfiler(TfLiteInterpreterOptions *options,
                                             struct TfLiteTelemetryProfilerStruct *profiler);
TFL_CAPI_EXPORT TfLiteStatus
TfLiteInterpreterEnsureTensorDataIsReadable(TfLiteInterpreter *interpreter, int tensor_index);

/* Where operators come from, instead of those of the library. A resolver that returns a
 * registration without functions for a built-in operator means the operator of this library. */
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsSetOpResolver(
    TfLiteInterpreterOptions *options,
    const TfLiteRegistration *(*find_builtin_op)(void *user_data, TfLiteBuiltinOperator op,
                                                 int version),
    const TfLiteRegistration *(*find_custom_op)(void *user_data, const char *custom_op,
                                                int version),
    void *op_resolver_user_data);
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsSetOpResolverExternal(
    TfLiteInterpreterOptions *options,
    const TfLiteOperator *(*find_builtin_op)(void *user_data, int op, int version),
    const TfLiteOperator *(*find_custom_op)(void *user_data, const char *custom_op, int version),
    void *op_resolver_user_data);
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsSetOpResolverExternalWithFallback(
    TfLiteInterpreterOptions *options,
    const TfLiteOperator *(*find_builtin_op_external)(void *user_data, int op, int version),
    const TfLiteOperator *(*find_custom_op_external)(void *user_data, const char *custom_op,
                                                     int version),
    const TfLiteRegistration *(*find_builtin_op)(void *user_data, TfLiteBuiltinOperator op,
                                                 int version),
    const TfLiteRegistration *(*find_custom_op)(void *user_data, const char *custom_op,
                                                int version),
    void *op_resolver_user_data);
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsSetOpResolverV1(
    TfLiteInterpreterOptions *options,
    const TfLiteRegistration_V1 *(*find_builtin_op)(void *user_data, TfLiteBuiltinOperator op,
                                                    int version),
    const TfLiteRegistration_V1 *(*find_custom_op)(void *user_data, const char *custom_op,
                                                   int version),
    void *op_resolver_user_data);
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsSetOpResolverV2(
    TfLiteInterpreterOptions *options,
    const TfLiteRegistration_V2 *(*find_builtin_op)(void *user_data, TfLiteBuiltinOperator op,
                                                    int version),
    const TfLiteRegistration_V2 *(*find_custom_op)(void *user_data, const char *custom_op,
                                                   int version),
    void *op_resolver_user_data);
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsSetOpResolverV3(
    TfLiteInterpreterOptions *options,
    const TfLiteRegistration_V3 *(*find_builtin_op)(void *user_data, TfLiteBuiltinOperator op,
                                                    int version),
    const TfLiteRegistration_V3 *(*find_custom_op)(void *user_data, const char *custom_op,
                                                   int version),
    void *op_resolver_user_data);

#ifdef __cplusplus
}
#endif

#endif
