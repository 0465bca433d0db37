/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layout of the public structures of TensorFlow Lite, by number, as compiled programs know it.
 * Offsets hold for 64-bit machines with natural alignment; enums hold everywhere.
 */
#include <stdio.h>

#include "tensorflow/lite/c/builtin_op_data.h"
#include "tensorflow/lite/c/c_api_experimental.h"
#include "tensorflow/lite/c/c_api_opaque.h"
#include "tensorflow/lite/c/common.h"
#include "tensorflow/lite/delegates/external/external_delegate.h"
#include "tensorflow/lite/delegates/nnapi/nnapi_delegate_c_api.h"
#include "tensorflow/lite/delegates/xnnpack/xnnpack_delegate.h"

static int checked;
#define IS(what, number)                                              \
    do {                                                              \
        _Static_assert((what) == (number), #what " is not " #number); \
        ++checked;                                                    \
    } while (0)
#define AT(type, member, offset) IS(offsetof(type, member), offset)

static void check_enums(void)
{
    IS(kTfLiteError, 1);
    IS(kTfLiteDelegateError, 2);
    IS(kTfLiteApplicationError, 3);
    IS(kTfLiteDelegateDataReadError, 6);
    IS(kTfLiteUnresolvedOps, 7);
    IS(kTfLiteCancelled, 8);
    IS(kTfLiteOutputShapeNotKnown, 9);
    IS(kTfLiteNoType, 0);
    IS(kTfLiteFloat32, 1);
    IS(kTfLiteInt32, 2);
    IS(kTfLiteUInt8, 3);
    IS(kTfLiteInt64, 4);
    IS(kTfLiteString, 5);
    IS(kTfLiteBool, 6);
    IS(kTfLiteInt16, 7);
    IS(kTfLiteComplex64, 8);
    IS(kTfLiteInt8, 9);
    IS(kTfLiteFloat16, 10);
    IS(kTfLiteFloat64, 11);
    IS(kTfLiteComplex128, 12);
    IS(kTfLiteUInt64, 13);
    IS(kTfLiteResource, 14);
    IS(kTfLiteVariant, 15);
    IS(kTfLiteUInt32, 16);
    IS(kTfLiteUInt16, 17);
    IS(kTfLiteInt4, 18);
    IS(kTfLiteBFloat16, 19);
    IS(kTfLiteInt2, 20);
    IS(kTfLiteUInt4, 21);
    IS(kTfLiteFloat8E4M3FN, 22);
    IS(kTfLiteFloat8E5M2, 23);
    IS(kTfLiteMmapRo, 1);
    IS(kTfLiteArenaRw, 2);
    IS(kTfLiteArenaRwPersistent, 3);
    IS(kTfLiteDynamic, 4);
    IS(kTfLitePersistentRo, 5);
    IS(kTfLiteCustom, 6);
    IS(kTfLiteVariantObject, 7);
    IS(kTfLiteNonCpu, 8);
    IS(kTfLiteAffineQuantization, 1);
    IS(kTfLiteBlockwiseQuantization, 2);
    IS(kTfLiteMultiAxisQuantization, 3);
    IS(kTfLiteDimSparseCSR, 1);
    IS(kTfLiteCpuBackendContext, 3);
    IS(kTfLiteMaxExternalContexts, 5);
    IS(kTfLiteDelegateFlagsHintFullyDelegatedToSingleDelegate, 8);
    IS(kTfLiteInplaceOpInput2Shared, 16);
    IS(kTfLiteAllocationStrategyNew, 5);
    IS(kTfLiteRunStabilityAcrossRuns, 3);
    IS(kTfLiteRunStepEval, 3);
    IS(kTfLiteBuiltinAdd, 0);
    IS(kTfLiteBuiltinConv2d, 3);
    IS(kTfLiteBuiltinCustom, 32);
    IS(kTfLiteBuiltinPlaceholderForGreaterOpCodes, 127);
    IS(kTfLiteActRelu6, 3);
    IS(kTfLitePaddingValid, 2);
    IS(kTfLiteNullBufferHandle, -1);
    IS(kTfLiteOptionalTensor, -1);
}

#if UINTPTR_MAX > 0xffffffffu
static void check_structures(void)
{
    IS(sizeof(TfLiteTensor), 112);
    AT(TfLiteTensor, type, 0);
    AT(TfLiteTensor, data, 8);
    AT(TfLiteTensor, dims, 16);
    AT(TfLiteTensor, params, 24);
    AT(TfLiteTensor, allocation_type, 32);
    AT(TfLiteTensor, bytes, 40);
    AT(TfLiteTensor, allocation, 48);
    AT(TfLiteTensor, name, 56);
    AT(TfLiteTensor, delegate, 64);
    AT(TfLiteTensor, buffer_handle, 72);
    AT(TfLiteTensor, data_is_stale, 76);
    AT(TfLiteTensor, is_variable, 77);
    AT(TfLiteTensor, quantization, 80);
    AT(TfLiteTensor, sparsity, 96);
    AT(TfLiteTensor, dims_signature, 104);
    IS(sizeof(TfLiteNode), 80);
    AT(TfLiteNode, temporaries, 24);
    AT(TfLiteNode, user_data, 32);
    AT(TfLiteNode, builtin_data, 40);
    AT(TfLiteNode, custom_initial_data, 48);
    AT(TfLiteNode, custom_initial_data_size, 56);
    AT(TfLiteNode, delegate, 64);
    AT(TfLiteNode, might_have_side_effect, 72);
    IS(sizeof(TfLiteRegistration), 88);
    AT(TfLiteRegistration, profiling_string, 32);
    AT(TfLiteRegistration, builtin_code, 40);
    AT(TfLiteRegistration, custom_name, 48);
    AT(TfLiteRegistration, version, 56);
    AT(TfLiteRegistration, registration_external, 64);
    AT(TfLiteRegistration, async_kernel, 72);
    AT(TfLiteRegistration, inplace_operator, 80);
    IS(sizeof(TfLiteRegistration_V1), 64);
    IS(sizeof(TfLiteRegistration_V2), 72);
    IS(sizeof(TfLiteRegistration_V3), 80);
    IS(sizeof(TfLiteContext), 200);
    AT(TfLiteContext, GetExecutionPlan, 8);
    AT(TfLiteContext, tensors, 16);
    AT(TfLiteContext, impl_, 24);
    AT(TfLiteContext, ResizeTensor, 32);
    AT(TfLiteContext, ReportError, 40);
    AT(TfLiteContext, AddTensors, 48);
    AT(TfLiteContext, GetNodeAndRegistration, 56);
    AT(TfLiteContext, ReplaceNodeSubsetsWithDelegateKernels, 64);
    AT(TfLiteContext, recommended_num_threads, 72);
    AT(TfLiteContext, GetExternalContext, 80);
    AT(TfLiteContext, allow_fp32_relax_to_fp16, 96);
    AT(TfLiteContext, profiler, 104);
    AT(TfLiteContext, AllocatePersistentBuffer, 112);
    AT(TfLiteContext, ResizeTensorExplicit, 144);
    AT(TfLiteContext, PreviewDelegatePartitioning, 152);
    AT(TfLiteContext, GetTensor, 160);
    AT(TfLiteContext, GetModelMetadata, 176);
    AT(TfLiteContext, ReleaseSubgraphContext, 192);
    IS(sizeof(TfLiteDelegate), 56);
    AT(TfLiteDelegate, flags, 40);
    AT(TfLiteDelegate, opaque_delegate_builder, 48);
    IS(sizeof(TfLiteOpaqueDelegateBuilder), 48);
    IS(sizeof(TfLiteDelegateParams), 32);
    IS(sizeof(TfLiteOpaqueDelegateParams), 40);
    IS(sizeof(TfLiteAffineQuantization), 24);
    IS(sizeof(TfLiteBlockwiseQuantization), 16);
    IS(sizeof(TfLiteMultiAxisQuantization), 24);
    IS(sizeof(TfLiteSparsity), 32);
    IS(sizeof(TfLiteDimensionMetadata), 24);
    IS(sizeof(TfLiteCustomAllocation), 16);
    IS(sizeof(TfLiteAllocator), 32);
    AT(TfLiteNnapiDelegateOptions, accelerator_name, 8);
    AT(TfLiteNnapiDelegateOptions, disallow_nnapi_cpu, 32);
    AT(TfLiteNnapiDelegateOptions, allow_fp16, 36);
    AT(TfLiteNnapiDelegateOptions, max_number_delegated_partitions, 40);
    AT(TfLiteNnapiDelegateOptions, nnapi_support_library_handle, 48);
    IS(sizeof(TfLiteXNNPackDelegateOptions), 64);
    IS(sizeof(TfLiteExternalDelegateOptions), 16 + 2 * 256 * 8 + 8);
    IS(sizeof(TfLiteReshapeParams), 36);
    IS(sizeof(TfLiteConvParams), 28);
}
#else
static void check_structures(void)
{
    AT(TfLiteTensor, data, 4);
    AT(TfLiteTensor, dims, 8);
    IS(sizeof(TfLitePtrUnion), 4);
}
#endif

int main(void)
{
    IS(sizeof(TfLiteQuantizationParams), 8);
    IS(sizeof(TfLiteIntArray), 4);
    IS(sizeof(TfLiteStatus), 4);
    IS(sizeof(TfLiteType), 4);
    check_enums();
    check_structures();
    printf("%d passed, 0 failed\n", checked);
    return 0;
}
