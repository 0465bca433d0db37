/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The structures that operators and delegates of TensorFlow Lite see, with its layout: tensors,
 * nodes, contexts, registrations. What a program allocates for a tensor (dims, string data) comes
 * from malloc, since the functions below free it.
 */
#ifndef TENSORFLOW_LITE_CORE_C_COMMON_H_
#define TENSORFLOW_LITE_CORE_C_COMMON_H_

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tensorflow/lite/core/c/c_api_types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct TfLiteContext;
struct TfLiteRegistration;
struct TfLiteOpaqueDelegateBuilder;

/* ---- Arrays: `size` elements behind the size ---- */

#define kTfLiteOptionalTensor (-1)

typedef struct TfLiteIntArray {
    int size;
    int data[];
} TfLiteIntArray;

typedef struct TfLiteFloatArray {
    int size;
    float data[];
} TfLiteFloatArray;

/* NULL for a negative size or without memory; the elements are not set. */
TFL_CAPI_EXPORT TfLiteIntArray *TfLiteIntArrayCreate(int size);
TFL_CAPI_EXPORT TfLiteIntArray *TfLiteIntArrayCopy(const TfLiteIntArray *src);
TFL_CAPI_EXPORT void TfLiteIntArrayFree(TfLiteIntArray *a);
TFL_CAPI_EXPORT size_t TfLiteIntArrayGetSizeInBytes(int size);
TFL_CAPI_EXPORT int TfLiteIntArrayEqual(const TfLiteIntArray *a, const TfLiteIntArray *b);
TFL_CAPI_EXPORT int TfLiteIntArrayEqualsArray(const TfLiteIntArray *a, int b_size,
                                              const int b_data[]);
TFL_CAPI_EXPORT TfLiteFloatArray *TfLiteFloatArrayCreate(int size);
TFL_CAPI_EXPORT TfLiteFloatArray *TfLiteFloatArrayCopy(const TfLiteFloatArray *src);
TFL_CAPI_EXPORT void TfLiteFloatArrayFree(TfLiteFloatArray *a);
TFL_CAPI_EXPORT int TfLiteFloatArrayGetSizeInBytes(int size);

/* ---- Reporting, for operators: each of these leaves the function with kTfLiteError ---- */

#define TF_LITE_KERNEL_LOG(context, ...) ((context)->ReportError((context), __VA_ARGS__))

#define TF_LITE_MAYBE_KERNEL_LOG(context, ...)                 \
    do {                                                       \
        if (context) TF_LITE_KERNEL_LOG(context, __VA_ARGS__); \
    } while (0)

#define TF_LITE_ENSURE_MSG(context, value, ...)                      \
    do {                                                             \
        if (!(value)) {                                              \
            TF_LITE_KERNEL_LOG((context), __FILE__ " " __VA_ARGS__); \
            return kTfLiteError;                                     \
        }                                                            \
    } while (0)

#define TF_LITE_ENSURE(context, a)                                                           \
    do {                                                                                     \
        if (!(a)) {                                                                          \
            TF_LITE_KERNEL_LOG((context), "%s:%d %s was not true.", __FILE__, __LINE__, #a); \
            return kTfLiteError;                                                             \
        }                                                                                    \
    } while (0)

#define TF_LITE_ENSURE_STATUS(a)                                  \
    do {                                                          \
        const TfLiteStatus tf_lite_status_ = (a);                 \
        if (tf_lite_status_ != kTfLiteOk) return tf_lite_status_; \
    } while (0)

#define TF_LITE_ENSURE_EQ(context, a, b)                                                           \
    do {                                                                                           \
        if ((a) != (b)) {                                                                          \
            TF_LITE_KERNEL_LOG((context), "%s:%d %s != %s (%d != %d)", __FILE__, __LINE__, #a, #b, \
                               (int)(a), (int)(b));                                                \
            return kTfLiteError;                                                                   \
        }                                                                                          \
    } while (0)

#define TF_LITE_ENSURE_TYPES_EQ(context, a, b)                                                     \
    do {                                                                                           \
        if ((a) != (b)) {                                                                          \
            TF_LITE_KERNEL_LOG((context), "%s:%d %s != %s (%s != %s)", __FILE__, __LINE__, #a, #b, \
                               TfLiteTypeGetName(a), TfLiteTypeGetName(b));                        \
            return kTfLiteError;                                                                   \
        }                                                                                          \
    } while (0)

#define TF_LITE_ENSURE_NEAR(context, a, b, epsilon)                                              \
    do {                                                                                         \
        const double tf_lite_apart_ = (double)(a) - (double)(b);                                 \
        if ((tf_lite_apart_ < 0 ? -tf_lite_apart_ : tf_lite_apart_) > (epsilon)) {               \
            TF_LITE_KERNEL_LOG((context), "%s:%d %s not near %s (%f != %f)", __FILE__, __LINE__, \
                               #a, #b, (double)(a), (double)(b));                                \
            return kTfLiteError;                                                                 \
        }                                                                                        \
    } while (0)

#define TF_LITE_ENSURE_OK(context, status) TF_LITE_ENSURE_STATUS(status)

/* ---- Element types ---- */

typedef struct TfLiteComplex64 {
    float re, im;
} TfLiteComplex64;

typedef struct TfLiteComplex128 {
    double re, im;
} TfLiteComplex128;

typedef struct TfLiteFloat16 {
    uint16_t data;
} TfLiteFloat16;

typedef struct TfLiteBFloat16 {
    uint16_t data;
} TfLiteBFloat16;

/* "FLOAT32", …; "Unknown type" for a number that is none. */
TFL_CAPI_EXPORT const char *TfLiteTypeGetName(TfLiteType type);

typedef union TfLitePtrUnion {
    int32_t *i32;
    uint32_t *u32;
    int64_t *i64;
    uint64_t *u64;
    float *f;
    TfLiteFloat16 *f16;
    TfLiteBFloat16 *bf16;
    double *f64;
    char *raw;
    const char *raw_const;
    uint8_t *uint8;
    bool *b;
    int16_t *i16;
    uint16_t *ui16;
    TfLiteComplex64 *c64;
    TfLiteComplex128 *c128;
    int8_t *int8;
    void *data;
} TfLitePtrUnion;

/* ---- Quantisation: `params` points to the structure of `type` ---- */

typedef enum TfLiteQuantizationType {
    kTfLiteNoQuantization = 0,
    kTfLiteAffineQuantization = 1,
    kTfLiteBlockwiseQuantization = 2,
    kTfLiteMultiAxisQuantization = 3,
} TfLiteQuantizationType;

typedef struct TfLiteQuantization {
    TfLiteQuantizationType type;
    void *params;
} TfLiteQuantization;

typedef struct TfLiteAffineQuantization {
    TfLiteFloatArray *scale;
    TfLiteIntArray *zero_point;
    int32_t quantized_dimension;
} TfLiteAffineQuantization;

typedef struct TfLiteBlockwiseQuantization {
    int32_t scale; /* tensor indices */
    int32_t zero_point;
    int32_t blocksize;
    int32_t quantized_dimension;
} TfLiteBlockwiseQuantization;

typedef struct TfLiteMultiAxisQuantization {
    int32_t scales; /* tensor indices */
    int32_t zero_points;
    int32_t blocksize;
    TfLiteIntArray *quantized_dimensions;
} TfLiteMultiAxisQuantization;

/* ---- Sparsity ---- */

typedef struct TfLiteDimensionMetadata {
    TfLiteDimensionType format;
    int dense_size;
    TfLiteIntArray *array_segments;
    TfLiteIntArray *array_indices;
} TfLiteDimensionMetadata;

typedef struct TfLiteSparsity {
    TfLiteIntArray *traversal_order;
    TfLiteIntArray *block_map;
    TfLiteDimensionMetadata *dim_metadata;
    int dim_metadata_size;
} TfLiteSparsity;

/* ---- Memory ---- */

typedef enum TfLiteAllocationType {
    kTfLiteMemNone = 0,
    kTfLiteMmapRo,
    kTfLiteArenaRw,
    kTfLiteArenaRwPersistent,
    kTfLiteDynamic,
    kTfLitePersistentRo,
    kTfLiteCustom,
    kTfLiteVariantObject,
    kTfLiteNonCpu,
} TfLiteAllocationType;

typedef enum TfLiteAllocationStrategy {
    kTfLiteAllocationStrategyUnknown,
    kTfLiteAllocationStrategyNone,
    kTfLiteAllocationStrategyMMap,
    kTfLiteAllocationStrategyArena,
    kTfLiteAllocationStrategyMalloc,
    kTfLiteAllocationStrategyNew,
} TfLiteAllocationStrategy;

typedef enum TfLiteRunStability {
    kTfLiteRunStabilityUnknown,
    kTfLiteRunStabilityUnstable,
    kTfLiteRunStabilitySingleRun,
    kTfLiteRunStabilityAcrossRuns,
} TfLiteRunStability;

typedef enum TfLiteRunStep {
    kTfLiteRunStepUnknown,
    kTfLiteRunStepInit,
    kTfLiteRunStepPrepare,
    kTfLiteRunStepEval,
} TfLiteRunStep;

typedef int TfLiteBufferHandle;
enum { kTfLiteNullBufferHandle = -1 };

typedef struct TfLiteCustomAllocation {
    void *data;
    size_t bytes;
} TfLiteCustomAllocation;

typedef enum TfLiteCustomAllocationFlags {
    kTfLiteCustomAllocationFlagsNone = 0,
    kTfLiteCustomAllocationFlagsSkipAlignCheck = 1,
} TfLiteCustomAllocationFlags;

typedef struct TfLiteAllocator {
    void *data;
    void *(*allocate)(void *data, size_t bytes, size_t alignment);
    void *(*reallocate)(void *data, void *ptr, size_t old_bytes, size_t new_bytes,
                        size_t alignment);
    void (*deallocate)(void *data, void *ptr, size_t bytes, size_t alignment);
} TfLiteAllocator;

#define kTfLiteNoBufferIdentifier SIZE_MAX

/* ---- Tensors and nodes ---- */

typedef struct TfLiteTensor {
    TfLiteType type;
    TfLitePtrUnion data;
    TfLiteIntArray *dims;
    TfLiteQuantizationParams params; /* {0, 0} unless there is one scale for the whole tensor */
    TfLiteAllocationType allocation_type;
    size_t bytes;
    const void *allocation;
    const char *name;
    struct TfLiteDelegate *delegate;
    TfLiteBufferHandle buffer_handle;
    bool data_is_stale;
    bool is_variable;
    TfLiteQuantization quantization;
    TfLiteSparsity *sparsity;
    const TfLiteIntArray *dims_signature; /* of size 0 where the model leaves nothing open */
} TfLiteTensor;

typedef struct TfLiteNode {
    TfLiteIntArray *inputs;
    TfLiteIntArray *outputs;
    TfLiteIntArray *intermediates;
    TfLiteIntArray *temporaries;
    void *user_data;
    void *builtin_data;
    const void *custom_initial_data;
    int custom_initial_data_size;
    struct TfLiteDelegate *delegate;
    bool might_have_side_effect;
} TfLiteNode;

typedef struct TfLiteEvalTensor {
    TfLitePtrUnion data;
    TfLiteIntArray *dims;
    TfLiteType type;
} TfLiteEvalTensor;

TFL_CAPI_EXPORT void TfLiteTensorDataFree(TfLiteTensor *t);
TFL_CAPI_EXPORT void TfLiteTensorDataFreeWithAllocator(TfLiteTensor *t, TfLiteAllocator *allocator);
TFL_CAPI_EXPORT void TfLiteQuantizationFree(TfLiteQuantization *quantization);
TFL_CAPI_EXPORT void TfLiteSparsityFree(TfLiteSparsity *sparsity);
TFL_CAPI_EXPORT void TfLiteTensorFree(TfLiteTensor *t);
/* Frees what the tensor has and takes over `dims` and, if dynamic, `buffer`. */
TFL_CAPI_EXPORT void TfLiteTensorReset(TfLiteType type, const char *name, TfLiteIntArray *dims,
                                       TfLiteQuantizationParams quantization, char *buffer,
                                       size_t size, TfLiteAllocationType allocation_type,
                                       const void *allocation, bool is_variable,
                                       TfLiteTensor *tensor);
/* Data and shape; the sizes in bytes must be equal. */
TFL_CAPI_EXPORT TfLiteStatus TfLiteTensorCopy(const TfLiteTensor *src, TfLiteTensor *dst);
TFL_CAPI_EXPORT TfLiteTensor TfLiteTensorClone(TfLiteTensor src);
/* Of dynamic and persistent read-only tensors; others stay as they are. */
TFL_CAPI_EXPORT TfLiteStatus TfLiteTensorResizeMaybeCopy(size_t num_bytes, TfLiteTensor *tensor,
                                                         bool preserve_data);
TFL_CAPI_EXPORT TfLiteStatus TfLiteTensorRealloc(size_t num_bytes, TfLiteTensor *tensor);
TFL_CAPI_EXPORT const TfLiteIntArray *TfLiteTensorGetDimsSignature(const TfLiteTensor *t);
TFL_CAPI_EXPORT TfLiteAllocationStrategy TfLiteTensorGetAllocationStrategy(const TfLiteTensor *t);
TFL_CAPI_EXPORT TfLiteRunStability TfLiteTensorGetBufferAddressStability(const TfLiteTensor *t);
TFL_CAPI_EXPORT TfLiteRunStability TfLiteTensorGetDataStability(const TfLiteTensor *t);
TFL_CAPI_EXPORT TfLiteRunStep TfLiteTensorGetDataKnownStep(const TfLiteTensor *t);
TFL_CAPI_EXPORT TfLiteRunStep TfLiteTensorGetShapeKnownStep(const TfLiteTensor *t);

/* ---- Contexts: one per subgraph ---- */

typedef enum TfLiteExternalContextType {
    kTfLiteEigenContext = 0,
    kTfLiteGemmLowpContext = 1,
    kTfLiteEdgeTpuContext = 2,
    kTfLiteCpuBackendContext = 3,
    kTfLiteLiteRtBufferContext = 4,
    kTfLiteMaxExternalContexts = 5,
} TfLiteExternalContextType;

typedef struct TfLiteExternalContext {
    TfLiteExternalContextType type;
    TfLiteStatus (*Refresh)(struct TfLiteContext *context);
} TfLiteExternalContext;

typedef struct TfLiteDelegateParams {
    struct TfLiteDelegate *delegate;
    TfLiteIntArray *nodes_to_replace;
    TfLiteIntArray *input_tensors;
    TfLiteIntArray *output_tensors;
} TfLiteDelegateParams;

typedef struct TfLiteOpaqueDelegateParams {
    TfLiteOpaqueDelegate *delegate;
    void *delegate_data;
    TfLiteIntArray *nodes_to_replace;
    TfLiteIntArray *input_tensors;
    TfLiteIntArray *output_tensors;
} TfLiteOpaqueDelegateParams;

typedef struct TfLiteContext {
    size_t tensors_size;
    /* The array belongs to the context. */
    TfLiteStatus (*GetExecutionPlan)(struct TfLiteContext *context,
                                     TfLiteIntArray **execution_plan);
    TfLiteTensor *tensors;
    void *impl_;
    /* Takes over `new_size`. */
    TfLiteStatus (*ResizeTensor)(struct TfLiteContext *context, TfLiteTensor *tensor,
                                 TfLiteIntArray *new_size);
    void (*ReportError)(struct TfLiteContext *context, const char *msg, ...);
    TfLiteStatus (*AddTensors)(struct TfLiteContext *context, int tensors_to_add,
                               int *first_new_tensor_index);
    TfLiteStatus (*GetNodeAndRegistration)(struct TfLiteContext *context, int node_index,
                                           TfLiteNode **node,
                                           struct TfLiteRegistration **registration);
    TfLiteStatus (*ReplaceNodeSubsetsWithDelegateKernels)(struct TfLiteContext *context,
                                                          struct TfLiteRegistration registration,
                                                          const TfLiteIntArray *nodes_to_replace,
                                                          struct TfLiteDelegate *delegate);
    int recommended_num_threads;
    TfLiteExternalContext *(*GetExternalContext)(struct TfLiteContext *context,
                                                 TfLiteExternalContextType type);
    void (*SetExternalContext)(struct TfLiteContext *context, TfLiteExternalContextType type,
                               TfLiteExternalContext *external);
    bool allow_fp32_relax_to_fp16;
    void *profiler;
    void *(*AllocatePersistentBuffer)(struct TfLiteContext *context, size_t bytes);
    TfLiteStatus (*AllocateBufferForEval)(struct TfLiteContext *context, size_t bytes, void **ptr);
    TfLiteStatus (*RequestScratchBufferInArena)(struct TfLiteContext *context, size_t bytes,
                                                int *buffer_idx);
    void *(*GetScratchBuffer)(struct TfLiteContext *context, int buffer_idx);
    TfLiteStatus (*ResizeTensorExplicit)(struct TfLiteContext *context, TfLiteTensor *tensor,
                                         int dims, const int *shape);
    TfLiteStatus (*PreviewDelegatePartitioning)(struct TfLiteContext *context,
                                                const TfLiteIntArray *nodes_to_replace,
                                                TfLiteDelegateParams **partition_params_array,
                                                int *num_partitions);
    TfLiteTensor *(*GetTensor)(const struct TfLiteContext *context, int tensor_idx);
    TfLiteEvalTensor *(*GetEvalTensor)(const struct TfLiteContext *context, int tensor_idx);
    TfLiteStatus (*GetModelMetadata)(const struct TfLiteContext *context, const char *name,
                                     const char **ptr, size_t *bytes);
    TfLiteStatus (*AcquireSubgraphContext)(struct TfLiteContext *context, int subgraph_index,
                                           struct TfLiteContext **acquired_context);
    TfLiteStatus (*ReleaseSubgraphContext)(struct TfLiteContext *context, int subgraph_index);
} TfLiteContext;

/* ---- Operators ---- */

typedef struct TfLiteOperator TfLiteOperator;
typedef TfLiteOperator TfLiteRegistrationExternal;
struct TfLiteAsyncKernel;

typedef enum {
    kTfLiteInplaceOpNone = 0,
    kTfLiteInplaceOpDataUnmodified = 1,
    kTfLiteInplaceInputCanBeSharedWithCorrespondingOutput = 2,
    kTfLiteInplaceOpInput0Shared = 4,
    kTfLiteInplaceOpInput1Shared = 8,
    kTfLiteInplaceOpInput2Shared = 16,
} TfLiteInPlaceOp;

static const int kTfLiteMaxSharableOpInputs = 3;

/* What the four versions of a registration have in common. `init` gets the custom options of the
 * node; what it returns is node->user_data. */
#define TFLITE_REGISTRATION_MEMBERS_                                                       \
    void *(*init)(TfLiteContext * context, const char *buffer, size_t length);             \
    void (*free)(TfLiteContext * context, void *buffer);                                   \
    TfLiteStatus (*prepare)(TfLiteContext * context, TfLiteNode * node);                   \
    TfLiteStatus (*invoke)(TfLiteContext * context, TfLiteNode * node);                    \
    const char *(*profiling_string)(const TfLiteContext *context, const TfLiteNode *node); \
    int32_t builtin_code;                                                                  \
    const char *custom_name;                                                               \
    int version

typedef struct TfLiteRegistration_V1 {
    TFLITE_REGISTRATION_MEMBERS_;
} TfLiteRegistration_V1;

typedef struct TfLiteRegistration_V2 {
    TFLITE_REGISTRATION_MEMBERS_;
    TfLiteOperator *registration_external;
} TfLiteRegistration_V2;

typedef struct TfLiteRegistration_V3 {
    TFLITE_REGISTRATION_MEMBERS_;
    TfLiteOperator *registration_external;
    struct TfLiteAsyncKernel *(*async_kernel)(TfLiteContext *context, TfLiteNode *node);
} TfLiteRegistration_V3;

typedef struct TfLiteRegistration {
    TFLITE_REGISTRATION_MEMBERS_;
    TfLiteOperator *registration_external;
    struct TfLiteAsyncKernel *(*async_kernel)(TfLiteContext *context, TfLiteNode *node);
    uint64_t inplace_operator;
} TfLiteRegistration;

/* What `init` returns when it fails. */
TFL_CAPI_EXPORT void *TfLiteKernelInitFailed(void);

/* ---- Delegates ---- */

typedef enum TfLiteDelegateFlags {
    kTfLiteDelegateFlagsNone = 0,
    kTfLiteDelegateFlagsAllowDynamicTensors = 1,
    kTfLiteDelegateFlagsRequirePropagatedShapes = 2,
    kTfLiteDelegateFlagsPerOperatorProfiling = 4,
    kTfLiteDelegateFlagsHintFullyDelegatedToSingleDelegate = 8,
} TfLiteDelegateFlags;

struct TfLiteDelegate {
    void *data_;
    TfLiteStatus (*Prepare)(TfLiteContext *context, struct TfLiteDelegate *delegate);
    TfLiteStatus (*CopyFromBufferHandle)(TfLiteContext *context, struct TfLiteDelegate *delegate,
                                         TfLiteBufferHandle buffer_handle, TfLiteTensor *tensor);
    TfLiteStatus (*CopyToBufferHandle)(TfLiteContext *context, struct TfLiteDelegate *delegate,
                                       TfLiteBufferHandle buffer_handle, TfLiteTensor *tensor);
    void (*FreeBufferHandle)(TfLiteContext *context, struct TfLiteDelegate *delegate,
                             TfLiteBufferHandle *handle);
    int64_t flags;
    struct TfLiteOpaqueDelegateBuilder *opaque_delegate_builder;
};

/* All zero. */
TFL_CAPI_EXPORT TfLiteDelegate TfLiteDelegateCreate(void);

typedef struct TfLiteOpaqueDelegateBuilder {
    void *data;
    TfLiteStatus (*Prepare)(TfLiteOpaqueContext *context, TfLiteOpaqueDelegate *delegate,
                            void *data);
    TfLiteStatus (*CopyFromBufferHandle)(TfLiteOpaqueContext *context,
                                         TfLiteOpaqueDelegate *delegate, void *data,
                                         TfLiteBufferHandle buffer_handle,
                                         TfLiteOpaqueTensor *tensor);
    TfLiteStatus (*CopyToBufferHandle)(TfLiteOpaqueContext *context, TfLiteOpaqueDelegate *delegate,
                                       void *data, TfLiteBufferHandle buffer_handle,
                                       TfLiteOpaqueTensor *tensor);
    void (*FreeBufferHandle)(TfLiteOpaqueContext *context, TfLiteOpaqueDelegate *delegate,
                             void *data, TfLiteBufferHandle *handle);
    int64_t flags;
} TfLiteOpaqueDelegateBuilder;

/* The builder is copied; NULL gives NULL. */
TFL_CAPI_EXPORT TfLiteOpaqueDelegate *
TfLiteOpaqueDelegateCreate(const TfLiteOpaqueDelegateBuilder *opaque_delegate_builder);
TFL_CAPI_EXPORT void TfLiteOpaqueDelegateDelete(TfLiteOpaqueDelegate *delegate);
TFL_CAPI_EXPORT void *TfLiteOpaqueDelegateGetData(const TfLiteOpaqueDelegate *delegate);

#ifdef __cplusplus
}
#endif

#endif
