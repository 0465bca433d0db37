/* SPDX-License-Identifier: Apache-2.0 */
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

midge_status mg_tf_lower_batch_normalization(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, s, t, output;
    if (mg_attr_bool(operation->node, "is_training", true))
        return mg_tf_refuse(tf, "normalises as in training; export the model for inference");
    TRY(mg_tf_inputs(tf, operation, 0, 5, &inputs));
    TRY(factors(tf, inputs, mg_attr_float(operation->node, "epsilon", 1e-4f), &s, &t));
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
