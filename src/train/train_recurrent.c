/* SPDX-License-Identifier: Apache-2.0 */
#include "train/train_recurrent.h"

#include "convert/keras_layer.h"

void mg_train_step_product(const mg_train_pass *pass, const mg_train_node *node, const float *left,
                           size_t left_stride, size_t width, const float *matrix, size_t columns,
                           bool turned, float *out, size_t out_stride)
{
    const mg_train_product product = {.rows = pass->batch,
                                      .columns = columns,
                                      .depth = width,
                                      .left = {left, left_stride, 1},
                                      .right = {matrix, turned ? width : 1, turned ? 1 : columns},
                                      .out = out,
                                      .out_stride = out_stride};
    mg_train_multiply(pass, &product, NULL, mg_train_worker_scratch(pass, node, 0),
                      node->per_worker);
}

void mg_train_learn_matrix(const mg_train_pass *pass, const mg_train_node *node, const float *left,
                           size_t width, const float *right, size_t columns, float *gradient)
{
    const mg_train_recurrent *plan = node->plan;
    const mg_train_product product = {.rows = width,
                                      .columns = columns,
                                      .depth = pass->batch * plan->steps,
                                      .left = {left, 1, width},
                                      .right = {right, 1, columns},
                                      .out = gradient,
                                      .out_stride = columns};
    mg_train_multiply(pass, &product, pass->trainer->scratch,
                      mg_train_worker_scratch(pass, node, 0), node->per_worker);
}

/* Rows of `from` into `to` with the steps the other way round. */
static void reverse_steps(const mg_train_recurrent *plan, size_t batch, const float *from,
                          size_t width, float *to)
{
    for (size_t row = 0; row < batch * plan->steps; ++row) {
        size_t other = row / plan->steps * plan->steps + (plan->steps - 1 - row % plan->steps);
        memcpy(to + other * width, from + row * width, width * sizeof(float));
    }
}

void mg_train_recurrent_input_gradient(const mg_train_pass *pass, const mg_train_node *node,
                                       const float *slopes, size_t width, float *ordered)
{
    const mg_train_recurrent *plan = node->plan;
    mg_train_tensor *x = mg_train_input(pass, node, 0);
    if (x->gradient == NULL) return;
    const mg_train_product product = {
        .rows = pass->batch * plan->steps,
        .columns = plan->features,
        .depth = width,
        .left = {slopes, width, 1},
        .right = {mg_train_weight_of(pass, node, 0)->values, width, 1},
        .out = plan->reversed ? ordered : x->gradient,
        .out_stride = plan->features};
    mg_train_multiply(pass, &product, NULL, mg_train_worker_scratch(pass, node, 0),
                      node->per_worker);
    if (plan->reversed) reverse_steps(plan, pass->batch, ordered, plan->features, x->gradient);
}

void mg_train_recurrent_needs(const midge_trainer *trainer, const mg_train_recurrent *plan,
                              size_t batch, mg_train_needs *needs)
{
    uint64_t rows = (uint64_t)batch * plan->steps, depth = plan->gates * plan->units;
    uint64_t width = plan->features > plan->units ? plan->features : plan->units;
    if (depth < plan->features) depth = plan->features;
    if (depth < rows) depth = rows;
    needs->shared += rows * width;
    needs->per_worker = trainer->kernels.gemm_f32->panel_columns * (depth + 1);
}

const float *mg_train_ordered_input(const mg_train_pass *pass, const mg_train_node *node,
                                    float *ordered)
{
    const mg_train_recurrent *plan = node->plan;
    const float *x = mg_train_input(pass, node, 0)->values;
    if (!plan->reversed) return x;
    reverse_steps(plan, pass->batch, x, plan->features, ordered);
    return ordered;
}

static midge_status read_function(midge_trainer *trainer, const mg_keras_layer *layer,
                                  const char *key, const char *usual, mg_train_function *function)
{
    const json_t *value = json_object_get(layer->config, key);
    const char *name = value == NULL         ? usual
                       : json_is_null(value) ? "linear"
                                             : mg_keras_activation_name(value);
    if (name != NULL && mg_train_find_function(name, function)) return MIDGE_OK;
    return mg_keras_refuse(&trainer->keras, layer, "its %s is not one midge trains", key);
}

static midge_status check_flags(midge_trainer *trainer, const mg_keras_layer *layer)
{
    static const char *const flags[] = {"stateful", "return_state", "zero_output_for_mask",
                                        "time_major"};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; ++i)
        if (mg_json_flag(layer->config, flags[i], false))
            return mg_keras_refuse(&trainer->keras, layer, "%s", flags[i]);
    if (mg_json_number(layer->config, "recurrent_dropout", 0) != 0)
        return mg_keras_refuse(&trainer->keras, layer,
                               "recurrent_dropout; 'dropout', of what it is given, can be");
    return MIDGE_OK;
}

static midge_status add_weights(midge_trainer *trainer, const mg_keras_layer *layer,
                                const mg_train_recurrent *plan, int32_t bias_rank, int32_t *weights)
{
    int32_t units = (int32_t)plan->units, width;
    if (!mg_int32_multiply(units, (int32_t)plan->gates, &width))
        return mg_keras_refuse(&trainer->keras, layer, "too many units");
    const mg_train_weight_form forms[] = {{"kernel",
                                           "kernel_initializer",
                                           "glorot_uniform",
                                           "kernel_regularizer",
                                           false,
                                           2,
                                           {(int32_t)plan->features, width}},
                                          {"recurrent_kernel",
                                           "recurrent_initializer",
                                           "orthogonal",
                                           "recurrent_regularizer",
                                           false,
                                           2,
                                           {units, width}},
                                          {"bias",
                                           "bias_initializer",
                                           "zeros",
                                           "bias_regularizer",
                                           false,
                                           bias_rank,
                                           {bias_rank == 1 ? width : 2, width}}};
    for (size_t i = 0; i < 3; ++i) TRY(mg_train_add_weight(trainer, layer, &forms[i], &weights[i]));
    return MIDGE_OK;
}

midge_status mg_train_add_recurrent(midge_trainer *trainer, const mg_keras_layer *layer,
                                    mg_keras_call *call, size_t gates,
                                    const mg_train_operation *operation, int32_t bias_rank,
                                    mg_train_node **node)
{
    void *memory = NULL;
    int32_t units, weights[MG_TRAIN_WEIGHTS] = {-1, -1, -1, -1};
    TRY(mg_train_check_rank(trainer, layer, call, 2));
    TRY(mg_train_count(trainer, layer, "units", &units));
    TRY(check_flags(trainer, layer));
    const mg_train_tensor input = *mg_train_tensor_at(trainer, call->inputs[0]);
    int32_t given = call->inputs[0];
    if (mg_json_number(layer->config, "dropout", 0) != 0)
        TRY(mg_train_drop_features(trainer, layer, call, "dropout", &given));
    TRY(mg_train_plan(trainer, sizeof(mg_train_recurrent), &memory));
    mg_train_recurrent *plan = memory;
    *plan = (mg_train_recurrent){.steps = (size_t)input.shape[0],
                                 .features = (size_t)input.shape[1],
                                 .units = (size_t)units,
                                 .gates = gates,
                                 .all = mg_json_flag(layer->config, "return_sequences", false),
                                 .reversed = mg_json_flag(layer->config, "go_backwards", false)};
    TRY(read_function(trainer, layer, "activation", "tanh", &plan->outer));
    TRY(read_function(trainer, layer, "recurrent_activation", "sigmoid", &plan->inner));
    TRY(add_weights(trainer, layer, plan, bias_rank, weights));
    int32_t shape[] = {input.shape[0], units};
    TRY(mg_train_add_node(trainer, layer, operation, 1, &given, plan->all ? 2 : 1,
                          plan->all ? shape : shape + 1, &call->outputs[0], node));
    memcpy((*node)->weights, weights, sizeof weights);
    (*node)->plan = plan;
    return MIDGE_OK;
}
