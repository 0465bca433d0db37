/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/embedding.h"

#include "kernel/ref/half.h"

static int32_t value_at(const mg_embedding *table, size_t i)
{
    const uint8_t *bytes = table->values;
    if (table->bits == 8) return (int8_t)bytes[i];
    if (table->bits == 4) return (int32_t)((bytes[i / 2] >> (i % 2 * 4) & 15) ^ 8) - 8;
    return (int32_t)((bytes[i / 4] >> (i % 4 * 2) & 3) ^ 2) - 2;
}

static float scale_at(const mg_embedding *table, size_t row, size_t block)
{
    const size_t at = row * table->scale_step + block;
    return table->scales != NULL ? table->scales[at] : mg_half_to_float(table->half_scales[at]);
}

void mg_embed_f32(const mg_embedding *table, size_t row, float *result)
{
    const size_t length = table->columns / table->blocks;
    for (size_t block = 0; block < table->blocks; ++block) {
        const float scale = scale_at(table, row, block);
        const size_t first = row * table->columns + block * length;
        for (size_t i = 0; i < length; ++i) *result++ = (float)value_at(table, first + i) * scale;
    }
}

void mg_embed_f16(const mg_embedding *table, size_t row, uint16_t *result)
{
    const size_t length = table->columns / table->blocks;
    for (size_t block = 0; block < table->blocks; ++block) {
        const float scale = scale_at(table, row, block);
        const size_t first = row * table->columns + block * length;
        for (size_t i = 0; i < length; ++i)
            *result++ = mg_float_to_half((float)value_at(table, first + i) * scale);
    }
}

void mg_add_weighted_row(const float *row, size_t count, float weight, float *result)
{
    for (size_t i = 0; i < count; ++i) result[i] += row[i] * weight;
}

void mg_divide_row(size_t count, float divisor, float *result)
{
    for (size_t i = 0; i < count; ++i) result[i] /= divisor;
}
