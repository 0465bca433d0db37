/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of keras.ops on each element that .tflite has no operator for, written with others. */
#include <float.h>

#include "convert/keras_layer.h"

static midge_status with_number(mg_keras *keras, int32_t op, int32_t input, double number,
                                int32_t *output)
{
    int32_t constant;
    TRY(mg_keras_number(keras, number, mg_keras_tensor(keras, input)->type, &constant));
    return mg_keras_binary(keras, op, input, constant, output);
}

static midge_status from_number(mg_keras *keras, int32_t op, double number, int32_t input,
                                int32_t *output)
{
    int32_t constant;
    TRY(mg_keras_scalar(keras, (float)number, &constant));
    return mg_keras_binary(keras, op, constant, input, output);
}

static bool is_named(const mg_keras_layer *layer, const char *name)
{
    return strcmp(layer->class_name, name) == 0;
}

/*
 * sign(x) * (1 - p(t) * exp(-x * x)), t = 1 / (1 + 0.3275911 |x|), p of degree 5: off by 1.5e-7 at
 * most. Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26.
 */
midge_status mg_keras_lower_op_erf(mg_keras *keras, const mg_keras_layer *layer,
                                   mg_keras_call *call)
{
    static const double factors[] = {-1.453152027, 1.421413741, -0.284496736, 0.254829592};
    int32_t input, t, sum, bell, sign, *output = &call->outputs[0];
    TRY(mg_keras_as_float(keras, call->inputs[0], &input));
    TRY(mg_keras_unary(keras, MG_BUILTIN_ABS, input, &t));
    TRY(with_number(keras, MG_BUILTIN_MUL, t, 0.3275911, &t));
    TRY(with_number(keras, MG_BUILTIN_ADD, t, 1, &t));
    TRY(from_number(keras, MG_BUILTIN_DIV, 1, t, &t));
    TRY(with_number(keras, MG_BUILTIN_MUL, t, 1.061405429, &sum));
    for (size_t i = 0; i < sizeof factors / sizeof factors[0]; ++i) {
        TRY(with_number(keras, MG_BUILTIN_ADD, sum, factors[i], &sum));
        TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, sum, t, &sum));
    }
    TRY(mg_keras_unary(keras, MG_BUILTIN_SQUARE, input, &bell));
    TRY(mg_keras_unary(keras, MG_BUILTIN_NEG, bell, &bell));
    TRY(mg_keras_unary(keras, MG_BUILTIN_EXP, bell, &bell));
    TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, sum, bell, &sum));
    TRY(from_number(keras, MG_BUILTIN_SUB, 1, sum, &sum));
    TRY(mg_keras_unary(keras, MG_BUILTIN_SIGN, input, &sign));
    TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, sum, sign, output));
    if (!is_named(layer, "Erfc")) return MIDGE_OK;
    return from_number(keras, MG_BUILTIN_SUB, 1, *output, output);
}

/* ---- Angles ---- */

/* Arcsin, Arccos and Arctan as the angle of a point. LiteRT's ATAN2 wants two inputs of a shape. */
midge_status mg_keras_lower_op_inverse_angle(mg_keras *keras, const mg_keras_layer *layer,
                                             mg_keras_call *call)
{
    int32_t input, other, more;
    bool swapped = is_named(layer, "Arccos");
    TRY(mg_keras_as_float(keras, call->inputs[0], &input));
    if (is_named(layer, "Arctan")) {
        TRY(mg_keras_unary(keras, MG_BUILTIN_ZEROS_LIKE, input, &other));
        TRY(with_number(keras, MG_BUILTIN_ADD, other, 1, &other));
    } else { /* sqrt((1 - x) (1 + x)): the other leg of a triangle with hypotenuse 1 */
        TRY(from_number(keras, MG_BUILTIN_SUB, 1, input, &other));
        TRY(with_number(keras, MG_BUILTIN_ADD, input, 1, &more));
        TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, other, more, &other));
        TRY(mg_keras_unary(keras, MG_BUILTIN_SQRT, other, &other));
    }
    return mg_keras_binary(keras, MG_BUILTIN_ATAN2, swapped ? other : input,
                           swapped ? input : other, &call->outputs[0]);
}

/* (exp(x) ± exp(-x)) / 2 */
midge_status mg_keras_lower_op_hyperbolic(mg_keras *keras, const mg_keras_layer *layer,
                                          mg_keras_call *call)
{
    int32_t input, negative, at;
    TRY(mg_keras_as_float(keras, call->inputs[0], &input));
    TRY(mg_keras_unary(keras, MG_BUILTIN_NEG, input, &negative));
    TRY(mg_keras_unary(keras, MG_BUILTIN_EXP, negative, &negative));
    TRY(mg_keras_unary(keras, MG_BUILTIN_EXP, input, &at));
    TRY(mg_keras_binary(keras, is_named(layer, "Sinh") ? MG_BUILTIN_SUB : MG_BUILTIN_ADD, at,
                        negative, &at));
    return with_number(keras, MG_BUILTIN_MUL, at, 0.5, &call->outputs[0]);
}

/* log(|x| + sqrt(x² ± 1)), for Arcsinh with the sign of x. */
midge_status mg_keras_lower_op_inverse_hyperbolic(mg_keras *keras, const mg_keras_layer *layer,
                                                  mg_keras_call *call)
{
    bool sine = is_named(layer, "Arcsinh");
    int32_t input, size, root, sign, *output = &call->outputs[0];
    TRY(mg_keras_as_float(keras, call->inputs[0], &input));
    TRY(mg_keras_unary(keras, MG_BUILTIN_ABS, input, &size));
    if (!sine) size = input;
    TRY(mg_keras_unary(keras, MG_BUILTIN_SQUARE, input, &root));
    TRY(with_number(keras, MG_BUILTIN_ADD, root, sine ? 1 : -1, &root));
    TRY(mg_keras_unary(keras, MG_BUILTIN_SQRT, root, &root));
    TRY(mg_keras_binary(keras, MG_BUILTIN_ADD, size, root, &root));
    TRY(mg_keras_unary(keras, MG_BUILTIN_LOG, root, output));
    if (!sine) return MIDGE_OK;
    TRY(mg_keras_unary(keras, MG_BUILTIN_SIGN, input, &sign));
    return mg_keras_binary(keras, MG_BUILTIN_MUL, *output, sign, output);
}

/* log((1 + x) / (1 - x)) / 2 */
midge_status mg_keras_lower_op_arctanh(mg_keras *keras, const mg_keras_layer *layer,
                                       mg_keras_call *call)
{
    int32_t input, above, below;
    (void)layer;
    TRY(mg_keras_as_float(keras, call->inputs[0], &input));
    TRY(with_number(keras, MG_BUILTIN_ADD, input, 1, &above));
    TRY(from_number(keras, MG_BUILTIN_SUB, 1, input, &below));
    TRY(mg_keras_binary(keras, MG_BUILTIN_DIV, above, below, &above));
    TRY(mg_keras_unary(keras, MG_BUILTIN_LOG, above, &above));
    return with_number(keras, MG_BUILTIN_MUL, above, 0.5, &call->outputs[0]);
}

midge_status mg_keras_lower_op_scale(mg_keras *keras, const mg_keras_layer *layer,
                                     mg_keras_call *call)
{
    const double half_turn = 3.14159265358979323846;
    int32_t input;
    TRY(mg_keras_as_float(keras, call->inputs[0], &input));
    if (!is_named(layer, "Exp2"))
        return with_number(keras, MG_BUILTIN_MUL, input,
                           is_named(layer, "Deg2rad") ? half_turn / 180 : 180 / half_turn,
                           &call->outputs[0]);
    TRY(with_number(keras, MG_BUILTIN_MUL, input, log(2), &input));
    return mg_keras_unary(keras, MG_BUILTIN_EXP, input, &call->outputs[0]);
}

/* The sign of x times the floor (Trunc) or the third root (Cbrt) of |x|. */
midge_status mg_keras_lower_op_of_size(mg_keras *keras, const mg_keras_layer *layer,
                                       mg_keras_call *call)
{
    int32_t size, sign;
    TRY(mg_keras_unary(keras, MG_BUILTIN_ABS, call->inputs[0], &size));
    if (is_named(layer, "Trunc"))
        TRY(mg_keras_unary(keras, MG_BUILTIN_FLOOR, size, &size));
    else
        TRY(with_number(keras, MG_BUILTIN_POW, size, 1.0 / 3, &size));
    TRY(mg_keras_unary(keras, MG_BUILTIN_SIGN, call->inputs[0], &sign));
    return mg_keras_binary(keras, MG_BUILTIN_MUL, size, sign, &call->outputs[0]);
}

/* ---- Numbers that are none ---- */

static midge_status compare_with(mg_keras *keras, int32_t op, int32_t input, double number,
                                 int32_t *output)
{
    int32_t constant;
    TRY(mg_keras_scalar(keras, (float)number, &constant));
    return mg_keras_compare(keras, op, input, constant, output);
}

midge_status mg_keras_lower_op_is_number(mg_keras *keras, const mg_keras_layer *layer,
                                         mg_keras_call *call)
{
    int32_t input, size;
    TRY(mg_keras_as_float(keras, call->inputs[0], &input));
    if (is_named(layer, "Isnan"))
        return mg_keras_compare(keras, MG_BUILTIN_NOT_EQUAL, input, input, &call->outputs[0]);
    TRY(mg_keras_unary(keras, MG_BUILTIN_ABS, input, &size));
    if (is_named(layer, "Isinf"))
        return compare_with(keras, MG_BUILTIN_GREATER, size, FLT_MAX, &call->outputs[0]);
    return compare_with(keras, MG_BUILTIN_LESS_EQUAL, size, FLT_MAX, &call->outputs[0]);
}

midge_status mg_keras_lower_op_nan_to_num(mg_keras *keras, const mg_keras_layer *layer,
                                          mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    double most = mg_json_number(layer->config, "posinf", FLT_MAX);
    double least = mg_json_number(layer->config, "neginf", -FLT_MAX);
    int32_t sound, at, instead;
    if (most < FLT_MAX || least > -FLT_MAX)
        return mg_keras_refuse(keras, layer, "posinf or neginf");
    TRY(mg_keras_compare(keras, MG_BUILTIN_EQUAL, call->inputs[0], call->inputs[0], &sound));
    TRY(mg_keras_scalar(keras, (float)mg_json_number(layer->config, "nan", 0), &instead));
    TRY(mg_keras_node(keras, MG_BUILTIN_SELECT_V2, 3, (int32_t[]){sound, call->inputs[0], instead},
                      source.type, source.rank, source.shape, &at, NULL));
    TRY(with_number(keras, MG_BUILTIN_MINIMUM, at, FLT_MAX, &at));
    return with_number(keras, MG_BUILTIN_MAXIMUM, at, -FLT_MAX, &call->outputs[0]);
}

/* ---- Of two ---- */

static midge_status two(mg_keras *keras, const mg_keras_call *call, int32_t *a, int32_t *b)
{
    TRY(mg_keras_operand(keras, call, 0, "x1", a));
    TRY(mg_keras_operand(keras, call, 1, "x2", b));
    TRY(mg_keras_as_float(keras, *a, a));
    return mg_keras_as_float(keras, *b, b);
}

/* The larger plus log(1 + exp(-|a - b|)). */
midge_status mg_keras_lower_op_log_add_exp(mg_keras *keras, const mg_keras_layer *layer,
                                           mg_keras_call *call)
{
    int32_t a, b, most, at;
    (void)layer;
    TRY(two(keras, call, &a, &b));
    TRY(mg_keras_binary(keras, MG_BUILTIN_MAXIMUM, a, b, &most));
    TRY(mg_keras_binary(keras, MG_BUILTIN_SUB, a, b, &at));
    TRY(mg_keras_unary(keras, MG_BUILTIN_ABS, at, &at));
    TRY(mg_keras_unary(keras, MG_BUILTIN_NEG, at, &at));
    TRY(mg_keras_unary(keras, MG_BUILTIN_EXP, at, &at));
    TRY(with_number(keras, MG_BUILTIN_ADD, at, 1, &at));
    TRY(mg_keras_unary(keras, MG_BUILTIN_LOG, at, &at));
    return mg_keras_binary(keras, MG_BUILTIN_ADD, most, at, &call->outputs[0]);
}

midge_status mg_keras_lower_op_hypot(mg_keras *keras, const mg_keras_layer *layer,
                                     mg_keras_call *call)
{
    int32_t a, b;
    (void)layer;
    TRY(two(keras, call, &a, &b));
    TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, a, a, &a));
    TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, b, b, &b));
    TRY(mg_keras_binary(keras, MG_BUILTIN_ADD, a, b, &a));
    return mg_keras_unary(keras, MG_BUILTIN_SQRT, a, &call->outputs[0]);
}
