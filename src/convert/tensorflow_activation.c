/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Activations that TensorFlow writes with several operations and .tflite has as one. They are
 * looked for where the last of their operations is lowered; the others are left out of the file
 * when nothing else needs them.
 *
 *   GELU        x * 0.5 * (1 + erf(x / sqrt(2))), with erfc, or with tanh of a polynomial
 *   HARD_SWISH  x * relu6(x + 3) / 6, or with a cut to [0, 1] of x / 6 + 0.5
 *   PRELU       relu(x) + c * relu(-x), c constant, one dimension less than x
 *
 * Products and sums may be associated in any way, and their sides swapped.
 */
#include <math.h>

#include "convert/tensorflow_operation.h"

static const float root_half = 0.70710678f, root_two_by_pi = 0.79788456f;

/* ---- Looking at operations ---- */

static const mg_tf_operation *maker(const mg_tf_source *source)
{
    return source->node >= 0 ? source->frame->uses[source->node].operation : NULL;
}

/* Whether an operation of this name and number of inputs makes it. */
static bool is_op(const mg_tf_source *source, const char *name, size_t inputs)
{
    const mg_tf_operation *made = maker(source);
    return made != NULL && strcmp(made->node->op, name) == 0 && made->input_count == inputs;
}

/* Input `place` of what makes a source of a known operation. */
static const mg_tf_source *input_of(const mg_tf_source *source, size_t place)
{
    return &maker(source)->sources[place];
}

static bool same(const mg_tf_source *a, const mg_tf_source *b)
{
    return a->frame == b->frame && a->node == b->node && a->output == b->output;
}

static const mg_network_tensor *constant_of(const mg_tensorflow *tf, const mg_tf_source *source)
{
    const mg_tf_operation *made = maker(source);
    if (made == NULL || made->state != MG_TF_DONE || (size_t)source->output >= made->output_count ||
        made->outputs[source->output].kind != MG_TF_TENSOR)
        return NULL;
    const mg_network_tensor *tensor = mg_tf_tensor(tf, made->outputs[source->output].number);
    return tensor->data != NULL && tensor->type == MIDGE_FLOAT32 ? tensor : NULL;
}

static bool is_number(const mg_tensorflow *tf, const mg_tf_source *source, float value)
{
    const mg_network_tensor *tensor = constant_of(tf, source);
    float have;
    if (tensor == NULL || tensor->bytes != sizeof have || tensor->rank != 0) return false;
    memcpy(&have, tensor->data, sizeof have);
    return fabsf(have - value) <= 1e-6f * fabsf(value);
}

/* The side of a sum or product whose other side is a number. */
static bool is_with(const mg_tensorflow *tf, const mg_tf_source *source, const char *op,
                    float value, const mg_tf_source **rest)
{
    if (!is_op(source, op, 2)) return false;
    for (size_t i = 0; i < 2; ++i)
        if (is_number(tf, input_of(source, i), value)) {
            *rest = input_of(source, 1 - i);
            return true;
        }
    return false;
}

static bool is_shifted(const mg_tensorflow *tf, const mg_tf_source *source, float by,
                       const mg_tf_source **rest)
{
    return is_with(tf, source, "AddV2", by, rest) || is_with(tf, source, "Add", by, rest);
}

static bool is_scaled(const mg_tensorflow *tf, const mg_tf_source *source, float by,
                      const mg_tf_source **rest)
{
    if (is_with(tf, source, "Mul", by, rest)) return true;
    if (!is_op(source, "RealDiv", 2) || !is_number(tf, input_of(source, 1), 1 / by)) return false;
    *rest = input_of(source, 0);
    return true;
}

/* ---- The factor that x is multiplied with; *x is what it is made from ---- */

typedef bool gate(const mg_tensorflow *tf, const mg_tf_source *source, const mg_tf_source **x);

static bool gate_erf(const mg_tensorflow *tf, const mg_tf_source *source, const mg_tf_source **x)
{
    const mg_tf_source *error;
    if (is_shifted(tf, source, 1, &error))
        return is_op(error, "Erf", 1) && is_scaled(tf, input_of(error, 0), root_half, x);
    if (!is_op(source, "Erfc", 1)) return false;
    if (is_scaled(tf, input_of(source, 0), -root_half, x)) return true;
    if (!is_scaled(tf, input_of(source, 0), root_half, x) || !is_op(*x, "Neg", 1)) return false;
    *x = input_of(*x, 0);
    return true;
}

static bool is_cube(const mg_tensorflow *tf, const mg_tf_source *source, const mg_tf_source *x)
{
    if (is_op(source, "Pow", 2))
        return same(input_of(source, 0), x) && is_number(tf, input_of(source, 1), 3);
    for (size_t i = 0; i < 2 && is_op(source, "Mul", 2); ++i) {
        const mg_tf_source *square = input_of(source, i);
        bool squares = is_op(square, "Square", 1) || is_op(square, "Mul", 2);
        size_t other = is_op(square, "Mul", 2) ? 1 : 0;
        if (squares && same(input_of(square, 0), x) && same(input_of(square, other), x) &&
            same(input_of(source, 1 - i), x))
            return true;
    }
    return false;
}

/* 1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)) */
static bool gate_tanh(const mg_tensorflow *tf, const mg_tf_source *source, const mg_tf_source **x)
{
    const mg_tf_source *squashed, *sum, *cube;
    if (!is_shifted(tf, source, 1, &squashed) || !is_op(squashed, "Tanh", 1) ||
        !is_scaled(tf, input_of(squashed, 0), root_two_by_pi, &sum) ||
        !(is_op(sum, "AddV2", 2) || is_op(sum, "Add", 2)))
        return false;
    for (size_t i = 0; i < 2; ++i) {
        *x = input_of(sum, i);
        if (is_scaled(tf, input_of(sum, 1 - i), 0.044715f, &cube) && is_cube(tf, cube, *x))
            return true;
    }
    return false;
}

static bool gate_relu6(const mg_tensorflow *tf, const mg_tf_source *source, const mg_tf_source **x)
{
    return is_op(source, "Relu6", 1) && is_shifted(tf, input_of(source, 0), 3, x);
}

static bool gate_cut(const mg_tensorflow *tf, const mg_tf_source *source, const mg_tf_source **x)
{
    const mg_tf_source *inner, *line;
    bool cut =
        (is_with(tf, source, "Maximum", 0, &inner) && is_with(tf, inner, "Minimum", 1, &line)) ||
        (is_with(tf, source, "Minimum", 1, &inner) && is_with(tf, inner, "Maximum", 0, &line));
    return cut && is_shifted(tf, line, 0.5f, &line) && is_scaled(tf, line, 1.0f / 6, x);
}

/* ---- Products ---- */

/* x * gate(x) */
static bool is_gated(const mg_tensorflow *tf, const mg_tf_source *source, gate *matches,
                     const mg_tf_source **x)
{
    for (size_t i = 0; i < 2 && is_op(source, "Mul", 2); ++i)
        if (matches(tf, input_of(source, i), x) && same(input_of(source, 1 - i), *x)) return true;
    return false;
}

/* x * gate(x) * factor */
static bool is_gated_by(const mg_tensorflow *tf, const mg_tf_source *source, gate *matches,
                        float factor, const mg_tf_source **x)
{
    const mg_tf_source *rest;
    if (factor == 1) return is_gated(tf, source, matches, x);
    if (is_scaled(tf, source, factor, &rest) && is_gated(tf, rest, matches, x)) return true;
    for (size_t i = 0; i < 2 && is_op(source, "Mul", 2); ++i) {
        const mg_tf_source *a = input_of(source, i), *b = input_of(source, 1 - i);
        if (matches(tf, a, x) && is_scaled(tf, b, factor, &rest) && same(rest, *x)) return true;
        if (is_scaled(tf, a, factor, &rest) && matches(tf, rest, x) && same(b, *x)) return true;
    }
    return false;
}

/* -1 for none. */
static int32_t find_gated(const mg_tensorflow *tf, const mg_tf_source *self, const mg_tf_source **x,
                          bool *approximate)
{
    *approximate = is_gated_by(tf, self, gate_tanh, 0.5f, x);
    if (*approximate || is_gated_by(tf, self, gate_erf, 0.5f, x)) return MG_BUILTIN_GELU;
    bool hard =
        is_gated_by(tf, self, gate_relu6, 1.0f / 6, x) || is_gated_by(tf, self, gate_cut, 1, x);
    return hard ? MG_BUILTIN_HARD_SWISH : -1;
}

midge_status mg_tf_lower_product_or_gate(mg_tensorflow *tf, mg_tf_operation *operation)
{
    const mg_tf_source self = mg_tf_own_source(operation), *x = NULL;
    bool approximate = false;
    int32_t code = find_gated(tf, &self, &x, &approximate), output;
    mg_tf_value value = {MG_TF_NONE, -1};
    mg_network_node *node;
    if (code >= 0) TRY(mg_tf_value_of(tf, tf->part, x, &value));
    if (value.kind != MG_TF_TENSOR || mg_tf_tensor(tf, value.number)->type != MIDGE_FLOAT32)
        return mg_tf_lower_binary(tf, operation);
    TRY(mg_tf_begin(tf, code, 1, &value.number, 1, -1, &node));
    if (code == MG_BUILTIN_GELU) ((mg_GeluOptions *)node->options)->approximate = approximate;
    TRY(mg_tf_finish(tf, &output));
    return mg_tf_give_one(tf, operation, output);
}

/* ---- Sums ---- */

/* c of c * relu(-x) */
static const mg_tf_source *find_slope(const mg_tensorflow *tf, const mg_tf_source *source,
                                      const mg_tf_source *x)
{
    for (size_t i = 0; i < 2 && is_op(source, "Mul", 2); ++i) {
        const mg_tf_source *cut = input_of(source, i), *slope = input_of(source, 1 - i);
        if (constant_of(tf, slope) != NULL && is_op(cut, "Relu", 1) &&
            is_op(input_of(cut, 0), "Neg", 1) && same(input_of(input_of(cut, 0), 0), x))
            return slope;
    }
    return NULL;
}

midge_status mg_tf_lower_sum_or_prelu(mg_tensorflow *tf, mg_tf_operation *operation)
{
    const mg_tf_source self = mg_tf_own_source(operation), *slope = NULL, *x = NULL;
    int32_t inputs[2], output;
    mg_tf_value values[2];
    for (size_t i = 0; i < 2 && slope == NULL; ++i) {
        if (!is_op(&self, operation->node->op, 2) || !is_op(input_of(&self, i), "Relu", 1))
            continue;
        x = input_of(input_of(&self, i), 0);
        slope = find_slope(tf, input_of(&self, 1 - i), x);
    }
    if (slope == NULL) return mg_tf_lower_binary(tf, operation);
    TRY(mg_tf_value_of(tf, tf->part, x, &values[0]));
    TRY(mg_tf_value_of(tf, tf->part, slope, &values[1]));
    const mg_network_tensor *input = mg_tf_tensor(tf, values[0].number);
    const mg_network_tensor *factors = mg_tf_tensor(tf, values[1].number);
    if (values[0].kind != MG_TF_TENSOR || factors->rank >= input->rank || factors->rank < 1)
        return mg_tf_lower_binary(tf, operation);
    TRY(mg_tf_unary(tf, MG_BUILTIN_NEG, values[1].number, &inputs[1]));
    inputs[0] = values[0].number;
    TRY(mg_tf_binary(tf, MG_BUILTIN_PRELU, inputs[0], inputs[1], &output));
    return mg_tf_give_one(tf, operation, output);
}
