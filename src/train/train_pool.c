/* SPDX-License-Identifier: Apache-2.0 */
/* Pooling: the largest element of a window (the first of equal ones), or the mean of those inside
 * the input. Global pooling is one window over everything. */
#include "convert/keras_layer.h"
#include "train/train_window.h"

typedef struct pool_plan {
    mg_train_window window;
    bool largest;
} pool_plan;

typedef struct pool_work {
    const pool_plan *plan;
    const float *x, *dy;
    float *y, *dx;
    uint32_t *chosen; /* place of the largest in its sample */
} pool_work;

typedef struct span {
    int32_t y0, y1, x0, x1; /* of the input */
} span;

static span span_of(const mg_train_window *at, int32_t oy, int32_t ox)
{
    int32_t y = oy * at->stride_y - at->top, x = ox * at->stride_x - at->left;
    span result = {y, y + at->kernel_height, x, x + at->kernel_width};
    if (result.y0 < 0) result.y0 = 0;
    if (result.x0 < 0) result.x0 = 0;
    if (result.y1 > at->height) result.y1 = at->height;
    if (result.x1 > at->width) result.x1 = at->width;
    return result;
}

static void choose(const mg_train_window *at, const span *in, const float *x, float *y,
                   uint32_t *chosen)
{
    size_t channels = (size_t)at->channels;
    size_t first = ((size_t)in->y0 * (size_t)at->width + (size_t)in->x0) * channels;
    for (size_t c = 0; c < channels; ++c) {
        y[c] = x[first + c];
        chosen[c] = (uint32_t)(first + c);
    }
    for (int32_t iy = in->y0; iy < in->y1; ++iy)
        for (int32_t ix = in->x0; ix < in->x1; ++ix) {
            size_t from = ((size_t)iy * (size_t)at->width + (size_t)ix) * channels;
            for (size_t c = 0; c < channels; ++c) {
                bool larger = x[from + c] > y[c];
                y[c] = larger ? x[from + c] : y[c];
                chosen[c] = larger ? (uint32_t)(from + c) : chosen[c];
            }
        }
}

static void average(const mg_train_window *at, const span *in, const float *x, float *y)
{
    size_t channels = (size_t)at->channels;
    float share = 1 / (float)((in->y1 - in->y0) * (in->x1 - in->x0));
    memset(y, 0, channels * sizeof(float));
    for (int32_t iy = in->y0; iy < in->y1; ++iy)
        for (int32_t ix = in->x0; ix < in->x1; ++ix) {
            const float *from = x + ((size_t)iy * (size_t)at->width + (size_t)ix) * channels;
            for (size_t c = 0; c < channels; ++c) y[c] += from[c];
        }
    for (size_t c = 0; c < channels; ++c) y[c] *= share;
}

static void spread(const mg_train_window *at, const span *in, const float *dy, float *dx)
{
    size_t channels = (size_t)at->channels;
    float share = 1 / (float)((in->y1 - in->y0) * (in->x1 - in->x0));
    for (int32_t iy = in->y0; iy < in->y1; ++iy)
        for (int32_t ix = in->x0; ix < in->x1; ++ix) {
            float *to = dx + ((size_t)iy * (size_t)at->width + (size_t)ix) * channels;
            for (size_t c = 0; c < channels; ++c) to[c] += dy[c] * share;
        }
}

static void run_samples(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const pool_work *at = argument;
    const mg_train_window *window = &at->plan->window;
    size_t channels = (size_t)window->channels;
    size_t size = (size_t)window->height * (size_t)window->width * channels;
    size_t out = mg_train_positions(window) * channels;
    for (size_t sample = begin; sample < end; ++sample) {
        size_t place = sample * out;
        if (at->dx != NULL) memset(at->dx + sample * size, 0, size * sizeof(float));
        for (int32_t oy = 0; oy < window->out_height; ++oy)
            for (int32_t ox = 0; ox < window->out_width; ++ox, place += channels) {
                const span in = span_of(window, oy, ox);
                const float *x = at->x + sample * size;
                float *dx = at->dx != NULL ? at->dx + sample * size : NULL;
                if (dx == NULL && at->plan->largest)
                    choose(window, &in, x, at->y + place, at->chosen + place);
                else if (dx == NULL)
                    average(window, &in, x, at->y + place);
                else if (!at->plan->largest)
                    spread(window, &in, at->dy + place, dx);
                else
                    for (size_t c = 0; c < channels; ++c)
                        dx[at->chosen[place + c]] += at->dy[place + c];
            }
    }
}

static void pool_forward(const mg_train_pass *pass, mg_train_node *node)
{
    pool_work at = {.plan = node->plan,
                    .x = mg_train_input(pass, node, 0)->values,
                    .y = mg_train_output(pass, node)->values,
                    .chosen = (uint32_t *)(void *)node->saved};
    mg_parallel_for(pass->trainer->pool, pass->batch, 1, run_samples, &at);
}

static void pool_backward(const mg_train_pass *pass, mg_train_node *node)
{
    pool_work at = {.plan = node->plan,
                    .x = mg_train_input(pass, node, 0)->values,
                    .dy = mg_train_output(pass, node)->gradient,
                    .dx = mg_train_input(pass, node, 0)->gradient,
                    .chosen = (uint32_t *)(void *)node->saved};
    mg_parallel_for(pass->trainer->pool, pass->batch, 1, run_samples, &at);
}

static void pool_needs(const midge_trainer *trainer, const mg_train_node *node, size_t batch,
                       mg_train_needs *needs)
{
    const pool_plan *plan = node->plan;
    if (plan->largest)
        needs->saved = (uint64_t)batch * mg_train_tensor_at(trainer, node->output)->elements;
}

static const mg_train_operation pool_operation = {"pool", pool_forward, pool_backward, pool_needs,
                                                  false};

bool mg_train_is_largest(const mg_train_node *node)
{
    return node->operation == &pool_operation && ((const pool_plan *)node->plan)->largest;
}

static midge_status add_pool(midge_trainer *trainer, const mg_keras_layer *layer,
                             mg_keras_call *call, const mg_train_window *window, int32_t rank,
                             const int32_t *shape)
{
    void *memory = NULL;
    mg_train_node *node;
    TRY(mg_train_plan(trainer, sizeof(pool_plan), &memory));
    pool_plan *plan = memory;
    *plan = (pool_plan){*window, strstr(layer->row->name, "Max") != NULL};
    TRY(mg_train_add_node(trainer, layer, &pool_operation, 1, call->inputs, rank, shape,
                          &call->outputs[0], &node));
    node->plan = plan;
    return MIDGE_OK;
}

midge_status mg_train_build_pool(midge_trainer *trainer, const mg_keras_layer *layer,
                                 mg_keras_call *call)
{
    mg_train_window window;
    int32_t shape[MIDGE_MAX_RANK];
    TRY(mg_train_read_window(trainer, layer, call, "pool_size", &window));
    int32_t rank = mg_train_window_shape(trainer, call, &window, window.channels, shape);
    return add_pool(trainer, layer, call, &window, rank, shape);
}

midge_status mg_train_build_global_pool(midge_trainer *trainer, const mg_keras_layer *layer,
                                        mg_keras_call *call)
{
    const char *name = layer->row->name;
    bool plane = name[strlen(name) - 2] == '2';
    TRY(mg_train_check_rank(trainer, layer, call, plane ? 3 : 2));
    TRY(mg_keras_channels_last(&trainer->keras, layer));
    const mg_train_tensor *input = mg_train_tensor_at(trainer, call->inputs[0]);
    int32_t height = plane ? input->shape[0] : 1, width = input->shape[plane ? 1 : 0];
    int32_t channels = input->shape[input->rank - 1], ones[] = {1, 1, channels};
    const mg_train_window window = {height, width, channels, 1, 1, height, width, 1, 1, 1, 1, 0, 0};
    bool keep = mg_json_flag(layer->config, "keepdims", false);
    return add_pool(trainer, layer, call, &window, keep ? input->rank : 1,
                    keep ? ones + (plane ? 0 : 1) : &channels);
}
