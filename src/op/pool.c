/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AVERAGE_POOL_2D, MAX_POOL_2D, L2_POOL_2D over images [batch, height, width, channel].
 *
 * Padding is left out of maxima, sums and counts. Quantised results keep the input's scale and
 * zero point, whatever the output tensor claims, as TensorFlow Lite has it.
 */
#include "kernel/ref/pooling.h"
#include "op/activation.h"
#include "op/require.h"
#include "op/shape.h"

typedef struct pooling {
    mg_window height;
    mg_window width;
    size_t channels;
    float least_f32, most_f32;
    int32_t least, most;
} pooling;

struct pool_job;

/* Reduces the window that begins at `input` to one pixel. `sums` has room for all channels. */
typedef void (*pixel_function)(const struct pool_job *job, size_t input,
                               const mg_pool_window *window, size_t output, int32_t *sums);

typedef struct pool_job {
    const pooling *pooling;
    const void *input;
    void *output;
    int32_t *sums; /* `channels` for each worker */
    pixel_function pixel;
    const mg_pool_kernel *kernel;
} pool_job;

static midge_status prepare_pooling(midge_op_context *context, uint32_t types)
{
    const mg_Pool2DOptions *options = MG_OPTIONS(context, Pool2DOptions);
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *output = context->outputs[0];
    TRY(mg_require_type(context, input, "input", types));
    TRY(mg_require_same_type(context, input, "input", output, "output"));
    TRY(mg_require_rank(context, input, "input", 4, 4));

    void *memory;
    TRY(mg_prepared(context, sizeof(pooling), &memory));
    pooling *plan = memory;
    plan->height = (mg_window){input->shape[1], options->filter_height, options->stride_h, 1, 0, 0};
    plan->width = (mg_window){input->shape[2], options->filter_width, options->stride_w, 1, 0, 0};
    plan->channels = (size_t)input->shape[3];
    TRY(mg_window_fill(context, "height", options->padding, &plan->height));
    TRY(mg_window_fill(context, "width", options->padding, &plan->width));

    int activation = options->fused_activation_function;
    mg_name_kernel(context, context->kernels->pool);
    if (input->type == MIDGE_FLOAT32) {
        TRY(mg_activation_range_f32(context, activation, &plan->least_f32, &plan->most_f32));
    } else {
        if (activation != MG_ACTIVATION_NONE) TRY(mg_require_quantized(context, output, "output"));
        TRY(mg_activation_range_quantized(context, activation, output, &plan->least, &plan->most));
        size_t bytes;
        size_t workers = (size_t)mg_worker_count(context);
        if (!mg_size_multiply(workers * sizeof(int32_t), plan->channels, &bytes))
            return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "%zu channels are too many",
                              plan->channels);
        TRY(mg_request_scratch(context, bytes));
    }
    int32_t shape[4] = {input->shape[0], plan->height.output, plan->width.output, input->shape[3]};
    return mg_set_output_shape(context, 0, 4, shape);
}

/* The part of window `index` inside the image: its first element and the number of elements. */
static void clip(const mg_window *window, size_t index, size_t *first, size_t *count)
{
    int64_t begin = (int64_t)index * window->stride - window->padding;
    int64_t end = begin + window->filter;
    if (begin < 0) begin = 0;
    if (end > window->input) end = window->input;
    *first = (size_t)begin;
    *count = (size_t)(end - begin);
}

/* Indices are rows of the output, those of all images one after the other. */
static void pool_rows(void *argument, size_t begin, size_t end, int worker)
{
    const pool_job *job = argument;
    const pooling *plan = job->pooling;
    size_t height = (size_t)plan->height.input, width = (size_t)plan->width.input;
    size_t output_width = (size_t)plan->width.output;
    int32_t *sums = job->sums == NULL ? NULL : job->sums + (size_t)worker * plan->channels;
    mg_pool_window window = {width * plan->channels, 0, 0, plan->channels};
    for (size_t row = begin; row < end; ++row) {
        size_t image = row / (size_t)plan->height.output;
        size_t y, x;
        clip(&plan->height, row % (size_t)plan->height.output, &y, &window.rows);
        for (size_t column = 0; column < output_width; ++column) {
            clip(&plan->width, column, &x, &window.columns);
            size_t first = ((image * height + y) * width + x) * plan->channels;
            size_t output = (row * output_width + column) * plan->channels;
            job->pixel(job, first, &window, output, sums);
        }
    }
}

static midge_status run_pooling(midge_op_context *context, pixel_function pixel)
{
    const pooling *plan = context->prepared;
    pool_job job = {plan,  context->inputs[0]->data, context->outputs[0]->data, context->scratch,
                    pixel, context->kernels->pool};
    size_t rows = (size_t)context->inputs[0]->shape[0] * (size_t)plan->height.output;
    size_t row_work =
        (size_t)plan->width.output * plan->channels *
        (size_t)(plan->height.filter < plan->height.input ? plan->height.filter
                                                          : plan->height.input) *
        (size_t)(plan->width.filter < plan->width.input ? plan->width.filter : plan->width.input);
    enum { WORTH_A_THREAD = 1 << 16 };
    mg_parallel_for(context->pool, rows, WORTH_A_THREAD / (row_work + 1) + 1, pool_rows, &job);
    return MIDGE_OK;
}

/* Pixels of floats and of maxima: type, kernel, and the bounds that it takes. */
#define PIXEL(name, kernel, type, low, high)                                                    \
    static void name(const pool_job *job, size_t input, const mg_pool_window *window,           \
                     size_t output, int32_t *sums)                                              \
    {                                                                                           \
        (void)sums;                                                                             \
        kernel((const type *)job->input + input, window, job->pooling->low, job->pooling->high, \
               (type *)job->output + output);                                                   \
    }

PIXEL(average_f32, job->kernel->average_f32, float, least_f32, most_f32)
PIXEL(l2_f32, mg_l2_window_f32, float, least_f32, most_f32)
PIXEL(max_f32, job->kernel->max_f32, float, least_f32, most_f32)
PIXEL(max_s8, job->kernel->max_s8, int8_t, least, most)
PIXEL(max_u8, job->kernel->max_u8, uint8_t, least, most)
PIXEL(max_s16, mg_max_window_s16, int16_t, least, most)

#define AVERAGE_PIXEL(suffix, type, sum)                                                          \
    static void average_##suffix(const pool_job *job, size_t input, const mg_pool_window *window, \
                                 size_t output, int32_t *sums)                                    \
    {                                                                                             \
        sum((const type *)job->input + input, window, sums);                                      \
        mg_average_sums_##suffix(sums, window->channels,                                          \
                                 (int32_t)(window->rows * window->columns), job->pooling->least,  \
                                 job->pooling->most, (type *)job->output + output);               \
    }

AVERAGE_PIXEL(s8, int8_t, job->kernel->sum_s8)
AVERAGE_PIXEL(u8, uint8_t, job->kernel->sum_u8)
AVERAGE_PIXEL(s16, int16_t, mg_sum_window_s16)

midge_status mg_prepare_average_pool_2d(midge_op_context *context)
{
    return prepare_pooling(context, MG_TYPES(MIDGE_FLOAT32) | MG_TYPES_QUANTIZED);
}

midge_status mg_run_average_pool_2d(midge_op_context *context)
{
    switch (context->inputs[0]->type) {
    case MIDGE_FLOAT32: return run_pooling(context, average_f32);
    case MIDGE_INT8: return run_pooling(context, average_s8);
    case MIDGE_UINT8: return run_pooling(context, average_u8);
    default: return run_pooling(context, average_s16);
    }
}

midge_status mg_prepare_max_pool_2d(midge_op_context *context)
{
    return prepare_pooling(context, MG_TYPES(MIDGE_FLOAT32) | MG_TYPES_QUANTIZED);
}

midge_status mg_run_max_pool_2d(midge_op_context *context)
{
    switch (context->inputs[0]->type) {
    case MIDGE_FLOAT32: return run_pooling(context, max_f32);
    case MIDGE_INT8: return run_pooling(context, max_s8);
    case MIDGE_UINT8: return run_pooling(context, max_u8);
    default: return run_pooling(context, max_s16);
    }
}

midge_status mg_prepare_l2_pool_2d(midge_op_context *context)
{
    return prepare_pooling(context, MG_TYPES(MIDGE_FLOAT32));
}

midge_status mg_run_l2_pool_2d(midge_op_context *context)
{
    return run_pooling(context, l2_f32);
}
