/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of the uint8 cell are scaled as the matrix product of TensorFlow Lite does it on x86, not as
 * its reference kernel does. */
#include "kernel/ref/lstm_basic.h"

#include <math.h>
#include <string.h>

#include "kernel/ref/fixed_point_functions.h"
#include "kernel/ref/real_functions.h"
#include "kernel/ref/scratch.h"

static mg_columns columns_of(const mg_lstm_basic *lstm)
{
    size_t depth = lstm->input_size + lstm->cell_size;
    return (mg_columns){.weights = lstm->weights,
                        .column_step = depth,
                        .depth_step = 1,
                        .count = 4 * lstm->cell_size,
                        .depth = depth};
}

void mg_lstm_basic_f32(const mg_lstm_basic *lstm, const float *input, const float *previous_h,
                       const float *previous_cell, float *joined, float *sums, float *cell_state,
                       float *h)
{
    size_t cells = lstm->cell_size;
    memcpy(joined, input, lstm->input_size * sizeof(float));
    memcpy(joined + lstm->input_size, previous_h, cells * sizeof(float));
    mg_columns columns = columns_of(lstm);
    lstm->kernels.dot_f32->multiply(joined, &columns, lstm->bias, -INFINITY, INFINITY, sums);
    for (size_t i = 0; i < cells; i++) {
        float share = mg_logistic_f32(sums[i]);
        float modulation = mg_tanh_f32(sums[cells + i]);
        float forget = mg_logistic_f32(sums[2 * cells + i]);
        float output = mg_logistic_f32(sums[3 * cells + i]);
        cell_state[i] = share * modulation + forget * previous_cell[i];
        h[i] = output * mg_tanh_f32(cell_state[i]);
    }
}

static int32_t *cut(const mg_lstm_basic *lstm, mg_scratch *scratch, void **dot)
{
    size_t depth = lstm->input_size + lstm->cell_size;
    int32_t *accumulators = mg_scratch_take(scratch, 4 * lstm->cell_size, sizeof(int32_t));
    *dot = mg_scratch_take(scratch, mg_dot_scratch_bytes(depth), 1);
    return accumulators;
}

size_t mg_lstm_basic_scratch(const mg_lstm_basic *lstm)
{
    mg_scratch measure = {NULL, 0};
    void *dot;
    cut(lstm, &measure, &dot);
    return measure.used;
}

/* Raw values without integer bits, but for c, which has 4. */
static void update(const int16_t *sums, size_t cells, size_t i, int16_t previous_cell,
                   int16_t *cell_state, uint8_t *h)
{
    enum { WIDTH = 16, CELL_BITS = 15 + MG_LSTM_BASIC_CELL_SCALE };
    int32_t share = mg_fixed_logistic(WIDTH, 3, sums[i]);
    int32_t modulation = mg_fixed_tanh(WIDTH, 3, sums[cells + i]);
    int32_t forget = mg_fixed_logistic(WIDTH, 3, sums[2 * cells + i]);
    int32_t output = mg_fixed_logistic(WIDTH, 3, sums[3 * cells + i]);
    int32_t added = mg_fixed_multiply(WIDTH, share, modulation);
    int32_t kept = mg_fixed_multiply(WIDTH, forget, previous_cell);
    int32_t cell = mg_fixed_saturate(WIDTH, mg_rounding_shift_right(added, CELL_BITS) + kept);
    int32_t narrow = mg_fixed_shift_left(WIDTH, cell, CELL_BITS - 3);
    int32_t hidden = mg_fixed_multiply(WIDTH, output, mg_fixed_tanh(WIDTH, 3, narrow));
    *cell_state = (int16_t)cell;
    *h = (uint8_t)(128 + mg_clamp(mg_rounding_shift_right(hidden, 8), -128, 127));
}

void mg_lstm_basic_u8(const mg_lstm_basic *lstm, const uint8_t *input, const uint8_t *previous_h,
                      const int16_t *previous_cell, uint8_t *joined, int16_t *sums,
                      int16_t *cell_state, uint8_t *h, void *scratch)
{
    size_t cells = lstm->cell_size;
    mg_scratch memory = {scratch, 0};
    void *dot;
    int32_t *accumulators = cut(lstm, &memory, &dot);
    memcpy(joined, input, lstm->input_size);
    memcpy(joined + lstm->input_size, previous_h, cells);
    mg_columns columns = columns_of(lstm);
    mg_gemm_int_form form = {MG_CELL_U8, MG_CELL_U8, 128, lstm->weights_zero_point, columns.depth};
    lstm->kernels.dot_int->multiply(&form, joined, &columns, lstm->bias, dot, accumulators);
    for (size_t i = 0; i < 4 * cells; i++) {
        int32_t value = mg_multiply_ties_up(accumulators[i], lstm->factor);
        sums[i] = (int16_t)mg_clamp(value, INT16_MIN, INT16_MAX);
    }
    for (size_t i = 0; i < cells; i++) {
        update(sums, cells, i, previous_cell[i], &cell_state[i], &h[i]);
    }
}
