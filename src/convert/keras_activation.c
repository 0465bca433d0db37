/* SPDX-License-Identifier: Apache-2.0 */
/* Activations: those with an operator become it; the others are put together from simpler ones. */
#include "convert/keras_layer.h"
#include "convert/keras_ranges.h"

typedef midge_status build_function(mg_keras *keras, int32_t input, int32_t *output);

/* x times a number, or plus one. */
static midge_status with_number(mg_keras *keras, int32_t op, int32_t input, float number,
                                int32_t *output)
{
    int32_t constant;
    TRY(mg_keras_scalar(keras, number, &constant));
    return mg_keras_binary(keras, op, input, constant, output);
}

static midge_status silu(mg_keras *keras, int32_t input, int32_t *output)
{
    int32_t gate;
    TRY(mg_keras_unary(keras, MG_BUILTIN_LOGISTIC, input, &gate));
    return mg_keras_binary(keras, MG_BUILTIN_MUL, input, gate, output);
}

/* Keras 3: relu6(x + 3) / 6; before: x / 5 + 1/2 between 0 and 1. */
static midge_status hard_sigmoid(mg_keras *keras, int32_t input, int32_t *output)
{
    int32_t at;
    if (keras->version >= 3) {
        TRY(with_number(keras, MG_BUILTIN_ADD, input, 3, &at));
        TRY(mg_keras_unary(keras, MG_BUILTIN_RELU6, at, &at));
        return with_number(keras, MG_BUILTIN_MUL, at, 1.0f / 6, output);
    }
    TRY(with_number(keras, MG_BUILTIN_MUL, input, 0.2f, &at));
    TRY(with_number(keras, MG_BUILTIN_ADD, at, 0.5f, &at));
    return mg_keras_unary(keras, MG_BUILTIN_RELU_0_TO_1, at, output);
}

/* log(1 + exp(x)) without overflow: max(x, 0) + log(1 + exp(-|x|)). */
static midge_status softplus(mg_keras *keras, int32_t input, int32_t *output)
{
    int32_t small, large;
    TRY(mg_keras_unary(keras, MG_BUILTIN_ABS, input, &small));
    TRY(mg_keras_unary(keras, MG_BUILTIN_NEG, small, &small));
    TRY(mg_keras_unary(keras, MG_BUILTIN_EXP, small, &small));
    TRY(with_number(keras, MG_BUILTIN_ADD, small, 1, &small));
    TRY(mg_keras_unary(keras, MG_BUILTIN_LOG, small, &small));
    TRY(mg_keras_unary(keras, MG_BUILTIN_RELU, input, &large));
    return mg_keras_binary(keras, MG_BUILTIN_ADD, large, small, output);
}

static midge_status mish(mg_keras *keras, int32_t input, int32_t *output)
{
    int32_t at;
    TRY(softplus(keras, input, &at));
    TRY(mg_keras_unary(keras, MG_BUILTIN_TANH, at, &at));
    return mg_keras_binary(keras, MG_BUILTIN_MUL, input, at, output);
}

static midge_status softsign(mg_keras *keras, int32_t input, int32_t *output)
{
    int32_t at;
    TRY(mg_keras_unary(keras, MG_BUILTIN_ABS, input, &at));
    TRY(with_number(keras, MG_BUILTIN_ADD, at, 1, &at));
    return mg_keras_binary(keras, MG_BUILTIN_DIV, input, at, output);
}

/* scale * (x > 0 ? x : alpha * (exp(x) - 1)) = scale * relu(x) + scale * alpha * elu(-relu(-x)). */
static midge_status selu(mg_keras *keras, int32_t input, int32_t *output)
{
    int32_t above, below;
    TRY(mg_keras_unary(keras, MG_BUILTIN_RELU, input, &above));
    TRY(with_number(keras, MG_BUILTIN_MUL, above, 1.05070098f, &above));
    TRY(with_number(keras, MG_BUILTIN_MINIMUM, input, 0, &below));
    TRY(mg_keras_unary(keras, MG_BUILTIN_ELU, below, &below));
    TRY(with_number(keras, MG_BUILTIN_MUL, below, 1.05070098f * 1.67326324f, &below));
    return mg_keras_binary(keras, MG_BUILTIN_ADD, above, below, output);
}

static midge_status leaky(mg_keras *keras, int32_t input, float alpha, int32_t *output)
{
    TRY(mg_keras_unary(keras, MG_BUILTIN_LEAKY_RELU, input, output));
    mg_network_graph *graph = mg_keras_graph(keras);
    ((mg_LeakyReluOptions *)graph->nodes[graph->node_count - 1].options)->alpha = alpha;
    return MIDGE_OK;
}

/* The default slope of the activation by name, not of the layer. */
static midge_status leaky_default(mg_keras *keras, int32_t input, int32_t *output)
{
    return leaky(keras, input, 0.2f, output);
}

static midge_status softmax_last(mg_keras *keras, int32_t input, int32_t *output)
{
    return mg_keras_softmax(keras, input, mg_keras_tensor(keras, input)->rank - 1, output);
}

static midge_status hard_tanh(mg_keras *keras, int32_t input, int32_t *output)
{
    return mg_keras_unary(keras, MG_BUILTIN_RELU_N1_TO_1, input, output);
}

static midge_status tanh_shrink(mg_keras *keras, int32_t input, int32_t *output)
{
    int32_t at;
    TRY(mg_keras_unary(keras, MG_BUILTIN_TANH, input, &at));
    return mg_keras_binary(keras, MG_BUILTIN_SUB, input, at, output);
}

static midge_status log_sigmoid(mg_keras *keras, int32_t input, int32_t *output)
{
    int32_t at;
    TRY(mg_keras_unary(keras, MG_BUILTIN_NEG, input, &at));
    TRY(softplus(keras, at, &at));
    return mg_keras_unary(keras, MG_BUILTIN_NEG, at, output);
}

/* What lies beyond -1/2 and 1/2, moved towards 0 by 1/2. */
static midge_status soft_shrink(mg_keras *keras, int32_t input, int32_t *output)
{
    int32_t at;
    TRY(with_number(keras, MG_BUILTIN_MAXIMUM, input, -0.5f, &at));
    TRY(with_number(keras, MG_BUILTIN_MINIMUM, at, 0.5f, &at));
    return mg_keras_binary(keras, MG_BUILTIN_SUB, input, at, output);
}

/* (x + sqrt(x^2 + 4)) / 2 */
static midge_status squareplus(mg_keras *keras, int32_t input, int32_t *output)
{
    int32_t at;
    TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, input, input, &at));
    TRY(with_number(keras, MG_BUILTIN_ADD, at, 4, &at));
    TRY(mg_keras_unary(keras, MG_BUILTIN_SQRT, at, &at));
    TRY(mg_keras_binary(keras, MG_BUILTIN_ADD, input, at, &at));
    return with_number(keras, MG_BUILTIN_MUL, at, 0.5f, output);
}

static midge_status linear(mg_keras *keras, int32_t input, int32_t *output)
{
    (void)keras;
    *output = input;
    return MIDGE_OK;
}

static const struct {
    const char *name;
    int32_t op; /* -1: by the function */
    build_function *build;
} activations[] = {
    {"linear", -1, linear},
    {"relu", MG_BUILTIN_RELU, NULL},
    {"relu6", MG_BUILTIN_RELU6, NULL},
    {"tanh", MG_BUILTIN_TANH, NULL},
    {"sigmoid", MG_BUILTIN_LOGISTIC, NULL},
    {"softmax", -1, softmax_last},
    {"log_softmax", MG_BUILTIN_LOG_SOFTMAX, NULL},
    {"elu", MG_BUILTIN_ELU, NULL},
    {"gelu", MG_BUILTIN_GELU, NULL},
    {"silu", -1, silu},
    {"swish", -1, silu},
    {"hard_silu", MG_BUILTIN_HARD_SWISH, NULL},
    {"hard_swish", MG_BUILTIN_HARD_SWISH, NULL},
    {"hard_sigmoid", -1, hard_sigmoid},
    {"softplus", -1, softplus},
    {"softsign", -1, softsign},
    {"mish", -1, mish},
    {"selu", -1, selu},
    {"exponential", MG_BUILTIN_EXP, NULL},
    {"leaky_relu", -1, leaky_default},
    {"celu", MG_BUILTIN_ELU, NULL}, /* the same for alpha 1, the only one by name */
    {"hard_tanh", -1, hard_tanh},
    {"tanh_shrink", -1, tanh_shrink},
    {"log_sigmoid", -1, log_sigmoid},
    {"soft_shrink", -1, soft_shrink},
    {"squareplus", -1, squareplus},
};

midge_status mg_keras_activate_named(mg_keras *keras, const mg_keras_layer *layer, const char *name,
                                     int32_t input, int32_t *output)
{
    char printable[60];
    for (size_t i = 0; i < sizeof activations / sizeof activations[0]; ++i) {
        if (strcmp(activations[i].name, name) != 0) continue;
        if (activations[i].op < 0) return activations[i].build(keras, input, output);
        return mg_keras_unary(keras, activations[i].op, input, output);
    }
    return mg_keras_refuse(keras, layer, "activation '%s' is not one midge converts",
                           mg_printable(name, printable, sizeof printable));
}

const char *mg_keras_activation_name(const json_t *name)
{
    const char *text = json_string_value(name);
    if (text == NULL) text = json_string_value(json_object_get(name, "config"));
    if (text == NULL) text = mg_json_text(json_object_get(name, "config"), "name", NULL);
    if (text == NULL && json_is_object(name)) text = mg_json_text(name, "class_name", NULL);
    return text;
}

midge_status mg_keras_activate(mg_keras *keras, const mg_keras_layer *layer, const json_t *name,
                               int32_t input, int32_t *output)
{
    *output = input;
    if (name == NULL || json_is_null(name)) return MIDGE_OK;
    const char *text = mg_keras_activation_name(name);
    if (text == NULL)
        return mg_keras_refuse(keras, layer, "its activation is not a known function");
    mg_keras_take_range(keras, layer, MG_KERAS_BEFORE_ACTIVATION, input);
    return mg_keras_activate_named(keras, layer, text, input, output);
}

/* ---- Layers ---- */

midge_status mg_keras_lower_activation(mg_keras *keras, const mg_keras_layer *layer,
                                       mg_keras_call *call)
{
    return mg_keras_activate(keras, layer, json_object_get(layer->config, "activation"),
                             call->inputs[0], &call->outputs[0]);
}

/* x above the threshold and 0 below, cut at max_value; slope * (x - threshold) below. */
static midge_status relu_from(mg_keras *keras, int32_t input, float threshold, float slope,
                              double most, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t bound, above, zero, below;
    TRY(mg_keras_scalar(keras, threshold, &bound));
    TRY(mg_keras_scalar(keras, 0, &zero));
    TRY(mg_keras_compare(keras, MG_BUILTIN_GREATER, input, bound, &above));
    TRY(mg_keras_node(keras, MG_BUILTIN_SELECT_V2, 3, (int32_t[]){above, input, zero}, source.type,
                      source.rank, source.shape, output, NULL));
    if (most != INFINITY) {
        TRY(mg_keras_unary(keras, MG_BUILTIN_RELU, *output, output));
        TRY(with_number(keras, MG_BUILTIN_MINIMUM, *output, (float)most, output));
    }
    if (slope == 0) return MIDGE_OK;
    TRY(mg_keras_binary(keras, MG_BUILTIN_SUB, input, bound, &below));
    TRY(mg_keras_binary(keras, MG_BUILTIN_MINIMUM, below, zero, &below));
    TRY(with_number(keras, MG_BUILTIN_MUL, below, slope, &below));
    return mg_keras_binary(keras, MG_BUILTIN_ADD, *output, below, output);
}

midge_status mg_keras_lower_relu(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call)
{
    float threshold = (float)mg_json_number(layer->config, "threshold", 0);
    float slope = (float)mg_json_number(layer->config, "negative_slope", 0);
    double most = mg_json_number(layer->config, "max_value", INFINITY);
    int32_t at = call->inputs[0], *output = &call->outputs[0];
    if (threshold != 0) return relu_from(keras, at, threshold, slope, most, output);
    if (slope != 0)
        TRY(leaky(keras, at, slope, output));
    else if (most == 6)
        return mg_keras_unary(keras, MG_BUILTIN_RELU6, at, output);
    else if (most == 1)
        return mg_keras_unary(keras, MG_BUILTIN_RELU_0_TO_1, at, output);
    else
        TRY(mg_keras_unary(keras, MG_BUILTIN_RELU, at, output));
    if (most == INFINITY) return MIDGE_OK;
    return with_number(keras, MG_BUILTIN_MINIMUM, *output, (float)most, output);
}

midge_status mg_keras_lower_leaky_relu(mg_keras *keras, const mg_keras_layer *layer,
                                       mg_keras_call *call)
{
    double alpha = mg_json_number(layer->config, "alpha", 0.3);
    return leaky(keras, call->inputs[0],
                 (float)mg_json_number(layer->config, "negative_slope", alpha), &call->outputs[0]);
}

midge_status mg_keras_lower_elu(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call)
{
    float alpha = (float)mg_json_number(layer->config, "alpha", 1);
    int32_t above, below;
    if (alpha == 1)
        return mg_keras_unary(keras, MG_BUILTIN_ELU, call->inputs[0], &call->outputs[0]);
    TRY(mg_keras_unary(keras, MG_BUILTIN_RELU, call->inputs[0], &above));
    TRY(with_number(keras, MG_BUILTIN_MINIMUM, call->inputs[0], 0, &below));
    TRY(mg_keras_unary(keras, MG_BUILTIN_ELU, below, &below));
    TRY(with_number(keras, MG_BUILTIN_MUL, below, alpha, &below));
    return mg_keras_binary(keras, MG_BUILTIN_ADD, above, below, &call->outputs[0]);
}

midge_status mg_keras_lower_prelu(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    mg_keras_weight alpha;
    int32_t slopes;
    TRY(mg_keras_weights(keras, layer, "alpha", source.rank - 1, NULL, &alpha));
    for (int32_t i = 0; i < alpha.rank; ++i)
        if (alpha.shape[i] != 1 && alpha.shape[i] != source.shape[i + 1])
            return mg_keras_refuse(keras, layer, "its slopes do not fit its input");
    TRY(mg_keras_constant(keras, "alpha", alpha.rank, alpha.shape, alpha.values, &slopes));
    return mg_keras_node(keras, MG_BUILTIN_PRELU, 2, (int32_t[]){call->inputs[0], slopes},
                         source.type, source.rank, source.shape, &call->outputs[0], NULL);
}

midge_status mg_keras_lower_softmax(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    int32_t axis = -1;
    if (!mg_json_absent(layer->config, "axis") && !mg_json_ints(layer->config, "axis", 1, &axis))
        return mg_keras_refuse(keras, layer, "several axes at once");
    if (call->input_count > 1) return mg_keras_refuse(keras, layer, "a mask");
    TRY(mg_keras_axis(keras, layer, axis, mg_keras_tensor(keras, call->inputs[0])->rank, &axis));
    return mg_keras_softmax(keras, call->inputs[0], axis, &call->outputs[0]);
}

midge_status mg_keras_lower_op_log_softmax(mg_keras *keras, const mg_keras_layer *layer,
                                           mg_keras_call *call)
{
    int32_t rank = mg_keras_tensor(keras, call->inputs[0])->rank, axis;
    TRY(mg_keras_axis(keras, layer, mg_json_int(layer->config, "axis", -1), rank, &axis));
    if (axis != rank - 1) return mg_keras_refuse(keras, layer, "an axis other than the last");
    return mg_keras_unary(keras, MG_BUILTIN_LOG_SOFTMAX, call->inputs[0], &call->outputs[0]);
}
