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
    mg_add_product(&svdf->kernels, &svdf->features, &vector, &work.product, values);
    memmove(state, state + 1, (filters * memory - 1) * sizeof *state);
    for (size_t f = 0; f < filters; f++) state[f * memory + memory - 1] = values[f];
    svdf->kernels.row_dots->f32(svdf->time, state, filters, memory, values);
    for (size_t unit = 0; unit < svdf->units; unit++) {
        float sum = 0.0f;
        for (size_t r = 0; r < svdf->rank; r++) sum += values[unit * svdf->rank + r];
        output[unit] = svdf->bias != NULL ? sum + svdf->bias[unit] : sum;
    }
    mg_activate_f32(svdf->kernels.pointwise_f32, svdf->activation, output, svdf->units, output);
}

/* Drops the oldest values, takes the newest, and gives the sums over time, modulo 2^32. */
static void advance_s16(const mg_svdf *svdf, const int32_t *newest, int16_t *state, int32_t *sums)
{
    size_t memory = svdf->memory, filters = svdf->units * svdf->rank;
    memmove(state, state + 1, (filters * memory - 1) * sizeof *state);
    for (size_t f = 0; f < filters; f++) {
        state[f * memory + memory - 1] = (int16_t)mg_clamp(newest[f], INT16_MIN, INT16_MAX);
    }
    svdf->kernels.row_dots->s16(svdf->time_integer, state, filters, memory, sums);
}

static void advance_s8(const mg_svdf *svdf, const int32_t *newest, int8_t *state, int32_t *sums)
{
    size_t memory = svdf->memory, filters = svdf->units * svdf->rank;
    const int8_t *time = svdf->time_integer;
    memmove(state, state + 1, filters * memory - 1);
    for (size_t f = 0; f < filters; f++, state += memory, time += memory) {
        state[memory - 1] = (int8_t)mg_clamp(newest[f], INT8_MIN, INT8_MAX);
        uint32_t sum = 0;
        for (size_t i = 0; i < memory; i++) {
            sum += (uint32_t)(time[i] * (state[i] - svdf->state_zero_point));
        }
        sums[f] = (int32_t)sum;
    }
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
    int32_t *newest = work.product.sums, *values = work.values;
    mg_integer_product(&svdf->kernels, svdf->features_s8, filters, svdf->input_size, MG_CELL_I8,
                       input, svdf->input_zero_point, NULL, work.product.dot, newest);
    for (size_t f = 0; f < filters; f++) {
        newest[f] = scale((uint32_t)newest[f], svdf->state_factor, svdf->state_zero_point);
    }
    if (svdf->state_cell == MG_CELL_I16)
        advance_s16(svdf, newest, state, values);
    else
        advance_s8(svdf, newest, state, values);
    for (size_t unit = 0; unit < svdf->units; unit++) {
        uint32_t sum = svdf->bias_s32 != NULL ? (uint32_t)svdf->bias_s32[unit] : 0;
        for (size_t r = 0; r < svdf->rank; r++) sum += (uint32_t)values[unit * svdf->rank + r];
        int32_t value = scale(sum, svdf->output_factor, svdf->output_zero_point);
        output[unit] = (int8_t)mg_clamp(value, INT8_MIN, INT8_MAX);
    }
}
