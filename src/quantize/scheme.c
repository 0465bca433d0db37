/* SPDX-License-Identifier: Apache-2.0 */
#include "quantize/scheme.h"

/* clang-format off */
#define ROW(name, has_rule, inputs, has_wide) \
    .op = MG_BUILTIN_##name, .rule = has_rule, .activations = inputs, .wide = has_wide
#define FREE(name, inputs, wide) {ROW(name, MG_SCALES_FREE, inputs, wide), NO_WEIGHTS}
#define SAME(name, inputs, wide) {ROW(name, MG_SCALES_SAME, inputs, wide), NO_WEIGHTS}
#define FIXED(name, scale, zero_point, wide) \
    {ROW(name, MG_SCALES_FIXED, 1, wide), NO_WEIGHTS, .low = {scale, zero_point}}
#define SUMS(name, input, has_weights, has_bias, along) \
    {ROW(name, MG_SCALES_FREE, 1u << (input), true), \
     .weights = has_weights, .bias = has_bias, .axis = along}
#define NO_WEIGHTS .weights = -1, .bias = -1, .axis = -1
/* clang-format on */

/* Not here although kernels exist: DIV, LOG, SQRT, RSQRT and REDUCE_PROD, whose results spread over
 * so many orders of magnitude that 8 bits say little, and comparisons, which gain nothing. */
static const mg_scheme schemes[] = {
    SUMS(CONV_2D, 0, 1, 2, 0),
    SUMS(DEPTHWISE_CONV_2D, 0, 1, 2, 3),
    SUMS(FULLY_CONNECTED, 0, 1, 2, 0),
    SUMS(TRANSPOSE_CONV, 2, 1, 3, 0),

    FREE(ADD, 3, true),
    FREE(SUB, 3, true),
    FREE(MUL, 3, true),
    FREE(SQUARED_DIFFERENCE, 3, false),
    FREE(BATCH_MATMUL, 3, true),
    FREE(UNIDIRECTIONAL_SEQUENCE_LSTM, 1, false),
    FREE(MEAN, 1, true),
    FREE(SUM, 1, true),
    FREE(RELU, 1, true),
    FREE(RELU6, 1, true),
    FREE(RELU_N1_TO_1, 1, false),
    FREE(RELU_0_TO_1, 1, false),
    FREE(LEAKY_RELU, 1, true),
    FREE(PRELU, 3, false),
    FREE(HARD_SWISH, 1, false),
    FREE(ELU, 1, false),
    FREE(GELU, 1, false),
    FREE(ABS, 1, true),
    FREE(EXP, 1, true),
    FREE(ARG_MAX, 1, false),
    FREE(ARG_MIN, 1, false),

    FIXED(SOFTMAX, 1.0f / 256.0f, -128, true),
    FIXED(LOGISTIC, 1.0f / 256.0f, -128, true),
    FIXED(TANH, 1.0f / 128.0f, 0, true),
    FIXED(L2_NORMALIZATION, 1.0f / 128.0f, 0, false),
    FIXED(LOG_SOFTMAX, 16.0f / 256.0f, 127, false),

    SAME(AVERAGE_POOL_2D, 1, true),
    SAME(MAX_POOL_2D, 1, true),
    SAME(CONCATENATION, MG_EVERY_INPUT, true),
    SAME(RESHAPE, 1, true),
    SAME(SQUEEZE, 1, true),
    SAME(EXPAND_DIMS, 1, true),
    SAME(TRANSPOSE, 1, true),
    SAME(PAD, 1, true),
    SAME(PADV2, 5, true),
    SAME(MIRROR_PAD, 1, true),
    SAME(SLICE, 1, true),
    SAME(STRIDED_SLICE, 1, true),
    SAME(SPLIT, 2, true),
    SAME(SPLIT_V, 1, true),
    SAME(PACK, MG_EVERY_INPUT, true),
    SAME(UNPACK, 1, true),
    SAME(GATHER, 1, true),
    SAME(GATHER_ND, 1, true),
    SAME(TILE, 1, true),
    SAME(BROADCAST_TO, 1, true),
    SAME(SELECT, 6, true),
    SAME(SELECT_V2, 6, true),
    SAME(MAXIMUM, 3, true),
    SAME(MINIMUM, 3, true),
    SAME(REDUCE_MAX, 1, true),
    SAME(REDUCE_MIN, 1, true),
    SAME(TOPK_V2, 1, true),
    SAME(REVERSE_V2, 1, true),
    SAME(DYNAMIC_UPDATE_SLICE, 3, true),
    SAME(RESIZE_BILINEAR, 1, true),
    SAME(RESIZE_NEAREST_NEIGHBOR, 1, true),
    SAME(SPACE_TO_DEPTH, 1, false),
    SAME(DEPTH_TO_SPACE, 1, false),
    SAME(SPACE_TO_BATCH_ND, 1, true),
    SAME(BATCH_TO_SPACE_ND, 1, true),
};

const mg_scheme *mg_scheme_find(int32_t op, midge_type type)
{
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; ++i)
        if (schemes[i].op == op) return type == MIDGE_INT8 || schemes[i].wide ? &schemes[i] : NULL;
    return NULL;
}

bool mg_scheme_activation(const mg_scheme *scheme, size_t index)
{
    return scheme->activations == MG_EVERY_INPUT ||
           (index < 32 && (scheme->activations >> index & 1) != 0);
}

mg_scale mg_scheme_fixed(const mg_scheme *scheme, midge_type type)
{
    return type == MIDGE_INT8 ? scheme->low : (mg_scale){MG_FIXED_WIDE_SCALE, 0};
}
