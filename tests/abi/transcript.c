/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a model through the C interface of TensorFlow Lite and writes down everything the interface
 * says: shapes, types, quantisation, signatures, and every output byte as numbers. Linked against
 * libtensorflowlite_c.so by name only, so that the same program runs on this project's library and
 * on Google's and the two transcripts can be compared.
 *
 * usage: transcript MODEL
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensorflow/lite/c/c_api.h"
#include "tensorflow/lite/c/c_api_experimental.h"
#include "tensorflow/lite/c/common.h"

enum { ROUNDS = 3 };

static void print_dims(const TfLiteTensor *tensor)
{
    printf(" [");
    for (int i = 0; i < TfLiteTensorNumDims(tensor); ++i)
        printf("%s%d", i > 0 ? "," : "", TfLiteTensorDim(tensor, i));
    printf("]");
    const TfLiteIntArray *open = tensor->dims_signature;
    printf(" open %d:", open != NULL ? open->size : -1);
    for (int i = 0; open != NULL && i < open->size; ++i) printf(" %d", open->data[i]);
}

static void print_quantization(const TfLiteTensor *tensor)
{
    TfLiteQuantizationParams params = TfLiteTensorQuantizationParams(tensor);
    printf(" scale %.9g zero %d kind %d", (double)params.scale, params.zero_point,
           (int)tensor->quantization.type);
    if (tensor->quantization.type != kTfLiteAffineQuantization) return;
    const TfLiteAffineQuantization *affine = tensor->quantization.params;
    double sum = 0;
    for (int i = 0; i < affine->scale->size; ++i) sum += (double)affine->scale->data[i];
    printf(" scales %d sum %.9g axis %d", affine->scale->size, sum, affine->quantized_dimension);
}

static void print_tensor(const char *what, int index, const TfLiteTensor *tensor)
{
    if (tensor == NULL) {
        printf("%s %d none\n", what, index);
        return;
    }
    printf("%s %d '%s' %s bytes %zu", what, index, TfLiteTensorName(tensor),
           TfLiteTypeGetName(TfLiteTensorType(tensor)), TfLiteTensorByteSize(tensor));
    print_dims(tensor);
    print_quantization(tensor);
    printf(" variable %d data %d\n", tensor->is_variable, TfLiteTensorData(tensor) != NULL);
}

/* The same numbers on every machine. */
static uint32_t draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void fill(TfLiteTensor *tensor, uint32_t *state)
{
    size_t bytes = TfLiteTensorByteSize(tensor);
    unsigned char *data = malloc(bytes + 8);
    if (data == NULL) exit(2);
    if (TfLiteTensorType(tensor) == kTfLiteFloat32) {
        for (size_t i = 0; i < bytes / 4; ++i) {
            float value = (float)(draw(state) % 2001) / 1000 - 1;
            memcpy(data + 4 * i, &value, 4);
        }
    } else if (TfLiteTensorType(tensor) == kTfLiteInt32) {
        for (size_t i = 0; i < bytes / 4; ++i) {
            int32_t value = (int32_t)(draw(state) % 5);
            memcpy(data + 4 * i, &value, 4);
        }
    } else {
        unsigned most = TfLiteTensorType(tensor) == kTfLiteBool ? 2 : 256;
        for (size_t i = 0; i < bytes; ++i) data[i] = (unsigned char)(draw(state) % most);
    }
    printf("fill %d\n", (int)TfLiteTensorCopyFromBuffer(tensor, data, bytes));
    printf("fill too much %d\n", (int)TfLiteTensorCopyFromBuffer(tensor, data, bytes + 1));
    free(data);
}

static void print_data(int index, const TfLiteTensor *tensor)
{
    size_t bytes = TfLiteTensorByteSize(tensor);
    unsigned char *data = malloc(bytes + 1);
    if (data == NULL) exit(2);
    TfLiteStatus status = TfLiteTensorCopyToBuffer(tensor, data, bytes);
    printf("output %d %s copy %d:", index, TfLiteTypeGetName(TfLiteTensorType(tensor)),
           (int)status);
    for (size_t i = 0; status == kTfLiteOk && i < bytes;) {
        if (TfLiteTensorType(tensor) == kTfLiteFloat32 && i + 4 <= bytes) {
            float value;
            memcpy(&value, data + i, 4);
            printf(" %.9g", (double)value);
            i += 4;
        } else {
            printf(" %d", data[i++]);
        }
    }
    printf("\n");
    free(data);
}

static void print_all(const TfLiteInterpreter *interpreter)
{
    int32_t inputs = TfLiteInterpreterGetInputTensorCount(interpreter);
    int32_t outputs = TfLiteInterpreterGetOutputTensorCount(interpreter);
    printf("inputs %d outputs %d\n", inputs, outputs);
    for (int32_t i = 0; i < inputs; ++i)
        print_tensor("input", TfLiteInterpreterInputTensorIndices(interpreter)[i],
                     TfLiteInterpreterGetInputTensor(interpreter, i));
    for (int32_t i = 0; i < outputs; ++i)
        print_tensor("output", TfLiteInterpreterOutputTensorIndices(interpreter)[i],
                     TfLiteInterpreterGetOutputTensor(interpreter, i));
}

static void run(TfLiteInterpreter *interpreter)
{
    uint32_t state = 1;
    for (int round = 0; round < ROUNDS; ++round) {
        for (int32_t i = 0; i < TfLiteInterpreterGetInputTensorCount(interpreter); ++i)
            fill(TfLiteInterpreterGetInputTensor(interpreter, i), &state);
        TfLiteStatus status = TfLiteInterpreterInvoke(interpreter);
        printf("invoke %d\n", (int)status);
        for (int32_t i = 0; i < TfLiteInterpreterGetOutputTensorCount(interpreter); ++i)
            if (status == kTfLiteOk)
                print_data(i, TfLiteInterpreterGetOutputTensor(interpreter, i));
    }
}

static void print_signatures(TfLiteInterpreter *interpreter)
{
    int32_t count = TfLiteInterpreterGetSignatureCount(interpreter);
    printf("signatures %d\n", count);
    for (int32_t i = -1; i <= count; ++i) {
        const char *key = TfLiteInterpreterGetSignatureKey(interpreter, i);
        printf("signature %d %s\n", i, key != NULL ? key : "none");
        TfLiteSignatureRunner *runner =
            key != NULL ? TfLiteInterpreterGetSignatureRunner(interpreter, key) : NULL;
        if (runner == NULL) continue;
        int inputs = (int)TfLiteSignatureRunnerGetInputCount(runner);
        int outputs = (int)TfLiteSignatureRunnerGetOutputCount(runner);
        for (int k = -1; k <= inputs; ++k) {
            const char *name = TfLiteSignatureRunnerGetInputName(runner, k);
            printf("  input %d %s\n", k, name != NULL ? name : "none");
            if (name != NULL)
                print_tensor("  ", k, TfLiteSignatureRunnerGetInputTensor(runner, name));
        }
        for (int k = -1; k <= outputs; ++k) {
            const char *name = TfLiteSignatureRunnerGetOutputName(runner, k);
            printf("  output %d %s\n", k, name != NULL ? name : "none");
            if (name != NULL)
                print_tensor("  ", k, TfLiteSignatureRunnerGetOutputTensor(runner, name));
        }
        printf("  allocate %d\n", (int)TfLiteSignatureRunnerAllocateTensors(runner));
        TfLiteSignatureRunnerDelete(runner);
    }
}

/* The first size of every input doubled, which models with a free batch take. */
static void resize(TfLiteInterpreter *interpreter)
{
    for (int32_t i = 0; i < TfLiteInterpreterGetInputTensorCount(interpreter); ++i) {
        const TfLiteTensor *tensor = TfLiteInterpreterGetInputTensor(interpreter, i);
        int rank = TfLiteTensorNumDims(tensor), dims[8] = {0};
        if (rank < 1 || tensor->dims_signature == NULL || tensor->dims_signature->size < 1 ||
            tensor->dims_signature->data[0] != -1)
            continue;
        for (int k = 0; k < rank; ++k) dims[k] = TfLiteTensorDim(tensor, k);
        dims[0] *= 2;
        printf("resize %d\n", (int)TfLiteInterpreterResizeInputTensor(interpreter, i, dims, rank));
        printf("invoke before allocate %d\n", (int)TfLiteInterpreterInvoke(interpreter));
        printf("allocate %d\n", (int)TfLiteInterpreterAllocateTensors(interpreter));
        print_all(interpreter);
        run(interpreter);
    }
}

int main(int argc, char **argv)
{
    if (argc < 2) return 2;
    printf("schema %d\n", TfLiteSchemaVersion());
    TfLiteModel *model = TfLiteModelCreateFromFile(argv[1]);
    printf("model %d\n", model != NULL);
    if (model == NULL) return 0;
    TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
    TfLiteInterpreterOptionsSetNumThreads(options, 2);
    TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
    printf("interpreter %d\n", interpreter != NULL);
    TfLiteInterpreterOptionsDelete(options);
    TfLiteModelDelete(model);
    if (interpreter == NULL) return 0;
    print_all(interpreter);
    printf("invoke before allocate %d\n", (int)TfLiteInterpreterInvoke(interpreter));
    TfLiteStatus status = TfLiteInterpreterAllocateTensors(interpreter);
    printf("allocate %d\n", (int)status);
    printf("variables %d\n", TfLiteInterpreterGetVariableTensorCount(interpreter));
    if (status == kTfLiteOk) {
        printf("allocate again %d\n", (int)TfLiteInterpreterAllocateTensors(interpreter));
        print_all(interpreter);
        run(interpreter);
        printf("reset %d\n", (int)TfLiteInterpreterResetVariableTensors(interpreter));
        run(interpreter);
        resize(interpreter);
        print_signatures(interpreter);
    }
    TfLiteInterpreterDelete(interpreter);
    return 0;
}
