/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audio front end's way from samples to a power spectrum: SignalWindow, SignalFftAutoScale,
 * SignalRfft, SignalIrfft and SignalEnergy.
 *
 * Spectra are real tensors whose last dimension holds pairs, real part first.
 */
#include <string.h>

#include "kernel/ref/filter_bank.h"
#include "kernel/ref/fourier.h"
#include "kernel/ref/signal_fft.h"
#include "op/custom_options.h"
#include "op/require.h"
#include "op/shape.h"

/* ---- SignalWindow: int16 samples in rows, a window for one or more rows */

midge_status mg_prepare_signal_window(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *window = context->inputs[1];
    TRY(mg_require_type(context, input, "input", MG_TYPES(MIDGE_INT16)));
    TRY(mg_require_type(context, window, "window", MG_TYPES(MIDGE_INT16)));
    TRY(mg_require_type(context, context->outputs[0], "output", MG_TYPES(MIDGE_INT16)));
    TRY(mg_require_rank(context, input, "input", 1, MIDGE_MAX_RANK));
    TRY(mg_require_rank(context, window, "window", 1, 1));
    if (window->elements == 0 || input->elements % window->elements != 0)
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "a window of %zu does not divide %zu samples", window->elements,
                          input->elements);
    void *memory;
    TRY(mg_prepared(context, sizeof(int32_t), &memory));
    mg_flex map;
    TRY(mg_options_open(context, &map));
    TRY(mg_option_int32(context, &map, "shift", 0, 31, memory));
    return mg_set_output_like(context, 0, input);
}

midge_status mg_run_signal_window(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *window = context->inputs[1];
    const int32_t *shift = context->prepared;
    for (size_t i = 0; i < input->elements; i += window->elements)
        mg_apply_window((const int16_t *)input->data + i, window->data, window->elements, *shift,
                        (int16_t *)context->outputs[0]->data + i);
    return MIDGE_OK;
}

/* ---- SignalFftAutoScale: int16 samples; the same shifted, and by how many bits */

midge_status mg_prepare_signal_fft_auto_scale(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    TRY(mg_require_type(context, input, "input", MG_TYPES(MIDGE_INT16)));
    TRY(mg_require_type(context, context->outputs[0], "output", MG_TYPES(MIDGE_INT16)));
    TRY(mg_require_type(context, context->outputs[1], "shift", MG_TYPES(MIDGE_INT32)));
    TRY(mg_set_output_like(context, 0, input));
    return mg_set_output_shape(context, 1, 0, input->shape);
}

midge_status mg_run_signal_fft_auto_scale(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    ((int32_t *)context->outputs[1]->data)[0] =
        mg_scale_up(input->data, input->elements, context->outputs[0]->data);
    return MIDGE_OK;
}

/* ---- SignalEnergy: pairs of int16; their squared magnitudes within [start_index, end_index) */

typedef struct energy_range {
    int32_t start, end;
} energy_range;

midge_status mg_prepare_signal_energy(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    TRY(mg_require_type(context, input, "input", MG_TYPES(MIDGE_INT16)));
    TRY(mg_require_type(context, context->outputs[0], "output", MG_TYPES(MIDGE_UINT32)));
    TRY(mg_require_rank(context, input, "input", 1, 1));
    void *memory;
    TRY(mg_prepared(context, sizeof(energy_range), &memory));
    energy_range *range = memory;
    mg_flex map;
    int32_t size = input->shape[0] / 2;
    TRY(mg_options_open(context, &map));
    TRY(mg_option_int32(context, &map, "end_index", 0, size, &range->end));
    TRY(mg_option_int32(context, &map, "start_index", 0, range->end, &range->start));
    return mg_set_output_shape(context, 0, 1, &size);
}

midge_status mg_run_signal_energy(midge_op_context *context)
{
    const energy_range *range = context->prepared;
    midge_tensor *output = context->outputs[0];
    size_t start = (size_t)range->start;
    memset(output->data, 0, output->bytes);
    mg_energy((const int16_t *)context->inputs[0]->data + 2 * start, (size_t)range->end - start,
              (uint32_t *)output->data + start);
    return MIDGE_OK;
}

/* ---- SignalRfft and SignalIrfft over the last dimension ---- */

typedef struct row_transform {
    size_t rows;
    size_t length; /* reals of a transform */
    size_t in_row; /* elements of a row of the input */
    size_t out_row;
    mg_signal_fft fft; /* of integers; its tables follow */
} row_transform;

static midge_status plan_transform(midge_op_context *context, bool inverse, row_transform **plan)
{
    const midge_tensor *input = context->inputs[0];
    mg_flex map;
    int32_t length;
    TRY(mg_require_type(context, input, "input",
                        MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT16, MIDGE_INT32)));
    TRY(mg_require_same_type(context, input, "input", context->outputs[0], "output"));
    TRY(mg_require_rank(context, input, "input", 1, MIDGE_MAX_RANK));
    TRY(mg_options_open(context, &map));
    TRY(mg_option_int32(context, &map, "fft_length", 2, 1 << 24, &length));

    mg_signal_fft fft = {0};
    bool real = input->type == MIDGE_FLOAT32;
    bool possible = (length & (length - 1)) == 0;
    if (!real)
        possible =
            mg_signal_fft_plan(&fft, input->type == MIDGE_INT16 ? 16 : 32, inverse, (size_t)length);
    if (!possible)
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "no transform of length %d for %s",
                          (int)length, midge_type_name(input->type));
    size_t table = real ? 0 : mg_signal_fft_table_size(&fft) * sizeof(int32_t);
    void *memory;
    TRY(mg_prepared(context, sizeof(row_transform) + table, &memory));
    *plan = memory;
    if (!real) mg_signal_fft_fill(&fft, (int32_t *)(*plan + 1));
    (*plan)->fft = fft;
    (*plan)->length = (size_t)length;
    (*plan)->rows = mg_elements_between(input, 0, input->rank - 1);
    (*plan)->in_row = (size_t)input->shape[input->rank - 1];
    return MIDGE_OK;
}

/* Gives the output the input's shape with a new last dimension, and asks for the scratch of one
 * row: reals, work and spectrum. */
static midge_status finish_plan(midge_op_context *context, row_transform *plan, size_t out_row)
{
    const midge_tensor *input = context->inputs[0];
    int32_t shape[MIDGE_MAX_RANK];
    for (int32_t i = 0; i < input->rank; ++i) shape[i] = input->shape[i];
    shape[input->rank - 1] = (int32_t)out_row;
    plan->out_row = out_row;
    TRY(mg_set_output_shape(context, 0, input->rank, shape));
    return mg_request_scratch(context, (3 * plan->length + 2) * sizeof(int32_t));
}

midge_status mg_prepare_signal_rfft(midge_op_context *context)
{
    row_transform *plan;
    TRY(plan_transform(context, false, &plan));
    if (plan->in_row > plan->length)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "rows of %zu for a transform of %zu",
                          plan->in_row, plan->length);
    return finish_plan(context, plan, (plan->length / 2 + 1) * 2);
}

midge_status mg_prepare_signal_irfft(midge_op_context *context)
{
    row_transform *plan;
    TRY(plan_transform(context, true, &plan));
    if (plan->in_row != (plan->length / 2 + 1) * 2)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "rows of %zu for a transform of %zu",
                          plan->in_row, plan->length);
    return finish_plan(context, plan, plan->length);
}

/* A row of int16 or int32 as int32, and back. */
static void load(const midge_tensor *tensor, size_t first, size_t count, int32_t *values)
{
    for (size_t i = 0; i < count; ++i)
        values[i] = tensor->type == MIDGE_INT16 ? ((const int16_t *)tensor->data)[first + i]
                                                : ((const int32_t *)tensor->data)[first + i];
}

static void store(const int32_t *values, size_t count, midge_tensor *tensor, size_t first)
{
    for (size_t i = 0; i < count; ++i) {
        if (tensor->type == MIDGE_INT16)
            ((int16_t *)tensor->data)[first + i] = (int16_t)values[i];
        else
            ((int32_t *)tensor->data)[first + i] = values[i];
    }
}

static void transform_float(const midge_op_context *context, bool inverse)
{
    const row_transform *plan = context->prepared;
    const mg_fourier fourier = {plan->length, 1, 1, plan->length / 2 + 1};
    const float *input = context->inputs[0]->data;
    float *output = context->outputs[0]->data, *row = context->scratch;
    for (size_t i = 0; i < plan->rows; ++i) {
        memset(row, 0, (plan->length + 2) * sizeof *row);
        memcpy(row, input + i * plan->in_row, plan->in_row * sizeof *row);
        if (inverse)
            mg_fourier_real_inverse(&fourier, row);
        else
            mg_fourier_real(&fourier, row);
        memcpy(output + i * plan->out_row, row, plan->out_row * sizeof *row);
    }
}

static midge_status run_transform(midge_op_context *context, bool inverse)
{
    const row_transform *plan = context->prepared;
    if (context->inputs[0]->type == MIDGE_FLOAT32) {
        transform_float(context, inverse);
        return MIDGE_OK;
    }
    int32_t *from = context->scratch;
    int32_t *work = from + plan->length + (inverse ? 2 : 0);
    int32_t *to = work + plan->length;
    for (size_t i = 0; i < plan->rows; ++i) {
        load(context->inputs[0], i * plan->in_row, plan->in_row, from);
        if (!inverse && plan->in_row < plan->length)
            memset(from + plan->in_row, 0, (plan->length - plan->in_row) * sizeof *from);
        if (inverse)
            mg_signal_fft_inverse(&plan->fft, from, work, to);
        else
            mg_signal_fft_forward(&plan->fft, from, work, to);
        store(to, plan->out_row, context->outputs[0], i * plan->out_row);
    }
    return MIDGE_OK;
}

midge_status mg_run_signal_rfft(midge_op_context *context)
{
    return run_transform(context, false);
}

midge_status mg_run_signal_irfft(midge_op_context *context)
{
    return run_transform(context, true);
}
