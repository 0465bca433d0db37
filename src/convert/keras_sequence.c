/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/keras_sequence.h"

#include "convert/keras_layer.h"
#include "convert/keras_mask.h"

enum { MOST_STEPS = 1024 };

/* ---- Parts of a step ---- */

/* Gates `first` to `first + count` of [batch, gates * units]. */
static midge_status gates_of(mg_keras *keras, const mg_keras_sequence *at, int32_t product,
                             int32_t first, int32_t count, int32_t *output)
{
    return mg_keras_slice(keras, product, (int32_t[]){0, first * at->units},
                          (int32_t[]){at->batch, count * at->units}, output);
}

static midge_status activate(mg_keras *keras, const mg_keras_layer *layer, const char *key,
                             int32_t input, int32_t *output)
{
    return mg_keras_activate(keras, layer, json_object_get(layer->config, key), input, output);
}

/* FULLY_CONNECTED with weights that are in the network already. */
static midge_status product(mg_keras *keras, int32_t input, int32_t weights, int32_t bias,
                            int32_t *output)
{
    int32_t shape[] = {mg_keras_tensor(keras, input)->shape[0],
                       mg_keras_tensor(keras, weights)->shape[0]};
    return mg_keras_node(keras, MG_BUILTIN_FULLY_CONNECTED, bias < 0 ? 2 : 3,
                         (int32_t[]){input, weights, bias}, MIDGE_FLOAT32, 2, shape, output, NULL);
}

midge_status mg_keras_step_lstm(mg_keras *keras, const mg_keras_layer *layer,
                                const mg_keras_sequence *at, int32_t given, int32_t *states)
{
    int32_t all, in, forget, fresh, out;
    TRY(product(keras, states[0], at->recurrent_weights, -1, &all));
    TRY(mg_keras_binary(keras, MG_BUILTIN_ADD, given, all, &all));
    TRY(gates_of(keras, at, all, 0, 1, &in));
    TRY(activate(keras, layer, "recurrent_activation", in, &in));
    TRY(gates_of(keras, at, all, 1, 1, &forget));
    TRY(activate(keras, layer, "recurrent_activation", forget, &forget));
    TRY(gates_of(keras, at, all, 2, 1, &fresh));
    TRY(activate(keras, layer, "activation", fresh, &fresh));
    TRY(gates_of(keras, at, all, 3, 1, &out));
    TRY(activate(keras, layer, "recurrent_activation", out, &out));
    TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, forget, states[1], &forget));
    TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, in, fresh, &in));
    TRY(mg_keras_binary(keras, MG_BUILTIN_ADD, forget, in, &states[1]));
    TRY(activate(keras, layer, "activation", states[1], &fresh));
    return mg_keras_binary(keras, MG_BUILTIN_MUL, out, fresh, &states[0]);
}

/* The reset gate goes on the product (reset_after) or into it. h = new + update * (h - new). */
midge_status mg_keras_step_gru(mg_keras *keras, const mg_keras_layer *layer,
                               const mg_keras_sequence *at, int32_t given, int32_t *states)
{
    int32_t both, update, reset, fresh, given_part, part, all;
    TRY(product(keras, states[0], at->recurrent_weights, at->recurrent_bias, &all));
    TRY(gates_of(keras, at, given, 0, 2, &given_part));
    TRY(gates_of(keras, at, all, 0, 2, &part));
    TRY(mg_keras_binary(keras, MG_BUILTIN_ADD, given_part, part, &both));
    TRY(activate(keras, layer, "recurrent_activation", both, &both));
    TRY(gates_of(keras, at, both, 0, 1, &update));
    TRY(gates_of(keras, at, both, 1, 1, &reset));
    if (at->reset_after) {
        TRY(gates_of(keras, at, all, 2, 1, &part));
        TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, reset, part, &part));
    } else {
        TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, reset, states[0], &part));
        TRY(product(keras, part, at->new_weights, -1, &part));
    }
    TRY(gates_of(keras, at, given, 2, 1, &given_part));
    TRY(mg_keras_binary(keras, MG_BUILTIN_ADD, given_part, part, &fresh));
    TRY(activate(keras, layer, "activation", fresh, &fresh));
    TRY(mg_keras_binary(keras, MG_BUILTIN_SUB, states[0], fresh, &part));
    TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, update, part, &part));
    return mg_keras_binary(keras, MG_BUILTIN_ADD, fresh, part, &states[0]);
}

midge_status mg_keras_step_simple(mg_keras *keras, const mg_keras_layer *layer,
                                  const mg_keras_sequence *at, int32_t given, int32_t *states)
{
    int32_t all;
    TRY(product(keras, states[0], at->recurrent_weights, -1, &all));
    TRY(mg_keras_binary(keras, MG_BUILTIN_ADD, given, all, &all));
    return activate(keras, layer, "activation", all, &states[0]);
}

/* ---- All steps ---- */

/* Transposed weights: [gates * units, units], and of a GRU whose reset gate goes into the product
 * only those of the other gates, and the rest apart. */
static midge_status make_weights(mg_keras *keras, mg_keras_sequence *at)
{
    size_t units = (size_t)at->units, columns = units * (size_t)at->gates;
    float *all = NULL, *fresh = NULL;
    bool apart = at->gates == 3 && !at->reset_after;
    int32_t rows = at->units * (apart ? 2 : at->gates);
    TRY(mg_keras_room(keras, "recurrent_kernel", 2, (int32_t[]){rows, at->units}, &all,
                      &at->recurrent_weights));
    for (size_t c = 0; c < (size_t)rows; ++c)
        for (size_t r = 0; r < units; ++r)
            all[c * units + r] = at->recurrent.values[r * columns + c];
    at->recurrent_bias = -1;
    if (at->gates == 3 && at->reset_after && at->bias.values != NULL)
        return mg_keras_constant(keras, "recurrent_bias", 1, &rows, at->bias.values + columns,
                                 &at->recurrent_bias);
    if (!apart) return MIDGE_OK;
    TRY(mg_keras_room(keras, "new_kernel", 2, (int32_t[]){at->units, at->units}, &fresh,
                      &at->new_weights));
    for (size_t c = 0; c < units; ++c)
        for (size_t r = 0; r < units; ++r)
            fresh[c * units + r] = at->recurrent.values[r * columns + 2 * units + c];
    return MIDGE_OK;
}

/* One tensor of the given shape for each step of `all`. */
static midge_status unpack(mg_keras *keras, const mg_keras_sequence *at, int32_t all,
                           const int32_t *shape, int32_t *parts)
{
    mg_network_node *node;
    mg_network_graph *graph = mg_keras_graph(keras);
    const char *name = NULL;
    midge_type type = mg_keras_tensor(keras, all)->type;
    TRY(mg_network_text(keras->network, &name, "%s/step", keras->layer->path));
    for (int32_t t = 0; t < at->steps; ++t)
        TRY(mg_network_add(keras->network, graph, name, type, 2, shape, &parts[t]));
    TRY(mg_network_add_node(keras->network, graph, -1, MG_BUILTIN_UNPACK, keras->layer->path, 1,
                            &all, (size_t)at->steps, parts, &node));
    mg_UnpackOptions *options = node->options;
    options->axis = 1;
    options->num = at->steps;
    return MIDGE_OK;
}

/* The products of the input, [batch, gates * units] a step. */
static midge_status make_products(mg_keras *keras, const mg_keras_sequence *at, int32_t *given)
{
    int32_t bias = -1, width = at->units * at->gates, all;
    if (at->bias.values != NULL)
        TRY(mg_keras_constant(keras, "bias", 1, &width, at->bias.values, &bias));
    TRY(mg_keras_product(keras, at->input, at->kernel.values, at->features, width, bias, &all));
    return unpack(keras, at, all, (int32_t[]){at->batch, width}, given);
}

/* ---- Masks ---- */

/* What the steps so far have made, where some do not count. */
typedef struct masked_run {
    int32_t *masks; /* [batch, 1] a step; NULL where all count */
    int32_t shown;  /* the last output, which starts with 0 */
    int32_t zeros;
    bool given; /* the states start with something else */
} masked_run;

static midge_status begin_masks(mg_keras *keras, const mg_keras_sequence *at, bool given,
                                masked_run *run)
{
    void *memory = NULL;
    int32_t column;
    float *values = NULL;
    *run = (masked_run){.masks = NULL, .given = given};
    if (at->mask < 0) return MIDGE_OK;
    const mg_network_tensor mask = *mg_keras_tensor(keras, at->mask);
    if (mask.type != MIDGE_BOOL || mask.rank != 2 || mask.shape[0] != at->batch ||
        mask.shape[1] != at->steps)
        return mg_keras_refuse(keras, keras->layer, "a mask that is not one bool for each step");
    TRY(mg_region_get_array(&keras->call_region, (size_t)at->steps, sizeof(int32_t), &memory,
                            keras->error));
    run->masks = memory;
    TRY(mg_keras_mask_column(keras, at->mask, &column));
    TRY(unpack(keras, at, column, (int32_t[]){at->batch, 1}, run->masks));
    TRY(mg_keras_room(keras, "zeros", 2, (int32_t[]){at->batch, at->units}, &values, &run->zeros));
    run->shown = run->zeros;
    return MIDGE_OK;
}

/* A step that does not count leaves states and output as they were, or gives 0. */
static midge_status mask_step(mg_keras *keras, const mg_keras_sequence *at, int32_t t,
                              int32_t state_count, const int32_t *before, masked_run *run,
                              int32_t *states, int32_t *output)
{
    *output = states[0];
    if (run->masks == NULL) return MIDGE_OK;
    int32_t fresh = states[0];
    for (int32_t i = 0; i < state_count; ++i)
        TRY(mg_keras_mask_choose(keras, run->masks[t], states[i], before[i], &states[i]));
    if (at->zero || run->given)
        TRY(mg_keras_mask_choose(keras, run->masks[t], fresh, at->zero ? run->zeros : run->shown,
                                 output));
    else
        *output = states[0];
    run->shown = *output;
    return MIDGE_OK;
}

static midge_status first_states(mg_keras *keras, const mg_keras_layer *layer,
                                 const mg_keras_sequence *at, int32_t state_count,
                                 const mg_keras_call *call, int32_t *states)
{
    int32_t shape[] = {at->batch, at->units};
    float *zeros = NULL;
    if (call->input_count != 1 && call->input_count != 1 + (size_t)state_count)
        return mg_keras_refuse(keras, layer, "is given %zu states, not %d", call->input_count - 1,
                               (int)state_count);
    for (int32_t i = 0; i < state_count; ++i) {
        if (call->input_count == 1)
            TRY(mg_keras_room(keras, "zeros", 2, shape, &zeros, &states[i]));
        else
            states[i] = call->inputs[1 + i];
        const mg_network_tensor *state = mg_keras_tensor(keras, states[i]);
        if (state->rank != 2 || state->shape[0] != at->batch || state->shape[1] != at->units)
            return mg_keras_refuse(keras, layer, "is given a state of the wrong shape");
    }
    return MIDGE_OK;
}

midge_status mg_keras_unroll(mg_keras *keras, const mg_keras_layer *layer, mg_keras_sequence *at,
                             mg_keras_step *step, int32_t state_count, mg_keras_call *call)
{
    void *memory = NULL;
    int32_t states[2] = {-1, -1};
    mg_network_node *node;
    if (at->steps > MOST_STEPS)
        return mg_keras_refuse(keras, layer,
                               "%d steps, which are written out one by one; at most "
                               "%d, or use LSTM",
                               (int)at->steps, MOST_STEPS);
    TRY(mg_region_get_array(&keras->call_region, 2 * (size_t)at->steps, sizeof(int32_t), &memory,
                            keras->error));
    int32_t *given = memory, *outputs = given + at->steps;
    masked_run masked;
    TRY(make_weights(keras, at));
    TRY(make_products(keras, at, given));
    TRY(first_states(keras, layer, at, state_count, call, states));
    TRY(begin_masks(keras, at, call->input_count > 1, &masked));
    for (int32_t t = 0; t < at->steps; ++t) {
        const int32_t before[2] = {states[0], states[1]};
        TRY(step(keras, layer, at, given[t], states));
        TRY(mask_step(keras, at, t, state_count, before, &masked, states, &outputs[t]));
    }
    call->outputs[0] = outputs[at->steps - 1];
    if (at->whole) {
        TRY(mg_keras_node(keras, MG_BUILTIN_PACK, (size_t)at->steps, outputs, MIDGE_FLOAT32, 3,
                          (int32_t[]){at->batch, at->steps, at->units}, &call->outputs[0], &node));
        mg_PackOptions *options = node->options;
        options->axis = 1;
        options->values_count = at->steps;
    }
    if (!at->state) return MIDGE_OK;
    for (int32_t i = 0; i < state_count; ++i) call->outputs[1 + i] = states[i];
    call->output_count = 1 + (size_t)state_count;
    return MIDGE_OK;
}
