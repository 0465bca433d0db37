/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/svdf.h"

#include <string.h>

#include "kernel/ref/scratch.h"

typedef struct workspace {
    void *values; /* a float or int32 for each filter */
    mg_product_scratch product;
    int8_t *input; /* quantised */
} workspace;

static workspace cut(const mg_svdf *svdf, mg_scratch *scratch)
{
    workspace work;
    size_t filters = svdf->units * svdf->rank;
    work.values = mg_scratch_take(scratch, filters, sizeof(int32_t));
    work.product.sums = mg_scratch_take(scratch, filters, sizeof(int32_t));
    work.product.dot = mg_scratch_take(scratch, mg_dot_scratch_bytes(svdf->input_size), 1);
    work.input = mg_scratch_take(scratch, svdf->input_size, 1);
    return work;
}

size_t mg_svdf_scratch(const mg_svdf *svdf)
{
    mg_scratch measure = {NULL, 0};
    cut(svdf, &measure);
    return measure.used;
}

static float dot_f32(const float *a, const float *b, size_t count)
{
    float sum = 0.0f;
    for (size_t i = 0; i < count; i++) sum += a[i] * b[i];
    return sum;
}

void mg_svdf_step_f32(const mg_svdf *svdf, const float *input, float *state, float *output,
                      void *scratch)
{
    mg_scratch block = {scratch, 0};
    workspace work = cut(svdf, &block);
    size_t memory = svdf->memory, filters = svdf->units * svdf->rank;
    float *values = work.values;
    bool hybrid = svdf->features.cell == MG_CELL_I8;
    mg_product_vector vector =
        mg_product_vector_of(input, svdf->input_size, hybrid ? work.input : NULL, svdf->asymmetric);
    memset(values, 0, filters * sizeof(float));
    mg_add_product(&svdf->dots, &svdf->features, &vector, &work.product, values);
    for (size_t f = 0; f < filters; f++) {
        float *history = state + f * memory;
        memmove(history, history + 1, (memory - 1) * sizeof(float));
        history[memory - 1] = values[f];
        values[f] = dot_f32(svdf->time + f * memory, history, memory);
    }
    for (size_t unit = 0; unit < svdf->units; unit++) {
        float sum = 0.0f;
        for (size_t r = 0; r < svdf->rank; r++) sum += values[unit * svdf->rank + r];
        output[unit] = svdf->bias != NULL ? sum + svdf->bias[unit] : sum;
    }
    mg_activate_f32(svdf->activation, output, svdf->units, output);
}

/* Sums modulo 2^32. */
static uint32_t advance_s16(int16_t *history, const int16_t *time, size_t memory, int16_t newest)
{
    memmove(history, history + 1, (memory - 1) * sizeof *history);
    history[memory - 1] = newest;
    uint32_t sum = 0;
    for (size_t i = 0; i < memory; i++) sum += (uint32_t)((int32_t)time[i] * history[i]);
    return sum;
}

static uint32_t advance_s8(int8_t *history, const int8_t *time, size_t memory, int8_t newest,
                           int32_t zero_point)
{
    memmove(history, history + 1, memory - 1);
    history[memory - 1] = newest;
    uint32_t sum = 0;
    for (size_t i = 0; i < memory; i++) sum += (uint32_t)(time[i] * (history[i] - zero_point));
    return sum;
}

static uint32_t advance(const mg_svdf *svdf, void *state, size_t filter, int32_t newest)
{
    size_t first = filter * svdf->memory;
    if (svdf->state_cell == MG_CELL_I16) {
        return advance_s16((int16_t *)state + first, (const int16_t *)svdf->time_integer + first,
                           svdf->memory, (int16_t)mg_clamp(newest, INT16_MIN, INT16_MAX));
    }
    return advance_s8((int8_t *)state + first, (const int8_t *)svdf->time_integer + first,
                      svdf->memory, (int8_t)mg_clamp(newest, INT8_MIN, INT8_MAX),
                      svdf->state_zero_point);
}

static int32_t scale(uint32_t sum, mg_multiplier factor, int32_t zero_point)
{
    uint32_t scaled = (uint32_t)mg_multiply_by_quantized((int32_t)sum, factor);
    return (int32_t)(scaled + (uint32_t)zero_point);
}

void mg_svdf_step_integer(const mg_svdf *svdf, const int8_t *input, void *state, int8_t *output,
                          void *scratch)
{
    mg_scratch block = {scratch, 0};
    workspace work = cut(svdf, &block);
    size_t filters = svdf->units * svdf->rank;
    int32_t *sums = work.product.sums;
    uint32_t *values = work.values;
    mg_integer_product(&svdf->dots, svdf->features_s8, filters, svdf->input_size, MG_CELL_I8, input,
                       svdf->input_zero_point, NULL, work.product.dot, sums);
    for (size_t f = 0; f < filters; f++) {
        int32_t newest = scale((uint32_t)sums[f], svdf->state_factor, svdf->state_zero_point);
        values[f] = advance(svdf, state, f, newest);
    }
    for (size_t unit = 0; unit < svdf->units; unit++) {
        uint32_t sum = svdf->bias_s32 != NULL ? (uint32_t)svdf->bias_s32[unit] : 0;
        for (size_t r = 0; r < svdf->rank; r++) sum += values[unit * svdf->rank + r];
        int32_t value = scale(sum, svdf->output_factor, svdf->output_zero_point);
        output[unit] = (int8_t)mg_clamp(value, INT8_MIN, INT8_MAX);
    }
}
