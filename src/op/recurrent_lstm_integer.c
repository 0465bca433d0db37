/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Factors of the integer LSTM cells. Scales are multiplied in single precision in the order of the
 * reference, because the last bit of a factor decides roundings.
 *
 * The intermediates of a node have no data, only scales and zero points. Of 5, the first four are
 * the sums of the gates before normalisation and the last is the hidden value before projection.
 * Of 12, each gate has three: its sum, input times weights, output state times weights.
 */
#include <math.h>

#include "op/recurrent_lstm_cells.h"
#include "op/recurrent_sequence.h"
#include "op/require.h"

/* Factors must stay shiftable within 32 bits, those of a norm by 12 more, 64-bit sums by 7. */
static const double factor_limit = 1073741824.0, norm_factor_limit = 131072.0,
                    wide_factor_limit = 64.0;

static midge_status require_scales(midge_op_context *context, const mg_lstm_tensors *t)
{
    TRY(mg_require_quantized(context, mg_input(context, 0), "input"));
    TRY(mg_require_quantized(context, t->output_state, "output state"));
    TRY(mg_require_quantized(context, t->cell_state, "cell state"));
    TRY(mg_require_quantized(context, mg_output(context, 0), "output"));
    if (t->projection != NULL) TRY(mg_require_quantized(context, t->projection, "projection"));
    for (int gate = 0; gate < MG_GATE_COUNT; gate++) {
        const mg_lstm_gate_tensors *g = &t->gates[gate];
        if (g->input == NULL) continue;
        TRY(mg_require_quantized(context, g->input, "input weights"));
        TRY(mg_require_quantized(context, g->recurrent, "recurrent weights"));
        if (g->peephole != NULL) {
            TRY(mg_require_quantized(context, g->peephole, "peephole weights"));
        }
        if (g->norm != NULL) TRY(mg_require_quantized(context, g->norm, "norm coefficients"));
    }
    return MIDGE_OK;
}

/* Intermediates may have any type. */
static midge_status intermediate(midge_op_context *context, size_t index, float *scale,
                                 int32_t *zero_point)
{
    const midge_tensor *tensor =
        index < context->intermediate_count ? context->intermediates[index] : NULL;
    if (tensor == NULL || tensor->quantization.count == 0 ||
        !(tensor->quantization.scale[0] > 0.0f)) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "intermediate %zu has no scale", index);
    }
    int64_t zero = tensor->quantization.zero_point[0];
    if (zero < INT16_MIN || zero > INT16_MAX) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "intermediate %zu has zero point %lld",
                          index, (long long)zero);
    }
    *scale = mg_scale(tensor);
    *zero_point = (int32_t)zero;
    return MIDGE_OK;
}

/* clip / scale cut to `most`; 0: no clip. */
static int32_t clip_of(float clip, float scale, float most)
{
    if (!(clip > 0.0f)) return 0;
    float stored = clip / scale;
    return (int32_t)(stored < most ? stored : most);
}

static midge_status gate_factors(midge_op_context *context, const mg_lstm_tensors *t, int index,
                                 float gate_scale, int32_t cell_scale, mg_lstm_gate_integer *gate)
{
    const mg_lstm_gate_tensors *g = &t->gates[index];
    float input = mg_scale(g->input) * mg_scale(mg_input(context, 0)) / gate_scale;
    float recurrent = mg_scale(g->recurrent) * mg_scale(t->output_state) / gate_scale;
    TRY(mg_require_factor(context, "input", (double)input, factor_limit, &gate->input_factor));
    TRY(mg_require_factor(context, "output state", (double)recurrent, factor_limit,
                          &gate->recurrent_factor));
    if (g->peephole != NULL) {
        float factor =
            (float)(pow(2.0, cell_scale) * (double)mg_scale(g->peephole) / (double)gate_scale);
        TRY(mg_require_factor(context, "peepholes", (double)factor, factor_limit,
                              &gate->peephole_factor));
    }
    if (g->norm != NULL) {
        float scale = mg_scale(g->norm);
        TRY(mg_require_factor(context, "norm", (double)scale, norm_factor_limit,
                              &gate->norm_factor));
        int32_t variance = (int32_t)(10000.0f * scale);
        gate->least_variance = variance > 1 ? variance : 1;
    }
    return MIDGE_OK;
}

static midge_status output_factors(midge_op_context *context, const mg_lstm_tensors *t,
                                   mg_lstm_integer *cell)
{
    float hidden_scale;
    TRY(intermediate(context, 4, &hidden_scale, &cell->hidden_zero_point));
    if (cell->hidden_zero_point < INT8_MIN || cell->hidden_zero_point > INT8_MAX) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "the hidden zero point is %d",
                          (int)cell->hidden_zero_point);
    }
    float hidden = (float)(pow(2.0, -15.0) / (double)hidden_scale * pow(2.0, -15.0));
    TRY(mg_require_factor(context, "hidden", (double)hidden, factor_limit, &cell->hidden_factor));
    if (t->projection == NULL) return MIDGE_OK;
    float projection = mg_scale(t->projection) * hidden_scale / mg_scale(t->output_state);
    return mg_require_factor(context, "projection", (double)projection, factor_limit,
                             &cell->projection_factor);
}

static midge_status find_cell_scale(midge_op_context *context, const mg_lstm_tensors *t,
                                    int32_t *cell_scale)
{
    float logarithm = log2f(mg_scale(t->cell_state));
    float rounded = roundf(logarithm);
    if (!(fabsf(logarithm - rounded) < 1e-3f) || rounded < MG_CELL_SCALE_LEAST ||
        rounded > MG_CELL_SCALE_MOST) {
        return mg_op_fail(context, MIDGE_UNSUPPORTED,
                          "the scale %g of the cell state is none of 2^%d to 2^%d",
                          (double)mg_scale(t->cell_state), MG_CELL_SCALE_LEAST, MG_CELL_SCALE_MOST);
    }
    *cell_scale = (int32_t)rounded;
    return MIDGE_OK;
}

midge_status mg_lstm_prepare_integer(midge_op_context *context, const mg_lstm_tensors *tensors,
                                     const mg_lstm_settings *settings, mg_lstm_integer *cell)
{
    TRY(require_scales(context, tensors));
    cell->input_size = (size_t)tensors->input_size;
    cell->cell_size = (size_t)tensors->cell_size;
    cell->output_size = (size_t)tensors->output_size;
    cell->input_zero_point = mg_zero_point(mg_input(context, 0));
    cell->state_zero_point = mg_zero_point(tensors->output_state);
    TRY(find_cell_scale(context, tensors, &cell->cell_scale));
    bool normalized = tensors->gates[MG_GATE_FORGET].norm != NULL;
    for (int gate = 0; gate < MG_GATE_COUNT; gate++) {
        float gate_scale = 1.0f / 4096.0f;
        int32_t unused;
        if (normalized) TRY(intermediate(context, (size_t)gate, &gate_scale, &unused));
        if (tensors->gates[gate].input == NULL) continue;
        TRY(gate_factors(context, tensors, gate, gate_scale, cell->cell_scale, &cell->gates[gate]));
    }
    TRY(output_factors(context, tensors, cell));
    cell->cell_clip = (int16_t)clip_of(settings->cell_clip, mg_scale(tensors->cell_state), 32767);
    cell->projection_clip =
        (int8_t)clip_of(settings->projection_clip, mg_scale(mg_output(context, 0)), 127);
    return MIDGE_OK;
}

void mg_lstm_bind_integer(const midge_op_context *context, const mg_lstm_tensors *tensors,
                          mg_lstm_integer *cell)
{
    for (int gate = 0; gate < MG_GATE_COUNT; gate++) {
        const mg_lstm_gate_tensors *from = &tensors->gates[gate];
        cell->gates[gate].input = mg_data_of(from->input);
        cell->gates[gate].recurrent = mg_data_of(from->recurrent);
        cell->gates[gate].peephole = mg_data_of(from->peephole);
        cell->gates[gate].norm = mg_data_of(from->norm);
        cell->gates[gate].bias = mg_data_of(from->bias);
    }
    cell->projection = mg_data_of(tensors->projection);
    cell->projection_bias = mg_data_of(tensors->projection_bias);
    cell->kernels = mg_cell_kernels_of(context);
}

/* The products of a gate, whose intermediates begin at 3 * index. */
static midge_status narrow_factors(midge_op_context *context, const mg_lstm_tensors *t, int index,
                                   mg_narrow_gate *gate)
{
    const mg_lstm_gate_tensors *g = &t->gates[index];
    size_t first = 3 * (size_t)index;
    float sum, input, recurrent;
    int32_t unused;
    TRY(intermediate(context, first, &sum, &unused));
    TRY(intermediate(context, first + 1, &input, &gate->input.zero_point));
    TRY(intermediate(context, first + 2, &recurrent, &gate->recurrent.zero_point));
    float input_factor = mg_scale(g->input) * mg_scale(mg_input(context, 0)) / input;
    float recurrent_factor = mg_scale(g->recurrent) * mg_scale(t->output_state) / recurrent;
    TRY(mg_require_factor(context, "input", (double)input_factor, factor_limit,
                          &gate->input.factor));
    TRY(mg_require_factor(context, "output state", (double)recurrent_factor, factor_limit,
                          &gate->recurrent.factor));
    TRY(mg_require_factor(context, "input product", (double)(input / sum), factor_limit,
                          &gate->input.to_gate));
    TRY(mg_require_factor(context, "state product", (double)(recurrent / sum), factor_limit,
                          &gate->recurrent.to_gate));
    return mg_require_factor(context, "norm", (double)mg_scale(g->norm), factor_limit,
                             &gate->norm_factor);
}

midge_status mg_lstm_prepare_narrow(midge_op_context *context, const mg_lstm_tensors *tensors,
                                    const mg_lstm_settings *settings, mg_lstm_narrow *cell)
{
    TRY(require_scales(context, tensors));
    if (tensors->gates[MG_GATE_FORGET].norm == NULL || tensors->projection == NULL ||
        tensors->gates[MG_GATE_INPUT].input != NULL ||
        tensors->gates[MG_GATE_OUTPUT].peephole != NULL) {
        return mg_op_fail(context, MIDGE_UNSUPPORTED,
                          "with 12 intermediates, need norm and projection and no input gate");
    }
    if (mg_scale(tensors->cell_state) != 1.0f / 32768.0f) {
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "the scale of the cell state is not 2^-15");
    }
    cell->input_size = (size_t)tensors->input_size;
    cell->cell_size = (size_t)tensors->cell_size;
    cell->output_size = (size_t)tensors->output_size;
    cell->input_zero_point = mg_zero_point(mg_input(context, 0));
    cell->state_zero_point = mg_zero_point(tensors->output_state);
    for (int gate = MG_GATE_FORGET; gate < MG_GATE_COUNT; gate++) {
        TRY(narrow_factors(context, tensors, gate, &cell->gates[gate]));
    }
    float projection = (float)((double)mg_scale(tensors->projection) * pow(2.0, -15.0) /
                               (double)mg_scale(tensors->output_state));
    TRY(mg_require_factor(context, "projection", (double)projection, wide_factor_limit,
                          &cell->projection_factor));
    float cell_clip = settings->cell_clip < 1.0f ? settings->cell_clip : 0.0f;
    cell->cell_clip = (int16_t)clip_of(cell_clip, mg_scale(tensors->cell_state), 32767);
    cell->projection_clip =
        (int8_t)clip_of(settings->projection_clip, mg_scale(mg_output(context, 0)), 127);
    return MIDGE_OK;
}

void mg_lstm_bind_narrow(const midge_op_context *context, const mg_lstm_tensors *tensors,
                         mg_lstm_narrow *cell)
{
    for (int gate = MG_GATE_FORGET; gate < MG_GATE_COUNT; gate++) {
        const mg_lstm_gate_tensors *from = &tensors->gates[gate];
        cell->gates[gate].input.weights = mg_data_of(from->input);
        cell->gates[gate].recurrent.weights = mg_data_of(from->recurrent);
        cell->gates[gate].norm = mg_data_of(from->norm);
        cell->gates[gate].bias = mg_data_of(from->bias);
    }
    cell->projection = mg_data_of(tensors->projection);
    cell->projection_bias = mg_data_of(tensors->projection_bias);
    cell->kernels = mg_cell_kernels_of(context);
}

midge_status mg_lstm_prepare_int16(midge_op_context *context, const mg_lstm_tensors *tensors,
                                   const mg_lstm_settings *settings, mg_lstm_int16 *cell)
{
    TRY(require_scales(context, tensors));
    bool plain = tensors->gates[MG_GATE_INPUT].input != NULL && tensors->projection == NULL &&
                 tensors->gates[MG_GATE_OUTPUT].peephole == NULL &&
                 tensors->gates[MG_GATE_FORGET].norm == NULL;
    if (!plain || settings->activation != MG_ACTIVATE_TANH) {
        return mg_op_fail(context, MIDGE_UNSUPPORTED,
                          "int16 input needs four gates and tanh, and nothing optional");
    }
    cell->input_size = (size_t)tensors->input_size;
    cell->cell_size = (size_t)tensors->cell_size;
    cell->input_zero_point = mg_zero_point(mg_input(context, 0));
    cell->state_zero_point = mg_zero_point(tensors->output_state);
    TRY(find_cell_scale(context, tensors, &cell->cell_scale));
    double input = (double)mg_scale(mg_input(context, 0));
    double state = (double)mg_scale(tensors->output_state);
    double cell_scale = (double)mg_scale(tensors->cell_state);
    for (int gate = 0; gate < MG_GATE_COUNT; gate++) {
        const mg_lstm_gate_tensors *g = &tensors->gates[gate];
        double from_input = (double)(float)(input * (double)mg_scale(g->input)) * 4096.0;
        double from_state = (double)(float)(state * (double)mg_scale(g->recurrent)) * 4096.0;
        TRY(mg_require_factor(context, "input", from_input, wide_factor_limit,
                              &cell->gates[gate].input_factor));
        TRY(mg_require_factor(context, "output state", from_state, wide_factor_limit,
                              &cell->gates[gate].recurrent_factor));
    }
    double gate_scale = 1.0 / 32768.0, product = gate_scale * gate_scale;
    TRY(mg_require_factor(context, "old cell", gate_scale * cell_scale / cell_scale, factor_limit,
                          &cell->keep_factor));
    TRY(mg_require_factor(context, "new cell", product / cell_scale, factor_limit,
                          &cell->add_factor));
    TRY(mg_require_factor(context, "hidden", product / state, factor_limit, &cell->output_factor));
    cell->cell_clip = (int16_t)clip_of(settings->cell_clip, mg_scale(tensors->cell_state), 32767);
    return MIDGE_OK;
}

void mg_lstm_bind_int16(const midge_op_context *context, const mg_lstm_tensors *tensors,
                        mg_lstm_int16 *cell)
{
    (void)context;
    for (int gate = 0; gate < MG_GATE_COUNT; gate++) {
        const mg_lstm_gate_tensors *from = &tensors->gates[gate];
        cell->gates[gate].input = mg_data_of(from->input);
        cell->gates[gate].recurrent = mg_data_of(from->recurrent);
        cell->gates[gate].bias = mg_data_of(from->bias);
    }
    cell->wide_bias = tensors->gates[MG_GATE_OUTPUT].bias->type == MIDGE_INT64;
}
