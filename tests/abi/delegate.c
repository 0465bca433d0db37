/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A delegate that runs a few float operators itself, applied in several ways, and everything that
 * it sees and answers written down, so that this project's library and Google's can be compared.
 * Without a way, only the parameters of all built-in operators are written down.
 *
 * usage: delegate MODEL [all|some|resize|static|twice|preview|stale|handle|refuse|fallback]
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensorflow/lite/builtin_ops.h"
#include "tensorflow/lite/c/c_api.h"
#include "tensorflow/lite/c/c_api_experimental.h"
#include "tensorflow/lite/core/c/builtin_op_data.h"
#include "tensorflow/lite/core/c/common.h"

enum { NODES = 16 };

typedef struct plugin {
    TfLiteDelegate delegate;
    const char *way;
    int only; /* operator to take; -1: all that it knows */
    int invocations;
    float handles[8][64]; /* "device memory" of tensors by number */
} plugin;

/* One node that a kernel runs. */
typedef struct step {
    int code;
    int inputs[2];
    int output;
} step;

typedef struct kernel {
    plugin *of;
    int count;
    step steps[NODES];
    float *scratch[64]; /* of tensors inside */
} kernel;

static void print_array(const char *what, const TfLiteIntArray *array)
{
    printf(" %s", what);
    for (int i = 0; i < array->size; ++i) printf(" %d", array->data[i]);
}

static void *kernel_init(TfLiteContext *context, const char *buffer, size_t length)
{
    const TfLiteDelegateParams *params = (const TfLiteDelegateParams *)(const void *)buffer;
    kernel *made = calloc(1, sizeof *made);
    if (made == NULL) exit(1);
    made->of = params->delegate->data_;
    printf("init length %zu", length);
    print_array("nodes", params->nodes_to_replace);
    print_array("inputs", params->input_tensors);
    print_array("outputs", params->output_tensors);
    printf("\n");
    for (int i = 0; i < params->nodes_to_replace->size && i < NODES; ++i) {
        TfLiteNode *node;
        TfLiteRegistration *registration;
        if (context->GetNodeAndRegistration(context, params->nodes_to_replace->data[i], &node,
                                            &registration) != kTfLiteOk)
            exit(1);
        step *add = &made->steps[made->count++];
        add->code = registration->builtin_code;
        add->inputs[0] = node->inputs->data[0];
        add->inputs[1] = node->inputs->size > 1 ? node->inputs->data[1] : -1;
        add->output = node->outputs->data[0];
    }
    return made;
}

static void kernel_free(TfLiteContext *context, void *buffer)
{
    kernel *of = buffer;
    (void)context;
    printf("free of %d nodes\n", of->count);
    for (size_t i = 0; i < sizeof of->scratch / sizeof *of->scratch; ++i) free(of->scratch[i]);
    free(of);
}

static TfLiteStatus kernel_prepare(TfLiteContext *context, TfLiteNode *node)
{
    const kernel *of = node->user_data;
    printf("prepare");
    print_array("inputs", node->inputs);
    print_array("outputs", node->outputs);
    printf(" delegate %d\n", node->delegate == &of->of->delegate);
    if (strcmp(of->of->way, "refuse") == 0) return kTfLiteError;
    const TfLiteTensor *input = &context->tensors[of->steps[0].inputs[0]];
    for (int i = 0; i < node->outputs->size; ++i)
        if (context->ResizeTensor(context, &context->tensors[node->outputs->data[i]],
                                  TfLiteIntArrayCopy(input->dims)) != kTfLiteOk)
            return kTfLiteError;
    return kTfLiteOk;
}

static float compute(int code, float a, float b)
{
    switch (code) {
    case kTfLiteBuiltinNeg: return -a;
    case kTfLiteBuiltinAbs: return a < 0 ? -a : a;
    case kTfLiteBuiltinAdd: return a + b;
    default: return a * b;
    }
}

static float *data_of(kernel *of, TfLiteContext *context, const TfLiteNode *node, int tensor,
                      size_t count)
{
    for (int i = 0; i < node->outputs->size; ++i)
        if (node->outputs->data[i] == tensor) return context->tensors[tensor].data.f;
    for (int i = 0; i < of->count; ++i) {
        if (of->steps[i].output != tensor) continue;
        of->scratch[tensor] = realloc(of->scratch[tensor], count * sizeof(float));
        if (of->scratch[tensor] == NULL) exit(1);
        return of->scratch[tensor];
    }
    const TfLiteTensor *input = &context->tensors[tensor];
    return input->data_is_stale ? of->of->handles[input->buffer_handle] : input->data.f;
}

static TfLiteStatus kernel_invoke(TfLiteContext *context, TfLiteNode *node)
{
    kernel *of = node->user_data;
    ++of->of->invocations;
    if (strcmp(of->of->way, "fallback") == 0) return kTfLiteError;
    const TfLiteTensor *input = &context->tensors[of->steps[0].inputs[0]];
    size_t count = input->bytes / sizeof(float);
    for (int i = 0; i < of->count; ++i) {
        const step *at = &of->steps[i];
        const float *a = data_of(of, context, node, at->inputs[0], count);
        const float *b = at->inputs[1] < 0 ? a : data_of(of, context, node, at->inputs[1], count);
        float *y = data_of(of, context, node, at->output, count);
        size_t every = at->inputs[1] >= 0 && context->tensors[at->inputs[1]].bytes == sizeof(float);
        for (size_t k = 0; k < count; ++k) y[k] = compute(at->code, a[k], b[every ? 0 : k]);
    }
    bool device = strcmp(of->of->way, "stale") == 0 || strcmp(of->of->way, "handle") == 0;
    for (int i = 0; device && i < node->outputs->size; ++i) {
        TfLiteTensor *output = &context->tensors[node->outputs->data[i]];
        output->buffer_handle = node->outputs->data[i] % 8;
        memcpy(of->of->handles[output->buffer_handle], output->data.f, output->bytes);
        memset(output->data.f, 0, output->bytes);
        output->data_is_stale = true;
    }
    return kTfLiteOk;
}

static TfLiteStatus copy_from_handle(TfLiteContext *context, TfLiteDelegate *delegate,
                                     TfLiteBufferHandle handle, TfLiteTensor *tensor)
{
    (void)context;
    printf("copy from handle\n");
    memcpy(tensor->data.f, ((plugin *)delegate->data_)->handles[handle], tensor->bytes);
    return kTfLiteOk;
}

static int known(int code)
{
    return code == kTfLiteBuiltinNeg || code == kTfLiteBuiltinAbs || code == kTfLiteBuiltinAdd ||
           code == kTfLiteBuiltinMul;
}

static TfLiteStatus prepare(TfLiteContext *context, TfLiteDelegate *delegate)
{
    plugin *of = delegate->data_;
    TfLiteIntArray *plan;
    if (context->GetExecutionPlan(context, &plan) != kTfLiteOk) return kTfLiteError;
    print_array("plan", plan);
    printf("\n");
    TfLiteIntArray *chosen = TfLiteIntArrayCreate(plan->size);
    chosen->size = 0;
    for (int i = 0; i < plan->size; ++i) {
        TfLiteNode *node;
        TfLiteRegistration *registration;
        if (context->GetNodeAndRegistration(context, plan->data[i], &node, &registration) !=
            kTfLiteOk)
            return kTfLiteError;
        int code = registration->builtin_code;
        if (known(code) && (of->only < 0 || of->only == code))
            chosen->data[chosen->size++] = plan->data[i];
    }
    TfLiteStatus status = kTfLiteOk;
    if (strcmp(of->way, "preview") == 0) {
        TfLiteDelegateParams *parts;
        int count;
        status = context->PreviewDelegatePartitioning(context, chosen, &parts, &count);
        for (int i = 0; i < count; ++i) {
            printf("part");
            print_array("nodes", parts[i].nodes_to_replace);
            print_array("inputs", parts[i].input_tensors);
            print_array("outputs", parts[i].output_tensors);
            printf("\n");
        }
    } else {
        TfLiteRegistration registration = {0};
        registration.init = kernel_init;
        registration.free = kernel_free;
        registration.prepare = kernel_prepare;
        registration.invoke = kernel_invoke;
        registration.custom_name = "plugin";
        registration.version = 1;
        status =
            context->ReplaceNodeSubsetsWithDelegateKernels(context, registration, chosen, delegate);
    }
    TfLiteIntArrayFree(chosen);
    if (context->GetExecutionPlan(context, &plan) == kTfLiteOk) print_array("then", plan);
    printf("\n");
    return status;
}

static void begin(plugin *made, const char *way, int only, int64_t flags)
{
    made->delegate = TfLiteDelegateCreate();
    made->delegate.data_ = made;
    made->delegate.Prepare = prepare;
    made->delegate.CopyFromBufferHandle = copy_from_handle;
    made->delegate.flags = flags;
    made->way = way;
    made->only = only;
}

/* ---- Parameters ---- */

typedef struct sized {
    int code;
    size_t bytes;
} sized;

/* Paddings that kernels compute lie behind what is compared. */
static const sized sizes[] = {
    {kTfLiteBuiltinConv2d, sizeof(TfLiteConvParams)},
    {kTfLiteBuiltinDepthwiseConv2d, sizeof(TfLiteDepthwiseConvParams)},
    {kTfLiteBuiltinTransposeConv, sizeof(TfLiteTransposeConvParams)},
    {kTfLiteBuiltinAveragePool2d, offsetof(TfLitePoolParams, computed)},
    {kTfLiteBuiltinMaxPool2d, offsetof(TfLitePoolParams, computed)},
    {kTfLiteBuiltinFullyConnected, sizeof(TfLiteFullyConnectedParams)},
    {kTfLiteBuiltinSvdf, sizeof(TfLiteSVDFParams)},
    {kTfLiteBuiltinUnidirectionalSequenceLstm, sizeof(TfLiteUnidirectionalSequenceLSTMParams)},
    {kTfLiteBuiltinLstm, sizeof(TfLiteLSTMParams)},
    {kTfLiteBuiltinSoftmax, sizeof(TfLiteSoftmaxParams)},
    {kTfLiteBuiltinConcatenation, sizeof(TfLiteConcatenationParams)},
    {kTfLiteBuiltinAdd, sizeof(TfLiteAddParams)},
    {kTfLiteBuiltinSub, sizeof(TfLiteSubParams)},
    {kTfLiteBuiltinMul, sizeof(TfLiteMulParams)},
    {kTfLiteBuiltinBatchMatmul, sizeof(TfLiteBatchMatMulParams)},
    {kTfLiteBuiltinReshape, sizeof(TfLiteReshapeParams)},
    {kTfLiteBuiltinSqueeze, sizeof(TfLiteSqueezeParams)},
    {kTfLiteBuiltinStridedSlice, sizeof(TfLiteStridedSliceParams)},
    {kTfLiteBuiltinGather, sizeof(TfLiteGatherParams)},
    {kTfLiteBuiltinMean, sizeof(TfLiteReducerParams)},
    {kTfLiteBuiltinReduceMax, sizeof(TfLiteReducerParams)},
    {kTfLiteBuiltinSplit, sizeof(TfLiteSplitParams)},
    {kTfLiteBuiltinPack, sizeof(TfLitePackParams)},
    {kTfLiteBuiltinUnpack, sizeof(TfLiteUnpackParams)},
    {kTfLiteBuiltinLeakyRelu, sizeof(TfLiteLeakyReluParams)},
    {kTfLiteBuiltinMirrorPad, sizeof(TfLiteMirrorPaddingParams)},
    {kTfLiteBuiltinResizeBilinear, sizeof(TfLiteResizeBilinearParams)},
    {kTfLiteBuiltinArgMax, sizeof(TfLiteArgMaxParams)},
    {kTfLiteBuiltinShape, sizeof(TfLiteShapeParams)},
    {kTfLiteBuiltinCumsum, sizeof(TfLiteCumsumParams)},
    {kTfLiteBuiltinIf, sizeof(TfLiteIfParams)},
    {kTfLiteBuiltinWhile, sizeof(TfLiteWhileParams)},
};

static TfLiteStatus print_parameters(TfLiteContext *context, TfLiteDelegate *delegate)
{
    (void)delegate;
    TfLiteIntArray *plan;
    if (context->GetExecutionPlan(context, &plan) != kTfLiteOk) return kTfLiteError;
    for (int i = 0; i < plan->size; ++i) {
        TfLiteNode *node;
        TfLiteRegistration *registration;
        if (context->GetNodeAndRegistration(context, plan->data[i], &node, &registration) !=
            kTfLiteOk)
            return kTfLiteError;
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; ++s) {
            if (sizes[s].code != registration->builtin_code) continue;
            printf("node %d op %d:", plan->data[i], sizes[s].code);
            for (size_t b = 0; b < sizes[s].bytes; ++b)
                printf(" %d", ((const unsigned char *)node->builtin_data)[b]);
            printf("\n");
        }
    }
    return kTfLiteOk;
}

/* ---- Running ---- */

static void run(TfLiteInterpreter *interpreter)
{
    TfLiteTensor *input = TfLiteInterpreterGetInputTensor(interpreter, 0);
    float *x = input != NULL ? TfLiteTensorData(input) : NULL;
    size_t count = x != NULL ? TfLiteTensorByteSize(input) / sizeof *x : 0;
    for (size_t i = 0; i < count; ++i) x[i] = (float)i - 1.5F;
    printf("invoke %d:", TfLiteInterpreterInvoke(interpreter));
    for (int k = 0; k < TfLiteInterpreterGetOutputTensorCount(interpreter); ++k) {
        const TfLiteTensor *output = TfLiteInterpreterGetOutputTensor(interpreter, k);
        const float *y = TfLiteTensorData(output);
        printf(" [");
        for (size_t i = 0; y != NULL && i < TfLiteTensorByteSize(output) / sizeof *y; ++i)
            printf(" %g", (double)y[i]);
        printf(" ]");
    }
    printf("\n");
}

static void read_handles(TfLiteInterpreter *interpreter)
{
    for (int k = 0; k < TfLiteInterpreterGetOutputTensorCount(interpreter); ++k) {
        TfLiteBufferHandle handle;
        TfLiteOpaqueDelegate *delegate;
        int index = TfLiteInterpreterOutputTensorIndices(interpreter)[k];
        printf("handle %d",
               TfLiteInterpreterGetBufferHandle(interpreter, index, &handle, &delegate));
        printf(" %d ensure %d", handle,
               TfLiteInterpreterEnsureTensorDataIsReadable(interpreter, index));
        const TfLiteTensor *output = TfLiteInterpreterGetOutputTensor(interpreter, k);
        printf(": %g\n", (double)output->data.f[0]);
    }
}

static void resize(TfLiteInterpreter *interpreter, int rows)
{
    const int shape[] = {rows, 3};
    printf("resize %d\n", TfLiteInterpreterResizeInputTensor(interpreter, 0, shape, 2));
    printf("allocate %d\n", TfLiteInterpreterAllocateTensors(interpreter));
}

static void quiet(void *user_data, const char *format, va_list arguments)
{
    (void)user_data;
    (void)format;
    (void)arguments;
}

static void drive(TfLiteModel *model, const char *way)
{
    static plugin first, second;
    bool fixed = strcmp(way, "static") == 0, twice = strcmp(way, "twice") == 0;
    bool some = strcmp(way, "some") == 0 || twice;
    int64_t flags = fixed ? kTfLiteDelegateFlagsNone : kTfLiteDelegateFlagsAllowDynamicTensors;
    begin(&first, way, some ? kTfLiteBuiltinNeg : -1, flags);
    begin(&second, way, kTfLiteBuiltinMul, flags);
    TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
    TfLiteInterpreterOptionsSetErrorReporter(options, quiet, NULL);
    TfLiteInterpreterOptionsAddDelegate(options, (TfLiteOpaqueDelegate *)&first.delegate);
    if (twice)
        TfLiteInterpreterOptionsAddDelegate(options, (TfLiteOpaqueDelegate *)&second.delegate);
    if (strcmp(way, "fallback") == 0) TfLiteInterpreterOptionsSetEnableDelegateFallback(options, 1);
    TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
    printf("interpreter %d\n", interpreter != NULL);
    if (interpreter != NULL && strcmp(way, "handle") == 0)
        TfLiteSetAllowBufferHandleOutput(interpreter, true);
    if (interpreter != NULL) {
        printf("allocate %d\n", TfLiteInterpreterAllocateTensors(interpreter));
        run(interpreter);
        if (fixed)
            printf("another %d\n",
                   TfLiteInterpreterModifyGraphWithDelegate(interpreter, &second.delegate));
        if (strcmp(way, "resize") == 0 || fixed) {
            resize(interpreter, 2);
            run(interpreter);
        }
        if (strcmp(way, "fallback") == 0) run(interpreter);
        if (strcmp(way, "handle") == 0) read_handles(interpreter);
    }
    printf("invocations %d %d\n", first.invocations, second.invocations);
    TfLiteInterpreterDelete(interpreter);
    TfLiteInterpreterOptionsDelete(options);
}

int main(int argc, char **argv)
{
    if (argc < 2) return 2;
    TfLiteModel *model = TfLiteModelCreateFromFile(argv[1]);
    if (model == NULL) return 3;
    if (argc > 2) {
        drive(model, argv[2]);
    } else {
        TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, NULL);
        if (interpreter == NULL) return 4;
        TfLiteDelegate reader = TfLiteDelegateCreate();
        reader.Prepare = print_parameters;
        reader.flags = kTfLiteDelegateFlagsAllowDynamicTensors;
        printf("modify %d\n", TfLiteInterpreterModifyGraphWithDelegate(interpreter, &reader));
        TfLiteInterpreterDelete(interpreter);
    }
    TfLiteModelDelete(model);
    return 0;
}
