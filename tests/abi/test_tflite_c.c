/* SPDX-License-Identifier: Apache-2.0 */
/* What the C interface of TensorFlow Lite promises, function by function. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "draft/draft.h"
#include "tensorflow/lite/c/c_api.h"
#include "tensorflow/lite/c/c_api_experimental.h"
#include "tensorflow/lite/c/c_api_opaque.h"
#include "tensorflow/lite/c/common.h"
#include "tensorflow/lite/core/async/interop/c/types.h"
#include "tensorflow/lite/delegates/external/external_delegate.h"
#include "tensorflow/lite/delegates/nnapi/nnapi_delegate_c_api.h"
#include "tensorflow/lite/delegates/xnnpack/xnnpack_delegate.h"
#include "unit/expect.h"

static const char add_one[] =
    "ADD x:f32[?,3] one:f32[3]={1} -> y:f32[?,3]; signature serve x=x -> y=y";

static char heard[4096];

static void hear(void *user_data, const char *format, va_list args)
{
    (void)user_data;
    (void)vsnprintf(heard, sizeof heard, format, args);
}

typedef struct opened {
    unsigned char *bytes;
    TfLiteInterpreterOptions *options;
    TfLiteInterpreter *interpreter;
} opened;

static void begin(opened *at, const char *text)
{
    size_t size;
    *at = (opened){.bytes = draft_file(text, &size), .options = TfLiteInterpreterOptionsCreate()};
    TfLiteInterpreterOptionsSetErrorReporter(at->options, hear, NULL);
    heard[0] = '\0';
}

static void make(opened *at, size_t size)
{
    TfLiteModel *model = TfLiteModelCreateWithErrorReporter(at->bytes, size, hear, NULL);
    at->interpreter = TfLiteInterpreterCreate(model, at->options);
    TfLiteModelDelete(model);
}

/* From text to an interpreter whose tensors are allocated; the model is gone by then. */
static TfLiteInterpreter *open_text(opened *at, const char *text)
{
    size_t size;
    begin(at, text);
    free(at->bytes);
    at->bytes = draft_file(text, &size);
    make(at, size);
    EXPECT(at->interpreter != NULL, "%s", heard);
    if (at->interpreter != NULL)
        EXPECT(TfLiteInterpreterAllocateTensors(at->interpreter) == kTfLiteOk, "%s", heard);
    return at->interpreter;
}

static void close_opened(opened *at)
{
    TfLiteInterpreterDelete(at->interpreter);
    TfLiteInterpreterOptionsDelete(at->options);
    free(at->bytes);
}

static void test_versions(void)
{
    EXPECT(strncmp(TfLiteVersion(), "2.", 2) == 0, "%s", TfLiteVersion());
    EXPECT(strcmp(TfLiteExtensionApisVersion(), TfLiteVersion()) == 0, "differ");
    EXPECT(TfLiteSchemaVersion() == 3, "%d", TfLiteSchemaVersion());
}

static void test_invoke(void)
{
    opened at;
    TfLiteInterpreter *interpreter = open_text(&at, add_one);
    TfLiteTensor *x = TfLiteInterpreterGetInputTensor(interpreter, 0);
    const TfLiteTensor *y = TfLiteInterpreterGetOutputTensor(interpreter, 0);
    const float three[] = {1, 2, 3}, six[] = {1, 2, 3, 4, 5, 6};
    float got[6];
    EXPECT(TfLiteInterpreterGetInputTensorCount(interpreter) == 1, "inputs");
    EXPECT(TfLiteInterpreterGetOutputTensorCount(interpreter) == 1, "outputs");
    EXPECT(TfLiteInterpreterInputTensorIndices(interpreter)[0] ==
               TfLiteInterpreterGetInputTensorIndex(interpreter, 0),
           "indices");
    EXPECT(TfLiteInterpreterGetTensor(interpreter,
                                      TfLiteInterpreterGetInputTensorIndex(interpreter, 0)) == x,
           "by index");
    EXPECT(strcmp(TfLiteTensorName(x), "x") == 0, "%s", TfLiteTensorName(x));
    EXPECT(TfLiteTensorType(x) == kTfLiteFloat32 && TfLiteTensorNumDims(x) == 2, "type, rank");
    EXPECT(x->dims_signature->size == 2 && x->dims_signature->data[0] == -1, "signature");
    EXPECT(TfLiteTensorCopyFromBuffer(x, three, sizeof three) == kTfLiteOk, "copy");
    EXPECT(TfLiteTensorCopyFromBuffer(x, three, 8) == kTfLiteError, "size");
    EXPECT(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk, "%s", heard);
    EXPECT(TfLiteTensorCopyToBuffer(y, got, 12) == kTfLiteOk && got[2] == 4, "%g", (double)got[2]);
    const int two_rows[] = {2, 3};
    EXPECT(TfLiteInterpreterResizeInputTensor(interpreter, 0, two_rows, 2) == kTfLiteOk, "resize");
    EXPECT(TfLiteTensorDim(x, 0) == 2 && TfLiteTensorByteSize(x) == 24, "at once");
    EXPECT(TfLiteInterpreterInvoke(interpreter) == kTfLiteError, "not allocated");
    EXPECT(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk, "%s", heard);
    EXPECT(TfLiteTensorCopyFromBuffer(x, six, sizeof six) == kTfLiteOk, "copy");
    EXPECT(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk, "%s", heard);
    EXPECT(TfLiteTensorDim(y, 0) == 2 && ((float *)TfLiteTensorData(y))[5] == 7, "two rows");
    close_opened(&at);
}

static void test_signatures(void)
{
    opened at;
    TfLiteInterpreter *interpreter = open_text(
        &at, "ADD x:f32[2] k:f32[1]={1} -> y:f32[2]\nsignature first p=x -> q=y\ngraph other\n"
             "MUL u:f32[?] t:f32[1]={2} -> v:f32[?]\nsignature second b=u -> a=v");
    EXPECT(TfLiteInterpreterGetSignatureCount(interpreter) == 2, "count");
    TfLiteSignatureRunner *runner = TfLiteInterpreterGetSignatureRunner(interpreter, "second");
    const int four[] = {4};
    EXPECT(TfLiteSignatureRunnerResizeInputTensor(runner, "b", four, 1) == kTfLiteOk, "%s", heard);
    EXPECT(TfLiteSignatureRunnerInvoke(runner) == kTfLiteError, "not allocated");
    EXPECT(TfLiteSignatureRunnerAllocateTensors(runner) == kTfLiteOk, "%s", heard);
    float *in = TfLiteTensorData(TfLiteSignatureRunnerGetInputTensor(runner, "b"));
    in[3] = 21;
    EXPECT(TfLiteSignatureRunnerInvoke(runner) == kTfLiteOk, "%s", heard);
    const float *out = TfLiteTensorData(TfLiteSignatureRunnerGetOutputTensor(runner, "a"));
    EXPECT(out[3] == 42, "%g", (double)out[3]);
    EXPECT(TfLiteSignatureRunnerGetInputTensor(runner, "x") == NULL, "unknown");
    EXPECT(strstr(heard, "x") != NULL, "%s", heard);
    TfLiteSignatureRunnerDelete(runner);
    EXPECT(TfLiteInterpreterGetSignatureRunner(interpreter, "third") == NULL, "unknown");
    close_opened(&at);

    interpreter = open_text(&at, "ADD b:f32[2] a:f32[2] -> s:f32[2]; in b a");
    runner = TfLiteInterpreterGetSignatureRunner(interpreter, NULL);
    EXPECT(runner != NULL && strcmp(TfLiteSignatureRunnerGetInputName(runner, 0), "a") == 0,
           "the model itself stands for a signature, names sorted");
    EXPECT(TfLiteSignatureRunnerInvoke(runner) == kTfLiteOk, "%s", heard);
    TfLiteSignatureRunnerDelete(runner);
    close_opened(&at);
}

static void test_quantization(void)
{
    opened at;
    TfLiteInterpreter *interpreter =
        open_text(&at, "CONV_2D x:i8[1,4,4,2]q0.5:3 w:i8[3,1,1,2]q0.5:0/0= b:i32[3]q0.25:0/0= -> "
                       "y:i8[1,4,4,3]q2:0 {padding=1 stride_w=1 stride_h=1}");
    TfLiteQuantizationParams params =
        TfLiteTensorQuantizationParams(TfLiteInterpreterGetInputTensor(interpreter, 0));
    EXPECT(params.scale == 0.5f && params.zero_point == 3, "%g", (double)params.scale);
    const TfLiteTensor *w = TfLiteInterpreterGetTensor(interpreter, 1);
    EXPECT(w->params.scale == 0 && w->quantization.type == kTfLiteAffineQuantization, "w");
    EXPECT(((TfLiteAffineQuantization *)w->quantization.params)->scale->size == 3, "scales");
    EXPECT(w->allocation_type == kTfLiteMmapRo && w->data.raw != NULL, "a constant has data");
    close_opened(&at);
}

static void test_own_memory(void)
{
    opened at;
    TfLiteInterpreter *interpreter = open_text(&at, add_one);
    float *memory = aligned_alloc(64, 128);
    TfLiteCustomAllocation in = {memory, 12}, out = {memory + 16, 12}, little = {memory, 8};
    int x = TfLiteInterpreterGetInputTensorIndex(interpreter, 0);
    int y = TfLiteInterpreterGetOutputTensorIndex(interpreter, 0);
    EXPECT(TfLiteInterpreterSetCustomAllocationForTensor(interpreter, x, &in, 0) == kTfLiteOk, "%s",
           heard);
    EXPECT(TfLiteInterpreterSetCustomAllocationForTensor(interpreter, y, &out, 0) == kTfLiteOk,
           "%s", heard);
    EXPECT(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk, "%s", heard);
    memory[0] = 41;
    EXPECT(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk, "%s", heard);
    EXPECT(memory[16] == 42, "%g", (double)memory[16]);
    EXPECT(TfLiteInterpreterGetInputTensor(interpreter, 0)->data.f == memory, "data");
    EXPECT(TfLiteInterpreterSetCustomAllocationForTensor(interpreter, x, &little, 0) != kTfLiteOk ||
               TfLiteInterpreterAllocateTensors(interpreter) != kTfLiteOk,
           "too little memory");
    EXPECT(TfLiteInterpreterSetCustomAllocationForTensor(interpreter, 1, &in, 0) == kTfLiteError,
           "a constant stays where it is");
    close_opened(&at);
    free(memory);
}

static void test_variables(void)
{
    opened at;
    TfLiteInterpreter *interpreter = open_text(
        &at, "SVDF x:f32[1,2] w:f32[2,2]={1} t:f32[2,2]={1} - s:f32[1,4]~ -> y:f32[1,2] {rank=1}");
    EXPECT(TfLiteInterpreterGetVariableTensorCount(interpreter) == 1, "count");
    TfLiteTensor *state = TfLiteInterpreterGetVariableTensor(interpreter, 0);
    EXPECT(state != NULL && state->is_variable, "variable");
    float *x = TfLiteTensorData(TfLiteInterpreterGetInputTensor(interpreter, 0));
    const float *y = TfLiteTensorData(TfLiteInterpreterGetOutputTensor(interpreter, 0));
    x[0] = 1;
    EXPECT(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk && y[0] == 1, "%g", (double)y[0]);
    EXPECT(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk && y[0] == 2, "%g", (double)y[0]);
    EXPECT(TfLiteInterpreterResetVariableTensors(interpreter) == kTfLiteOk, "%s", heard);
    EXPECT(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk && y[0] == 1, "%g", (double)y[0]);
    close_opened(&at);
}

static void test_missing_operators(void)
{
    static const char text[] = "custom:Nobody x:f32[2] -> y:f32[2]";
    opened at;
    size_t size;
    begin(&at, text);
    free(at.bytes);
    at.bytes = draft_file(text, &size);
    make(&at, size);
    EXPECT(at.interpreter != NULL, "found out when tensors are allocated: %s", heard);
    EXPECT(TfLiteTensorByteSize(TfLiteInterpreterGetInputTensor(at.interpreter, 0)) == 8, "bytes");
    EXPECT(TfLiteInterpreterAllocateTensors(at.interpreter) == kTfLiteUnresolvedOps, "%s", heard);
    EXPECT(strstr(heard, "Nobody") != NULL, "%s", heard);
    EXPECT(TfLiteInterpreterInvoke(at.interpreter) == kTfLiteError, "not allocated");
    close_opened(&at);
}

static void test_delegates(void)
{
    opened at;
    TfLiteInterpreter *interpreter = open_text(&at, add_one);
    TfLiteXNNPackDelegateOptions options = TfLiteXNNPackDelegateOptionsDefault();
    options.num_threads = 3;
    TfLiteDelegate *xnnpack = TfLiteXNNPackDelegateCreate(&options);
    EXPECT(TfLiteInterpreterModifyGraphWithDelegate(interpreter, xnnpack) == kTfLiteOk, "%s",
           heard);
    EXPECT(TfLiteXNNPackDelegateGetOptions(xnnpack)->num_threads == 3, "options");
    EXPECT(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk, "%s", heard);
    TfLiteModel *model = TfLiteModelCreate(at.bytes, 0);
    EXPECT(model == NULL, "no bytes, no model");
    TfLiteExternalDelegateOptions external = TfLiteExternalDelegateOptionsDefault("no/such.so");
    EXPECT(external.insert(&external, "key", "value") == kTfLiteOk && external.count == 1,
           "insert");
    EXPECT(TfLiteExternalDelegateCreate(&external) == NULL, "no library");
    close_opened(&at);
    TfLiteXNNPackDelegateDelete(xnnpack);
}

static float first_sum(TfLiteInterpreter *interpreter)
{
    float *x = TfLiteTensorData(TfLiteInterpreterGetInputTensor(interpreter, 0));
    x[0] = 20;
    EXPECT(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk, "%s", heard);
    const float *y = TfLiteTensorData(TfLiteInterpreterGetOutputTensor(interpreter, 0));
    return y[0];
}

static void test_plugin(void)
{
    opened at;
    TfLiteInterpreter *interpreter = open_text(&at, add_one);
    TfLiteExternalDelegateOptions options = TfLiteExternalDelegateOptionsDefault(PLUGIN);
    (void)options.insert(&options, "factor", "2");
    TfLiteDelegate *delegate = TfLiteExternalDelegateCreate(&options);
    EXPECT(delegate != NULL, "the plugin makes a delegate");
    EXPECT(first_sum(interpreter) == 21, "before");
    EXPECT(TfLiteInterpreterModifyGraphWithDelegate(interpreter, delegate) == kTfLiteOk, "%s",
           heard);
    EXPECT(first_sum(interpreter) == 42, "the plugin computes");
    const int shape[] = {5, 3};
    EXPECT(TfLiteInterpreterResizeInputTensor(interpreter, 0, shape, 2) == kTfLiteOk, "%s", heard);
    EXPECT(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk, "%s", heard);
    EXPECT(first_sum(interpreter) == 42, "after a resize");
    TfLiteSignatureRunner *runner = TfLiteInterpreterGetSignatureRunner(interpreter, "serve");
    EXPECT(TfLiteSignatureRunnerAllocateTensors(runner) == kTfLiteOk, "%s", heard);
    float *x = TfLiteTensorData(TfLiteSignatureRunnerGetInputTensor(runner, "x"));
    x[0] = 4;
    EXPECT(TfLiteSignatureRunnerInvoke(runner) == kTfLiteOk, "%s", heard);
    const float *y = TfLiteTensorData(TfLiteSignatureRunnerGetOutputTensor(runner, "y"));
    EXPECT(y[0] == 10, "a signature runs it, too");
    TfLiteSignatureRunnerDelete(runner);
    close_opened(&at);
    TfLiteExternalDelegateDelete(delegate);
    (void)options.insert(&options, "fail", "1");
    EXPECT(TfLiteExternalDelegateCreate(&options) == NULL, "the plugin refuses");
}

static void test_strings(void)
{
    opened at;
    TfLiteInterpreter *interpreter =
        open_text(&at, "GATHER x:str[2] i:i32[2]={1,0} -> y:str[2] {axis=0}");
    static const char *const words[] = {"one", "zwei"};
    static const int lengths[] = {3, 4};
    TfLiteOpaqueTensor *x = (TfLiteOpaqueTensor *)TfLiteInterpreterGetInputTensor(interpreter, 0);
    const TfLiteOpaqueTensor *y =
        (const TfLiteOpaqueTensor *)TfLiteInterpreterGetOutputTensor(interpreter, 0);
    for (int round = 0; round < 3; ++round) {
        const char *text = NULL;
        int length = 0;
        EXPECT(TfLiteOpaqueTensorWriteStrings(x, words, 2, lengths) == kTfLiteOk, "write");
        EXPECT(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk, "%s", heard);
        EXPECT(TfLiteOpaqueTensorGetStringCount(y) == 2, "count");
        EXPECT(TfLiteOpaqueTensorGetString(y, 0, &text, &length) == kTfLiteOk && length == 4 &&
                   memcmp(text, "zwei", 4) == 0,
               "%.*s", length, text);
        EXPECT(TfLiteOpaqueTensorGetString(y, 2, &text, &length) == kTfLiteError, "out of range");
    }
    close_opened(&at);
}

static void test_handles(void)
{
    int here = 0;
    TfLiteBackendBuffer *buffer = TfLiteBackendBufferCreate();
    TfLiteSynchronization *fence = TfLiteSynchronizationCreate();
    EXPECT(TfLiteBackendBufferGetPtr(buffer) == NULL, "empty");
    EXPECT(TfLiteSynchronizationGetPtr(fence) == NULL, "empty");
    TfLiteBackendBufferSetPtr(buffer, &here);
    TfLiteSynchronizationSetPtr(fence, &here);
    EXPECT(TfLiteBackendBufferGetPtr(buffer) == &here, "kept");
    EXPECT(TfLiteSynchronizationGetPtr(fence) == &here, "kept");
    TfLiteBackendBufferDelete(buffer);
    TfLiteSynchronizationDelete(fence);
    TfLiteBackendBufferDelete(NULL);
    TfLiteSynchronizationDelete(NULL);
    EXPECT(TfLiteBackendBufferGetPtr(NULL) == NULL, "none");
}

static void test_nnapi(void)
{
    opened at;
    TfLiteInterpreter *interpreter = open_text(&at, add_one);
    TfLiteNnapiDelegateOptions options = TfLiteNnapiDelegateOptionsDefault();
    EXPECT(options.execution_preference == kUndefined && options.disallow_nnapi_cpu == 1 &&
               options.max_number_delegated_partitions == 3 && options.allow_fp16 == 0,
           "defaults");
    TfLiteDelegate *delegate = TfLiteNnapiDelegateCreate(&options);
    EXPECT(TfLiteInterpreterModifyGraphWithDelegate(interpreter, delegate) == kTfLiteOk, "%s",
           heard);
    EXPECT(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk, "%s", heard);
    close_opened(&at);
    TfLiteNnapiDelegateDelete(delegate);
}

/* Threads stay behind in the parent of a fork; the child goes on all the same. */
static void test_fork(void)
{
    opened at;
    size_t size;
    if (getenv("MIDGE_EMULATOR") != NULL) {
        expect_skip("emulators of processors lose the threads of a fork's child");
        return;
    }
    begin(&at, "EXP x:f32[1,100000] -> y:f32[1,100000]");
    free(at.bytes);
    at.bytes = draft_file("EXP x:f32[1,100000] -> y:f32[1,100000]", &size);
    TfLiteInterpreterOptionsSetNumThreads(at.options, 4);
    make(&at, size);
    EXPECT(TfLiteInterpreterAllocateTensors(at.interpreter) == kTfLiteOk, "%s", heard);
    EXPECT(TfLiteInterpreterInvoke(at.interpreter) == kTfLiteOk, "%s", heard);
    (void)fflush(NULL);
    /* Threads that are just starting hold a lock of AddressSanitizer's memory. */
    (void)nanosleep(&(struct timespec){0, 20000000}, NULL);
    pid_t child = fork();
    if (child == 0) {
        alarm(20);
        const float *y = TfLiteTensorData(TfLiteInterpreterGetOutputTensor(at.interpreter, 0));
        bool fine = true;
        for (int i = 0; i < 5 && fine; ++i)
            fine = TfLiteInterpreterInvoke(at.interpreter) == kTfLiteOk && y[99999] == 1;
        TfLiteInterpreterDelete(at.interpreter);
        _exit(fine ? 0 : 1);
    }
    int status = -1;
    EXPECT(waitpid(child, &status, 0) == child && status == 0, "status %d", status);
    EXPECT(TfLiteInterpreterInvoke(at.interpreter) == kTfLiteOk, "%s", heard);
    close_opened(&at);
}

static void test_reports(void)
{
    static const unsigned char page[] = "<!DOCTYPE html><html>100%</html>          ";
    EXPECT(TfLiteModelCreateWithErrorReporter(page, sizeof page, hear, NULL) == NULL, "no model");
    EXPECT(heard[0] != '\0' && strchr(heard, '\n') == NULL, "one line: %s", heard);
}

int main(void)
{
    test_versions();
    test_invoke();
    test_signatures();
    test_quantization();
    test_own_memory();
    test_variables();
    test_missing_operators();
    test_delegates();
    test_plugin();
    test_strings();
    test_handles();
    test_nnapi();
    test_fork();
    test_reports();
    return expect_finish();
}
