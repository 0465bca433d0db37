/* SPDX-License-Identifier: Apache-2.0 */
/* Operations on each element. Those that .tflite lacks are written with others. */
#include "convert/tensorflow_operation.h"

midge_status mg_tf_lower_unary(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_unary(tf, operation->row->code, input, &output));
    return mg_tf_give_one(tf, operation, output);
}

static midge_status two_inputs(mg_tensorflow *tf, const mg_tf_operation *operation, int32_t *a,
                               int32_t *b)
{
    TRY(mg_tf_input(tf, operation, 0, a));
    return mg_tf_input(tf, operation, 1, b);
}

midge_status mg_tf_lower_binary(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t a, b, output;
    TRY(two_inputs(tf, operation, &a, &b));
    TRY(mg_tf_binary(tf, operation->row->code, a, b, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_compare(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t inputs[2], output;
    TRY(two_inputs(tf, operation, &inputs[0], &inputs[1]));
    TRY(mg_tf_node(tf, operation->row->code, 2, inputs, MIDGE_BOOL, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_bias(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, bias, output, shape[MIDGE_MAX_RANK];
    TRY(two_inputs(tf, operation, &input, &bias));
    int32_t rank = mg_tf_tensor(tf, input)->rank;
    TRY(mg_tf_rank(tf, bias, 1));
    if (mg_tf_is_channels_first(operation) && rank > 2) {
        for (int32_t i = 0; i < rank; ++i) shape[i] = 1;
        shape[1] = mg_tf_tensor(tf, bias)->shape[0];
        TRY(mg_tf_reshape(tf, bias, rank, shape, &bias));
    }
    TRY(mg_tf_binary(tf, MG_BUILTIN_ADD, input, bias, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_add_n(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, output;
    TRY(mg_tf_inputs(tf, operation, 0, operation->input_count, &inputs));
    output = inputs[0];
    if (operation->input_count == 2)
        TRY(mg_tf_binary(tf, MG_BUILTIN_ADD, inputs[0], inputs[1], &output));
    else if (operation->input_count > 2)
        TRY(mg_tf_node(tf, MG_BUILTIN_ADD_N, operation->input_count, inputs, -1, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_leaky_relu(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, output;
    mg_network_node *node;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_begin(tf, MG_BUILTIN_LEAKY_RELU, 1, &input, 1, -1, &node));
    ((mg_LeakyReluOptions *)node->options)->alpha = mg_attr_float(operation->node, "alpha", 0.2f);
    TRY(mg_tf_finish(tf, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_softmax(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, output;
    mg_network_node *node;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_begin(tf, MG_BUILTIN_SOFTMAX, 1, &input, 1, -1, &node));
    ((mg_SoftmaxOptions *)node->options)->beta = 1;
    TRY(mg_tf_finish(tf, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_cast(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, output;
    midge_type type;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_type_attr(tf, operation, "DstT", 0, &type));
    TRY(mg_tf_cast(tf, input, type, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_complex_part(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_node(tf, operation->row->code, 1, &input, MIDGE_FLOAT32, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_select(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, output;
    TRY(mg_tf_inputs(tf, operation, 0, 3, &inputs));
    midge_type type = mg_tf_tensor(tf, inputs[1])->type;
    TRY(mg_tf_node(tf, operation->row->code, 3, inputs, (int)type, &output));
    return mg_tf_give_one(tf, operation, output);
}

/* ---- Written with others ---- */

midge_status mg_tf_with_scalar(mg_tensorflow *tf, int32_t op, int32_t input, float value,
                               int32_t *output)
{
    int32_t scalar;
    TRY(mg_tf_scalar(tf, value, &scalar));
    return mg_tf_binary(tf, op, input, scalar, output);
}

/* x where y is not 0, else 0. */
static midge_status where_not_zero(mg_tensorflow *tf, mg_tf_operation *operation, int32_t op)
{
    int32_t a, b, zero, is_zero, made, output;
    TRY(two_inputs(tf, operation, &a, &b));
    TRY(mg_tf_scalar_like(tf, a, 0, &zero));
    TRY(mg_tf_node(tf, MG_BUILTIN_EQUAL, 2, (int32_t[]){b, zero}, MIDGE_BOOL, &is_zero));
    TRY(mg_tf_binary(tf, op, a, b, &made));
    TRY(mg_tf_node(tf, MG_BUILTIN_SELECT_V2, 3, (int32_t[]){is_zero, zero, made},
                   (int)mg_tf_tensor(tf, made)->type, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_div_no_nan(mg_tensorflow *tf, mg_tf_operation *operation)
{
    return where_not_zero(tf, operation, MG_BUILTIN_DIV);
}

midge_status mg_tf_lower_mul_no_nan(mg_tensorflow *tf, mg_tf_operation *operation)
{
    return where_not_zero(tf, operation, MG_BUILTIN_MUL);
}

/* x * log(y), 0 where x is. */
midge_status mg_tf_lower_xlogy(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t x, y, zero, is_zero, made, output;
    TRY(two_inputs(tf, operation, &x, &y));
    TRY(mg_tf_scalar_like(tf, x, 0, &zero));
    TRY(mg_tf_node(tf, MG_BUILTIN_EQUAL, 2, (int32_t[]){x, zero}, MIDGE_BOOL, &is_zero));
    TRY(mg_tf_unary(tf, MG_BUILTIN_LOG, y, &y));
    TRY(mg_tf_binary(tf, MG_BUILTIN_MUL, x, y, &made));
    TRY(mg_tf_node(tf, MG_BUILTIN_SELECT_V2, 3, (int32_t[]){is_zero, zero, made},
                   (int)mg_tf_tensor(tf, made)->type, &output));
    return mg_tf_give_one(tf, operation, output);
}

/* Half of the sum of all squares. */
midge_status mg_tf_lower_l2_loss(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t axes[MIDGE_MAX_RANK], input, list, output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    int32_t rank = mg_tf_tensor(tf, input)->rank;
    for (int32_t i = 0; i < rank; ++i) axes[i] = i;
    TRY(mg_tf_binary(tf, MG_BUILTIN_MUL, input, input, &output));
    TRY(mg_tf_int32s(tf, (size_t)rank, axes, &list));
    TRY(mg_tf_node(tf, MG_BUILTIN_SUM, 2, (int32_t[]){output, list}, -1, &output));
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_MUL, output, 0.5f, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_reciprocal(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, one, output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_scalar_like(tf, input, 1, &one));
    TRY(mg_tf_binary(tf, MG_BUILTIN_DIV, one, input, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_expm1(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_unary(tf, MG_BUILTIN_EXP, input, &output));
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_SUB, output, 1, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_log1p(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_ADD, input, 1, &output));
    TRY(mg_tf_unary(tf, MG_BUILTIN_LOG, output, &output));
    return mg_tf_give_one(tf, operation, output);
}

/* relu(x) + log(1 + exp(-|x|)), which no large x makes infinite. */
midge_status mg_tf_lower_softplus(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, at, positive, output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_unary(tf, MG_BUILTIN_ABS, input, &at));
    TRY(mg_tf_unary(tf, MG_BUILTIN_NEG, at, &at));
    TRY(mg_tf_unary(tf, MG_BUILTIN_EXP, at, &at));
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_ADD, at, 1, &at));
    TRY(mg_tf_unary(tf, MG_BUILTIN_LOG, at, &at));
    TRY(mg_tf_unary(tf, MG_BUILTIN_RELU, input, &positive));
    TRY(mg_tf_binary(tf, MG_BUILTIN_ADD, positive, at, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_softsign(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, at, output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_unary(tf, MG_BUILTIN_ABS, input, &at));
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_ADD, at, 1, &at));
    TRY(mg_tf_binary(tf, MG_BUILTIN_DIV, input, at, &output));
    return mg_tf_give_one(tf, operation, output);
}

/* scale * (relu(x) + alpha * elu(min(x, 0))) */
midge_status mg_tf_lower_selu(mg_tensorflow *tf, mg_tf_operation *operation)
{
    static const float scale = 1.05070098735548f, alpha = 1.67326324235438f;
    int32_t input, negative, positive, output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_MINIMUM, input, 0, &negative));
    TRY(mg_tf_unary(tf, MG_BUILTIN_ELU, negative, &negative));
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_MUL, negative, scale * alpha, &negative));
    TRY(mg_tf_unary(tf, MG_BUILTIN_RELU, input, &positive));
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_MUL, positive, scale, &positive));
    TRY(mg_tf_binary(tf, MG_BUILTIN_ADD, positive, negative, &output));
    return mg_tf_give_one(tf, operation, output);
}

/*
 * sign(x) * (1 - p(t) * exp(-x * x)), t = 1 / (1 + 0.3275911 |x|), p of degree 5: off by 1.5e-7 at
 * most. Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26.
 */
midge_status mg_tf_lower_erf(mg_tensorflow *tf, mg_tf_operation *operation)
{
    static const float factors[] = {-1.453152027f, 1.421413741f, -0.284496736f, 0.254829592f};
    int32_t input, at, one, t, sum, bell, sign, output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_unary(tf, MG_BUILTIN_ABS, input, &at));
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_MUL, at, 0.3275911f, &at));
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_ADD, at, 1, &at));
    TRY(mg_tf_scalar(tf, 1, &one));
    TRY(mg_tf_binary(tf, MG_BUILTIN_DIV, one, at, &t));
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_MUL, t, 1.061405429f, &sum));
    for (size_t i = 0; i < sizeof factors / sizeof factors[0]; ++i) {
        TRY(mg_tf_with_scalar(tf, MG_BUILTIN_ADD, sum, factors[i], &sum));
        TRY(mg_tf_binary(tf, MG_BUILTIN_MUL, sum, t, &sum));
    }
    TRY(mg_tf_unary(tf, MG_BUILTIN_SQUARE, input, &bell));
    TRY(mg_tf_unary(tf, MG_BUILTIN_NEG, bell, &bell));
    TRY(mg_tf_unary(tf, MG_BUILTIN_EXP, bell, &bell));
    TRY(mg_tf_binary(tf, MG_BUILTIN_MUL, sum, bell, &sum));
    TRY(mg_tf_binary(tf, MG_BUILTIN_SUB, one, sum, &sum));
    TRY(mg_tf_unary(tf, MG_BUILTIN_SIGN, input, &sign));
    TRY(mg_tf_binary(tf, MG_BUILTIN_MUL, sum, sign, &output));
    if (strcmp(operation->node->op, "Erfc") == 0)
        TRY(mg_tf_binary(tf, MG_BUILTIN_SUB, one, output, &output));
    return mg_tf_give_one(tf, operation, output);
}
