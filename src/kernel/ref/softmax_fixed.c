/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fraction bits: distances 26 (5 integer bits), exponentials 31, their sums 19 (12 integer bits).
 * Sums beyond 12 integer bits (more than 4,096 elements) are kept in 64 bits and scaled down.
 */
#include "kernel/ref/softmax_fixed.h"

#include "kernel/ref/fixed_point_functions.h"

enum {
    DISTANCE_INTEGER_BITS = 5,
    DISTANCE_FRACTION_BITS = 26,
    SUM_INTEGER_BITS = 12,
    SUM_FRACTION_BITS = 19
};

void mg_softmax_8_init(mg_softmax_8 *table, double factor)
{
    double most = 2147483647.0;
    double scaled = factor * (double)(1 << DISTANCE_FRACTION_BITS);
    table->input = mg_quantize_multiplier(scaled < most ? scaled : most);
    double furthest = floor(31.0 * ldexp(1.0, DISTANCE_FRACTION_BITS - table->input.shift));
    table->furthest = furthest < MG_SOFTMAX_DISTANCES ? (int32_t)furthest : MG_SOFTMAX_DISTANCES;
    double inverse = table->input.multiplier == 0
                         ? 0.0
                         : ldexp(1.0, 31 - table->input.shift) / table->input.multiplier;
    table->inverse = mg_quantize_multiplier(inverse < most ? inverse : most);
    for (int32_t distance = 0; distance < MG_SOFTMAX_DISTANCES; distance++) {
        int32_t scaled_distance = mg_multiply_by_quantized(-distance, table->input);
        table->exponentials[distance] =
            distance > table->furthest
                ? 0
                : mg_fixed_exp_on_negative_values(32, DISTANCE_INTEGER_BITS, scaled_distance);
        table->addends[distance] =
            mg_rounding_shift_right(table->exponentials[distance], SUM_INTEGER_BITS);
    }
}

/* 1 / sum as a number below 1 with 31 fraction bits, and by how many bits to shift it right. */
static int32_t reciprocal(int64_t sum, int *bits_over_unit)
{
    *bits_over_unit = SUM_INTEGER_BITS;
    for (; sum > UINT32_MAX; sum >>= 1) ++*bits_over_unit;
    for (; sum < INT64_C(1) << 31; sum <<= 1) --*bits_over_unit;
    return mg_fixed_one_over_one_plus(32, (int32_t)(sum - (INT64_C(1) << 31)));
}

/* The result at a distance from the largest element. `exponent` may pass 31 when the sum is large:
 * nothing is left of the value then. */
static int32_t quotient(const mg_softmax_8 *table, int32_t distance, int32_t scale, int exponent,
                        int32_t least, int32_t most)
{
    if (exponent > 31) return least;
    int32_t product = mg_saturating_doubling_high_multiply(scale, table->exponentials[distance]);
    return mg_clamp(mg_rounding_shift_right(product, exponent) + least, least, most);
}

/* Long rows have more elements than there are distances, whose results are worth keeping. */
#define SOFTMAX(name, in_type, out_type, least, most)                                             \
    void name(const in_type *input, size_t rows, size_t depth, const mg_softmax_8 *table,         \
              out_type *output)                                                                   \
    {                                                                                             \
        int32_t results[MG_SOFTMAX_DISTANCES];                                                    \
        for (size_t row = 0; row < rows; row++, input += depth, output += depth) {                \
            int32_t largest = input[0];                                                           \
            for (size_t i = 1; i < depth; i++) largest = input[i] > largest ? input[i] : largest; \
            int64_t sum = 0;                                                                      \
            for (size_t i = 0; i < depth; i++) sum += table->addends[largest - input[i]];         \
            int bits_over_unit;                                                                   \
            int32_t scale = reciprocal(sum, &bits_over_unit);                                     \
            int exponent = bits_over_unit + 31 - 8 * (int)sizeof(out_type);                       \
            if (depth < MG_SOFTMAX_DISTANCES) {                                                   \
                for (size_t i = 0; i < depth; i++)                                                \
                    output[i] = (out_type)quotient(table, largest - input[i], scale, exponent,    \
                                                   least, most);                                  \
                continue;                                                                         \
            }                                                                                     \
            for (int32_t distance = 0; distance < MG_SOFTMAX_DISTANCES; distance++)               \
                results[distance] = quotient(table, distance, scale, exponent, least, most);      \
            for (size_t i = 0; i < depth; i++) output[i] = (out_type)results[largest - input[i]]; \
        }                                                                                         \
    }

SOFTMAX(mg_softmax_s8, int8_t, int8_t, INT8_MIN, INT8_MAX)
SOFTMAX(mg_softmax_u8, uint8_t, uint8_t, 0, UINT8_MAX)
SOFTMAX(mg_softmax_s8_s16, int8_t, int16_t, INT16_MIN, INT16_MAX)
SOFTMAX(mg_softmax_u8_s16, uint8_t, int16_t, INT16_MIN, INT16_MAX)

/* 2^bits of a value with no integer bits, saturating as the sum's logarithm needs it. */
static int32_t shift_left(int32_t value, int bits)
{
    return mg_fixed_shift_left(32, value, bits);
}

static int leading_zeros(uint32_t value)
{
    int count = 0;
    for (; count < 32 && !(value >> 31); value <<= 1) ++count;
    return count;
}

/* Candidates for the mantissa and for the power of two of a sum, its headroom taken away. */
static void split(int32_t sum, int32_t *mantissa, int32_t *power)
{
    const int32_t sqrt_half = 1518500250, quarter = 1 << 23; /* quarter: 25 fraction bits */
    int headroom = leading_zeros((uint32_t)sum) - 1;
    int32_t half_mantissa = mg_fixed_multiply(32, shift_left(sum, headroom), sqrt_half);
    int32_t mantissa_a = shift_left(half_mantissa, 1);
    int32_t power_a =
        mg_fixed_saturate(32, (int64_t)shift_left(SUM_INTEGER_BITS - headroom - 1, 25) + quarter);

    int32_t scaled = mg_fixed_multiply(32, sum, sqrt_half);
    int headroom_b = leading_zeros((uint32_t)scaled) - 1;
    int32_t mantissa_b = shift_left(sum, headroom_b);
    int32_t power_b =
        mg_fixed_saturate(32, (int64_t)shift_left(SUM_INTEGER_BITS - headroom_b, 25) - quarter);
    *mantissa = mantissa_a < mantissa_b ? mantissa_a : mantissa_b;
    *power = power_a > power_b ? power_a : power_b;
}

/*
 * log(sum) with 26 fraction bits, of a sum >= 1 with 19: the power of two times log(2), plus the
 * logarithm of the mantissa about 2^(-1/4) as a quotient of polynomials.
 */
static int32_t logarithm(int32_t sum)
{
    const int32_t log_2 = 1488522236, root = 1805811301; /* 2^(-1/4) */
    const int32_t alpha_n = 117049297, alpha_d = 127690142, alpha_i = 1057819769,
                  alpha_f = 638450708;
    int32_t r, power;
    split(sum, &r, &power);
    int64_t p_sum = (int64_t)r + root;
    int32_t p = (int32_t)((p_sum + (p_sum >= 0 ? 1 : -1)) / 2);
    int32_t q = mg_fixed_wrap(32, 2 * ((int64_t)r - root));
    int32_t q2 = mg_fixed_multiply(32, q, q);
    int32_t numerator =
        mg_fixed_wrap(32, (int64_t)mg_fixed_multiply(32, q, r) +
                              mg_fixed_multiply(32, mg_fixed_multiply(32, q, q2), alpha_n));
    int32_t inner = mg_fixed_wrap(32, (int64_t)alpha_i + q + mg_fixed_multiply(32, alpha_d, q2));
    int32_t denominator_minus_one = mg_fixed_wrap(32, (int64_t)mg_fixed_multiply(32, p, inner) +
                                                          mg_fixed_multiply(32, alpha_f, q));
    int32_t inverse = mg_fixed_one_over_one_plus(32, denominator_minus_one);
    int32_t fraction = mg_fixed_multiply(32, mg_rounding_shift_right(numerator, 6), inverse);
    int32_t whole = mg_fixed_multiply(32, power, log_2);
    return shift_left(mg_fixed_wrap(32, (int64_t)whole + fraction), 1);
}

/* log(sum) for sums of any number of elements. */
static int32_t logarithm_of_sum(int64_t sum)
{
    const int32_t log_2 = 46516320; /* 26 fraction bits */
    int32_t halvings = 0;
    for (; sum > INT32_MAX; sum >>= 1) ++halvings;
    return logarithm((int32_t)sum) + halvings * log_2;
}

#define LOG_SOFTMAX(name, type, least, most)                                                       \
    void name(const type *input, size_t rows, size_t depth, const mg_softmax_8 *table,             \
              type *output)                                                                        \
    {                                                                                              \
        for (size_t row = 0; row < rows; row++, input += depth, output += depth) {                 \
            int32_t largest = input[0];                                                            \
            for (size_t i = 1; i < depth; i++) largest = input[i] > largest ? input[i] : largest;  \
            int64_t sum = 0;                                                                       \
            for (size_t i = 0; i < depth; i++) sum += table->addends[largest - input[i]];          \
            int32_t log_sum = logarithm_of_sum(sum);                                               \
            int32_t limit =                                                                        \
                mg_multiply_by_quantized((int32_t)((int64_t)log_sum + INT32_MIN), table->inverse); \
            if (limit < -table->furthest - 1) limit = -table->furthest - 1;                        \
            for (size_t i = 0; i < depth; i++) {                                                   \
                int32_t difference = input[i] - largest;                                           \
                int32_t scaled = mg_multiply_by_quantized(difference, table->input);               \
                int64_t value = (int64_t)scaled - log_sum;                                         \
                output[i] =                                                                        \
                    difference > limit                                                             \
                        ? (type)mg_clamp(mg_rounding_shift_right((int32_t)value, 22) + (most),     \
                                         least, most)                                              \
                        : (type)(least);                                                           \
            }                                                                                      \
        }                                                                                          \
    }

LOG_SOFTMAX(mg_log_softmax_s8, int8_t, INT8_MIN, INT8_MAX)
LOG_SOFTMAX(mg_log_softmax_u8, uint8_t, 0, UINT8_MAX)

/* ---- 16 bits ---- */

static double clamp_16(double value)
{
    return value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value;
}

static double inverse_of_one_plus(double value)
{
    return 1.0 / (1.0 + value);
}

/* Entries are pulled half way towards the error that interpolation makes at the middle of a step.
 */
static void fill_steps(double first, double last, double (*function)(double), int16_t *table)
{
    const double units = 65536.0 / (2.0 / 65535.0 * 32767 - 2.0 / 65535.0 * -32768);
    double step = (last - first) / MG_SOFTMAX_STEPS;
    for (int i = 0; i < MG_SOFTMAX_STEPS; i++) {
        double value = round(function(first + i * step) * units);
        double next = function(first + (i + 1) * step) * units;
        double middle = round(function(first + i * step + step / 2) * units);
        double error = round((next + value) / 2) - middle;
        table[i] = (int16_t)clamp_16(value - round(error / 2));
    }
    table[MG_SOFTMAX_STEPS] = (int16_t)clamp_16(round(function(last) * units));
}

void mg_softmax_16_init(mg_softmax_16 *table, double factor)
{
    fill_steps(10.0 / 65535.0 * -65535, 0.0, exp, table->exponentials);
    fill_steps(0.0, 1.0 / 65535.0 * 65535, inverse_of_one_plus, table->reciprocals);
    table->input = mg_quantize_multiplier(factor / (10.0 / 65535.0));
}

static int32_t look_up(const int16_t *table, int32_t value)
{
    int32_t index = 256 + (value >> 7);
    int32_t slope = table[index + 1] - table[index];
    return table[index] + ((slope * (value & 0x7f) + 64) >> 7);
}

static int32_t exponential_16(const mg_softmax_16 *table, int32_t difference)
{
    int64_t scaled = (int64_t)mg_multiply_by_quantized(difference, table->input) + INT16_MAX;
    return look_up(table->exponentials, (int32_t)(scaled < INT16_MIN ? INT16_MIN : scaled));
}

void mg_softmax_s16(const int16_t *input, size_t rows, size_t depth, const mg_softmax_16 *table,
                    int16_t *output)
{
    for (size_t row = 0; row < rows; row++, input += depth, output += depth) {
        int32_t largest = input[0];
        for (size_t i = 1; i < depth; i++) largest = input[i] > largest ? input[i] : largest;
        int64_t sum = 0;
        for (size_t i = 0; i < depth; i++) {
            output[i] = (int16_t)exponential_16(table, input[i] - largest);
            sum += output[i];
        }
        if (sum > INT32_MAX) sum = INT32_MAX;
        int headroom = leading_zeros((uint32_t)sum) - 1;
        int32_t mantissa = (int32_t)(((sum << headroom) + (1 << 13)) >> 14);
        int32_t inverse =
            look_up(table->reciprocals, mg_clamp(mantissa - 3 * 32768, INT16_MIN, INT16_MAX));
        int shift = 30 - headroom;
        for (size_t i = 0; i < depth; i++) {
            int32_t value = (int32_t)((output[i] * (int64_t)inverse + (1 << (shift - 1))) >> shift);
            output[i] = (int16_t)mg_clamp(value, 0, INT16_MAX);
        }
    }
}
