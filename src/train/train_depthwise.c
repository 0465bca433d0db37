/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Depthwise convolutions: each channel has `multiplier` filters of its own, and results of channel
 * c are at c * multiplier. Channels lie side by side, so the inner loops run over them. Separable
 * ones are a depthwise and a pointwise node.
 */
#include "convert/keras_ranges.h"
#include "train/train_window.h"

typedef struct depthwise_plan {
    mg_train_window window;
    size_t channels;
    size_t multiplier;
} depthwise_plan;

typedef struct depthwise_work {
    const mg_train_pass *pass;
    const depthwise_plan *plan;
    size_t parts;
    const float *x, *dy, *kernel, *bias;
    float *y, *dx, *sums;
} depthwise_work;

/* What is done at one tap, for all channels. */
typedef void tap_function(const depthwise_plan *plan, const float *x, const float *dy,
                          const float *w, float *y, float *dx, float *dw);

static void tap_forward(const depthwise_plan *plan, const float *x, const float *dy, const float *w,
                        float *y, float *dx, float *dw)
{
    (void)dy;
    (void)dx;
    (void)dw;
    if (plan->multiplier == 1) {
        for (size_t c = 0; c < plan->channels; ++c) y[c] += x[c] * w[c];
        return;
    }
    for (size_t c = 0, i = 0; c < plan->channels; ++c)
        for (size_t m = 0; m < plan->multiplier; ++m, ++i) y[i] += x[c] * w[i];
}

static void tap_backward(const depthwise_plan *plan, const float *x, const float *dy,
                         const float *w, float *y, float *dx, float *dw)
{
    (void)y;
    if (plan->multiplier == 1) {
        if (dw != NULL)
            for (size_t c = 0; c < plan->channels; ++c) dw[c] += x[c] * dy[c];
        if (dx != NULL)
            for (size_t c = 0; c < plan->channels; ++c) dx[c] += dy[c] * w[c];
        return;
    }
    for (size_t c = 0, i = 0; c < plan->channels; ++c)
        for (size_t m = 0; m < plan->multiplier; ++m, ++i) {
            if (dw != NULL) dw[i] += x[c] * dy[i];
            if (dx != NULL) dx[c] += dy[i] * w[i];
        }
}

static float *at_or_null(float *base, size_t offset)
{
    return base != NULL ? base + offset : NULL;
}

/* Each tap of each position of one sample. */
static void each_tap(const depthwise_work *at, size_t sample, float *dw, tap_function *tap)
{
    const mg_train_window *window = &at->plan->window;
    size_t channels = at->plan->channels, out = channels * at->plan->multiplier;
    size_t base = sample * (size_t)window->height * (size_t)window->width * channels;
    size_t place = sample * mg_train_positions(window) * out;
    for (int32_t oy = 0; oy < window->out_height; ++oy)
        for (int32_t ox = 0; ox < window->out_width; ++ox, place += out) {
            int32_t y0, y1, x0, x1;
            mg_train_taps(oy, window->stride_y, window->top, window->dilation_y,
                          window->kernel_height, window->height, &y0, &y1);
            mg_train_taps(ox, window->stride_x, window->left, window->dilation_x,
                          window->kernel_width, window->width, &x0, &x1);
            for (int32_t i = y0 * window->kernel_width; i < y1 * window->kernel_width; ++i) {
                int32_t ky = i / window->kernel_width, kx = i % window->kernel_width;
                if (kx < x0 || kx >= x1) continue;
                int32_t y = oy * window->stride_y - window->top + ky * window->dilation_y;
                int32_t x = ox * window->stride_x - window->left + kx * window->dilation_x;
                size_t from = base + ((size_t)y * (size_t)window->width + (size_t)x) * channels;
                tap(at->plan, at->x + from, at->dy != NULL ? at->dy + place : NULL,
                    at->kernel + (size_t)i * out, at_or_null(at->y, place),
                    at_or_null(at->dx, from), at_or_null(dw, (size_t)i * out));
            }
        }
}

static void forward_samples(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const depthwise_work *at = argument;
    size_t out = at->plan->channels * at->plan->multiplier;
    size_t positions = mg_train_positions(&at->plan->window);
    for (size_t sample = begin; sample < end; ++sample) {
        float *y = at->y + sample * positions * out;
        for (size_t p = 0; p < positions; ++p, y += out) {
            if (at->bias != NULL)
                memcpy(y, at->bias, out * sizeof(float));
            else
                memset(y, 0, out * sizeof(float));
        }
        each_tap(at, sample, NULL, tap_forward);
    }
}

static void depthwise_forward(const mg_train_pass *pass, mg_train_node *node)
{
    const mg_train_weight *bias = mg_train_weight_of(pass, node, 1);
    depthwise_work at = {.pass = pass,
                         .plan = node->plan,
                         .x = mg_train_input(pass, node, 0)->values,
                         .kernel = mg_train_weight_of(pass, node, 0)->values,
                         .bias = bias != NULL ? bias->values : NULL,
                         .y = mg_train_output(pass, node)->values};
    mg_parallel_for(pass->trainer->pool, pass->batch, 1, forward_samples, &at);
}

static void backward_parts(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const depthwise_work *at = argument;
    const mg_train_window *window = &at->plan->window;
    size_t weights = (size_t)window->kernel_height * (size_t)window->kernel_width *
                     at->plan->channels * at->plan->multiplier;
    size_t size = (size_t)window->height * (size_t)window->width * at->plan->channels;
    for (size_t part = begin; part < end; ++part) {
        size_t first, last;
        mg_train_part(at->pass->batch, part, at->parts, &first, &last);
        float *sum = at_or_null(at->sums, part * weights);
        if (sum != NULL) memset(sum, 0, weights * sizeof(float));
        if (at->dx != NULL) memset(at->dx + first * size, 0, (last - first) * size * sizeof(float));
        for (size_t sample = first; sample < last; ++sample)
            each_tap(at, sample, sum, tap_backward);
    }
}

static void depthwise_backward(const mg_train_pass *pass, mg_train_node *node)
{
    const depthwise_plan *plan = node->plan;
    const mg_train_tensor *y = mg_train_output(pass, node);
    mg_train_weight *kernel = mg_train_weight_of(pass, node, 0);
    mg_train_weight *bias = mg_train_weight_of(pass, node, 1);
    depthwise_work at = {.pass = pass,
                         .plan = plan,
                         .parts = mg_train_parts(pass->batch),
                         .x = mg_train_input(pass, node, 0)->values,
                         .dy = y->gradient,
                         .kernel = kernel->values,
                         .dx = mg_train_input(pass, node, 0)->gradient,
                         .sums = kernel->trained ? pass->trainer->scratch : NULL};
    mg_parallel_for(pass->trainer->pool, at.parts, 1, backward_parts, &at);
    if (kernel->trained)
        mg_train_add_parts(pass, at.sums, at.parts, kernel->elements, kernel->gradient);
    if (bias != NULL && bias->trained)
        mg_train_sum_rows(pass, y->gradient, pass->batch * mg_train_positions(&plan->window),
                          plan->channels * plan->multiplier, bias->gradient);
}

static void depthwise_needs(const midge_trainer *trainer, const mg_train_node *node, size_t batch,
                            mg_train_needs *needs)
{
    const mg_train_weight *kernel = mg_train_weight_at(trainer, (size_t)node->weights[0]);
    needs->shared = (uint64_t)kernel->elements * mg_train_parts(batch);
}

static const mg_train_operation depthwise_operation = {"depthwise", depthwise_forward,
                                                       depthwise_backward, depthwise_needs, false};

/* ---- Layers ---- */

/* A depthwise node with its kernel `name`; *channels is how many it gives. */
static midge_status add_depthwise(midge_trainer *trainer, const mg_keras_layer *layer,
                                  mg_keras_call *call, const char *name, bool biased,
                                  int32_t *channels)
{
    mg_train_window window;
    void *memory = NULL;
    mg_train_node *node;
    int32_t multiplier = mg_json_int(layer->config, "depth_multiplier", 1), kernel, bias = -1;
    int32_t shape[MIDGE_MAX_RANK];
    TRY(mg_train_read_window(trainer, layer, call, "kernel_size", &window));
    if (multiplier < 1 || !mg_int32_multiply(window.channels, multiplier, channels))
        return mg_keras_refuse(&trainer->keras, layer, "its depth_multiplier is no count");
    mg_train_weight_form form = {
        name,
        "depthwise_initializer",
        "glorot_uniform",
        "depthwise_regularizer",
        false,
        4,
        {window.kernel_height, window.kernel_width, window.channels, multiplier}};
    if (mg_train_tensor_at(trainer, call->inputs[0])->rank == 2) {
        form.rank = 3;
        memmove(form.shape, form.shape + 1, 3 * sizeof form.shape[0]);
    }
    TRY(mg_train_add_weight(trainer, layer, &form, &kernel));
    if (biased)
        TRY(mg_train_add_weight(
            trainer, layer,
            &(mg_train_weight_form){
                "bias", "bias_initializer", "zeros", "bias_regularizer", false, 1, {*channels}},
            &bias));
    TRY(mg_train_plan(trainer, sizeof(depthwise_plan), &memory));
    depthwise_plan *plan = memory;
    *plan = (depthwise_plan){window, (size_t)window.channels, (size_t)multiplier};
    int32_t rank = mg_train_window_shape(trainer, call, &window, *channels, shape);
    TRY(mg_train_add_node(trainer, layer, &depthwise_operation, 1, call->inputs, rank, shape,
                          &call->outputs[0], &node));
    node->weights[0] = kernel;
    node->weights[1] = bias;
    node->plan = plan;
    return MIDGE_OK;
}

midge_status mg_train_build_depthwise(midge_trainer *trainer, const mg_keras_layer *layer,
                                      mg_keras_call *call)
{
    int32_t channels = 0;
    TRY(add_depthwise(trainer, layer, call, "kernel", true, &channels));
    return mg_train_activate(trainer, layer, json_object_get(layer->config, "activation"),
                             call->outputs[0], &call->outputs[0]);
}

midge_status mg_train_build_separable(midge_trainer *trainer, const mg_keras_layer *layer,
                                      mg_keras_call *call)
{
    int32_t channels = 0, filters, kernel, bias;
    TRY(mg_train_count(trainer, layer, "filters", &filters));
    TRY(add_depthwise(trainer, layer, call, "depthwise_kernel", false, &channels));
    TRY(mg_train_note_result(trainer, layer, MG_KERAS_DEPTHWISE, call->outputs[0]));
    const mg_train_tensor middle = *mg_train_tensor_at(trainer, call->outputs[0]);
    bool plane = middle.rank == 3;
    mg_train_weight_form form = {"pointwise_kernel",
                                 "pointwise_initializer",
                                 "glorot_uniform",
                                 "pointwise_regularizer",
                                 false,
                                 plane ? 4 : 3,
                                 {1, plane ? 1 : channels, plane ? channels : filters, filters}};
    TRY(mg_train_add_weight(trainer, layer, &form, &kernel));
    TRY(mg_train_add_weight(
        trainer, layer,
        &(mg_train_weight_form){
            "bias", "bias_initializer", "zeros", "bias_regularizer", false, 1, {filters}},
        &bias));
    int32_t height = plane ? middle.shape[0] : 1, width = middle.shape[middle.rank - 2];
    const mg_train_window window = {height, width, channels, height, width, 1, 1, 1, 1, 1, 1, 0, 0};
    const mg_keras_call second = {.input_count = 1, .inputs = call->outputs};
    int32_t output;
    TRY(mg_train_add_convolution(trainer, layer, &second, &window, filters, kernel, bias, &output));
    return mg_train_activate(trainer, layer, json_object_get(layer->config, "activation"), output,
                             &call->outputs[0]);
}
