/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/svdf.h"

#include <string.h>

#include "kernel/ref/scratch.h"

typedef struct workspace {
    void *values; /* a float or int32 for each filter */
    mg_product_scratch product;
    int8_t *input; /* quantised */
    void *newest;  /* an int16 or int8 for each filter */
} workspace;

static workspace cut(const mg_svdf *svdf, mg_scratch *scratch)
{
    workspace work;
    size_t filters = svdf->units * svdf->rank;
    work.values = mg_scratch_take(scratch, filters, sizeof(int32_t));
    work.product.sums = mg_scratch_take(scratch, filters, sizeof(int32_t));
    work.product.dot = mg_scratch_take(scratch, mg_dot_scratch_bytes(svdf->input_size), 1);
    work.input = mg_scratch_take(scratch, svdf->input_size, 1);
    work.newest = mg_scratch_take(scratch, filters, sizeof(int16_t));
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
static void advance_s16(const mg_svdf *svdf, const int16_t *newest, int16_t *state, int32_t *sums)
{
    size_t memory = svdf->memory, filters = svdf->units * svdf->rank;
    memmove(state, state + 1, (filters * memory - 1) * sizeof *state);
    for (size_t f = 0; f < filters; f++) state[f * memory + memory - 1] = newest[f];
    svdf->kernels.row_dots->s16(svdf->time_integer, state, filters, memory, sums);
}

static void advance_s8(const mg_svdf *svdf, const int8_t *newest, int8_t *state, int32_t *sums)
{
    size_t memory = svdf->memory, filters = svdf->units * svdf->rank;
    memmove(state, state + 1, filters * memory - 1);
    for (size_t f = 0; f < filters; f++) state[f * memory + memory - 1] = newest[f];
    svdf->kernels.row_dots->s8(svdf->time_integer, state, svdf->state.zero_point, filters, memory,
                               sums);
}

void mg_svdf_step_integer(const mg_svdf *svdf, const int8_t *input, void *state, int8_t *output,
                          void *scratch)
{
    mg_scratch block = {scratch, 0};
    workspace work = cut(svdf, &block);
    size_t filters = svdf->units * svdf->rank;
    int32_t *sums = work.product.sums, *values = work.values;
    mg_integer_product(&svdf->kernels, svdf->features_s8, filters, svdf->input_size, MG_CELL_I8,
                       input, svdf->input_zero_point, NULL, work.product.dot, sums);
    svdf->kernels.requantise->rows(&svdf->state, sums, filters, 1, filters, work.newest, filters);
    if (svdf->state.cell == MG_CELL_I16)
        advance_s16(svdf, work.newest, state, values);
    else
        advance_s8(svdf, work.newest, state, values);
    for (size_t unit = 0; unit < svdf->units; unit++) {
        uint32_t sum = svdf->bias_s32 != NULL ? (uint32_t)svdf->bias_s32[unit] : 0;
        for (size_t r = 0; r < svdf->rank; r++) sum += (uint32_t)values[unit * svdf->rank + r];
        sums[unit] = (int32_t)sum;
    }
    svdf->kernels.requantise->rows(&svdf->output, sums, svdf->units, 1, svdf->units, output,
                                   svdf->units);
}
