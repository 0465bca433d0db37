/* SPDX-License-Identifier: Apache-2.0 */
/* pointwise_int: every row at every length, with parameters as operators make them and at their
 * limits. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "kernel/ref/quantized_rows.h"
#include "kernel/ref/requantize.h"

enum { MOST_ELEMENTS = 400, BENCH_ELEMENTS = 4096, PARAMETER_BYTES = 256 };

static const char *const row_names[] = {
#define ROW(name) #name,
    MG_INT_ROWS(ROW)
#undef ROW
};

static bool is_pair(size_t row)
{
    return row <= MG_INT_ROW_quantized_multiply_i16;
}

static bool is_unsigned(size_t row)
{
    return row == MG_INT_ROW_quantized_add_u8 || row == MG_INT_ROW_quantized_subtract_u8 ||
           row == MG_INT_ROW_quantized_multiply_u8 || row == MG_INT_ROW_quantize_u8 ||
           row == MG_INT_ROW_dequantize_u8;
}

static bool is_word(size_t row)
{
    return row == MG_INT_ROW_quantized_add_i16 || row == MG_INT_ROW_quantized_subtract_i16 ||
           row == MG_INT_ROW_quantized_multiply_i16;
}

static size_t operand_bytes(size_t row)
{
    if (is_word(row)) return 2;
    return row == MG_INT_ROW_quantize_u8 || row == MG_INT_ROW_quantize_i8 ? 4 : 1;
}

static size_t result_bytes(size_t row)
{
    if (is_word(row)) return 2;
    return row == MG_INT_ROW_dequantize_u8 || row == MG_INT_ROW_dequantize_i8 ? 4 : 1;
}

static mg_multiplier draw_factor(check *run, int32_t least_shift, int32_t most_shift)
{
    mg_multiplier factor = {check_between(run, 1 << 30, INT32_MAX),
                            check_between(run, least_shift, most_shift)};
    switch (check_random(run) % 8) {
    case 0: factor.multiplier = INT32_MAX; break;
    case 1: factor.multiplier = 1 << 30; break;
    default: break;
    }
    return factor;
}

/* One operand has the larger scale and the factor 1/2; now and then both, or, beyond what operators
 * make, none. */
static void draw_pair(check *run, size_t row, int32_t least, int32_t most, mg_quantized_pair *pair)
{
    static const mg_multiplier half = {1 << 30, 0};
    uint32_t kind = check_random(run) % 8;
    bool is_product = row >= MG_INT_ROW_quantized_multiply_u8;
    *pair = (mg_quantized_pair){.zero_a = check_between(run, least, most),
                                .zero_b = check_between(run, least, most),
                                .zero_out = check_between(run, least, most),
                                .left_shift = is_product     ? 0
                                              : is_word(row) ? 15
                                                             : 20};
    if (is_word(row)) pair->zero_a = pair->zero_b = pair->zero_out = 0;
    pair->factor_a = kind % 2 == 0 ? half : draw_factor(run, -12, 0);
    pair->factor_b = kind % 2 == 1 || kind == 2 ? half : draw_factor(run, -12, 0);
    if (kind == 7) pair->factor_b = draw_factor(run, -12, 0);
    bool unusual = check_random(run) % 4 == 0;
    pair->factor_out = draw_factor(run, is_product ? -20 : -26,
                                   unusual      ? 2
                                   : is_product ? -2
                                                : -14);
    pair->least = check_random(run) % 2 ? least : check_between(run, least, most);
    pair->most = check_random(run) % 2 ? most : check_between(run, pair->least, most);
}

static void draw_parameters(check *run, size_t row, void *parameters)
{
    int32_t least = is_unsigned(row) ? 0 : INT8_MIN;
    int32_t most = is_unsigned(row) ? UINT8_MAX : INT8_MAX;
    if (is_word(row)) least = INT16_MIN, most = INT16_MAX;
    if (is_pair(row)) {
        draw_pair(run, row, least, most, parameters);
    } else if (row == MG_INT_ROW_lookup_8) {
        check_fill_u8(run, CHECK_RANDOM, parameters, 256);
    } else {
        float scale = ldexpf((float)check_between(run, 1 << 22, 1 << 23), -28);
        int32_t zero = check_between(run, least, most);
        *(mg_requantization *)parameters = (mg_requantization){.zero_in = zero,
                                                               .zero_out = zero,
                                                               .scale_in = scale,
                                                               .scale_out = scale,
                                                               .least = least,
                                                               .most = most};
    }
}

/* Half steps are the ties of quantising; the rest saturates or is no number. */
static void fill_floats(check *run, float *values, size_t count, float scale)
{
    for (size_t i = 0; i < count; ++i) {
        int32_t draw = check_between(run, -600, 600);
        values[i] = (float)draw * 0.5f * scale;
        if (draw % 64 == 0) values[i] = draw < 0 ? -1e30f : draw == 0 ? (float)NAN : 1e30f;
    }
}

static void one_case(check *run, const mg_pointwise_int_kernel *kernel,
                     const mg_pointwise_int_kernel *reference, size_t row, check_values values)
{
    size_t count = check_size(run, 32, MOST_ELEMENTS);
    size_t in_bytes = operand_bytes(row), out_bytes = result_bytes(row);
    check_case(run, "%s of %zu, values %d", row_names[row], count, (int)values);
    uint64_t parameters[PARAMETER_BYTES / sizeof(uint64_t)];
    draw_parameters(run, row, parameters);
    mg_requantization floats;
    memcpy(&floats, parameters, sizeof floats);
    const void *operands[2];
    for (int k = 0; k < 2; ++k) {
        void *operand = check_memory(run, count * in_bytes, in_bytes);
        if (in_bytes == 4)
            fill_floats(run, operand, count, floats.scale_out);
        else if (in_bytes == 2)
            check_fill_i16(run, values, operand, count);
        else
            check_fill_u8(run, values, operand, count);
        check_seal(run, operand);
        operands[k] = operand;
    }
    unsigned char *got = check_output(run, count * out_bytes, out_bytes, 0x11);
    unsigned char *want = check_output(run, count * out_bytes, out_bytes, 0xee);
    kernel->rows[row](operands, got, count, parameters);
    reference->rows[row](operands, want, count, parameters);
    check_equal(run, got, want, count * out_bytes, out_bytes);
    check_case_end(run);
}

static void test(check *run, const void *kernel, const void *reference)
{
    for (int round = 0; round < 60; ++round)
        for (size_t row = 0; row < MG_INT_ROW_COUNT; ++row)
            for (int values = 0; values < CHECK_VALUES_COUNT; ++values)
                one_case(run, kernel, reference, row, (check_values)values);
}

typedef struct bench_case {
    mg_elementwise_row row;
    uint64_t parameters[PARAMETER_BYTES / sizeof(uint64_t)];
    float in[2][BENCH_ELEMENTS];
    float out[BENCH_ELEMENTS];
} bench_case;

static void call(void *argument)
{
    bench_case *at = argument;
    const void *operands[2] = {at->in[0], at->in[1]};
    at->row(operands, at->out, BENCH_ELEMENTS, at->parameters);
}

static void bench(check *run, const void *kernel)
{
    static bench_case at;
    for (size_t row = 0; row < MG_INT_ROW_COUNT; ++row) {
        at.row = ((const mg_pointwise_int_kernel *)kernel)->rows[row];
        draw_parameters(run, row, at.parameters);
        for (int k = 0; k < 2; ++k)
            if (operand_bytes(row) == 4)
                check_fill_f32(run, CHECK_RANDOM, at.in[k], BENCH_ELEMENTS);
            else
                check_fill_u8(run, CHECK_RANDOM, (uint8_t *)at.in[k], BENCH_ELEMENTS);
        if (is_pair(row)) { /* as a residual sum of a network has them */
            mg_quantized_pair *pair = (mg_quantized_pair *)at.parameters;
            pair->factor_a = (mg_multiplier){1 << 30, 0};
            pair->factor_b = (mg_multiplier){1500000000, -1};
            pair->factor_out = (mg_multiplier){1700000000, pair->left_shift == 0 ? -6 : -14};
        }
        check_measure(run, row_names[row], BENCH_ELEMENTS, call, &at);
    }
}

const check_family check_pointwise_int = {test, bench};
