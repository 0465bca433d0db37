/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/lookup.h"

#include <math.h>

/* Casts of floats beyond int32 are not defined; results are cut to 16 bits later anyway. */
static inline int32_t to_integer(float value)
{
    return value >= 1e9f ? 1000000000 : value > -1e9f ? (int32_t)value : -1000000000;
}

static inline int32_t clamp(int32_t value, int32_t least, int32_t most)
{
    return value < least ? least : value > most ? most : value;
}

void mg_lookup_fill_8(uint8_t table[MG_LOOKUP_8], int is_signed, mg_affine input, mg_affine output,
                      mg_real_function function, const void *parameters)
{
    int32_t first = is_signed ? INT8_MIN : 0;
    float inverse_scale = 1.0f / output.scale;
    for (int32_t stored = first; stored < first + MG_LOOKUP_8; ++stored) {
        float real = input.scale * (float)(stored - input.zero_point);
        float steps = roundf(function(real, parameters) * inverse_scale);
        int32_t value = to_integer(steps + (float)output.zero_point);
        table[(uint8_t)stored] = (uint8_t)clamp(value, first, first + MG_LOOKUP_8 - 1);
    }
}

void mg_lookup_fill_stored(uint8_t table[MG_LOOKUP_8], int is_signed, mg_stored_function function,
                           const void *parameters)
{
    int32_t first = is_signed ? INT8_MIN : 0;
    for (int32_t stored = first; stored < first + MG_LOOKUP_8; ++stored)
        table[(uint8_t)stored] = (uint8_t)function(stored, parameters);
}

static int16_t to_int16(float value)
{
    return (int16_t)(value >= 32767.0f ? 32767 : value > -32768.0f ? (int32_t)value : -32768);
}

/* Each sample is moved by half of what a straight line to the next is wrong by at its middle. */
void mg_lookup_fill_16(int16_t table[MG_LOOKUP_16], mg_affine input, mg_affine output,
                       mg_real_function function, const void *parameters)
{
    const int steps = MG_LOOKUP_16 - 1;
    float input_least = input.scale * (float)(INT16_MIN - input.zero_point);
    float input_most = input.scale * (float)(INT16_MAX - input.zero_point);
    float output_least = output.scale * (float)(INT16_MIN - output.zero_point);
    float output_most = output.scale * (float)(INT16_MAX - output.zero_point);
    float step = (input_most - input_least) / (float)steps;
    float per_unit = 65536.0f / (output_most - output_least);
    for (int i = 0; i < steps; ++i) {
        float start = input_least + (float)i * step;
        float here = roundf(function(start, parameters) * per_unit);
        float middle = roundf(function(start + step / 2, parameters) * per_unit);
        float next = function(input_least + (float)(i + 1) * step, parameters) * per_unit;
        float error = roundf((next + here) / 2) - middle;
        table[i] = to_int16(here - roundf(error / 2));
    }
    table[steps] = to_int16(roundf(function(input_most, parameters) * per_unit));
}

void mg_row_lookup_8(const void *const *operands, void *result, size_t count, const void *table)
{
    const uint8_t *in = operands[0];
    const uint8_t *results = table;
    uint8_t *out = result;
    for (size_t i = 0; i < count; ++i) out[i] = results[in[i]];
}

void mg_row_lookup_16(const void *const *operands, void *result, size_t count, const void *table)
{
    const int16_t *in = operands[0];
    const int16_t *samples = table;
    int16_t *out = result;
    for (size_t i = 0; i < count; ++i) {
        const int16_t *sample = samples + 256 + (in[i] >> 7);
        int16_t slope = (int16_t)(sample[1] - sample[0]);
        out[i] = (int16_t)(sample[0] + ((slope * (in[i] & 127) + 64) >> 7));
    }
}

/*
 * 65536 * logistic(i / 24), each sample moved by half the error of a straight line to the next at
 * its middle; the last is cut to 16 bits. tanh(x) = 2 * logistic(2 * x) - 1.
 */
static const uint16_t sigmoid_samples[256] = {
    32768, 33451, 34133, 34813, 35493, 36169, 36843, 37513, 38180, 38841, 39498, 40149, 40794,
    41432, 42064, 42688, 43304, 43912, 44511, 45102, 45683, 46255, 46817, 47369, 47911, 48443,
    48964, 49475, 49975, 50464, 50942, 51409, 51865, 52311, 52745, 53169, 53581, 53983, 54374,
    54755, 55125, 55485, 55834, 56174, 56503, 56823, 57133, 57433, 57724, 58007, 58280, 58544,
    58800, 59048, 59288, 59519, 59743, 59959, 60168, 60370, 60565, 60753, 60935, 61110, 61279,
    61441, 61599, 61750, 61896, 62036, 62172, 62302, 62428, 62549, 62666, 62778, 62886, 62990,
    63090, 63186, 63279, 63368, 63454, 63536, 63615, 63691, 63765, 63835, 63903, 63968, 64030,
    64090, 64148, 64204, 64257, 64308, 64357, 64405, 64450, 64494, 64536, 64576, 64614, 64652,
    64687, 64721, 64754, 64786, 64816, 64845, 64873, 64900, 64926, 64950, 64974, 64997, 65019,
    65039, 65060, 65079, 65097, 65115, 65132, 65149, 65164, 65179, 65194, 65208, 65221, 65234,
    65246, 65258, 65269, 65280, 65291, 65301, 65310, 65319, 65328, 65337, 65345, 65352, 65360,
    65367, 65374, 65381, 65387, 65393, 65399, 65404, 65410, 65415, 65420, 65425, 65429, 65433,
    65438, 65442, 65445, 65449, 65453, 65456, 65459, 65462, 65465, 65468, 65471, 65474, 65476,
    65479, 65481, 65483, 65485, 65488, 65489, 65491, 65493, 65495, 65497, 65498, 65500, 65501,
    65503, 65504, 65505, 65507, 65508, 65509, 65510, 65511, 65512, 65513, 65514, 65515, 65516,
    65517, 65517, 65518, 65519, 65520, 65520, 65521, 65522, 65522, 65523, 65523, 65524, 65524,
    65525, 65525, 65526, 65526, 65526, 65527, 65527, 65528, 65528, 65528, 65529, 65529, 65529,
    65529, 65530, 65530, 65530, 65530, 65531, 65531, 65531, 65531, 65531, 65532, 65532, 65532,
    65532, 65532, 65532, 65533, 65533, 65533, 65533, 65533, 65533, 65533, 65533, 65534, 65534,
    65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65535,
};

enum { BEYOND = 1 << 18 }; /* past the end of the samples */

static inline int32_t rescaled(int16_t stored, const mg_sigmoid_16 *p)
{
    int64_t half = p->right_shift > 0 ? INT64_C(1) << (p->right_shift - 1) : 0;
    int64_t value = ((int64_t)stored * p->multiplier + half) >> p->right_shift;
    return (int32_t)(value > BEYOND ? BEYOND : value < -BEYOND ? -BEYOND : value);
}

/* The sample at magnitude / 2^bits, times 2^bits; `beyond` past the samples. */
static inline uint32_t sigmoid_at(uint32_t magnitude, int bits, uint32_t beyond)
{
    uint32_t index = magnitude >> bits;
    if (index >= 255) return beyond;
    uint32_t rest = magnitude & ((UINT32_C(1) << bits) - 1);
    uint32_t here = sigmoid_samples[index];
    return (here << bits) + rest * (sigmoid_samples[index + 1] - here);
}

void mg_row_logistic_i16(const void *const *operands, void *result, size_t count,
                         const void *sigmoid_16)
{
    const int16_t *in = operands[0];
    int16_t *out = result;
    const mg_sigmoid_16 p = *(const mg_sigmoid_16 *)sigmoid_16;
    for (size_t i = 0; i < count; ++i) {
        int32_t x = rescaled(in[i], &p);
        uint32_t magnitude = (uint32_t)(x < 0 ? -x : x);
        uint32_t upper = sigmoid_at(magnitude, 9, UINT32_C(0x7fff) << 10);
        uint32_t value = x < 0 ? (UINT32_C(1) << 25) - upper + (1 << 9) - 1 : upper + (1 << 9);
        out[i] = (int16_t)(value >> 10);
    }
}

void mg_row_tanh_i16(const void *const *operands, void *result, size_t count,
                     const void *sigmoid_16)
{
    const int16_t *in = operands[0];
    int16_t *out = result;
    const mg_sigmoid_16 p = *(const mg_sigmoid_16 *)sigmoid_16;
    for (size_t i = 0; i < count; ++i) {
        int32_t x = rescaled(in[i], &p);
        uint32_t magnitude = (uint32_t)(x < 0 ? -x : x);
        int32_t upper = (int32_t)sigmoid_at(magnitude, 8, UINT32_C(0xffff) << 8) - (1 << 23);
        int32_t value = x < 0 ? -upper + (1 << 7) - 1 : upper + (1 << 7);
        out[i] = (int16_t)(value >> 8);
    }
}
