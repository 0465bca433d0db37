/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Learning for int8: forward and backward see what integers will leave of weights and activations;
 * gradients pass through the rounding as if it were not there, and stop where values are cut off.
 *
 * Weights: the kernels of products, 127 steps to both sides of 0 for each output channel; a
 * BatchNormalization behind them only scales channels, so the steps stay right when it is folded.
 * Activations: 255 steps from the least to the most that occurs, averaged over batches; of tensors
 * that stay when activations and normalisations are folded into what is before them.
 */
#include "train/train_fake.h"

static const float keep_range = 0.99f;

/* ---- Weights ---- */

/* Is it a kernel that int8 models round by channels? */
static bool is_kernel(const mg_train_weight *weight)
{
    return weight->rank >= 2 && strstr(weight->name, "kernel") != NULL &&
           strcmp(weight->name, "recurrent_kernel") != 0 &&
           strcmp(weight->layer->class_name, "LSTM") != 0 &&
           strcmp(weight->layer->class_name, "GRU") != 0;
}

/* Channels lie side by side; those of depthwise kernels are the last two sizes. */
static size_t channels_of(const mg_train_weight *weight)
{
    bool depthwise = strncmp(weight->layer->class_name, "Depthwise", 9) == 0 ||
                     strcmp(weight->name, "depthwise_kernel") == 0;
    size_t channels = (size_t)weight->shape[weight->rank - 1];
    return depthwise ? channels * (size_t)weight->shape[weight->rank - 2] : channels;
}

static void round_weight(const mg_train_weight *weight, float *to)
{
    size_t channels = channels_of(weight);
    for (size_t c = 0; c < channels; ++c) {
        float most = 0;
        for (size_t k = c; k < weight->elements; k += channels) {
            float size = fabsf(weight->values[k]);
            most = size > most ? size : most;
        }
        float step = most / 127;
        for (size_t k = c; k < weight->elements; k += channels)
            to[k] = step > 0 ? rintf(weight->values[k] / step) * step : 0;
    }
}

midge_status mg_train_reserve_fakes(midge_trainer *trainer, midge_error *error)
{
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        mg_train_weight *weight = mg_train_weight_at(trainer, i);
        void *memory = NULL;
        if (!is_kernel(weight) || weight->rounded != NULL) continue;
        TRY(mg_heap_get_array(&trainer->heap, weight->elements, sizeof(float), &memory, error));
        weight->rounded = memory;
    }
    return MIDGE_OK;
}

/* Rounded values take the place of those that learn; called again, they give it back. */
static void swap(const midge_trainer *trainer)
{
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        mg_train_weight *weight = mg_train_weight_at(trainer, i);
        if (weight->rounded == NULL) continue;
        float *kept = weight->values;
        weight->values = weight->rounded;
        weight->rounded = kept;
    }
}

void mg_train_round_weights(midge_trainer *trainer)
{
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        const mg_train_weight *weight = mg_train_weight_at(trainer, i);
        if (weight->rounded != NULL) round_weight(weight, weight->rounded);
    }
    swap(trainer);
}

void mg_train_restore_weights(midge_trainer *trainer)
{
    swap(trainer);
}

/* ---- Activations ---- */

static bool has_name(const mg_train_node *node, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; ++i)
        if (strcmp(node->operation->name, names[i]) == 0) return true;
    return false;
}

/* Whether the converter makes one node of this one and that which gives its input. */
static bool is_folded(const midge_trainer *trainer, const mg_train_node *node,
                      const mg_train_node *before)
{
    static const char *const sums[] = {"convolution", "depthwise", "dense"};
    if (before == NULL || mg_train_tensor_at(trainer, node->inputs[0])->users != 1) return false;
    if (mg_train_is_cut(node)) return true;
    return strcmp(node->operation->name, "batch_normalization") == 0 &&
           has_name(before, sums, sizeof sums / sizeof sums[0]);
}

/* Nodes whose output is on the steps of their input, or that are not there when the model runs. */
static bool keeps_steps(const mg_train_node *node)
{
    static const char *const names[] = {"zero_padding", "view", "copy", "dropout"};
    return has_name(node, names, sizeof names / sizeof names[0]) || mg_train_is_largest(node);
}

static const mg_train_node *maker_of(const midge_trainer *trainer, int32_t tensor, size_t before)
{
    for (size_t i = before; i-- > 0;)
        if (mg_train_node_at(trainer, i)->output == tensor) return mg_train_node_at(trainer, i);
    return NULL;
}

/* A tensor is rounded unless what reads it is folded, or it has the steps of another. */
void mg_train_choose_rounded(midge_trainer *trainer)
{
    for (size_t i = 0; i < trainer->tensors.count; ++i) {
        mg_train_tensor *tensor = mg_train_tensor_at(trainer, (int32_t)i);
        tensor->rounded = tensor->shown < 0 && tensor->limit == 0;
    }
    for (size_t i = 0; i < trainer->nodes.count; ++i) {
        const mg_train_node *node = mg_train_node_at(trainer, i);
        if (is_folded(trainer, node, maker_of(trainer, node->inputs[0], i)))
            mg_train_tensor_at(trainer, node->inputs[0])->rounded = false;
        if (mg_train_is_probability(node->operation) || keeps_steps(node))
            mg_train_tensor_at(trainer, node->output)->rounded = false;
    }
}

static void widen_range(mg_train_tensor *tensor, size_t count)
{
    float least = 0, most = 0;
    for (size_t i = 0; i < count; ++i) {
        least = tensor->values[i] < least ? tensor->values[i] : least;
        most = tensor->values[i] > most ? tensor->values[i] : most;
    }
    if (tensor->least == 0 && tensor->most == 0) {
        tensor->least = least;
        tensor->most = most;
    } else {
        tensor->least = keep_range * tensor->least + (1 - keep_range) * least;
        tensor->most = keep_range * tensor->most + (1 - keep_range) * most;
    }
}

typedef struct rounding {
    float *values;
    float *gradient; /* NULL: values are rounded; else it stops where they were cut off */
    float least, most, step;
} rounding;

/* A value at an end of the range was there or beyond, so its gradient stops. */
static void round_range(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const rounding *at = argument;
    for (size_t i = begin; i < end; ++i) {
        float x = at->values[i];
        x = x < at->least ? at->least : x > at->most ? at->most : x;
        at->values[i] = at->least + rintf((x - at->least) / at->step) * at->step;
    }
}

static void stop_range(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const rounding *at = argument;
    const float half = 0.5f * at->step;
    for (size_t i = begin; i < end; ++i)
        if (at->values[i] > at->most - half || (at->least < 0 && at->values[i] < at->least + half))
            at->gradient[i] = 0;
}

/* Zero is one of the steps. */
static rounding rounding_of(const mg_train_tensor *tensor)
{
    rounding at = {.values = tensor->values, .step = (tensor->most - tensor->least) / 255};
    float zero = at.step > 0 ? rintf(-tensor->least / at.step) : 0;
    at.least = -zero * at.step;
    at.most = at.least + 255 * at.step;
    return at;
}

void mg_train_round_tensor(const mg_train_pass *pass, mg_train_tensor *tensor)
{
    enum { LEAST_ELEMENTS = 16384 };
    size_t count = pass->batch * tensor->elements;
    if (!tensor->rounded) return;
    if (pass->training) widen_range(tensor, count);
    rounding at = rounding_of(tensor);
    if (at.step > 0) mg_parallel_for(pass->trainer->pool, count, LEAST_ELEMENTS, round_range, &at);
}

void mg_train_stop_gradient(const mg_train_pass *pass, const mg_train_tensor *tensor)
{
    enum { LEAST_ELEMENTS = 16384 };
    if (!tensor->rounded || tensor->gradient == NULL) return;
    rounding at = rounding_of(tensor);
    at.gradient = tensor->gradient;
    if (at.step > 0)
        mg_parallel_for(pass->trainer->pool, pass->batch * tensor->elements, LEAST_ELEMENTS,
                        stop_range, &at);
}
