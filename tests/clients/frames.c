/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls as a media pipeline's inference element does: input and output tensors are described,
 * with names and open sizes, before anything is allocated; then frames are written into the input
 * tensor element by element, and outputs are copied.
 *
 * usage: frames MODEL       prints the description and the outputs of three frames
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensorflow/lite/c/c_api.h"
#include "tensorflow/lite/c/common.h"

static void describe(const char *what, const TfLiteTensor *tensor)
{
    printf("%s %s type %d", what, TfLiteTensorName(tensor), (int)TfLiteTensorType(tensor));
    int rank = TfLiteTensorNumDims(tensor);
    const TfLiteIntArray *open = tensor->dims_signature;
    for (int i = 0; i < rank; ++i)
        printf(" %d", open != NULL && open->size > 0 ? open->data[i] : TfLiteTensorDim(tensor, i));
    printf("\n");
}

static bool write_frame(TfLiteTensor *tensor, uint32_t seed)
{
    size_t bytes = TfLiteTensorByteSize(tensor);
    if (TfLiteTensorType(tensor) == kTfLiteFloat32) {
        float *to = TfLiteTensorData(tensor);
        for (size_t i = 0; i < bytes / sizeof *to; ++i) {
            seed = seed * 1664525u + 1013904223u;
            to[i] = (float)(seed >> 24) / 127.5f - 1;
        }
        return true;
    }
    if (TfLiteTensorType(tensor) != kTfLiteUInt8 && TfLiteTensorType(tensor) != kTfLiteInt8)
        return false;
    uint8_t *to = TfLiteTensorData(tensor);
    for (size_t i = 0; i < bytes; ++i) {
        seed = seed * 1664525u + 1013904223u;
        to[i] = (uint8_t)(seed >> 24);
    }
    return true;
}

static void print_output(const TfLiteTensor *tensor)
{
    size_t bytes = TfLiteTensorByteSize(tensor);
    char *copy = malloc(bytes);
    if (copy == NULL || TfLiteTensorCopyToBuffer(tensor, copy, bytes) != kTfLiteOk) exit(1);
    for (size_t i = 0; i < bytes; ++i) {
        if (TfLiteTensorType(tensor) == kTfLiteFloat32) {
            float value;
            memcpy(&value, copy + i, sizeof value);
            printf(" %.6f", (double)value);
            i += sizeof value - 1;
        } else {
            printf(" %d", TfLiteTensorType(tensor) == kTfLiteUInt8 ? (int)(uint8_t)copy[i]
                                                                   : (int)(int8_t)copy[i]);
        }
    }
    printf("\n");
    free(copy);
}

int main(int argc, char **argv)
{
    if (argc < 2) return 2;
    TfLiteModel *model = TfLiteModelCreateFromFile(argv[1]);
    if (model == NULL) return 3;
    TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
    TfLiteInterpreterOptionsSetNumThreads(options, 2);
    TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
    if (interpreter == NULL || TfLiteInterpreterGetInputTensorCount(interpreter) != 1) return 4;
    describe("input", TfLiteInterpreterGetInputTensor(interpreter, 0));
    for (int i = 0; i < TfLiteInterpreterGetOutputTensorCount(interpreter); ++i)
        describe("output", TfLiteInterpreterGetOutputTensor(interpreter, i));
    if (TfLiteInterpreterAllocateTensors(interpreter) != kTfLiteOk) return 5;
    for (uint32_t frame = 1; frame <= 3; ++frame) {
        if (!write_frame(TfLiteInterpreterGetInputTensor(interpreter, 0), frame)) return 6;
        if (TfLiteInterpreterInvoke(interpreter) != kTfLiteOk) return 7;
        for (int i = 0; i < TfLiteInterpreterGetOutputTensorCount(interpreter); ++i)
            print_output(TfLiteInterpreterGetOutputTensor(interpreter, i));
    }
    TfLiteInterpreterDelete(interpreter);
    TfLiteInterpreterOptionsDelete(options);
    TfLiteModelDelete(model);
    return 0;
}
