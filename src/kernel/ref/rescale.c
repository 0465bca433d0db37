/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/rescale.h"

#include <math.h>

void mg_rescale_table_u8(float from_scale, int32_t from_zero_point, float to_scale,
                         int32_t to_zero_point, uint8_t table[256])
{
    const float scale = from_scale * (1.0f / to_scale);
    const float bias = (float)-from_zero_point * scale;
    for (int q = 0; q < 256; ++q) {
        float value = roundf((float)q * scale + bias) + (float)to_zero_point;
        table[q] = (uint8_t)(value < 0.0f ? 0.0f : value > 255.0f ? 255.0f : value);
    }
}

void mg_look_up_u8(const uint8_t *from, size_t count, const uint8_t table[256], uint8_t *to)
{
    for (size_t i = 0; i < count; ++i) to[i] = table[from[i]];
}
