/* SPDX-License-Identifier: Apache-2.0 */
#include "op/weighted.h"

#include <math.h>

#include "kernel/fixed_point.h"
#include "op/activation.h"
#include "op/require.h"

#define TYPES_BYTE_WEIGHTS MG_TYPES_3(MIDGE_INT8, MIDGE_INT4, MIDGE_INT2)

static mg_cell cell_of(midge_type type)
{
    switch (type) {
    case MIDGE_FLOAT32: return MG_CELL_F32;
    case MIDGE_UINT8: return MG_CELL_U8;
    case MIDGE_INT16: return MG_CELL_I16;
    default: return MG_CELL_I8;
    }
}

static midge_status require_bias(midge_op_context *context, const midge_tensor *bias,
                                 uint32_t types, int32_t channels)
{
    if (bias == NULL) return MIDGE_OK;
    TRY(mg_require_type(context, bias, "bias", types));
    return mg_require_elements(context, bias, "bias", (size_t)channels);
}

static midge_status prepare_float_output(midge_op_context *context, const midge_tensor *bias,
                                         const midge_tensor *output, const mg_weighted_rule *rule,
                                         mg_weighted *weighted)
{
    TRY(mg_require_type(context, output, "output", MG_TYPES(MIDGE_FLOAT32)));
    TRY(require_bias(context, bias, MG_TYPES(MIDGE_FLOAT32), rule->channels));
    return mg_activation_range_f32(context, rule->activation, &weighted->minimum,
                                   &weighted->maximum);
}

static midge_status prepare_dynamic(midge_op_context *context, const midge_tensor *weights,
                                    const mg_weighted_rule *rule, mg_weighted *weighted)
{
    TRY(mg_require_quantized_channels(context, weights, "weights", rule->channel_axis,
                                      rule->channels));
    weighted->kind = MG_WEIGHTED_DYNAMIC;
    weighted->asymmetric = rule->asymmetric;
    weighted->form.left = rule->asymmetric ? MG_CELL_I16 : MG_CELL_I8;
    weighted->form.right = MG_CELL_I8;
    weighted->column_scale = weights->quantization.scale;
    weighted->column_scale_step = weights->quantization.count > 1 ? 1 : 0;
    return MIDGE_OK;
}

bool mg_weighted_take_bytes(mg_weighted *weighted)
{
    if (weighted->kind != MG_WEIGHTED_DYNAMIC || !weighted->asymmetric) return false;
    weighted->form.left = MG_CELL_I8;
    return true;
}

/* The factors from sums to outputs. Products of scales are rounded to float where TensorFlow Lite
 * rounds them: for uint8, and for one scale when the zero point of the weights counts. */
static midge_status fill_factors(midge_op_context *context, const midge_tensor *input,
                                 const midge_tensor *weights, const midge_tensor *output,
                                 const mg_weighted_rule *rule, void *memory, mg_weighted *weighted)
{
    const size_t channels = (size_t)rule->channels;
    const bool per_channel = weights->quantization.count > 1;
    const bool in_float =
        !rule->real_factors && !per_channel && (input->type == MIDGE_UINT8 || rule->weights_zero);
    double *real = memory;
    int32_t *multiplier = (int32_t *)(void *)(real + (rule->real_factors ? channels : 0));
    int32_t *shift = multiplier + channels;
    for (size_t c = 0; c < channels; c++) {
        const float scale = weights->quantization.scale[per_channel ? c : 0];
        const double product =
            in_float ? (double)(mg_scale(input) * scale) : (double)mg_scale(input) * (double)scale;
        const bool unread = rule->one_scale && per_channel;
        const double factor = unread ? 0.0 : product / (double)mg_scale(output);
        /* Shifts of 64-bit sums end at 7. */
        if (!isfinite(factor) || (weighted->kind == MG_WEIGHTED_WIDE && factor >= 128.0))
            return mg_op_fail(context, MIDGE_INVALID_MODEL,
                              "scales %g * %g / %g of channel %zu are too large",
                              (double)mg_scale(input), (double)scale, (double)mg_scale(output), c);
        if (rule->real_factors) real[c] = factor;
        const mg_multiplier fixed = mg_quantize_multiplier(factor);
        multiplier[c] = fixed.multiplier;
        shift[c] = fixed.shift;
    }
    weighted->how.multiplier = multiplier;
    weighted->how.shift = shift;
    weighted->real_factors = rule->real_factors ? real : NULL;
    return MIDGE_OK;
}

/* Types of sums, biases and outputs that go with quantised activations. */
static midge_status choose_sums(midge_op_context *context, const midge_tensor *input,
                                const midge_tensor *weights, const midge_tensor *bias,
                                const midge_tensor *output, const mg_weighted_rule *rule,
                                mg_weighted *weighted)
{
    weighted->kind = MG_WEIGHTED_INT;
    if (input->type != MIDGE_INT16) {
        const uint32_t outputs = input->type == MIDGE_UINT8 ? MG_TYPES_2(MIDGE_UINT8, MIDGE_INT16)
                                                            : MG_TYPES_2(MIDGE_INT8, MIDGE_INT16);
        TRY(mg_require_type(context, output, "output", outputs));
        return require_bias(context, bias, MG_TYPES(MIDGE_INT32), rule->channels);
    }
    TRY(mg_require_type(context, output, "output", MG_TYPES(MIDGE_INT16)));
    TRY(require_bias(context, bias, MG_TYPES_2(MIDGE_INT32, MIDGE_INT64), rule->channels));
    if (mg_zero_point(input) != 0 || mg_zero_point(output) != 0)
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "int16 input and output have zero points %d and %d, need 0",
                          (int)mg_zero_point(input), (int)mg_zero_point(output));
    const bool narrow = bias ? bias->type == MIDGE_INT32 : rule->sum_type == (int)MIDGE_INT32;
    if (!narrow || weights->type == MIDGE_INT16) weighted->kind = MG_WEIGHTED_WIDE;
    weighted->wide_bias = bias != NULL && bias->type == MIDGE_INT64;
    return MIDGE_OK;
}

static midge_status prepare_quantized(midge_op_context *context, const midge_tensor *input,
                                      const midge_tensor *weights, const midge_tensor *bias,
                                      const midge_tensor *output, const mg_weighted_rule *rule,
                                      void *factors, mg_weighted *weighted)
{
    uint32_t types = TYPES_BYTE_WEIGHTS;
    if (input->type == MIDGE_UINT8) types = MG_TYPES(MIDGE_UINT8);
    if (input->type == MIDGE_INT16) types |= MG_TYPES(MIDGE_INT16);
    TRY(mg_require_type(context, weights, "weights", types));
    TRY(mg_require_quantized(context, input, "input"));
    TRY(mg_require_quantized(context, output, "output"));
    TRY(mg_require_quantized_channels(context, weights, "weights", rule->channel_axis,
                                      rule->channels));
    TRY(choose_sums(context, input, weights, bias, output, rule, weighted));
    weighted->form.left = cell_of(input->type);
    weighted->form.right = cell_of(weights->type);
    weighted->form.left_zero = mg_zero_point(input);
    const bool one_scale = weights->quantization.count == 1;
    if (input->type == MIDGE_UINT8 || (one_scale && rule->weights_zero))
        weighted->form.right_zero = mg_zero_point(weights);
    if (weights->type == MIDGE_INT16 && mg_zero_point(weights) != 0)
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "int16 weights have zero point %d, need 0",
                          (int)mg_zero_point(weights));
    weighted->how.cell = cell_of(output->type);
    weighted->how.zero_point = mg_zero_point(output);
    TRY(mg_activation_range_quantized(context, rule->activation, output, &weighted->how.minimum,
                                      &weighted->how.maximum));
    return fill_factors(context, input, weights, output, rule, factors, weighted);
}

size_t mg_weighted_factor_bytes(size_t channels)
{
    return channels * (2 * sizeof(int32_t) + sizeof(double));
}

midge_status mg_weighted_prepare(midge_op_context *context, const midge_tensor *input,
                                 const midge_tensor *weights, const midge_tensor *bias,
                                 const midge_tensor *output, const mg_weighted_rule *rule,
                                 void *factors, mg_weighted *weighted)
{
    *weighted = (mg_weighted){0};
    TRY(mg_require_type(context, input, "input", MG_TYPES_QUANTIZED | MG_TYPES(MIDGE_FLOAT32)));
    if (input->type != MIDGE_FLOAT32)
        return prepare_quantized(context, input, weights, bias, output, rule, factors, weighted);
    TRY(prepare_float_output(context, bias, output, rule, weighted));
    if (weights->type == MIDGE_FLOAT32) {
        weighted->kind = MG_WEIGHTED_F32;
        return MIDGE_OK;
    }
    TRY(mg_require_type(context, weights, "weights", TYPES_BYTE_WEIGHTS | MG_TYPES(MIDGE_UINT8)));
    return prepare_dynamic(context, weights, rule, weighted);
}
