/* SPDX-License-Identifier: Apache-2.0 */
/* Trigonometric and hyperbolic functions and their inverses, of which .tflite has only SIN, COS,
 * TANH and ATAN2. */
#include <float.h>

#include "convert/tensorflow_operation.h"

midge_status mg_tf_lower_tan(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, sine, cosine, output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_unary(tf, MG_BUILTIN_SIN, input, &sine));
    TRY(mg_tf_unary(tf, MG_BUILTIN_COS, input, &cosine));
    TRY(mg_tf_binary(tf, MG_BUILTIN_DIV, sine, cosine, &output));
    return mg_tf_give_one(tf, operation, output);
}

/* sqrt((1 - x) (1 + x)): the other leg of a triangle with hypotenuse 1. */
static midge_status other_leg(mg_tensorflow *tf, int32_t input, int32_t *output)
{
    int32_t one, less, more;
    TRY(mg_tf_scalar(tf, 1, &one));
    TRY(mg_tf_binary(tf, MG_BUILTIN_SUB, one, input, &less));
    TRY(mg_tf_binary(tf, MG_BUILTIN_ADD, input, one, &more));
    TRY(mg_tf_binary(tf, MG_BUILTIN_MUL, less, more, output));
    return mg_tf_unary(tf, MG_BUILTIN_SQRT, *output, output);
}

/* Asin, Acos and Atan as the angle of a point. LiteRT's ATAN2 wants two inputs of one shape. */
midge_status mg_tf_lower_inverse_angle(mg_tensorflow *tf, mg_tf_operation *operation)
{
    const char *op = operation->node->op;
    int32_t input, other, output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    if (strcmp(op, "Atan") == 0) {
        TRY(mg_tf_unary(tf, MG_BUILTIN_ZEROS_LIKE, input, &other));
        TRY(mg_tf_with_scalar(tf, MG_BUILTIN_ADD, other, 1, &other));
    } else {
        TRY(other_leg(tf, input, &other));
    }
    bool swapped = strcmp(op, "Acos") == 0;
    TRY(mg_tf_binary(tf, MG_BUILTIN_ATAN2, swapped ? other : input, swapped ? input : other,
                     &output));
    return mg_tf_give_one(tf, operation, output);
}

/* (exp(x) ± exp(-x)) / 2 */
midge_status mg_tf_lower_hyperbolic(mg_tensorflow *tf, mg_tf_operation *operation)
{
    bool sine = strcmp(operation->node->op, "Sinh") == 0;
    int32_t input, negative, output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_unary(tf, MG_BUILTIN_NEG, input, &negative));
    TRY(mg_tf_unary(tf, MG_BUILTIN_EXP, negative, &negative));
    TRY(mg_tf_unary(tf, MG_BUILTIN_EXP, input, &output));
    TRY(mg_tf_binary(tf, sine ? MG_BUILTIN_SUB : MG_BUILTIN_ADD, output, negative, &output));
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_MUL, output, 0.5f, &output));
    return mg_tf_give_one(tf, operation, output);
}

/* log(|x| + sqrt(x x ± 1)), with the sign of x for Asinh. */
midge_status mg_tf_lower_inverse_hyperbolic(mg_tensorflow *tf, mg_tf_operation *operation)
{
    bool sine = strcmp(operation->node->op, "Asinh") == 0;
    int32_t input, size, root, sign, output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    size = input;
    if (sine) TRY(mg_tf_unary(tf, MG_BUILTIN_ABS, input, &size));
    TRY(mg_tf_unary(tf, MG_BUILTIN_SQUARE, input, &root));
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_ADD, root, sine ? 1 : -1, &root));
    TRY(mg_tf_unary(tf, MG_BUILTIN_SQRT, root, &root));
    TRY(mg_tf_binary(tf, MG_BUILTIN_ADD, size, root, &output));
    TRY(mg_tf_unary(tf, MG_BUILTIN_LOG, output, &output));
    if (sine) {
        TRY(mg_tf_unary(tf, MG_BUILTIN_SIGN, input, &sign));
        TRY(mg_tf_binary(tf, MG_BUILTIN_MUL, output, sign, &output));
    }
    return mg_tf_give_one(tf, operation, output);
}

/* log((1 + x) / (1 - x)) / 2 */
midge_status mg_tf_lower_atanh(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, one, less, more, output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_scalar(tf, 1, &one));
    TRY(mg_tf_binary(tf, MG_BUILTIN_SUB, one, input, &less));
    TRY(mg_tf_binary(tf, MG_BUILTIN_ADD, input, one, &more));
    TRY(mg_tf_binary(tf, MG_BUILTIN_DIV, more, less, &output));
    TRY(mg_tf_unary(tf, MG_BUILTIN_LOG, output, &output));
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_MUL, output, 0.5f, &output));
    return mg_tf_give_one(tf, operation, output);
}

/* ---- What kind of number it is ---- */

midge_status mg_tf_lower_number_kind(mg_tensorflow *tf, mg_tf_operation *operation)
{
    const char *op = operation->node->op;
    bool nan = strcmp(op, "IsNan") == 0, infinite = strcmp(op, "IsInf") == 0;
    int32_t input, compared[2], output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    compared[0] = compared[1] = input;
    if (!nan) {
        TRY(mg_tf_unary(tf, MG_BUILTIN_ABS, input, &compared[0]));
        TRY(mg_tf_scalar(tf, FLT_MAX, &compared[1]));
    }
    TRY(mg_tf_node(tf,
                   nan        ? MG_BUILTIN_NOT_EQUAL
                   : infinite ? MG_BUILTIN_GREATER
                              : MG_BUILTIN_LESS_EQUAL,
                   2, compared, MIDGE_BOOL, &output));
    return mg_tf_give_one(tf, operation, output);
}
