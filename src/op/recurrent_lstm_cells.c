/* SPDX-License-Identifier: Apache-2.0 */
#include "op/recurrent_lstm_cells.h"

#include "op/recurrent_sequence.h"
#include "op/require.h"

midge_status mg_lstm_check_settings(midge_op_context *context, const mg_lstm_settings *settings)
{
    if (!(settings->cell_clip >= 0.0f && settings->projection_clip >= 0.0f)) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "clips %g and %g are not >= 0",
                          (double)settings->cell_clip, (double)settings->projection_clip);
    }
    if (settings->activation < MG_ACTIVATE_NONE || settings->activation > MG_ACTIVATE_SIGN_BIT) {
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "activation %d", settings->activation);
    }
    return MIDGE_OK;
}

mg_cell_kernels mg_cell_kernels_of(const midge_op_context *context)
{
    return (mg_cell_kernels){
        .dot_f32 = context->kernels->dot_f32,
        .dot_int = context->kernels->dot_int,
        .pointwise_f32 = context->kernels->pointwise_f32,
        .gate = context->kernels->gate,
        .row_dots = context->kernels->row_dots,
        .requantise = context->kernels->requantise,
    };
}

/* Weights of uint8 are int8 by another name: that is how old files have them. */
mg_matrix mg_matrix_of(const midge_tensor *tensor)
{
    mg_matrix matrix = {.weights = NULL};
    if (tensor == NULL) return matrix;
    bool is_float = tensor->type == MIDGE_FLOAT32;
    matrix.weights = tensor->data;
    matrix.cell = is_float ? MG_CELL_F32 : MG_CELL_I8;
    matrix.scale = is_float ? 1.0f : mg_scale(tensor);
    matrix.diagonal = tensor->rank == 1;
    matrix.rows = (size_t)tensor->shape[0];
    matrix.depth = (size_t)tensor->shape[tensor->rank - 1];
    return matrix;
}

midge_status mg_lstm_check_hybrid(midge_op_context *context, const mg_lstm_tensors *tensors)
{
    for (int gate = 0; gate < MG_GATE_COUNT; gate++) {
        const mg_lstm_gate_tensors *g = &tensors->gates[gate];
        if (g->input == NULL) continue;
        const midge_tensor *all[] = {g->input, g->aux, g->recurrent, g->peephole};
        for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
            if (all[i] == NULL || all[i]->type == MIDGE_FLOAT32) continue;
            TRY(mg_require_quantized(context, all[i], "weights"));
        }
    }
    if (tensors->projection == NULL || tensors->projection->type == MIDGE_FLOAT32) return MIDGE_OK;
    return mg_require_quantized(context, tensors->projection, "projection");
}

mg_lstm_f32 mg_lstm_cell_f32(const midge_op_context *context, const mg_lstm_tensors *tensors,
                             const mg_lstm_settings *settings)
{
    mg_lstm_f32 cell = {
        .input_size = (size_t)tensors->input_size,
        .aux_size = (size_t)tensors->aux_size,
        .cell_size = (size_t)tensors->cell_size,
        .output_size = (size_t)tensors->output_size,
        .projection = mg_matrix_of(tensors->projection),
        .projection_bias = mg_data_of(tensors->projection_bias),
        .activation = (mg_activate)settings->activation,
        .cell_clip = settings->cell_clip,
        .projection_clip = settings->projection_clip,
        .hybrid = tensors->gates[MG_GATE_OUTPUT].input->type != MIDGE_FLOAT32,
        .asymmetric = settings->asymmetric,
        .kernels = mg_cell_kernels_of(context),
    };
    for (int gate = 0; gate < MG_GATE_COUNT; gate++) {
        const mg_lstm_gate_tensors *from = &tensors->gates[gate];
        cell.gates[gate] = (mg_lstm_gate_f32){
            .input = mg_matrix_of(from->input),
            .aux = mg_matrix_of(from->aux),
            .recurrent = mg_matrix_of(from->recurrent),
            .peephole = mg_matrix_of(from->peephole),
            .norm = mg_data_of(from->norm),
            .bias = mg_data_of(from->bias),
        };
    }
    return cell;
}
