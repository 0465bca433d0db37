/* SPDX-License-Identifier: Apache-2.0 */
/* SVDF: floats, floats with int8 weights, or integers. */
#include "kernel/ref/svdf.h"
#include "op/recurrent_lstm_cells.h"
#include "op/recurrent_sequence.h"
#include "op/require.h"

enum { INPUT, FEATURES, TIME, BIAS, STATE };

/* The cell is complete but for pointers to data. */
typedef struct prepared_svdf {
    mg_svdf cell;
    size_t step_bytes;
    float *dequantized_time; /* packed; NULL: the tensor holds floats */
} prepared_svdf;

static midge_status check_sizes(midge_op_context *context, mg_svdf *cell)
{
    const midge_tensor *input = mg_input(context, INPUT), *features = mg_input(context, FEATURES);
    const midge_tensor *time = mg_input(context, TIME);
    int32_t rank = MG_OPTIONS(context, SVDFOptions)->rank;
    TRY(mg_require_rank(context, input, "input", 2, 2));
    TRY(mg_require_rank(context, features, "feature weights", 2, 2));
    TRY(mg_require_rank(context, time, "time weights", 2, 2));
    int32_t filters = features->shape[0], memory = time->shape[1];
    if (rank < 1 || filters < 1 || memory < 1 || features->shape[1] < 1 || filters % rank != 0) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "%d filters of %d inputs, memory %d and rank %d", (int)filters,
                          (int)features->shape[1], (int)memory, (int)rank);
    }
    cell->input_size = (size_t)input->shape[1];
    cell->units = (size_t)(filters / rank);
    cell->rank = (size_t)rank;
    cell->memory = (size_t)memory;
    return MIDGE_OK;
}

static midge_status check_tensors(midge_op_context *context, const mg_svdf *cell, bool integer)
{
    const midge_tensor *input = mg_input(context, INPUT), *bias = mg_input(context, BIAS);
    const midge_tensor *time = mg_input(context, TIME), *state = mg_input(context, STATE);
    int32_t filters = (int32_t)(cell->units * cell->rank), memory = (int32_t)cell->memory;
    midge_type features = mg_input(context, FEATURES)->type;
    uint32_t feature_types =
        integer ? MG_TYPES(MIDGE_INT8) : MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT8, MIDGE_UINT8);
    TRY(mg_require_matrix(context, mg_input(context, FEATURES), "feature weights", feature_types,
                          filters, input->shape[1]));
    uint32_t time_types = integer ? MG_TYPES_2(MIDGE_INT16, MIDGE_INT8)
                          : features == MIDGE_FLOAT32
                              ? MG_TYPES(MIDGE_FLOAT32)
                              : MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT8, MIDGE_UINT8);
    TRY(mg_require_matrix(context, time, "time weights", time_types, filters, memory));
    if (bias != NULL) {
        TRY(mg_require_vector(context, bias, "bias", integer ? MIDGE_INT32 : MIDGE_FLOAT32,
                              (int32_t)cell->units));
    }
    size_t history;
    if (!mg_size_multiply((size_t)input->shape[0], (size_t)filters * cell->memory, &history)) {
        history = SIZE_MAX;
    }
    TRY(mg_require_state(context, state, "state", integer ? time->type : MIDGE_FLOAT32, history));
    return mg_require_same_type(context, input, "input", mg_output(context, 0), "output");
}

/* The same factor for every column, as the kernels want it. */
static midge_status prepare_factors(midge_op_context *context, const char *role, double factor,
                                    size_t columns, int32_t *memory, mg_requantisation *how)
{
    mg_multiplier multiplier;
    TRY(mg_require_factor(context, role, factor, 1073741824.0, &multiplier));
    for (size_t i = 0; i < columns; i++) {
        memory[i] = multiplier.multiplier;
        memory[columns + i] = multiplier.shift;
    }
    how->multiplier = memory;
    how->shift = memory + columns;
    return MIDGE_OK;
}

static midge_status prepare_integer(midge_op_context *context, prepared_svdf *svdf)
{
    const midge_tensor *input = mg_input(context, INPUT), *features = mg_input(context, FEATURES);
    const midge_tensor *time = mg_input(context, TIME), *state = mg_input(context, STATE);
    const midge_tensor *output = mg_output(context, 0);
    mg_svdf *cell = &svdf->cell;
    size_t filters = cell->units * cell->rank;
    TRY(mg_require_quantized(context, input, "input"));
    TRY(mg_require_quantized(context, features, "feature weights"));
    TRY(mg_require_quantized(context, time, "time weights"));
    TRY(mg_require_quantized(context, state, "state"));
    TRY(mg_require_quantized(context, output, "output"));
    int activation = MG_OPTIONS(context, SVDFOptions)->fused_activation_function;
    if (activation != MG_ACTIVATION_RELU) {
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "activation %d; integers need RELU",
                          activation);
    }
    float to_state = mg_scale(input) * mg_scale(features) / mg_scale(state);
    float to_output = mg_scale(state) * mg_scale(time) / mg_scale(output);
    int32_t *factors = (int32_t *)(svdf + 1);
    TRY(prepare_factors(context, "state", (double)to_state, filters, factors, &cell->state));
    TRY(prepare_factors(context, "output", (double)to_output, cell->units, factors + 2 * filters,
                        &cell->output));
    cell->input_zero_point = mg_zero_point(input);
    bool wide = time->type == MIDGE_INT16;
    cell->state.cell = wide ? MG_CELL_I16 : MG_CELL_I8;
    cell->state.zero_point = wide ? 0 : mg_zero_point(state);
    cell->state.minimum = wide ? INT16_MIN : INT8_MIN;
    cell->state.maximum = wide ? INT16_MAX : INT8_MAX;
    cell->output.cell = MG_CELL_I8;
    cell->output.zero_point = mg_zero_point(output);
    cell->output.minimum = INT8_MIN;
    cell->output.maximum = INT8_MAX;
    return MIDGE_OK;
}

/* Time weights beside int8 features are int8 of some scale. Files that have floats there give no
 * scale; the reference reads them all the same, and takes no scale as 0. */
static midge_status dequantize_time(midge_op_context *context, float **dequantized)
{
    const midge_tensor *time = mg_input(context, TIME);
    if (!time->constant) {
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "time weights of int8 must be constant");
    }
    float scale = time->quantization.count > 0 ? mg_scale(time) : 0.0f;
    void *packed;
    bool fresh;
    size_t bytes = SIZE_MAX;
    if (!mg_size_multiply(time->elements, sizeof(float), &bytes)) {
        return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "the time weights are too large");
    }
    TRY(mg_packed(context, bytes, &packed, &fresh));
    *dequantized = packed;
    for (size_t i = 0; fresh && i < time->elements; i++) {
        (*dequantized)[i] = (float)((const int8_t *)time->data)[i] * scale;
    }
    return MIDGE_OK;
}

static midge_status prepare_float(midge_op_context *context, prepared_svdf *svdf)
{
    const mg_SVDFOptions *options = MG_OPTIONS(context, SVDFOptions);
    const midge_tensor *features = mg_input(context, FEATURES);
    int activation = options->fused_activation_function;
    if (activation < MG_ACTIVATE_NONE || activation > MG_ACTIVATE_SIGN_BIT) {
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "activation %d", activation);
    }
    svdf->cell.activation = (mg_activate)activation;
    svdf->cell.asymmetric = options->asymmetric_quantize_inputs;
    svdf->cell.features.cell = features->type == MIDGE_FLOAT32 ? MG_CELL_F32 : MG_CELL_I8;
    if (features->type == MIDGE_FLOAT32) return MIDGE_OK;
    TRY(mg_require_quantized(context, features, "feature weights"));
    return dequantize_time(context, &svdf->dequantized_time);
}

/* The prepared memory: this, then multipliers and shifts of the states and of the outputs. */
static midge_status get_prepared(midge_op_context *context, const mg_svdf *cell,
                                 prepared_svdf **svdf)
{
    size_t bytes;
    size_t filters = cell->units * cell->rank;
    void *memory;
    if (!mg_size_multiply(filters, 4 * sizeof(int32_t), &bytes) ||
        !mg_size_add(bytes, sizeof **svdf, &bytes)) {
        return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "%zu filters are too many", filters);
    }
    TRY(mg_prepared(context, bytes, &memory));
    *svdf = memory;
    (*svdf)->cell = *cell;
    return MIDGE_OK;
}

midge_status mg_prepare_svdf(midge_op_context *context)
{
    const midge_tensor *input = mg_input(context, INPUT);
    mg_svdf cell = {.input_size = 0};
    prepared_svdf *svdf = NULL;
    TRY(mg_require_type(context, input, "input", MG_TYPES_2(MIDGE_FLOAT32, MIDGE_INT8)));
    bool integer = input->type == MIDGE_INT8;
    TRY(check_sizes(context, &cell));
    TRY(check_tensors(context, &cell, integer));
    TRY(get_prepared(context, &cell, &svdf));
    TRY(integer ? prepare_integer(context, svdf) : prepare_float(context, svdf));
    svdf->cell.kernels = mg_cell_kernels_of(context);
    svdf->step_bytes = mg_svdf_scratch(&svdf->cell);
    TRY(mg_recurrence_scratch(context, svdf->step_bytes, NULL, 0));
    context->multiply_accumulates = (uint64_t)input->shape[0] * svdf->cell.units * svdf->cell.rank *
                                    (svdf->cell.input_size + svdf->cell.memory);
    return mg_set_output_shape(context, 0, 2,
                               (int32_t[]){input->shape[0], (int32_t)svdf->cell.units});
}

typedef struct svdf_run {
    const mg_svdf *cell;
    const midge_op_context *context;
    size_t worker_bytes;
} svdf_run;

static void run_batches(void *argument, size_t begin, size_t end, int worker)
{
    const svdf_run *run = argument;
    const mg_svdf *cell = run->cell;
    const midge_op_context *context = run->context;
    const midge_tensor *input = mg_input(context, INPUT), *state = mg_input(context, STATE);
    size_t history = cell->units * cell->rank * cell->memory;
    void *scratch = (char *)context->scratch + (size_t)worker * run->worker_bytes;
    for (size_t b = begin; b < end; b++) {
        if (input->type == MIDGE_FLOAT32) {
            mg_svdf_step_f32(cell, (const float *)input->data + b * cell->input_size,
                             (float *)state->data + b * history,
                             (float *)mg_output(context, 0)->data + b * cell->units, scratch);
            continue;
        }
        size_t bytes = history * (cell->state.cell == MG_CELL_I16 ? 2 : 1);
        mg_svdf_step_integer(cell, (const int8_t *)input->data + b * cell->input_size,
                             (char *)state->data + b * bytes,
                             (int8_t *)mg_output(context, 0)->data + b * cell->units, scratch);
    }
}

midge_status mg_run_svdf(midge_op_context *context)
{
    prepared_svdf *svdf = context->prepared;
    mg_svdf *cell = &svdf->cell;
    bool integer = mg_input(context, INPUT)->type == MIDGE_INT8;
    const void *bias = mg_data_of(mg_input(context, BIAS));
    const void *time = mg_input(context, TIME)->data;
    if (integer) {
        cell->features_s8 = mg_input(context, FEATURES)->data;
        cell->time_integer = time;
        cell->bias_s32 = bias;
    } else {
        cell->features = mg_matrix_of(mg_input(context, FEATURES));
        cell->time = svdf->dequantized_time != NULL ? svdf->dequantized_time : time;
        cell->bias = bias;
    }
    svdf_run run = {cell, context, mg_recurrence_step_bytes(svdf->step_bytes)};
    mg_parallel_for(context->pool, (size_t)mg_input(context, INPUT)->shape[0], 1, run_batches,
                    &run);
    return MIDGE_OK;
}
