/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Convolutions as products of matrices, in blocks of positions: a block's windows become rows of
 * `depth` = taps * channels floats ("columns" of the picture, as they are called).
 *
 *   y = cols W + b        dW' = dy' cols        dcols = dy W', added back to dx
 *
 * A window of one tap and stride needs no rows: they are the input. For what is learned, samples
 * are shared out into parts, each with a sum dW' of its own.
 */
#include "train/train_window.h"

typedef struct convolution_plan {
    mg_train_window window;
    size_t depth; /* of the kernel: taps * channels */
    size_t filters;
    size_t block; /* positions */
    bool direct;
} convolution_plan;

typedef struct convolution_work {
    const mg_train_pass *pass;
    mg_train_node *node;
    const convolution_plan *plan;
    size_t parts;
    const float *x, *dy, *kernel, *bias;
    float *y, *dx, *sums;
} convolution_work;

/* ---- Rows of windows ---- */

/* One tap row: what of it lies outside the input is 0. */
static void copy_taps(const mg_train_window *at, const float *line, int32_t start, float *to)
{
    size_t channels = (size_t)at->channels;
    int32_t first, end;
    mg_train_taps(0, 1, -start, at->dilation_x, at->kernel_width, at->width, &first, &end);
    if (first > 0) memset(to, 0, (size_t)first * channels * sizeof(float));
    if (at->dilation_x == 1 && end > first)
        memcpy(to + (size_t)first * channels, line + (size_t)(start + first) * channels,
               (size_t)(end - first) * channels * sizeof(float));
    else
        for (int32_t k = first; k < end; ++k)
            memcpy(to + (size_t)k * channels,
                   line + (size_t)(start + k * at->dilation_x) * channels,
                   channels * sizeof(float));
    if (end < at->kernel_width)
        memset(to + (size_t)end * channels, 0,
               (size_t)(at->kernel_width - end) * channels * sizeof(float));
}

/* Positions [first, first + count) of the batch. */
static void gather(const convolution_plan *plan, const float *x, size_t first, size_t count,
                   float *rows)
{
    const mg_train_window *at = &plan->window;
    size_t positions = mg_train_positions(at), line = (size_t)at->width * (size_t)at->channels;
    size_t run = (size_t)at->kernel_width * (size_t)at->channels;
    for (size_t i = 0; i < count; ++i, rows += plan->depth) {
        size_t sample = (first + i) / positions, place = (first + i) % positions;
        int32_t top = (int32_t)(place / (size_t)at->out_width) * at->stride_y - at->top;
        int32_t left = (int32_t)(place % (size_t)at->out_width) * at->stride_x - at->left;
        const float *picture = x + sample * (size_t)at->height * line;
        for (int32_t k = 0; k < at->kernel_height; ++k) {
            int32_t y = top + k * at->dilation_y;
            if (y >= 0 && y < at->height)
                copy_taps(at, picture + (size_t)y * line, left, rows + (size_t)k * run);
            else
                memset(rows + (size_t)k * run, 0, run * sizeof(float));
        }
    }
}

static void add_back(const convolution_plan *plan, const float *rows, size_t first, size_t count,
                     float *dx)
{
    const mg_train_window *at = &plan->window;
    size_t positions = mg_train_positions(at), channels = (size_t)at->channels;
    size_t line = (size_t)at->width * channels, run = (size_t)at->kernel_width * channels;
    for (size_t i = 0; i < count; ++i, rows += plan->depth) {
        size_t sample = (first + i) / positions, place = (first + i) % positions;
        int32_t top = (int32_t)(place / (size_t)at->out_width) * at->stride_y - at->top;
        int32_t left = (int32_t)(place % (size_t)at->out_width) * at->stride_x - at->left;
        int32_t begin, end;
        float *picture = dx + sample * (size_t)at->height * line;
        mg_train_taps(0, 1, -left, at->dilation_x, at->kernel_width, at->width, &begin, &end);
        for (int32_t k = 0; k < at->kernel_height; ++k) {
            int32_t y = top + k * at->dilation_y;
            if (y < 0 || y >= at->height) continue;
            for (int32_t j = begin; j < end; ++j) {
                float *to =
                    picture + (size_t)y * line + (size_t)(left + j * at->dilation_x) * channels;
                const float *from = rows + (size_t)k * run + (size_t)j * channels;
                for (size_t c = 0; c < channels; ++c) to[c] += from[c];
            }
        }
    }
}

/* ---- Forward ---- */

/* The scratch of a worker: rows of a block, a sum dW', then the product's. */
static float *product_scratch(const convolution_work *at, float *scratch)
{
    return scratch + mg_train_line(at->plan->block * at->plan->depth) +
           mg_train_line(at->plan->depth * at->plan->filters);
}

static void forward_blocks(void *argument, size_t begin, size_t end, int worker)
{
    const convolution_work *at = argument;
    const convolution_plan *plan = at->plan;
    size_t all = at->pass->batch * mg_train_positions(&plan->window);
    float *scratch = mg_train_worker_scratch(at->pass, at->node, worker);
    for (size_t b = begin; b < end; ++b) {
        size_t first = b * plan->block;
        size_t count = all - first < plan->block ? all - first : plan->block;
        if (!plan->direct) gather(plan, at->x, first, count, scratch);
        const mg_train_product product = {
            .rows = count,
            .columns = plan->filters,
            .depth = plan->depth,
            .left = {plan->direct ? at->x + first * plan->depth : scratch, plan->depth, 1},
            .right = {at->kernel, 1, plan->filters},
            .bias = at->bias,
            .out = at->y + first * plan->filters,
            .out_stride = plan->filters};
        mg_train_multiply_alone(at->pass, &product, product_scratch(at, scratch));
    }
}

static void convolution_forward(const mg_train_pass *pass, mg_train_node *node)
{
    const convolution_plan *plan = node->plan;
    const mg_train_weight *bias = mg_train_weight_of(pass, node, 1);
    convolution_work at = {.pass = pass,
                           .node = node,
                           .plan = plan,
                           .x = mg_train_input(pass, node, 0)->values,
                           .kernel = mg_train_weight_of(pass, node, 0)->values,
                           .bias = bias != NULL ? bias->values : NULL,
                           .y = mg_train_output(pass, node)->values};
    size_t all = pass->batch * mg_train_positions(&plan->window);
    mg_parallel_for(pass->trainer->pool, (all + plan->block - 1) / plan->block, 1, forward_blocks,
                    &at);
}

/* ---- Backward ---- */

static void learn_block(const convolution_work *at, size_t first, size_t count, float *scratch,
                        float *sum)
{
    const convolution_plan *plan = at->plan;
    const float *dy = at->dy + first * plan->filters;
    size_t weights = plan->depth * plan->filters;
    float *added = scratch + mg_train_line(plan->block * plan->depth);
    if (!plan->direct) gather(plan, at->x, first, count, scratch);
    const mg_train_product product = {
        .rows = plan->filters,
        .columns = plan->depth,
        .depth = count,
        .left = {dy, 1, plan->filters},
        .right = {plan->direct ? at->x + first * plan->depth : scratch, 1, plan->depth},
        .out = added,
        .out_stride = plan->depth};
    mg_train_multiply_alone(at->pass, &product, product_scratch(at, scratch));
    for (size_t i = 0; i < weights; ++i) sum[i] += added[i];
}

static void return_block(const convolution_work *at, size_t first, size_t count, float *scratch)
{
    const convolution_plan *plan = at->plan;
    const mg_train_product product = {.rows = count,
                                      .columns = plan->depth,
                                      .depth = plan->filters,
                                      .left = {at->dy + first * plan->filters, plan->filters, 1},
                                      .right = {at->kernel, plan->filters, 1},
                                      .out = plan->direct ? at->dx + first * plan->depth : scratch,
                                      .out_stride = plan->depth};
    mg_train_multiply_alone(at->pass, &product, product_scratch(at, scratch));
    if (!plan->direct) add_back(plan, scratch, first, count, at->dx);
}

static void backward_parts(void *argument, size_t begin, size_t end, int worker)
{
    const convolution_work *at = argument;
    const convolution_plan *plan = at->plan;
    size_t positions = mg_train_positions(&plan->window), weights = plan->depth * plan->filters;
    size_t sample =
        (size_t)plan->window.height * (size_t)plan->window.width * (size_t)plan->window.channels;
    float *scratch = mg_train_worker_scratch(at->pass, at->node, worker);
    for (size_t part = begin; part < end; ++part) {
        size_t first, last;
        mg_train_part(at->pass->batch, part, at->parts, &first, &last);
        float *sum = at->sums != NULL ? at->sums + part * weights : NULL;
        if (sum != NULL) memset(sum, 0, weights * sizeof(float));
        if (at->dx != NULL && !plan->direct)
            memset(at->dx + first * sample, 0, (last - first) * sample * sizeof(float));
        for (size_t p = first * positions; p < last * positions; p += plan->block) {
            size_t rest = last * positions - p;
            size_t count = rest < plan->block ? rest : plan->block;
            if (sum != NULL) learn_block(at, p, count, scratch, sum);
            if (at->dx != NULL) return_block(at, p, count, scratch);
        }
    }
}

static void convolution_backward(const mg_train_pass *pass, mg_train_node *node)
{
    const convolution_plan *plan = node->plan;
    const mg_train_tensor *y = mg_train_output(pass, node);
    mg_train_weight *kernel = mg_train_weight_of(pass, node, 0);
    mg_train_weight *bias = mg_train_weight_of(pass, node, 1);
    size_t positions = pass->batch * mg_train_positions(&plan->window);
    float *turned = pass->trainer->scratch;
    convolution_work at = {.pass = pass,
                           .node = node,
                           .plan = plan,
                           .parts = mg_train_parts(pass->batch),
                           .x = mg_train_input(pass, node, 0)->values,
                           .dy = y->gradient,
                           .kernel = kernel->values,
                           .dx = mg_train_input(pass, node, 0)->gradient,
                           .sums = kernel->trained ? turned + kernel->elements : NULL};
    mg_parallel_for(pass->trainer->pool, at.parts, 1, backward_parts, &at);
    if (kernel->trained) {
        mg_train_add_parts(pass, at.sums, at.parts, kernel->elements, turned);
        mg_train_turn(turned, plan->depth, plan->filters, plan->depth, kernel->gradient);
    }
    if (bias != NULL && bias->trained)
        mg_train_sum_rows(pass, y->gradient, positions, plan->filters, bias->gradient);
}

static void convolution_needs(const midge_trainer *trainer, const mg_train_node *node, size_t batch,
                              mg_train_needs *needs)
{
    const convolution_plan *plan = node->plan;
    uint64_t weights = (uint64_t)plan->depth * plan->filters;
    uint64_t depth = plan->depth > plan->filters ? plan->depth : plan->filters;
    if (plan->block > depth) depth = plan->block;
    needs->shared = weights * (1 + mg_train_parts(batch));
    needs->per_worker = plan->block * (uint64_t)plan->depth + weights +
                        trainer->kernels.gemm_f32->panel_columns * (depth + 1) +
                        (uint64_t)plan->filters * plan->block + 4 * 16;
}

static const mg_train_operation convolution_operation = {
    "convolution", convolution_forward, convolution_backward, convolution_needs, false};

/* ---- Layers ---- */

/* Rows of a block fit into the second level of the cache. */
static size_t choose_block(size_t depth)
{
    enum { FLOATS = 72 * 1024, LEAST = 48, MOST = 240 };
    size_t block = FLOATS / depth;
    return block < LEAST ? LEAST : block > MOST ? MOST : block;
}

midge_status mg_train_add_convolution(midge_trainer *trainer, const mg_keras_layer *layer,
                                      const mg_keras_call *call, const mg_train_window *window,
                                      int32_t filters, int32_t kernel, int32_t bias,
                                      int32_t *output)
{
    void *memory = NULL;
    mg_train_node *node;
    int32_t shape[MIDGE_MAX_RANK], rank;
    TRY(mg_train_plan(trainer, sizeof(convolution_plan), &memory));
    convolution_plan *plan = memory;
    size_t taps = (size_t)window->kernel_height * (size_t)window->kernel_width;
    *plan = (convolution_plan){
        .window = *window, .depth = taps * (size_t)window->channels, .filters = (size_t)filters};
    plan->block = choose_block(plan->depth);
    plan->direct = taps == 1 && window->stride_x == 1 && window->stride_y == 1;
    rank = mg_train_window_shape(trainer, call, window, filters, shape);
    TRY(mg_train_add_node(trainer, layer, &convolution_operation, 1, call->inputs, rank, shape,
                          output, &node));
    node->weights[0] = kernel;
    node->weights[1] = bias;
    node->plan = plan;
    return MIDGE_OK;
}

midge_status mg_train_build_convolution(midge_trainer *trainer, const mg_keras_layer *layer,
                                        mg_keras_call *call)
{
    mg_train_window window;
    int32_t filters, kernel, bias;
    TRY(mg_train_read_window(trainer, layer, call, "kernel_size", &window));
    TRY(mg_train_count(trainer, layer, "filters", &filters));
    if (mg_json_int(layer->config, "groups", 1) != 1)
        return mg_keras_refuse(&trainer->keras, layer, "groups other than 1");
    mg_train_weight_form form = {
        "kernel",
        "kernel_initializer",
        "glorot_uniform",
        "kernel_regularizer",
        false,
        4,
        {window.kernel_height, window.kernel_width, window.channels, filters}};
    if (mg_train_tensor_at(trainer, call->inputs[0])->rank == 2) {
        form.rank = 3;
        memmove(form.shape, form.shape + 1, 3 * sizeof form.shape[0]);
    }
    TRY(mg_train_add_weight(trainer, layer, &form, &kernel));
    TRY(mg_train_add_weight(
        trainer, layer,
        &(mg_train_weight_form){
            "bias", "bias_initializer", "zeros", "bias_regularizer", false, 1, {filters}},
        &bias));
    TRY(mg_train_add_convolution(trainer, layer, call, &window, filters, kernel, bias,
                                 &call->outputs[0]));
    return mg_train_activate(trainer, layer, json_object_get(layer->config, "activation"),
                             call->outputs[0], &call->outputs[0]);
}
