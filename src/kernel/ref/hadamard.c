/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/hadamard.h"

#include <math.h>

void mg_hadamard_f32(float *values, size_t size)
{
    for (size_t half = 1; half < size; half *= 2) {
        for (size_t begin = 0; begin < size; begin += 2 * half) {
            for (size_t i = begin; i < begin + half; i++) {
                float a = values[i], b = values[i + half];
                values[i] = a + b;
                values[i + half] = a - b;
            }
        }
    }
    float factor = (float)(1.0 / sqrt((double)size));
    for (size_t i = 0; i < size; i++) values[i] *= factor;
}
