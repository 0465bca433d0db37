/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FULLY_CONNECTED: rows of activations times weights [output, depth].
 *
 * Sums of quantised rows are rescaled in double, rounded once, as TensorFlow Lite's reference does
 * for this operator alone; sums of int16 and int16 in fixed point.
 *
 * Shuffled weights lie in blocks of 4 outputs by 16 depths as int8 without a zero point; they are
 * laid straight once. Sparse weights are unfolded once.
 */
#include <string.h>

#include "op/densify.h"
#include "op/require.h"
#include "op/shape.h"
#include "op/weighted.h"

/* The prepared memory: this, then the factors. */
typedef struct fully_connected {
    mg_weighted weighted;
    size_t rows;
    size_t depth;
    size_t channels;
    bool repacked;     /* weights lie in packed memory: shuffled or sparse */
    bool kept;         /* packed memory has the weights as panels */
    size_t product_at; /* offset in scratch */
} fully_connected;

static bool is_shuffled(const midge_op_context *context)
{
    return MG_OPTIONS(context, FullyConnectedOptions)->weights_format ==
           MG_WEIGHTS_FORMAT_SHUFFLED4x16INT8;
}

static midge_status straighten(midge_op_context *context, const midge_tensor *weights)
{
    enum { BLOCK_OUTPUTS = 4, BLOCK_DEPTH = 16 };
    const size_t outputs = (size_t)weights->shape[0], depth = (size_t)weights->shape[1];
    void *memory;
    bool fresh;
    if (outputs % BLOCK_OUTPUTS != 0 || depth % BLOCK_DEPTH != 0 || !weights->constant)
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "shuffled weights [%zu,%zu] must be constant blocks of 4 by 16", outputs,
                          depth);
    TRY(mg_packed(context, weights->elements, &memory, &fresh));
    if (!fresh) return MIDGE_OK;
    const char *block = weights->data;
    for (size_t c = 0; c < outputs; c += BLOCK_OUTPUTS)
        for (size_t d = 0; d < depth; d += BLOCK_DEPTH)
            for (size_t i = 0; i < BLOCK_OUTPUTS; i++, block += BLOCK_DEPTH)
                memcpy((char *)memory + (c + i) * depth + d, block, BLOCK_DEPTH);
    return MIDGE_OK;
}

static midge_status unfold(midge_op_context *context, const midge_tensor *weights)
{
    void *memory;
    bool fresh;
    TRY(mg_require_type(context, weights, "sparse weights",
                        MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT8, MIDGE_UINT8)));
    TRY(mg_packed(context, weights->elements * midge_type_bits(weights->type) / 8, &memory,
                  &fresh));
    if (fresh) mg_densify(weights, memory);
    return MIDGE_OK;
}

static midge_status prepare_weights(midge_op_context *context, const midge_tensor *weights,
                                    bool *repacked)
{
    *repacked = true;
    if (is_shuffled(context)) return straighten(context, weights);
    if (mg_is_sparse(weights)) return unfold(context, weights);
    *repacked = false;
    return mg_weights_prepare(context, weights);
}

/* Nothing but weights in their usual order may be stored sparse. */
static midge_status check_sparse(midge_op_context *context)
{
    for (size_t i = 0; i < context->input_count; i++) {
        const midge_tensor *input = context->inputs[i];
        if (input && mg_is_sparse(input) && (i != 1 || is_shuffled(context)))
            return mg_op_fail(context, MIDGE_UNSUPPORTED, "input %zu is a sparse constant", i);
    }
    return MIDGE_OK;
}

static midge_status check_shuffled(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0], *output = context->outputs[0];
    if (!is_shuffled(context)) return MIDGE_OK;
    TRY(mg_require_type(context, input, "input", MG_TYPES(MIDGE_UINT8)));
    TRY(mg_require_type(context, context->inputs[1], "weights", MG_TYPES(MIDGE_UINT8)));
    TRY(mg_require_type(context, output, "output", MG_TYPES(MIDGE_INT16)));
    if (mg_output(context, 1) == NULL) return MIDGE_OK;
    TRY(mg_require_type(context, context->outputs[1], "workspace", MG_TYPES(MIDGE_UINT8)));
    return mg_set_output_like(context, 1, input);
}

static midge_status prepare_arithmetic(midge_op_context *context, void *factors,
                                       fully_connected *plan)
{
    const mg_FullyConnectedOptions *options = MG_OPTIONS(context, FullyConnectedOptions);
    const midge_tensor *input = context->inputs[0], *weights = context->inputs[1];
    mg_weighted_rule rule = {0};
    rule.channels = weights->shape[0];
    rule.activation = options->fused_activation_function;
    rule.sum_type = options->quantized_bias_type;
    rule.real_factors = !is_shuffled(context) && weights->type != MIDGE_INT16;
    rule.weights_zero = true;
    rule.asymmetric = options->asymmetric_quantize_inputs;
    TRY(mg_weighted_prepare(context, input, weights, mg_input(context, 2), context->outputs[0],
                            &rule, factors, &plan->weighted));
    plan->weighted.form.depth = plan->depth;
    if (is_shuffled(context)) {
        plan->weighted.form.right = MG_CELL_I8;
        plan->weighted.form.right_zero = 0;
        plan->weighted.form.left_zero = 128;
    }
    return MIDGE_OK;
}

static midge_status set_shape(midge_op_context *context, const fully_connected *plan)
{
    const midge_tensor *input = context->inputs[0];
    const int32_t channels = (int32_t)plan->channels;
    if (!MG_OPTIONS(context, FullyConnectedOptions)->keep_num_dims) {
        const int32_t shape[2] = {(int32_t)plan->rows, channels};
        return mg_set_output_shape(context, 0, 2, shape);
    }
    int32_t shape[MIDGE_MAX_RANK];
    for (int d = 0; d < input->rank - 1; d++) shape[d] = input->shape[d];
    if (input->rank == 0 || mg_elements_between(input, 0, input->rank - 1) != plan->rows)
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "input rows of %d elements cannot be kept with weights of depth %zu",
                          input->rank ? (int)input->shape[input->rank - 1] : 1, plan->depth);
    shape[input->rank - 1] = channels;
    return mg_set_output_shape(context, 0, input->rank, shape);
}

static mg_weighted_product product_of(const fully_connected *plan)
{
    mg_weighted_product product = {0};
    product.weighted = &plan->weighted;
    product.rows.count = plan->rows;
    product.rows.segments = 1;
    product.rows.length = plan->depth;
    product.rows.point = mg_dense_rows_point;
    product.columns.column_step = plan->depth;
    product.columns.depth_step = 1;
    product.columns.count = plan->channels;
    product.columns.depth = plan->depth;
    product.out_stride = plan->channels;
    product.rows_per_scale = 1;
    return product;
}

/* Packs small weights for good. */
static midge_status keep(midge_op_context *context, fully_connected *plan)
{
    const midge_tensor *weights = context->inputs[1], *bias = mg_input(context, 2);
    mg_weighted_product product = product_of(plan);
    if (plan->repacked || !weights->constant || (bias && !bias->constant) ||
        mg_weights_data(context, weights) != weights->data)
        return MIDGE_OK;
    product.columns.weights = weights->data;
    product.bias = bias ? bias->data : NULL;
    return mg_weighted_keep(context, &product, &plan->kept);
}

static midge_status request_scratch(midge_op_context *context, fully_connected *plan)
{
    mg_weighted_product product = product_of(plan);
    product.packed = plan->kept ? context->packed : NULL;
    size_t bytes = 0, part, offset;
    TRY(mg_activations_scratch(context, &plan->weighted, plan->rows, context->inputs[0]->elements,
                               &part));
    TRY(mg_scratch_add(context, &bytes, part, &offset));
    plan->product_at = bytes;
    TRY(mg_weighted_scratch(context, &product, &part));
    TRY(mg_scratch_add(context, &bytes, part, &offset));
    return mg_request_scratch(context, bytes);
}

midge_status mg_prepare_fully_connected(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0], *weights = context->inputs[1];
    TRY(mg_require_rank(context, weights, "weights", 2, 2));
    TRY(check_sparse(context));
    TRY(check_shuffled(context));
    const size_t channels = (size_t)weights->shape[0], depth = (size_t)weights->shape[1];
    void *memory;
    TRY(mg_prepared(context, sizeof(fully_connected) + mg_weighted_factor_bytes(channels),
                    &memory));
    fully_connected *plan = memory;
    plan->channels = channels;
    plan->depth = depth;
    plan->rows = depth > 0 ? input->elements / depth
                           : mg_elements_between(input, 0, input->rank > 0 ? input->rank - 1 : 0);
    if (plan->rows * depth != input->elements)
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "input has %zu elements, which are no rows of %zu", input->elements,
                          depth);
    TRY(prepare_arithmetic(context, plan + 1, plan));
    TRY(prepare_weights(context, weights, &plan->repacked));
    TRY(keep(context, plan));
    TRY(request_scratch(context, plan));
    context->multiply_accumulates = (uint64_t)plan->rows * weights->elements;
    return set_shape(context, plan);
}

midge_status mg_run_fully_connected(midge_op_context *context)
{
    const fully_connected *plan = context->prepared;
    const midge_tensor *weights = context->inputs[1], *bias = mg_input(context, 2);
    mg_weighted_product product = product_of(plan);
    const mg_dense_rows rows = {mg_activations(context, &plan->weighted, context->inputs[0],
                                               plan->rows, context->scratch, &product.row_scale,
                                               NULL),
                                plan->depth * mg_weighted_cell_bytes(&plan->weighted)};
    product.rows.argument = &rows;
    product.columns.weights = plan->repacked ? context->packed : mg_weights_data(context, weights);
    product.packed = plan->kept ? context->packed : NULL;
    product.bias = bias ? bias->data : NULL;
    product.out = context->outputs[0]->data;
    mg_weighted_run(context, &product, (char *)context->scratch + plan->product_at);
    if (mg_output(context, 1)) memset(context->outputs[1]->data, 0, context->outputs[1]->bytes);
    return MIDGE_OK;
}
