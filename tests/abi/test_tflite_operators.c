/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that a program brings, as TfLiteRegistration and as TfLiteOperator. */
#include <stdlib.h>

#include "draft/draft.h"
#include "tensorflow/lite/c/builtin_op_data.h"
#include "tensorflow/lite/c/c_api.h"
#include "tensorflow/lite/c/c_api_experimental.h"
#include "tensorflow/lite/c/c_api_opaque.h"
#include "tensorflow/lite/c/common.h"
#include "unit/expect.h"

static const char twice_text[] = "custom:Twice x:f32[?,3] -> y:f32[?,3] {#0102030405}";

static char heard[4096];
static int inits, frees, prepares, invokes;

static void hear(void *user_data, const char *format, va_list args)
{
    (void)user_data;
    (void)vsnprintf(heard, sizeof heard, format, args);
}

static TfLiteInterpreter *create(const char *text, TfLiteInterpreterOptions *options,
                                 unsigned char **bytes)
{
    size_t size;
    *bytes = draft_file(text, &size);
    TfLiteInterpreterOptionsSetErrorReporter(options, hear, NULL);
    heard[0] = '\0';
    inits = frees = prepares = invokes = 0;
    TfLiteModel *model = TfLiteModelCreate(*bytes, size);
    TfLiteInterpreter *made = TfLiteInterpreterCreate(model, options);
    TfLiteModelDelete(model);
    TfLiteInterpreterOptionsDelete(options);
    return made;
}

/* ---- Twice: y = 2 x, by way of a temporary ---- */

typedef struct twice_state {
    int temporary;
} twice_state;

static void *twice_init(TfLiteContext *context, const char *buffer, size_t length)
{
    ++inits;
    twice_state *made = malloc(sizeof *made);
    if (length != 5 || buffer[4] != 5 || context->AddTensors(context, 1, &made->temporary))
        return TfLiteKernelInitFailed();
    return made;
}

static void twice_free(TfLiteContext *context, void *state)
{
    (void)context;
    ++frees;
    free(state);
}

static TfLiteStatus twice_prepare(TfLiteContext *context, TfLiteNode *node)
{
    ++prepares;
    const twice_state *state = node->user_data;
    TF_LITE_ENSURE_EQ(context, node->inputs->size, 1);
    TfLiteIntArrayFree(node->temporaries);
    node->temporaries = TfLiteIntArrayCreate(1);
    node->temporaries->data[0] = state->temporary;
    const TfLiteTensor *x = &context->tensors[node->inputs->data[0]];
    TfLiteTensor *t = &context->tensors[state->temporary];
    TF_LITE_ENSURE_TYPES_EQ(context, x->type, kTfLiteFloat32);
    t->type = kTfLiteFloat32;
    t->allocation_type = kTfLiteArenaRw;
    TF_LITE_ENSURE_STATUS(context->ResizeTensor(context, t, TfLiteIntArrayCopy(x->dims)));
    return context->ResizeTensor(context, &context->tensors[node->outputs->data[0]],
                                 TfLiteIntArrayCopy(x->dims));
}

static TfLiteStatus twice_invoke(TfLiteContext *context, TfLiteNode *node)
{
    ++invokes;
    const TfLiteTensor *x = context->GetTensor(context, node->inputs->data[0]);
    TfLiteTensor *t = context->GetTensor(context, node->temporaries->data[0]);
    TfLiteTensor *y = context->GetTensor(context, node->outputs->data[0]);
    TF_LITE_ENSURE(context, x->data.f[0] >= 0);
    for (size_t i = 0; i < x->bytes / 4; ++i) t->data.f[i] = 2 * x->data.f[i];
    memcpy(y->data.raw, t->data.raw, y->bytes);
    return kTfLiteOk;
}

static const TfLiteRegistration twice = {
    .init = twice_init, .free = twice_free, .prepare = twice_prepare, .invoke = twice_invoke};

static void test_registration(void)
{
    unsigned char *bytes;
    TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
    TfLiteInterpreterOptionsAddCustomOp(options, "Twice", &twice, 1, 1);
    TfLiteInterpreter *interpreter = create(twice_text, options, &bytes);
    EXPECT(interpreter != NULL && inits == 1 && prepares == 0, "%s", heard);
    EXPECT(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk, "%s", heard);
    float *x = TfLiteTensorData(TfLiteInterpreterGetInputTensor(interpreter, 0));
    const float *y = TfLiteTensorData(TfLiteInterpreterGetOutputTensor(interpreter, 0));
    x[2] = 21;
    EXPECT(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk && y[2] == 42, "%s", heard);
    const int shape[] = {7, 3};
    EXPECT(TfLiteInterpreterResizeInputTensor(interpreter, 0, shape, 2) == kTfLiteOk, "%s", heard);
    EXPECT(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk, "%s", heard);
    x = TfLiteTensorData(TfLiteInterpreterGetInputTensor(interpreter, 0));
    x[20] = 4;
    EXPECT(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk, "%s", heard);
    const TfLiteTensor *output = TfLiteInterpreterGetOutputTensor(interpreter, 0);
    EXPECT(output->bytes == 84 && output->data.f[20] == 8, "%zu bytes", output->bytes);
    EXPECT(prepares == 2 && invokes == 2, "%d prepares, %d invokes", prepares, invokes);
    x[0] = -1;
    EXPECT(TfLiteInterpreterInvoke(interpreter) == kTfLiteError, "data it refuses");
    EXPECT(strstr(heard, "failed to invoke") != NULL, "%s", heard);
    TfLiteInterpreterDelete(interpreter);
    EXPECT(frees == 1, "%d frees", frees);
    free(bytes);
}

/* ---- Positive: the elements above 0, whose number is known after invoke ---- */

static TfLiteStatus positive_prepare(void *user_data, TfLiteOpaqueContext *context,
                                     TfLiteOpaqueNode *node)
{
    prepares += *(int *)user_data;
    TfLiteOpaqueTensorSetAllocationTypeToDynamic(TfLiteOpaqueNodeGetOutput(context, node, 0));
    return kTfLiteOk;
}

static TfLiteStatus positive_invoke(void *user_data, TfLiteOpaqueContext *context,
                                    TfLiteOpaqueNode *node)
{
    (void)user_data;
    const TfLiteOpaqueTensor *x = TfLiteOpaqueNodeGetInput(context, node, 0);
    TfLiteOpaqueTensor *y = TfLiteOpaqueNodeGetOutput(context, node, 0);
    const float *from = TfLiteOpaqueTensorData(x);
    size_t count = TfLiteOpaqueTensorByteSize(x) / 4;
    TfLiteIntArray *size = TfLiteIntArrayCreate(1);
    size->data[0] = 0;
    for (size_t i = 0; i < count; ++i) size->data[0] += from[i] > 0;
    if (TfLiteOpaqueContextResizeTensor(context, y, size) != kTfLiteOk) return kTfLiteError;
    float *to = TfLiteOpaqueTensorData(y);
    for (size_t i = 0; i < count; ++i)
        if (from[i] > 0) *to++ = from[i];
    return kTfLiteOk;
}

static TfLiteStatus never(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node)
{
    (void)node;
    TfLiteOpaqueContextReportError(context, "the form without data was called: %d%%", 100);
    return kTfLiteError;
}

static void test_operator(void)
{
    unsigned char *bytes;
    int step = 1;
    TfLiteOperator *positive = TfLiteOperatorCreate(kTfLiteBuiltinCustom, "Positive", 1, &step);
    TfLiteOperatorSetPrepare(positive, never);
    TfLiteOperatorSetInvoke(positive, never);
    EXPECT(TfLiteOperatorSetPrepareWithData(positive, positive_prepare) == kTfLiteOk, "set");
    EXPECT(TfLiteOperatorSetInvokeWithData(positive, positive_invoke) == kTfLiteOk, "set");
    EXPECT(TfLiteOperatorGetUserData(positive) == &step, "user data");
    TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
    TfLiteInterpreterOptionsAddOperator(options, positive);
    TfLiteInterpreter *interpreter =
        create("custom:Positive x:f32[4] -> m:f32[?]; NEG m -> y:f32[?]", options, &bytes);
    EXPECT(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk, "%s", heard);
    const TfLiteTensor *y = TfLiteInterpreterGetOutputTensor(interpreter, 0);
    EXPECT(y->allocation_type == kTfLiteDynamic, "dynamic");
    for (int positives = 0; positives <= 4; ++positives) {
        float *x = TfLiteTensorData(TfLiteInterpreterGetInputTensor(interpreter, 0));
        for (int i = 0; i < 4; ++i) x[i] = i < positives ? (float)(i + 1) : -1;
        EXPECT(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk, "%s", heard);
        EXPECT(TfLiteTensorDim(y, 0) == positives, "%d, need %d", TfLiteTensorDim(y, 0), positives);
        if (positives > 0)
            EXPECT(y->data.f[positives - 1] == (float)-positives, "%g",
                   (double)y->data.f[positives - 1]);
    }
    EXPECT(prepares >= 1, "prepared");
    TfLiteInterpreterDelete(interpreter);
    TfLiteOperatorDelete(positive);
    free(bytes);
}

/* ---- Built-in operators of the program ---- */

static TfLiteStatus fill_with_seven(TfLiteContext *context, TfLiteNode *node)
{
    TfLiteTensor *y = &context->tensors[node->outputs->data[0]];
    for (size_t i = 0; i < y->bytes / 4; ++i) y->data.f[i] = 7;
    return kTfLiteOk;
}

static TfLiteStatus fill_with_slope(TfLiteContext *context, TfLiteNode *node)
{
    const TfLiteLeakyReluParams *params = node->builtin_data;
    context->tensors[node->outputs->data[0]].data.f[0] = params->alpha;
    return kTfLiteOk;
}

static const TfLiteRegistration slopes = {.invoke = fill_with_slope};
static const TfLiteRegistration sevens = {.invoke = fill_with_seven};

static const TfLiteRegistration *find_sevens(void *user_data, TfLiteBuiltinOperator op, int version)
{
    (void)version;
    ++*(int *)user_data;
    return op == kTfLiteBuiltinNeg ? &sevens : NULL;
}

static const TfLiteRegistration *find_nothing(void *user_data, const char *name, int version)
{
    (void)user_data;
    (void)name;
    (void)version;
    return NULL;
}

static float negated(TfLiteInterpreter *interpreter)
{
    EXPECT(interpreter != NULL, "%s", heard);
    EXPECT(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk, "%s", heard);
    EXPECT(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk, "%s", heard);
    float got = ((float *)TfLiteTensorData(TfLiteInterpreterGetOutputTensor(interpreter, 0)))[0];
    TfLiteInterpreterDelete(interpreter);
    return got;
}

static void test_replaced_built_in(void)
{
    static const char text[] = "NEG x:f32[2] -> y:f32[2]";
    unsigned char *bytes;
    TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
    TfLiteInterpreterOptionsAddBuiltinOp(options, kTfLiteBuiltinNeg, &sevens, 1, 1);
    EXPECT(negated(create(text, options, &bytes)) == 7, "the program's own");
    free(bytes);
    int asked = 0;
    options = TfLiteInterpreterOptionsCreate();
    TfLiteInterpreterOptionsSetOpResolver(options, find_sevens, find_nothing, &asked);
    EXPECT(negated(create(text, options, &bytes)) == 7 && asked > 0, "the resolver's");
    free(bytes);
    options = TfLiteInterpreterOptionsCreate();
    TfLiteInterpreterOptionsSetOpResolver(options, find_sevens, find_nothing, &asked);
    EXPECT(create("ABS x:f32[2] -> y:f32[2]", options, &bytes) == NULL, "not resolved");
    EXPECT(strstr(heard, "ABS") != NULL, "%s", heard);
    free(bytes);
    options = TfLiteInterpreterOptionsCreate();
    TfLiteInterpreterOptionsAddBuiltinOp(options, kTfLiteBuiltinLeakyRelu, &slopes, 1, 9);
    EXPECT(negated(create("LEAKY_RELU x:f32[2] -> y:f32[2] {alpha=0.5}", options, &bytes)) == 0.5F,
           "its parameters");
    free(bytes);
}

static void test_selected(void)
{
    static const char text[] = "NEG x:f32[2] -> y:f32[2]";
    size_t size;
    unsigned char *bytes = draft_file(text, &size);
    TfLiteModel *model = TfLiteModelCreate(bytes, size);
    TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
    TfLiteInterpreterOptionsSetErrorReporter(options, hear, NULL);
    EXPECT(TfLiteInterpreterCreateWithSelectedOps(model, options) == NULL, "nothing selected");
    EXPECT(strstr(heard, "NEG") != NULL, "%s", heard);
    const TfLiteRegistration ours = {0};
    TfLiteInterpreterOptionsAddBuiltinOp(options, kTfLiteBuiltinNeg, &ours, 1, 1);
    EXPECT(negated(TfLiteInterpreterCreateWithSelectedOps(model, options)) == 0, "the library's");
    TfLiteInterpreterOptionsDelete(options);
    TfLiteModelDelete(model);
    free(bytes);
}

int main(void)
{
    test_registration();
    test_operator();
    test_replaced_built_in();
    test_selected();
    return expect_finish();
}
