/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SVDF: a fully connected layer over time, split into filters over the input and over the last
 * `memory` steps. For one vector of input:
 *
 *   state[filter]  drops its oldest value and gets features[filter] . input
 *   output[unit] = activate(bias + sum over `rank` filters of time[filter] . state[filter])
 *
 * features: [units * rank, input_size]. time: [units * rank, memory]. state like time.
 */
#ifndef MG_SVDF_H
#define MG_SVDF_H

#include "kernel/ref/activate.h"
#include "kernel/ref/matrix_vector.h"

typedef struct mg_svdf {
    size_t input_size;
    size_t units;
    size_t rank;
    size_t memory;
    mg_cell_kernels kernels;

    /* Floats; features float or int8. */
    mg_matrix features;
    const float *time;
    const float *bias; /* may be NULL */
    mg_activate activation;
    bool asymmetric;

    /* Integers: input, features and output int8; time and state int16 or int8; output not clamped
     * but to int8. */
    const int8_t *features_s8;
    const void *time_integer;
    const int32_t *bias_s32; /* may be NULL */
    int32_t input_zero_point;
    mg_requantisation state; /* from the first sums, for each filter; `cell` is that of time, too */
    mg_requantisation output; /* for each unit */
} mg_svdf;

/* Scratch bytes of a step, aligned to 64; SIZE_MAX when they overflow. */
size_t mg_svdf_scratch(const mg_svdf *svdf);

void mg_svdf_step_f32(const mg_svdf *svdf, const float *input, float *state, float *output,
                      void *scratch);
void mg_svdf_step_integer(const mg_svdf *svdf, const int8_t *input, void *state, int8_t *output,
                          void *scratch);

#endif
