/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls in the wrong order, with NULL, wrong sizes and bad indices, each in a process of its own.
 * Prints one line a case: its answer, or the signal that ended it. The same program runs on this
 * project's library and on Google's: where theirs answers, ours must answer the same, and where
 * theirs dies, ours must not.
 *
 * usage: abuse MODEL       a model that adds 1 to float32[?,3], with the signature "serve" x -> y
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tensorflow/lite/c/c_api.h"
#include "tensorflow/lite/c/c_api_experimental.h"
#include "tensorflow/lite/c/common.h"

static const char *path;

static void silent(void *user_data, const char *format, va_list args)
{
    (void)format;
    (void)args;
    if (user_data != NULL) ++*(int *)user_data;
}

static TfLiteInterpreterOptions *quiet(void)
{
    TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
    TfLiteInterpreterOptionsSetErrorReporter(options, silent, NULL);
    return options;
}

static TfLiteInterpreter *make(void)
{
    TfLiteModel *model = TfLiteModelCreateFromFile(path);
    TfLiteInterpreterOptions *options = quiet();
    TfLiteInterpreter *made = TfLiteInterpreterCreate(model, options);
    TfLiteInterpreterOptionsDelete(options);
    TfLiteModelDelete(model);
    if (made == NULL) exit(99);
    return made;
}

static TfLiteInterpreter *ready(void)
{
    TfLiteInterpreter *made = make();
    if (TfLiteInterpreterAllocateTensors(made) != kTfLiteOk) exit(98);
    return made;
}

static TfLiteSignatureRunner *runner(void)
{
    TfLiteSignatureRunner *made = TfLiteInterpreterGetSignatureRunner(make(), "serve");
    if (made == NULL) exit(97);
    return made;
}

static float numbers[64];

/* Threads that compute, and so many rows that they all have work. */
static TfLiteInterpreter *busy(int threads)
{
    const int shape[] = {50000, 3};
    TfLiteInterpreterOptions *options = quiet();
    TfLiteInterpreterOptionsSetNumThreads(options, threads);
    TfLiteInterpreter *made = TfLiteInterpreterCreate(TfLiteModelCreateFromFile(path), options);
    if (made == NULL || TfLiteInterpreterResizeInputTensor(made, 0, shape, 2) != kTfLiteOk ||
        TfLiteInterpreterAllocateTensors(made) != kTfLiteOk)
        exit(96);
    return made;
}

/* Whether the child of a fork can go on; it has 20 seconds. */
static int invoke_in_child(int threads)
{
    TfLiteInterpreter *at = busy(threads);
    int status = TfLiteInterpreterInvoke(at);
    pid_t child = fork();
    if (child == 0) {
        alarm(20);
        _exit(TfLiteInterpreterInvoke(at) == kTfLiteOk ? 0 : 1);
    }
    int ended = -1;
    (void)waitpid(child, &ended, 0);
    return status == 0 && ended == 0 && TfLiteInterpreterInvoke(at) == kTfLiteOk;
}

static void *invoke_often(void *interpreter)
{
    for (int i = 0; i < 200; ++i) (void)TfLiteInterpreterInvoke(interpreter);
    return NULL;
}

/* Nobody promises results; but nothing dies. */
static int invoke_in_two_threads(void)
{
    TfLiteInterpreter *at = ready();
    pthread_t other;
    if (pthread_create(&other, NULL, invoke_often, at) != 0) exit(95);
    (void)invoke_often(at);
    (void)pthread_join(other, NULL);
    return 1;
}

/* CASE(name, statements that set `answer`) */
#define CASES                                                                                     \
    CASE(delete_model_null, TfLiteModelDelete(NULL); answer = 1)                                  \
    CASE(delete_options_null, TfLiteInterpreterOptionsDelete(NULL); answer = 1)                   \
    CASE(delete_interpreter_null, TfLiteInterpreterDelete(NULL); answer = 1)                      \
    CASE(delete_runner_null, TfLiteSignatureRunnerDelete(NULL); answer = 1)                       \
    CASE(model_of_nothing, answer = TfLiteModelCreate(NULL, 0) == NULL)                           \
    CASE(model_of_nothing_sized, answer = TfLiteModelCreate(NULL, 100) == NULL)                   \
    CASE(model_of_zeros, answer = TfLiteModelCreate(numbers, sizeof numbers) == NULL)             \
    CASE(model_of_no_file, answer = TfLiteModelCreateFromFile("no/such/file") == NULL)            \
    CASE(model_of_folder, answer = TfLiteModelCreateFromFile("/") == NULL)                        \
    CASE(model_of_null_path, answer = TfLiteModelCreateFromFile(NULL) == NULL)                    \
    CASE(interpreter_of_null, answer = TfLiteInterpreterCreate(NULL, NULL) == NULL)               \
    CASE(interpreter_without_options,                                                             \
         answer = TfLiteInterpreterCreate(TfLiteModelCreateFromFile(path), NULL) != NULL)         \
    CASE(threads_of_minus_two, TfLiteInterpreterOptions *o = quiet();                             \
         TfLiteInterpreterOptionsSetNumThreads(o, -2);                                            \
         answer = TfLiteInterpreterCreate(TfLiteModelCreateFromFile(path), o) == NULL)            \
    CASE(threads_of_zero, TfLiteInterpreterOptions *o = quiet();                                  \
         TfLiteInterpreterOptionsSetNumThreads(o, 0);                                             \
         answer = TfLiteInterpreterCreate(TfLiteModelCreateFromFile(path), o) != NULL)            \
    CASE(delegate_null, TfLiteInterpreterOptions *o = quiet();                                    \
         TfLiteInterpreterOptionsAddDelegate(o, NULL);                                            \
         answer = TfLiteInterpreterCreate(TfLiteModelCreateFromFile(path), o) == NULL)            \
    CASE(invoke_before_allocate, answer = TfLiteInterpreterInvoke(make()))                        \
    CASE(allocate_twice, answer = TfLiteInterpreterAllocateTensors(ready()))                      \
    CASE(data_before_allocate,                                                                    \
         answer = TfLiteTensorData(TfLiteInterpreterGetInputTensor(make(), 0)) == NULL)           \
    CASE(output_data_before_allocate,                                                             \
         answer = TfLiteTensorData(TfLiteInterpreterGetOutputTensor(make(), 0)) == NULL)          \
    CASE(bytes_before_allocate,                                                                   \
         answer = (int)TfLiteTensorByteSize(TfLiteInterpreterGetInputTensor(make(), 0)))          \
    CASE(copy_before_allocate, answer = TfLiteTensorCopyFromBuffer(                               \
                                   TfLiteInterpreterGetInputTensor(make(), 0), numbers, 12))      \
    CASE(copy_too_little, answer = TfLiteTensorCopyFromBuffer(                                    \
                              TfLiteInterpreterGetInputTensor(ready(), 0), numbers, 11))          \
    CASE(copy_too_much, answer = TfLiteTensorCopyFromBuffer(                                      \
                            TfLiteInterpreterGetInputTensor(ready(), 0), numbers, 13))            \
    CASE(copy_from_null, answer = TfLiteTensorCopyFromBuffer(                                     \
                             TfLiteInterpreterGetInputTensor(ready(), 0), NULL, 12))              \
    CASE(copy_to_too_little, answer = TfLiteTensorCopyToBuffer(                                   \
                                 TfLiteInterpreterGetOutputTensor(ready(), 0), numbers, 11))      \
    CASE(input_of_minus_one, answer = TfLiteInterpreterGetInputTensor(make(), -1) == NULL)        \
    CASE(input_of_million, answer = TfLiteInterpreterGetInputTensor(make(), 1000000) == NULL)     \
    CASE(output_of_million, answer = TfLiteInterpreterGetOutputTensor(make(), 1000000) == NULL)   \
    CASE(tensor_of_million, answer = TfLiteInterpreterGetTensor(make(), 1000000) == NULL)         \
    CASE(tensor_of_minus_one, answer = TfLiteInterpreterGetTensor(make(), -1) == NULL)            \
    CASE(input_index_out, answer = TfLiteInterpreterGetInputTensorIndex(make(), 7))               \
    CASE(input_index_negative, answer = TfLiteInterpreterGetInputTensorIndex(make(), -7))         \
    CASE(output_index_out, answer = TfLiteInterpreterGetOutputTensorIndex(make(), 7))             \
    CASE(resize_no_input, const int d[] = {1};                                                    \
         answer = TfLiteInterpreterResizeInputTensor(make(), 9, d, 1) != kTfLiteOk)               \
    CASE(resize_null_dims,                                                                        \
         answer = TfLiteInterpreterResizeInputTensor(make(), 0, NULL, 2) != kTfLiteOk)            \
    CASE(resize_negative, const int d[] = {-2, 3}; TfLiteInterpreter *i = make();                 \
         answer = TfLiteInterpreterResizeInputTensor(i, 0, d, 2) != kTfLiteOk ||                  \
                  TfLiteInterpreterAllocateTensors(i) != kTfLiteOk)                               \
    CASE(resize_to_nothing, const int d[] = {0, 3}; TfLiteInterpreter *i = make();                \
         answer = 100 * TfLiteInterpreterResizeInputTensor(i, 0, d, 2);                           \
         answer += 10 * TfLiteInterpreterAllocateTensors(i) + TfLiteInterpreterInvoke(i))         \
    CASE(resize_huge, const int d[] = {1 << 30, 3}; TfLiteInterpreter *i = make();                \
         answer = TfLiteInterpreterResizeInputTensor(i, 0, d, 2) != kTfLiteOk ||                  \
                  TfLiteInterpreterAllocateTensors(i) != kTfLiteOk)                               \
    CASE(resize_wrong_rank, const int d[] = {2, 2, 3}; TfLiteInterpreter *i = make();             \
         answer = TfLiteInterpreterResizeInputTensor(i, 0, d, 3);                                 \
         answer += 10 * TfLiteInterpreterAllocateTensors(i))                                      \
    CASE(invoke_after_resize, const int d[] = {2, 3}; TfLiteInterpreter *i = ready();             \
         answer = TfLiteInterpreterResizeInputTensor(i, 0, d, 2);                                 \
         answer += 10 * TfLiteInterpreterInvoke(i))                                               \
    CASE(invoke_after_same_resize, const int d[] = {1, 3}; TfLiteInterpreter *i = ready();        \
         answer = TfLiteInterpreterResizeInputTensor(i, 0, d, 2);                                 \
         answer += 10 * TfLiteInterpreterInvoke(i))                                               \
    CASE(bytes_after_resize, const int d[] = {5, 3}; TfLiteInterpreter *i = ready();              \
         answer = TfLiteInterpreterResizeInputTensor(i, 0, d, 2);                                 \
         answer += (int)TfLiteTensorByteSize(TfLiteInterpreterGetInputTensor(i, 0)))              \
    CASE(cancel_not_enabled, answer = TfLiteInterpreterCancel(ready()))                           \
    CASE(cancel_enabled, TfLiteInterpreterOptions *o = quiet();                                   \
         answer = TfLiteInterpreterOptionsEnableCancellation(o, true);                            \
         TfLiteInterpreter *i = TfLiteInterpreterCreate(TfLiteModelCreateFromFile(path), o);      \
         answer += 10 * TfLiteInterpreterAllocateTensors(i);                                      \
         answer += 100 * TfLiteInterpreterCancel(i); answer += 1000 * TfLiteInterpreterInvoke(i)) \
    CASE(signature_key_out, answer = TfLiteInterpreterGetSignatureKey(make(), 5) == NULL)         \
    CASE(signature_key_negative, answer = TfLiteInterpreterGetSignatureKey(make(), -1) == NULL)   \
    CASE(signature_unknown, answer = TfLiteInterpreterGetSignatureRunner(make(), "no") == NULL)   \
    CASE(runner_name_out, answer = TfLiteSignatureRunnerGetInputName(runner(), 5) == NULL)        \
    CASE(runner_name_negative, answer = TfLiteSignatureRunnerGetOutputName(runner(), -1) == NULL) \
    CASE(runner_input_unknown,                                                                    \
         answer = TfLiteSignatureRunnerGetInputTensor(runner(), "q") == NULL)                     \
    CASE(runner_output_unknown,                                                                   \
         answer = TfLiteSignatureRunnerGetOutputTensor(runner(), "q") == NULL)                    \
    CASE(runner_resize_unknown, const int d[] = {1};                                              \
         answer = TfLiteSignatureRunnerResizeInputTensor(runner(), "q", d, 1))                    \
    CASE(runner_resize_open, const int d[] = {4, 3};                                              \
         answer = TfLiteSignatureRunnerResizeInputTensor(runner(), "x", d, 2))                    \
    CASE(runner_resize_closed, const int d[] = {4, 4};                                            \
         answer = TfLiteSignatureRunnerResizeInputTensor(runner(), "x", d, 2))                    \
    CASE(runner_resize_rank, const int d[] = {4};                                                 \
         answer = TfLiteSignatureRunnerResizeInputTensor(runner(), "x", d, 1))                    \
    CASE(runner_invoke_before_allocate, answer = TfLiteSignatureRunnerInvoke(runner()))           \
    CASE(runner_allocate_and_invoke, TfLiteSignatureRunner *r = runner();                         \
         answer = TfLiteSignatureRunnerAllocateTensors(r);                                        \
         answer += 10 * TfLiteSignatureRunnerInvoke(r))                                           \
    CASE(runner_cancel, answer = TfLiteSignatureRunnerCancel(runner()))                           \
    CASE(variable_out, answer = TfLiteInterpreterGetVariableTensor(ready(), 0) == NULL)           \
    CASE(variable_negative, answer = TfLiteInterpreterGetVariableTensor(ready(), -3) == NULL)     \
    CASE(delegate_modify_null, answer = TfLiteInterpreterModifyGraphWithDelegate(ready(), NULL))  \
    CASE(allocation_unaligned, TfLiteCustomAllocation a = {(char *)numbers + 1, 12};              \
         answer = TfLiteInterpreterSetCustomAllocationForTensor(                                  \
             ready(), TfLiteInterpreterGetInputTensorIndex(ready(), 0), &a, 0))                   \
    CASE(allocation_null, TfLiteCustomAllocation a = {NULL, 12};                                  \
         answer = TfLiteInterpreterSetCustomAllocationForTensor(ready(), 0, &a, 0))               \
    CASE(dim_out, answer = TfLiteTensorDim(TfLiteInterpreterGetInputTensor(make(), 0), 9) <= 0)   \
    CASE(reporter_hears, int heard = 0; TfLiteModel *m = TfLiteModelCreateWithErrorReporter(      \
                                            numbers, sizeof numbers, silent, &heard);             \
         answer = m == NULL && heard > 0)                                                         \
    CASE(int_array_negative, answer = TfLiteIntArrayCreate(0)->size)                              \
    CASE(int_array_equal_null, answer = TfLiteIntArrayEqual(NULL, NULL))                          \
    CASE(int_array_equal_none, answer = TfLiteIntArrayEqualsArray(NULL, 0, NULL))                 \
    CASE(int_array_copy_null, answer = TfLiteIntArrayCopy(NULL) == NULL)                          \
    CASE(type_name_unknown, answer = (int)strlen(TfLiteTypeGetName((TfLiteType)99)))              \
    CASE(type_null, answer = TfLiteTensorType(NULL) >= 0)                                         \
    CASE(bytes_null, answer = TfLiteTensorByteSize(NULL) == 0)                                    \
    CASE(allocate_null, answer = TfLiteInterpreterAllocateTensors(NULL) != kTfLiteOk)             \
    CASE(invoke_null, answer = TfLiteInterpreterInvoke(NULL) != kTfLiteOk)                        \
    CASE(count_null, answer = TfLiteInterpreterGetInputTensorCount(NULL) == 0)                    \
    CASE(cancel_null, answer = TfLiteInterpreterCancel(NULL) != kTfLiteOk)                        \
    CASE(options_copy_null, answer = TfLiteInterpreterOptionsCopy(NULL) == NULL)                  \
    CASE(runner_of_null, answer = TfLiteInterpreterGetSignatureRunner(NULL, "serve") == NULL)     \
    CASE(model_deleted_first, TfLiteModel *m = TfLiteModelCreateFromFile(path);                   \
         TfLiteInterpreter *i = TfLiteInterpreterCreate(m, NULL); TfLiteModelDelete(m);           \
         answer = TfLiteInterpreterAllocateTensors(i) + 10 * TfLiteInterpreterInvoke(i))          \
    CASE(options_deleted_first, TfLiteInterpreter *i = ready();                                   \
         answer = TfLiteInterpreterInvoke(i) + 10 * TfLiteInterpreterInvoke(i))                   \
    CASE(two_of_one_model, TfLiteModel *m = TfLiteModelCreateFromFile(path);                      \
         TfLiteInterpreter *i = TfLiteInterpreterCreate(m, NULL);                                 \
         TfLiteInterpreter *k = TfLiteInterpreterCreate(m, NULL); TfLiteInterpreterDelete(i);     \
         answer = TfLiteInterpreterAllocateTensors(k))                                            \
    CASE(runner_deleted_last, TfLiteInterpreter *i = make();                                      \
         TfLiteSignatureRunner *r = TfLiteInterpreterGetSignatureRunner(i, "serve");              \
         TfLiteInterpreterDelete(i); TfLiteSignatureRunnerDelete(r); answer = 1)                  \
    CASE(runner_and_interpreter, TfLiteInterpreter *i = ready();                                  \
         TfLiteSignatureRunner *r = TfLiteInterpreterGetSignatureRunner(i, "serve");              \
         answer = TfLiteInterpreterInvoke(i) + 10 * TfLiteSignatureRunnerInvoke(r))               \
    CASE(lent_input, TfLiteInterpreter *i = ready(); numbers[2] = 5;                              \
         TfLiteInterpreterGetInputTensor(i, 0)->data.f = numbers;                                 \
         answer = 100 * TfLiteInterpreterInvoke(i) +                                              \
                  (int)TfLiteInterpreterGetOutputTensor(i, 0)->data.f[2])                         \
    CASE(lent_output, TfLiteInterpreter *i = ready();                                             \
         TfLiteInterpreterGetTensor(i, 2)->data.f = numbers;                                      \
         TfLiteInterpreterGetInputTensor(i, 0)->data.f[2] = 6;                                    \
         answer = 100 * TfLiteInterpreterInvoke(i) + (int)numbers[2])                             \
    CASE(data_taken_away, TfLiteInterpreter *i = ready();                                         \
         TfLiteInterpreterGetInputTensor(i, 0)->data.raw = NULL;                                  \
         answer = TfLiteInterpreterInvoke(i) >= 0)                                                \
    CASE(fork_one_thread, answer = invoke_in_child(1))                                            \
    CASE(fork_three_threads, answer = invoke_in_child(3))                                         \
    CASE(two_threads_on_one, answer = invoke_in_two_threads())                                    \
    CASE(name_null, answer = TfLiteTensorName(NULL) == NULL)                                      \
    CASE(data_null, answer = TfLiteTensorData(NULL) == NULL)                                      \
    CASE(dims_null, answer = TfLiteTensorNumDims(NULL) <= 0)                                      \
    CASE(quantization_null, answer = TfLiteTensorQuantizationParams(NULL).scale == 0)             \
    CASE(copy_to_tensor_null, answer = TfLiteTensorCopyFromBuffer(NULL, numbers, 12))             \
    CASE(copy_to_null, answer = TfLiteTensorCopyToBuffer(                                         \
                           TfLiteInterpreterGetOutputTensor(ready(), 0), NULL, 12))               \
    CASE(resize_negative_rank, const int d[] = {1, 3};                                            \
         answer = TfLiteInterpreterResizeInputTensor(make(), 0, d, -1) != kTfLiteOk)              \
    CASE(operator_delete_null, TfLiteOperatorDelete(NULL); answer = 1)                            \
    CASE(delegate_without_prepare, TfLiteDelegate d = TfLiteDelegateCreate();                     \
         answer = TfLiteInterpreterModifyGraphWithDelegate(ready(), &d))                          \
    CASE(runner_input_null, answer = TfLiteSignatureRunnerGetInputTensor(runner(), NULL) == NULL)

#define CASE(name, ...)   \
    static int name(void) \
    {                     \
        int answer = 0;   \
        __VA_ARGS__;      \
        return answer;    \
    }
CASES
#undef CASE

static void run(const char *name, int (*function)(void))
{
    int pipes[2], answer, status = 0;
    if (pipe(pipes) != 0) exit(2);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL) _exit(2);
        answer = function();
        if (write(pipes[1], &answer, sizeof answer) != (ssize_t)sizeof answer) _exit(2);
        _exit(0);
    }
    close(pipes[1]);
    bool told = read(pipes[0], &answer, sizeof answer) == (ssize_t)sizeof answer;
    close(pipes[0]);
    (void)waitpid(child, &status, 0);
    if (WIFSIGNALED(status))
        printf("%s: signal\n", name);
    else if (told)
        printf("%s: %d\n", name, answer);
    else
        printf("%s: exit %d\n", name, WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
    if (argc < 2) return 2;
    path = argv[1];
#define CASE(name, ...) run(#name, name);
    CASES
    return 0;
}
