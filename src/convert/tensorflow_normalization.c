/* SPDX-License-Identifier: Apache-2.0 */
/* Normalisation by channel, by the input itself, and by neighbours. */
#include "convert/tensorflow_operation.h"

/* y = x * s + t with s = scale / sqrt(variance + epsilon), t = offset - mean * s: the parameters
 * are constants, so that s and t become two. */
static midge_status factors(mg_tensorflow *tf, const int32_t *inputs, float epsilon, int32_t *s,
                            int32_t *t)
{
    int32_t small;
    TRY(mg_tf_scalar(tf, epsilon, &small));
    TRY(mg_tf_binary(tf, MG_BUILTIN_ADD, inputs[4], small, s));
    TRY(mg_tf_unary(tf, MG_BUILTIN_RSQRT, *s, s));
    TRY(mg_tf_binary(tf, MG_BUILTIN_MUL, inputs[1], *s, s));
    TRY(mg_tf_binary(tf, MG_BUILTIN_MUL, inputs[3], *s, t));
    return mg_tf_binary(tf, MG_BUILTIN_SUB, inputs[2], *t, t);
}

static bool all_equal(const mg_network_tensor *tensor, float value)
{
    const float *data = tensor->data;
    if (data == NULL || tensor->type != MIDGE_FLOAT32) return false;
    for (size_t i = 0; i < tensor->bytes / sizeof(float); ++i)
        if (data[i] != value) return false;
    return true;
}

/*
 * (x - mean) / sqrt(variance + epsilon), mean and variance those of the input itself: so Keras 2
 * writes LayerNormalization, without factors. With factors it is a layer that was exported while it
 * learned, whose results depend on what else is in the batch.
 */
static midge_status normalise_itself(mg_tensorflow *tf, mg_tf_operation *operation, float epsilon,
                                     const int32_t *inputs)
{
    const mg_network_tensor source = *mg_tf_tensor(tf, inputs[0]);
    int32_t axes[MIDGE_MAX_RANK], list, centred, moments[2], output;
    int32_t channel = mg_tf_is_channels_first(operation) ? 1 : source.rank - 1, count = 0;
    mg_network_node *node;
    if (source.rank < 3 || !all_equal(mg_tf_tensor(tf, inputs[1]), 1) ||
        !all_equal(mg_tf_tensor(tf, inputs[2]), 0))
        return mg_tf_refuse(tf, "normalises as in training; export the model for inference");
    for (int32_t i = 0; i < source.rank; ++i)
        if (i != channel) axes[count++] = i;
    TRY(mg_tf_int32s(tf, (size_t)count, axes, &list));
    centred = inputs[0];
    for (int i = 0; i < 2; ++i) { /* the mean, then that of the squares */
        int32_t of = centred;
        if (i == 1) TRY(mg_tf_unary(tf, MG_BUILTIN_SQUARE, centred, &of));
        TRY(mg_tf_begin(tf, MG_BUILTIN_MEAN, 2, (int32_t[]){of, list}, 1, -1, &node));
        ((mg_ReducerOptions *)node->options)->keep_dims = true;
        TRY(mg_tf_finish(tf, &moments[i]));
        if (i == 0) TRY(mg_tf_binary(tf, MG_BUILTIN_SUB, inputs[0], moments[0], &centred));
    }
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_ADD, moments[1], epsilon, &output));
    TRY(mg_tf_unary(tf, MG_BUILTIN_RSQRT, output, &output));
    TRY(mg_tf_binary(tf, MG_BUILTIN_MUL, centred, output, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_batch_normalization(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, s, t, output;
    float epsilon = mg_attr_float(operation->node, "epsilon", 1e-4f);
    TRY(mg_tf_inputs(tf, operation, 0, 5, &inputs));
    if (mg_attr_bool(operation->node, "is_training", true))
        return normalise_itself(tf, operation, epsilon, inputs);
    TRY(factors(tf, inputs, epsilon, &s, &t));
    TRY(mg_tf_channels_last(tf, operation, inputs[0], &inputs[0]));
    TRY(mg_tf_binary(tf, MG_BUILTIN_MUL, inputs[0], s, &output));
    TRY(mg_tf_binary(tf, MG_BUILTIN_ADD, output, t, &output));
    TRY(mg_tf_channels_back(tf, operation, output, &output));
    return mg_tf_give(tf, operation, 6,
                      (int32_t[]){output, inputs[3], inputs[4], inputs[3], inputs[4], inputs[4]});
}

midge_status mg_tf_lower_lrn(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, output;
    mg_network_node *node;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_begin(tf, MG_BUILTIN_LOCAL_RESPONSE_NORMALIZATION, 1, &input, 1, -1, &node));
    mg_LocalResponseNormalizationOptions *options = node->options;
    options->radius = (int32_t)(mg_attr_int(operation->node, "depth_radius", 5) & INT32_MAX);
    options->bias = mg_attr_float(operation->node, "bias", 1);
    options->alpha = mg_attr_float(operation->node, "alpha", 1);
    options->beta = mg_attr_float(operation->node, "beta", 0.5f);
    TRY(mg_tf_finish(tf, &output));
    return mg_tf_give_one(tf, operation, output);
}
