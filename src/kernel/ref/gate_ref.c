/* SPDX-License-Identifier: Apache-2.0 */
/* gate in plain C. */
#include "kernel/gate.h"
#include "kernel/ref/fixed_point_functions.h"

static int16_t saturate(int64_t value)
{
    return (int16_t)(value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value);
}

static void join(const int32_t *input, mg_multiplier input_factor, const int32_t *recurrent,
                 mg_multiplier recurrent_factor, size_t count, int16_t *result)
{
    for (size_t i = 0; i < count; i++) {
        int64_t first = saturate(mg_multiply_by_quantized(input[i], input_factor));
        result[i] = saturate(first + mg_multiply_by_quantized(recurrent[i], recurrent_factor));
    }
}

static void logistic(const int16_t *values, size_t count, int16_t *result)
{
    for (size_t i = 0; i < count; i++) result[i] = (int16_t)mg_fixed_logistic(16, 3, values[i]);
}

static void tanh_of(int integer_bits, const int16_t *values, size_t count, int16_t *result)
{
    for (size_t i = 0; i < count; i++) {
        result[i] = (int16_t)mg_fixed_tanh(16, integer_bits, values[i]);
    }
}

static void advance(int32_t cell_scale, int16_t clip, const int16_t *input, const int16_t *forget,
                    const int16_t *modulation, size_t count, int16_t *cell)
{
    for (size_t i = 0; i < count; i++) {
        int32_t share = input ? input[i] : INT16_MAX - forget[i];
        int32_t kept = mg_rounding_shift_right((int32_t)forget[i] * cell[i], 15);
        int32_t added = mg_rounding_shift_right(share * modulation[i], 30 + cell_scale);
        int16_t next = saturate(kept + added);
        cell[i] = clip > 0 ? (int16_t)mg_clamp(next, -clip, clip) : next;
    }
}

static void multiply(const int16_t *a, const int16_t *b, mg_multiplier factor, int32_t zero_point,
                     size_t count, int8_t *result)
{
    for (size_t i = 0; i < count; i++) {
        int64_t value = mg_multiply_by_quantized((int32_t)a[i] * b[i], factor);
        value += zero_point;
        result[i] = (int8_t)(value < INT8_MIN ? INT8_MIN : value > INT8_MAX ? INT8_MAX : value);
    }
}

const mg_gate_kernel mg_gate_ref = {join, logistic, tanh_of, advance, multiply};
