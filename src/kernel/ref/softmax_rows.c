/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/softmax_rows.h"

#include <float.h>
#include <math.h>

#include "kernel/ref/half.h"
#include "kernel/softmax.h"

static float largest(const float *row, size_t depth)
{
    float most = -FLT_MAX;
    for (size_t i = 0; i < depth; i++) most = row[i] > most ? row[i] : most;
    return most;
}

void mg_softmax_f32(const float *input, size_t rows, size_t depth, float beta, float *output)
{
    for (size_t row = 0; row < rows; row++, input += depth, output += depth) {
        float most = largest(input, depth);
        float sum = 0.0f;
        for (size_t i = 0; i < depth; i++) {
            output[i] = expf((input[i] - most) * beta);
            sum += output[i];
        }
        for (size_t i = 0; i < depth; i++) output[i] /= sum;
    }
}

void mg_softmax_f16(const uint16_t *input, size_t rows, size_t depth, float beta, uint16_t *output)
{
    for (size_t row = 0; row < rows; row++, input += depth, output += depth) {
        float most = -65504.0f;
        for (size_t i = 0; i < depth; i++) {
            float value = mg_half_to_float(input[i]);
            most = value > most ? value : most;
        }
        float sum = 0.0f;
        for (size_t i = 0; i < depth; i++) {
            float exponential = expf((mg_half_to_float(input[i]) - most) * beta);
            output[i] = mg_float_to_half(exponential);
            sum += exponential;
        }
        for (size_t i = 0; i < depth; i++)
            output[i] = mg_float_to_half(mg_half_to_float(output[i]) / sum);
    }
}

void mg_log_softmax_f32(const float *input, size_t rows, size_t depth, float *output)
{
    for (size_t row = 0; row < rows; row++, input += depth, output += depth) {
        float most = largest(input, depth);
        float sum = 0.0f;
        for (size_t i = 0; i < depth; i++) sum += expf(input[i] - most);
        float logarithm = logf(sum);
        for (size_t i = 0; i < depth; i++) output[i] = input[i] - most - logarithm;
    }
}

const mg_softmax_f32_kernel mg_softmax_f32_ref = {mg_softmax_f32};
