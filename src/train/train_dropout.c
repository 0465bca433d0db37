/* SPDX-License-Identifier: Apache-2.0 */
/* Dropout, and noise: at random while learning, nothing otherwise. What is drawn is a function of
 * the seed, the layer, the step and the element. */
#include "train/train_build.h"

typedef struct dropout_plan {
    float rate;
    size_t channels; /* of spatial dropout: whole channels fall; 0: single elements */
    uint64_t number; /* of the node */
    bool noise;      /* adds noise of deviation `rate` instead */
} dropout_plan;

typedef struct dropout_work {
    const dropout_plan *plan;
    const float *from;
    float *to;
    size_t elements; /* of a sample */
    uint64_t stream;
    bool back;
} dropout_work;

static void drop_samples(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const dropout_work *at = argument;
    const float scale = 1 / (1 - at->plan->rate);
    const size_t channels = at->plan->channels;
    for (size_t sample = begin; sample < end; ++sample)
        for (size_t i = 0; i < at->elements; ++i) {
            size_t place = sample * at->elements + i;
            uint64_t draw = channels > 0 ? sample * channels + i % channels : place;
            float x = at->from[place];
            if (at->plan->noise)
                at->to[place] =
                    at->back ? x : x + at->plan->rate * (float)mg_random_bell(at->stream, place);
            else
                at->to[place] =
                    mg_random_unit(at->stream, draw) >= (double)at->plan->rate ? x * scale : 0;
        }
}

static void run(const mg_train_pass *pass, mg_train_node *node, bool back)
{
    const dropout_plan *plan = node->plan;
    const mg_train_tensor *x = mg_train_input(pass, node, 0), *y = mg_train_output(pass, node);
    dropout_work at = {
        plan,
        back ? y->gradient : x->values,
        back ? x->gradient : y->values,
        x->elements,
        mg_random_stream(pass->trainer->seed, MG_STREAM_DROPOUT, plan->number, pass->step),
        back};
    if (!pass->training || plan->rate == 0)
        memcpy(at.to, at.from, pass->batch * x->elements * sizeof(float));
    else
        mg_parallel_for(pass->trainer->pool, pass->batch, 1, drop_samples, &at);
}

static void dropout_forward(const mg_train_pass *pass, mg_train_node *node)
{
    run(pass, node, false);
}

static void dropout_backward(const mg_train_pass *pass, mg_train_node *node)
{
    run(pass, node, true);
}

static const mg_train_operation dropout_operation = {"dropout", dropout_forward, dropout_backward,
                                                     NULL, false};

static midge_status add_dropout(midge_trainer *trainer, const mg_keras_layer *layer,
                                mg_keras_call *call, const char *key, bool spatial, bool noise)
{
    void *memory = NULL;
    mg_train_node *node;
    double rate = mg_json_number(layer->config, key, 0);
    TRY(mg_train_check_rank(trainer, layer, call, -1));
    const mg_train_tensor input = *mg_train_tensor_at(trainer, call->inputs[0]);
    if (!(rate >= 0) || (!noise && !(rate < 1)))
        return mg_keras_refuse(&trainer->keras, layer, "its %s is %g", key, rate);
    if (!noise && !spatial && !mg_json_absent(layer->config, "noise_shape"))
        return mg_keras_refuse(&trainer->keras, layer, "a noise_shape");
    TRY(mg_train_plan(trainer, sizeof(dropout_plan), &memory));
    dropout_plan *plan = memory;
    *plan = (dropout_plan){(float)rate,
                           spatial && input.rank > 0 ? (size_t)input.shape[input.rank - 1] : 0,
                           trainer->nodes.count, noise};
    TRY(mg_train_add_node(trainer, layer, &dropout_operation, 1, call->inputs, input.rank,
                          input.shape, &call->outputs[0], &node));
    node->plan = plan;
    return MIDGE_OK;
}

midge_status mg_train_build_dropout(midge_trainer *trainer, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    return add_dropout(trainer, layer, call, "rate", false, false);
}

midge_status mg_train_build_spatial_dropout(midge_trainer *trainer, const mg_keras_layer *layer,
                                            mg_keras_call *call)
{
    return add_dropout(trainer, layer, call, "rate", true, false);
}

midge_status mg_train_drop_features(midge_trainer *trainer, const mg_keras_layer *layer,
                                    const mg_keras_call *call, const char *key, int32_t *output)
{
    mg_keras_call inner = {.input_count = 1, .inputs = call->inputs};
    TRY(add_dropout(trainer, layer, &inner, key, true, false));
    *output = inner.outputs[0];
    return MIDGE_OK;
}

midge_status mg_train_build_noise(midge_trainer *trainer, const mg_keras_layer *layer,
                                  mg_keras_call *call)
{
    return add_dropout(trainer, layer, call, "stddev", false, true);
}
