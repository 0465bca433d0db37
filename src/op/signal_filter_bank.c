/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audio front end's way from a power spectrum to a logarithmic mel spectrum: SignalFilterBank,
 * SignalFilterBankSquareRoot, SignalFilterBankSpectralSubtraction, SignalPCAN and
 * SignalFilterBankLog.
 */
#include <string.h>

#include "kernel/ref/filter_bank.h"
#include "op/custom_options.h"
#include "op/require.h"
#include "op/shape.h"

/* ---- SignalFilterBank: uint32 energies, int16 weights, unweights, frequency starts, weight starts
 * and widths; uint64 sums for each channel */

midge_status mg_prepare_signal_filter_bank(midge_op_context *context)
{
    static const char *const roles[] = {"input",         "weights", "unweights", "frequency starts",
                                        "weight starts", "widths"};
    mg_flex map;
    int32_t channels;
    TRY(mg_options_open(context, &map));
    TRY(mg_option_int32(context, &map, "num_channels", 1, INT16_MAX, &channels));
    TRY(mg_require_type(context, context->outputs[0], "output", MG_TYPES(MIDGE_UINT64)));
    for (size_t i = 0; i < 6; ++i) {
        midge_type type = i == 0 ? MIDGE_UINT32 : MIDGE_INT16;
        TRY(mg_require_type(context, context->inputs[i], roles[i], MG_TYPES(type)));
        TRY(mg_require_rank(context, context->inputs[i], roles[i], 1, 1));
        if (i >= 3)
            TRY(mg_require_elements(context, context->inputs[i], roles[i], (size_t)channels + 1));
    }
    TRY(mg_require_same_shape(context, context->inputs[1], roles[1], context->inputs[2], roles[2]));
    return mg_set_output_shape(context, 0, 1, &channels);
}

midge_status mg_run_signal_filter_bank(midge_op_context *context)
{
    midge_tensor **inputs = context->inputs;
    mg_filter_bank bank = {inputs[1]->data, inputs[2]->data, inputs[3]->data,
                           inputs[4]->data, inputs[5]->data, context->outputs[0]->elements};
    if (!mg_filter_bank_fits(&bank, inputs[0]->elements, inputs[1]->elements))
        return mg_op_fail(context, MIDGE_RUN_ERROR,
                          "a filter reaches beyond %zu frequencies or "
                          "%zu weights",
                          inputs[0]->elements, inputs[1]->elements);
    mg_filter_bank_apply(&bank, inputs[0]->data, context->outputs[0]->data);
    return MIDGE_OK;
}

/* ---- SignalFilterBankSquareRoot: uint64 sums and an int32 shift; uint32 roots */

midge_status mg_prepare_signal_filter_bank_square_root(midge_op_context *context)
{
    const midge_tensor *shift = context->inputs[1];
    TRY(mg_require_type(context, context->inputs[0], "input", MG_TYPES(MIDGE_UINT64)));
    TRY(mg_require_type(context, shift, "shift", MG_TYPES(MIDGE_INT32)));
    TRY(mg_require_elements(context, shift, "shift", 1));
    TRY(mg_require_type(context, context->outputs[0], "output", MG_TYPES(MIDGE_UINT32)));
    return mg_set_output_like(context, 0, context->inputs[0]);
}

midge_status mg_run_signal_filter_bank_square_root(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    int64_t shift = mg_index_at(context->inputs[1], 0);
    if (shift < 0 || shift > 31)
        return mg_op_fail(context, MIDGE_RUN_ERROR, "shift %lld is not within 0 to 31",
                          (long long)shift);
    mg_square_roots(input->data, input->elements, (int)shift, context->outputs[0]->data);
    return MIDGE_OK;
}

/* ---- SignalFilterBankSpectralSubtraction: uint32 signal; the same without noise, and the estimate
 * of the noise, which lives on */

typedef struct noise_state {
    mg_spectral_subtraction parameters;
    uint32_t resets;
    size_t channels; /* their noise follows */
} noise_state;

static midge_status read_subtraction(midge_op_context *context, int32_t channels,
                                     mg_spectral_subtraction *parameters)
{
    static const char *const keys[] = {"smoothing", "alternate_smoothing", "one_minus_smoothing",
                                       "alternate_one_minus_smoothing", "min_signal_remaining"};
    uint32_t *const targets[] = {
        &parameters->smoothing[0], &parameters->smoothing[1], &parameters->one_minus_smoothing[0],
        &parameters->one_minus_smoothing[1], &parameters->min_signal_remaining};
    mg_flex map;
    int32_t value;
    TRY(mg_options_open(context, &map));
    TRY(mg_option_int32(context, &map, "num_channels", channels, channels, &value));
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; ++i) {
        TRY(mg_option_int32(context, &map, keys[i], 0, INT32_MAX, &value));
        *targets[i] = (uint32_t)value;
    }
    TRY(mg_option_int32(context, &map, "smoothing_bits", 0, 31, &value));
    parameters->smoothing_bits = value;
    TRY(mg_option_int32(context, &map, "spectral_subtraction_bits", 0, 63, &value));
    parameters->fraction_bits = value;
    return mg_option_bool(context, &map, "clamping", &parameters->clamping);
}

midge_status mg_prepare_signal_spectral_subtraction(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    TRY(mg_require_type(context, input, "input", MG_TYPES(MIDGE_UINT32)));
    TRY(mg_require_rank(context, input, "input", 1, 1));
    for (size_t i = 0; i < 2; ++i) {
        TRY(mg_require_type(context, context->outputs[i], "output", MG_TYPES(MIDGE_UINT32)));
        TRY(mg_set_output_like(context, i, input));
    }
    void *memory;
    TRY(mg_prepared(context, sizeof(noise_state) + input->elements * sizeof(uint32_t), &memory));
    noise_state *state = memory;
    state->channels = input->elements;
    return read_subtraction(context, input->shape[0], &state->parameters);
}

midge_status mg_run_signal_spectral_subtraction(midge_op_context *context)
{
    noise_state *state = context->prepared;
    uint32_t *noise = (uint32_t *)(state + 1);
    size_t bytes = state->channels * sizeof(uint32_t);
    if (state->resets != context->resets) memset(noise, 0, bytes);
    state->resets = context->resets;
    mg_subtract_noise(&state->parameters, context->inputs[0]->data, state->channels, noise,
                      context->outputs[0]->data);
    memcpy(context->outputs[1]->data, noise, bytes);
    return MIDGE_OK;
}

/* ---- SignalPCAN: uint32 signal, uint32 noise, int16 table of gains; uint32 */

midge_status mg_prepare_signal_pcan(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *noise = context->inputs[1];
    const midge_tensor *gains = context->inputs[2];
    TRY(mg_require_type(context, input, "input", MG_TYPES(MIDGE_UINT32)));
    TRY(mg_require_type(context, noise, "noise", MG_TYPES(MIDGE_UINT32)));
    TRY(mg_require_type(context, gains, "gains", MG_TYPES(MIDGE_INT16)));
    TRY(mg_require_type(context, context->outputs[0], "output", MG_TYPES(MIDGE_UINT32)));
    TRY(mg_require_elements(context, noise, "noise", input->elements));
    if (gains->elements < MG_GAIN_TABLE)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%zu gains, need %d", gains->elements,
                          MG_GAIN_TABLE);
    void *memory;
    TRY(mg_prepared(context, sizeof(int32_t), &memory));
    mg_flex map;
    TRY(mg_options_open(context, &map));
    TRY(mg_option_int32(context, &map, "snr_shift", 0, 63, memory));
    return mg_set_output_like(context, 0, input);
}

midge_status mg_run_signal_pcan(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const int32_t *shift = context->prepared;
    mg_control_gain(input->data, context->inputs[1]->data, input->elements,
                    context->inputs[2]->data, *shift, context->outputs[0]->data);
    return MIDGE_OK;
}

/* ---- SignalFilterBankLog: uint32; int16 logarithms */

typedef struct logarithm_plan {
    int32_t scale;
    int32_t correction_bits;
    uint16_t table[MG_LOG_SEGMENTS + 2];
} logarithm_plan;

midge_status mg_prepare_signal_filter_bank_log(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    TRY(mg_require_type(context, input, "input", MG_TYPES(MIDGE_UINT32)));
    TRY(mg_require_type(context, context->outputs[0], "output", MG_TYPES(MIDGE_INT16)));
    void *memory;
    TRY(mg_prepared(context, sizeof(logarithm_plan), &memory));
    logarithm_plan *plan = memory;
    mg_flex map;
    TRY(mg_options_open(context, &map));
    TRY(mg_option_int32(context, &map, "output_scale", 0, INT32_MAX, &plan->scale));
    TRY(mg_option_int32(context, &map, "input_correction_bits", 0, 31, &plan->correction_bits));
    mg_log_table(plan->table);
    return mg_set_output_like(context, 0, input);
}

midge_status mg_run_signal_filter_bank_log(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const logarithm_plan *plan = context->prepared;
    mg_logarithms(input->data, input->elements, plan->table, (uint32_t)plan->scale,
                  plan->correction_bits, context->outputs[0]->data);
    return MIDGE_OK;
}
