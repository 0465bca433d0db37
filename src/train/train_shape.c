/* SPDX-License-Identifier: Apache-2.0 */
/* Layers that give their input another shape; the memory stays. */
#include "convert/keras_layer.h"
#include "train/train_build.h"

static void view_forward(const mg_train_pass *pass, mg_train_node *node)
{
    const mg_train_tensor *x = mg_train_input(pass, node, 0);
    mg_train_tensor *y = mg_train_output(pass, node);
    if (y->values != x->values)
        memcpy(y->values, x->values, pass->batch * x->elements * sizeof(float));
}

static void view_backward(const mg_train_pass *pass, mg_train_node *node)
{
    mg_train_tensor *x = mg_train_input(pass, node, 0);
    const mg_train_tensor *y = mg_train_output(pass, node);
    if (y->gradient != x->gradient)
        memcpy(x->gradient, y->gradient, pass->batch * x->elements * sizeof(float));
}

static const mg_train_operation view_operation = {"view", view_forward, view_backward, NULL, true};

midge_status mg_train_build_flatten(midge_trainer *trainer, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    TRY(mg_train_check_rank(trainer, layer, call, -1));
    int32_t elements = (int32_t)mg_train_tensor_at(trainer, call->inputs[0])->elements;
    return mg_train_add_node(trainer, layer, &view_operation, 1, call->inputs, 1, &elements,
                             &call->outputs[0], NULL);
}

static bool read_target(const json_t *list, size_t elements, int32_t *rank, int32_t *shape)
{
    size_t known = 1, count = json_array_size(list);
    int32_t open = -1;
    if (count == 0 || count >= MIDGE_MAX_RANK) return false;
    for (size_t i = 0; i < count; ++i) {
        if (!mg_json_to_int32(json_array_get(list, i), &shape[i])) return false;
        if (shape[i] == -1 && open < 0)
            open = (int32_t)i;
        else if (shape[i] < 1 || !mg_size_multiply(known, (size_t)shape[i], &known))
            return false;
    }
    *rank = (int32_t)count;
    if (open >= 0) shape[open] = (int32_t)(elements / known);
    return open >= 0 ? known <= elements && elements % known == 0 : known == elements;
}

midge_status mg_train_build_reshape(midge_trainer *trainer, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    int32_t rank = 0, shape[MIDGE_MAX_RANK];
    const json_t *list = json_object_get(layer->config, "target_shape");
    if (json_is_object(list)) list = json_object_get(list, "items");
    TRY(mg_train_check_rank(trainer, layer, call, -1));
    size_t elements = mg_train_tensor_at(trainer, call->inputs[0])->elements;
    if (!read_target(list, elements, &rank, shape))
        return mg_keras_refuse(&trainer->keras, layer, "cannot give %zu elements its target_shape",
                               elements);
    return mg_train_add_node(trainer, layer, &view_operation, 1, call->inputs, rank, shape,
                             &call->outputs[0], NULL);
}

midge_status mg_train_build_identity(midge_trainer *trainer, const mg_keras_layer *layer,
                                     mg_keras_call *call)
{
    TRY(mg_train_check_rank(trainer, layer, call, -1));
    const mg_train_tensor input = *mg_train_tensor_at(trainer, call->inputs[0]);
    return mg_train_add_node(trainer, layer, &view_operation, 1, call->inputs, input.rank,
                             input.shape, &call->outputs[0], NULL);
}

/* ---- Rescaling: x scale + offset ---- */

typedef struct scale_plan {
    float scale;
    float offset;
} scale_plan;

static void scale_forward(const mg_train_pass *pass, mg_train_node *node)
{
    const scale_plan *plan = node->plan;
    const mg_train_tensor *x = mg_train_input(pass, node, 0);
    float *y = mg_train_output(pass, node)->values;
    for (size_t i = 0; i < pass->batch * x->elements; ++i)
        y[i] = x->values[i] * plan->scale + plan->offset;
}

static void scale_backward(const mg_train_pass *pass, mg_train_node *node)
{
    const scale_plan *plan = node->plan;
    mg_train_tensor *x = mg_train_input(pass, node, 0);
    const float *dy = mg_train_output(pass, node)->gradient;
    for (size_t i = 0; i < pass->batch * x->elements; ++i) x->gradient[i] = dy[i] * plan->scale;
}

static const mg_train_operation scale_operation = {"rescaling", scale_forward, scale_backward, NULL,
                                                   false};

midge_status mg_train_build_rescaling(midge_trainer *trainer, const mg_keras_layer *layer,
                                      mg_keras_call *call)
{
    void *memory = NULL;
    mg_train_node *node;
    TRY(mg_train_check_rank(trainer, layer, call, -1));
    const mg_train_tensor input = *mg_train_tensor_at(trainer, call->inputs[0]);
    if (json_is_array(json_object_get(layer->config, "scale")) ||
        json_is_array(json_object_get(layer->config, "offset")))
        return mg_keras_refuse(&trainer->keras, layer, "a scale for each channel");
    TRY(mg_train_plan(trainer, sizeof(scale_plan), &memory));
    scale_plan *plan = memory;
    *plan = (scale_plan){(float)mg_json_number(layer->config, "scale", 1),
                         (float)mg_json_number(layer->config, "offset", 0)};
    TRY(mg_train_add_node(trainer, layer, &scale_operation, 1, call->inputs, input.rank,
                          input.shape, &call->outputs[0], &node));
    node->plan = plan;
    return MIDGE_OK;
}

/* ---- Zero padding of height and width, or of steps ---- */

typedef struct padding_plan {
    int32_t height, width; /* of the input */
    int32_t top, left, right;
    size_t out_size; /* elements of a sample of the output */
    size_t channels;
} padding_plan;

static void run_padding(const mg_train_pass *pass, const mg_train_node *node, bool back)
{
    const padding_plan *plan = node->plan;
    const mg_train_tensor *x = mg_train_input(pass, node, 0), *y = mg_train_output(pass, node);
    size_t line = (size_t)plan->width * plan->channels;
    size_t out_line = (size_t)(plan->left + plan->width + plan->right) * plan->channels;
    for (size_t sample = 0; sample < pass->batch; ++sample) {
        size_t to = sample * plan->out_size, from = sample * x->elements;
        if (!back) memset(y->values + to, 0, plan->out_size * sizeof(float));
        to += (size_t)plan->top * out_line + (size_t)plan->left * plan->channels;
        for (int32_t row = 0; row < plan->height; ++row, to += out_line, from += line) {
            if (back)
                memcpy(x->gradient + from, y->gradient + to, line * sizeof(float));
            else
                memcpy(y->values + to, x->values + from, line * sizeof(float));
        }
    }
}

static void padding_forward(const mg_train_pass *pass, mg_train_node *node)
{
    run_padding(pass, node, false);
}

static void padding_backward(const mg_train_pass *pass, mg_train_node *node)
{
    run_padding(pass, node, true);
}

static const mg_train_operation padding_operation = {"zero_padding", padding_forward,
                                                     padding_backward, NULL, false};

/* {top, bottom, left, right} of one number, a pair, or a pair of pairs. */
static bool read_padding(const mg_keras_layer *layer, bool plane, int32_t *amounts)
{
    const json_t *value = json_object_get(layer->config, "padding");
    int32_t pair[2];
    if (!plane) return mg_json_ints(layer->config, "padding", 2, amounts + 2);
    if (json_is_array(value) && json_is_array(json_array_get(value, 0))) {
        for (size_t i = 0; i < 4; ++i)
            if (!mg_json_to_int32(json_array_get(json_array_get(value, i / 2), i % 2), &amounts[i]))
                return false;
        return true;
    }
    if (!mg_json_ints(layer->config, "padding", 2, pair)) return false;
    amounts[0] = amounts[1] = pair[0];
    amounts[2] = amounts[3] = pair[1];
    return true;
}

midge_status mg_train_build_zero_padding(midge_trainer *trainer, const mg_keras_layer *layer,
                                         mg_keras_call *call)
{
    const char *name = layer->row->name;
    bool plane = name[strlen(name) - 2] == '2';
    int32_t amounts[4] = {0, 0, 0, 0}, shape[MIDGE_MAX_RANK];
    void *memory = NULL;
    mg_train_node *node;
    TRY(mg_train_check_rank(trainer, layer, call, plane ? 3 : 2));
    TRY(mg_keras_channels_last(&trainer->keras, layer));
    const mg_train_tensor input = *mg_train_tensor_at(trainer, call->inputs[0]);
    bool good = read_padding(layer, plane, amounts);
    for (size_t i = 0; i < 4; ++i) good = good && amounts[i] >= 0 && amounts[i] < 1 << 14;
    if (!good) return mg_keras_refuse(&trainer->keras, layer, "its padding is no size");
    memcpy(shape, input.shape, sizeof shape);
    if (plane) shape[0] += amounts[0] + amounts[1];
    shape[plane ? 1 : 0] += amounts[2] + amounts[3];
    TRY(mg_train_plan(trainer, sizeof(padding_plan), &memory));
    padding_plan *plan = memory;
    *plan = (padding_plan){.height = plane ? input.shape[0] : 1,
                           .width = input.shape[plane ? 1 : 0],
                           .top = amounts[0],
                           .left = amounts[2],
                           .right = amounts[3],
                           .channels = (size_t)input.shape[input.rank - 1]};
    TRY(mg_train_elements(trainer, layer, input.rank, shape, &plan->out_size));
    TRY(mg_train_add_node(trainer, layer, &padding_operation, 1, call->inputs, input.rank, shape,
                          &call->outputs[0], &node));
    node->plan = plan;
    return MIDGE_OK;
}
