/* SPDX-License-Identifier: Apache-2.0 */
/* row_dots in plain C, summed in ascending depth. */
#include "kernel/row_dots.h"

static void dots_s16(const int16_t *a, const int16_t *b, size_t rows, size_t depth, int32_t *sums)
{
    for (size_t row = 0; row < rows; row++, a += depth, b += depth) {
        uint32_t sum = 0;
        for (size_t i = 0; i < depth; i++) sum += (uint32_t)((int32_t)a[i] * b[i]);
        sums[row] = (int32_t)sum;
    }
}

static void dots_s8(const int8_t *a, const int8_t *b, int32_t b_zero, size_t rows, size_t depth,
                    int32_t *sums)
{
    for (size_t row = 0; row < rows; row++, a += depth, b += depth) {
        uint32_t sum = 0;
        for (size_t i = 0; i < depth; i++) sum += (uint32_t)(a[i] * (b[i] - b_zero));
        sums[row] = (int32_t)sum;
    }
}

static void dots_f32(const float *a, const float *b, size_t rows, size_t depth, float *sums)
{
    for (size_t row = 0; row < rows; row++, a += depth, b += depth) {
        float sum = 0.0f;
        for (size_t i = 0; i < depth; i++) sum += a[i] * b[i];
        sums[row] = sum;
    }
}

const mg_row_dots_kernel mg_row_dots_ref = {dots_s16, dots_s8, dots_f32};
