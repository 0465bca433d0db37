/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MEAN. Sums in the type of the input (int64 for int32, int32 for 8 and 16 bits), then a division;
 * quantised means fold the division into the multiplier from input to output scale.
 *
 * A mean over height and width of images is the pooling of one window as large as the image, and
 * runs on the kernels for that.
 */
#include <math.h>

#include "kernel/ref/reduction_scale.h"
#include "op/reduce.h"
#include "op/require.h"

static midge_status require_scales(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *output = context->outputs[0];
    TRY(mg_require_quantized(context, input, "input"));
    TRY(mg_require_quantized(context, output, "output"));
    double factor = (double)mg_scale(input) / (double)mg_scale(output);
    if (!(factor < 1073741824.0))
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "input scale %g with output scale %g",
                          (double)mg_scale(input), (double)mg_scale(output));
    if (input->type == MIDGE_INT16 && (mg_zero_point(input) != 0 || mg_zero_point(output) != 0))
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "int16 has zero points %d and %d, need 0",
                          (int)mg_zero_point(input), (int)mg_zero_point(output));
    return MIDGE_OK;
}

midge_status mg_prepare_mean(midge_op_context *context)
{
    uint32_t types = MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT32, MIDGE_INT64) | MG_TYPES_QUANTIZED;
    size_t bytes = 0;
    if (context->inputs[0]->type == MIDGE_INT32) bytes = sizeof(int64_t);
    if (mg_reduce_is_narrow(context)) bytes = sizeof(int32_t);
    TRY(mg_reduce_prepare(context, types, bytes));
    return mg_reduce_is_narrow(context) ? require_scales(context) : MIDGE_OK;
}

/* True when the reduced dimensions are one run before the last ones: [kept][reduced][kept]. */
static bool is_image_mean(const mg_reduction *plan)
{
    return plan->rank == 3;
}

static mg_pool_window image_window(const mg_reduction *plan)
{
    mg_pool_window window = {0, 1, plan->sizes[1], plan->sizes[2]};
    return window;
}

typedef struct image_job {
    const midge_op_context *context;
    const mg_reduction *plan;
    void *accumulators;
} image_job;

static void mean_images(void *argument, size_t begin, size_t end, int worker)
{
    const image_job *job = argument;
    const mg_reduction *plan = job->plan;
    const mg_pool_kernel *kernel = job->context->kernels->pool;
    const midge_tensor *input = job->context->inputs[0];
    mg_pool_window window = image_window(plan);
    (void)worker;
    for (size_t i = begin; i < end; ++i) {
        size_t from = i * plan->input_strides[0], to = i * plan->output_strides[0];
        int32_t *sums = (int32_t *)job->accumulators + to;
        if (input->type == MIDGE_FLOAT32)
            kernel->average_f32((const float *)input->data + from, &window, -INFINITY, INFINITY,
                                (float *)job->accumulators + to);
        else if (input->type == MIDGE_INT8)
            kernel->sum_s8((const int8_t *)input->data + from, &window, sums);
        else
            kernel->sum_u8((const uint8_t *)input->data + from, &window, sums);
    }
}

static void run_images(midge_op_context *context, void *accumulators)
{
    image_job job = {context, context->prepared, accumulators};
    enum { WORTH_A_THREAD = 1 << 16 };
    size_t grain = WORTH_A_THREAD / (job.plan->input_strides[0] + 1) + 1;
    mg_parallel_for(context->pool, job.plan->sizes[0], grain, mean_images, &job);
}

static void run_float(midge_op_context *context)
{
    const mg_reduction *plan = context->prepared;
    float *output = context->outputs[0]->data;
    if (is_image_mean(plan)) {
        run_images(context, output);
        return;
    }
    mg_reducer reducer = {mg_sum_row_f32, sizeof(float), sizeof(float), NULL};
    mg_reduce_run(context, &reducer, output);
    mg_mean_f32(output, plan->outputs, plan->inputs_per_output);
}

static void run_integer(midge_op_context *context)
{
    const mg_reduction *plan = context->prepared;
    midge_tensor *output = context->outputs[0];
    if (output->type == MIDGE_INT32) {
        mg_reducer reducer = {mg_sum_row_s32_s64, sizeof(int32_t), sizeof(int64_t), NULL};
        mg_reduce_run(context, &reducer, context->scratch);
        mg_mean_s32(context->scratch, plan->outputs, plan->inputs_per_output, output->data);
    } else {
        mg_reducer reducer = {mg_sum_row_s64, sizeof(int64_t), sizeof(int64_t), NULL};
        mg_reduce_run(context, &reducer, output->data);
        mg_mean_s64(output->data, plan->outputs, plan->inputs_per_output, output->data);
    }
}

static void run_quantized(midge_op_context *context)
{
    const mg_reduction *plan = context->prepared;
    const midge_tensor *input = context->inputs[0];
    midge_tensor *output = context->outputs[0];
    int32_t *sums = context->scratch;
    if (is_image_mean(plan) && input->type != MIDGE_INT16) {
        run_images(context, sums);
    } else {
        mg_reducer reducer = {mg_sum_row_s8_s32, 1, sizeof(int32_t), NULL};
        if (input->type == MIDGE_UINT8) reducer.row = mg_sum_row_u8_s32;
        if (input->type == MIDGE_INT16) {
            reducer.row = mg_sum_row_s16_s32;
            reducer.input_bytes = sizeof(int16_t);
        }
        mg_reduce_run(context, &reducer, sums);
    }
    double factor = (double)mg_scale(input) / (double)mg_scale(output);
    int64_t n = (int64_t)plan->inputs_per_output;
    mg_mean_scale scale = {mg_mean_factor(mg_quantize_multiplier(factor), n),
                           n * mg_zero_point(input), mg_zero_point(output)};
    switch (input->type) {
    case MIDGE_INT8: mg_mean_sums_s8(sums, plan->outputs, &scale, output->data); break;
    case MIDGE_UINT8: mg_mean_sums_u8(sums, plan->outputs, &scale, output->data); break;
    default: mg_mean_sums_s16(sums, plan->outputs, &scale, output->data); break;
    }
}

/* The mean of nothing: NaN, and 0 where the type has none. */
static void fill_empty(midge_tensor *output)
{
    for (size_t i = 0; i < output->bytes; ++i) ((char *)output->data)[i] = 0;
    for (size_t i = 0; output->type == MIDGE_FLOAT32 && i < output->elements; ++i)
        ((float *)output->data)[i] = NAN;
}

midge_status mg_run_mean(midge_op_context *context)
{
    TRY(mg_reduce_begin(context));
    const midge_tensor *input = context->inputs[0];
    if (input->elements == 0)
        fill_empty(context->outputs[0]);
    else if (input->type == MIDGE_FLOAT32)
        run_float(context);
    else if (mg_reduce_is_narrow(context))
        run_quantized(context);
    else
        run_integer(context);
    return MIDGE_OK;
}
