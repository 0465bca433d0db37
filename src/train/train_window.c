/* SPDX-License-Identifier: Apache-2.0 */
#include "train/train_window.h"

#include "convert/keras_layer.h"

typedef struct axis {
    int32_t kernel;
    int32_t stride;
    int32_t dilation;
} axis;

static midge_status read_axes(midge_trainer *trainer, const mg_keras_layer *layer,
                              const char *size_key, int32_t count, axis *axes)
{
    int32_t sizes[2], strides[2] = {1, 1}, dilations[2] = {1, 1};
    const json_t *config = layer->config;
    bool good = mg_json_ints(config, size_key, count, sizes);
    bool pool = strcmp(size_key, "pool_size") == 0;
    if (pool) memcpy(strides, sizes, sizeof strides);
    if (!mg_json_absent(config, "strides"))
        good = good && mg_json_ints(config, "strides", count, strides);
    if (!pool && !mg_json_absent(config, "dilation_rate"))
        good = good && mg_json_ints(config, "dilation_rate", count, dilations);
    for (int32_t i = 0; good && i < count; ++i) {
        axes[i] = (axis){sizes[i], strides[i], dilations[i]};
        const int32_t most = 1 << 14;
        good = sizes[i] >= 1 && strides[i] >= 1 && dilations[i] >= 1 && sizes[i] < most &&
               strides[i] < most && dilations[i] < most;
    }
    if (good) return MIDGE_OK;
    return mg_keras_refuse(&trainer->keras, layer, "its %s, strides or dilation_rate are no sizes",
                           size_key);
}

/* How many places the window has along one axis, and the padding before the first. */
static int32_t place(const axis *at, const char *padding, int32_t size, int32_t *before)
{
    int32_t reach = (at->kernel - 1) * at->dilation + 1;
    *before = 0;
    if (strcmp(padding, "valid") == 0) return size < reach ? 0 : (size - reach) / at->stride + 1;
    int32_t count = (size + at->stride - 1) / at->stride;
    int32_t all = (count - 1) * at->stride + reach - size;
    *before = all > 0 ? all / 2 : 0;
    if (strcmp(padding, "causal") == 0) *before = reach - 1;
    return count;
}

midge_status mg_train_read_window(midge_trainer *trainer, const mg_keras_layer *layer,
                                  const mg_keras_call *call, const char *size_key,
                                  mg_train_window *window)
{
    const char *class_name = layer->row->name, *padding;
    size_t length = strlen(class_name);
    int32_t planes = class_name[length - 2] == '1' ? 1 : 2;
    axis axes[2] = {{1, 1, 1}, {1, 1, 1}};
    TRY(mg_train_check_rank(trainer, layer, call, planes + 1));
    TRY(mg_keras_channels_last(&trainer->keras, layer));
    TRY(read_axes(trainer, layer, size_key, planes, planes == 1 ? axes + 1 : axes));
    padding = mg_json_text(layer->config, "padding", "valid");
    if (strcmp(padding, "valid") != 0 && strcmp(padding, "same") != 0 &&
        !(planes == 1 && strcmp(padding, "causal") == 0))
        return mg_keras_refuse(&trainer->keras, layer, "its padding is neither valid nor same");
    const mg_train_tensor *input = mg_train_tensor_at(trainer, call->inputs[0]);
    *window = (mg_train_window){.height = planes == 1 ? 1 : input->shape[0],
                                .width = input->shape[planes - 1],
                                .channels = input->shape[planes],
                                .kernel_height = axes[0].kernel,
                                .kernel_width = axes[1].kernel,
                                .stride_y = axes[0].stride,
                                .stride_x = axes[1].stride,
                                .dilation_y = axes[0].dilation,
                                .dilation_x = axes[1].dilation};
    window->out_height =
        place(&axes[0], planes == 1 ? "valid" : padding, window->height, &window->top);
    window->out_width = place(&axes[1], padding, window->width, &window->left);
    if (window->out_height >= 1 && window->out_width >= 1) return MIDGE_OK;
    return mg_keras_refuse(&trainer->keras, layer, "its window is larger than its input, %d x %d",
                           (int)window->height, (int)window->width);
}

int32_t mg_train_window_shape(const midge_trainer *trainer, const mg_keras_call *call,
                              const mg_train_window *window, int32_t channels, int32_t *shape)
{
    int32_t rank = mg_train_tensor_at(trainer, call->inputs[0])->rank;
    if (rank == 3) shape[0] = window->out_height;
    shape[rank - 2] = window->out_width;
    shape[rank - 1] = channels;
    return rank;
}

typedef struct part_work {
    const float *from;
    size_t parts;
    size_t count;
    float *to;
} part_work;

static void add_range(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const part_work *at = argument;
    memcpy(at->to + begin, at->from + begin, (end - begin) * sizeof(float));
    for (size_t part = 1; part < at->parts; ++part)
        for (size_t i = begin; i < end; ++i) at->to[i] += at->from[part * at->count + i];
}

void mg_train_add_parts(const mg_train_pass *pass, const float *from, size_t parts, size_t count,
                        float *to)
{
    enum { LEAST_ELEMENTS = 4096 };
    part_work at = {from, parts, count, to};
    mg_parallel_for(pass->trainer->pool, count, LEAST_ELEMENTS, add_range, &at);
}
