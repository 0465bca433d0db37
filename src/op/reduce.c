/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MEAN, SUM, REDUCE_PROD, REDUCE_MAX, REDUCE_MIN, REDUCE_ANY, REDUCE_ALL: inputs and axes in, the
 * axes gone or, with keep_dims, of size 1. Axes known only at run time make the output dynamic.
 *
 * Sums of 8- and 16-bit values run in 32 bits and are rescaled at the end (reduce_quantized.c).
 */
#include "op/reduce.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "op/require.h"
#include "op/shape.h"

enum { AXES_MOST = 64 };

/* Plan and output shape from the axes, whose data is there. */
static midge_status find_shape(midge_op_context *context, mg_reduction *plan, int32_t *rank,
                               int32_t shape[MIDGE_MAX_RANK])
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *axes = context->inputs[1];
    bool reduced[MIDGE_MAX_RANK] = {false};
    if (axes->elements > AXES_MOST)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%zu axes, need at most %d", axes->elements,
                          AXES_MOST);
    for (size_t i = 0; i < axes->elements && input->rank > 0; ++i) {
        int32_t axis;
        TRY(mg_resolve_axis(context, mg_index_at(axes, i), input->rank, &axis));
        reduced[axis] = true;
    }
    bool keep = MG_OPTIONS(context, ReducerOptions)->keep_dims;
    *rank = 0;
    for (int32_t i = 0; i < input->rank; ++i) {
        if (!reduced[i]) shape[(*rank)++] = input->shape[i];
        if (reduced[i] && keep) shape[(*rank)++] = 1;
    }
    mg_reduction_plan(plan, (size_t)input->rank, input->shape, reduced);
    return MIDGE_OK;
}

midge_status mg_reduce_prepare(midge_op_context *context, uint32_t types, size_t accumulator_bytes)
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *axes = context->inputs[1];
    TRY(mg_require_type(context, input, "input", types));
    TRY(mg_require_same_type(context, input, "input", context->outputs[0], "output"));
    TRY(mg_require_type(context, axes, "axes", MG_TYPES_2(MIDGE_INT32, MIDGE_INT64)));

    void *memory;
    TRY(mg_prepared(context, sizeof(mg_reduction), &memory));
    mg_reduction *plan = memory;
    size_t outputs = input->elements;
    if (axes->known) {
        int32_t rank, shape[MIDGE_MAX_RANK];
        TRY(find_shape(context, plan, &rank, shape));
        TRY(mg_set_output_shape(context, 0, rank, shape));
        outputs = plan->outputs;
    } else {
        TRY(mg_set_output_dynamic(context, 0));
    }
    size_t bytes;
    if (!mg_size_multiply(outputs, accumulator_bytes, &bytes))
        return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "%zu sums are too many", outputs);
    return bytes == 0 ? MIDGE_OK : mg_request_scratch(context, bytes);
}

midge_status mg_reduce_begin(midge_op_context *context)
{
    if (context->inputs[1]->known) return MIDGE_OK;
    int32_t rank, shape[MIDGE_MAX_RANK];
    TRY(find_shape(context, context->prepared, &rank, shape));
    return mg_resize_output(context, 0, rank, shape);
}

typedef struct reduce_job {
    const mg_reduction *plan;
    const mg_reducer *reducer;
    const void *input;
    void *accumulators;
} reduce_job;

static void reduce_range(void *argument, size_t begin, size_t end, int worker)
{
    const reduce_job *job = argument;
    (void)worker;
    mg_reduce(job->plan, job->reducer, job->input, job->accumulators, begin, end);
}

void mg_reduce_run(midge_op_context *context, const mg_reducer *reducer, void *accumulators)
{
    const mg_reduction *plan = context->prepared;
    reduce_job job = {plan, reducer, context->inputs[0]->data, accumulators};
    enum { WORTH_A_THREAD = 1 << 16 };
    size_t grain = WORTH_A_THREAD / (plan->input_strides[0] + 1) + 1;
    mg_parallel_for(context->pool, plan->sizes[0], grain, reduce_range, &job);
}

/* ---- Sums, products, maxima and minima in the type of the input ---- */

/* What the reduction of no elements gives. */
typedef struct empty_value {
    float f32;
    int64_t integer;
} empty_value;

static void fill(midge_tensor *output, empty_value value)
{
    size_t size = output->elements == 0 ? 0 : output->bytes / output->elements;
    for (size_t i = 0; i < output->elements; ++i) {
        char *element = (char *)output->data + i * size;
        if (output->type == MIDGE_FLOAT32)
            memcpy(element, &value.f32, size);
        else /* little-endian: the low bytes come first */
            memcpy(element, &value.integer, size);
    }
}

static midge_status run_plain(midge_op_context *context, mg_reduce_row *row, empty_value empty)
{
    TRY(mg_reduce_begin(context));
    const midge_tensor *input = context->inputs[0];
    midge_tensor *output = context->outputs[0];
    if (input->elements == 0) {
        fill(output, empty);
        return MIDGE_OK;
    }
    size_t size = input->bytes / input->elements;
    mg_reducer reducer = {row, size, size, NULL};
    mg_reduce_run(context, &reducer, output->data);
    return MIDGE_OK;
}

midge_status mg_prepare_sum(midge_op_context *context)
{
    uint32_t plain = MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT32, MIDGE_INT64) | MG_TYPES(MIDGE_BOOL);
    if (mg_reduce_is_narrow(context)) return mg_reduce_prepare_sum_quantized(context);
    return mg_reduce_prepare(context, plain, 0);
}

midge_status mg_run_sum(midge_op_context *context)
{
    const empty_value zero = {0.0f, 0};
    switch (context->inputs[0]->type) {
    case MIDGE_FLOAT32: return run_plain(context, mg_sum_row_f32, zero);
    case MIDGE_INT32: return run_plain(context, mg_sum_row_s32, zero);
    case MIDGE_INT64: return run_plain(context, mg_sum_row_s64, zero);
    case MIDGE_BOOL: return run_plain(context, mg_maximum_row_u8, zero);
    default: return mg_reduce_run_sum_quantized(context);
    }
}

midge_status mg_prepare_reduce_prod(midge_op_context *context)
{
    uint32_t types = MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT32, MIDGE_INT64) | MG_TYPES_QUANTIZED |
                     MG_TYPES(MIDGE_BOOL);
    if (mg_is_quantized(context->inputs[0])) return mg_reduce_prepare_product_quantized(context);
    return mg_reduce_prepare(context, types, 0);
}

midge_status mg_run_reduce_prod(midge_op_context *context)
{
    const empty_value one = {1.0f, 1};
    if (mg_is_quantized(context->inputs[0])) return mg_reduce_run_product_quantized(context);
    switch (context->inputs[0]->type) {
    case MIDGE_FLOAT32: return run_plain(context, mg_product_row_f32, one);
    case MIDGE_INT32: return run_plain(context, mg_product_row_s32, one);
    case MIDGE_INT64: return run_plain(context, mg_product_row_s64, one);
    case MIDGE_INT8: return run_plain(context, mg_product_row_s8, one);
    case MIDGE_INT16: return run_plain(context, mg_product_row_s16, one);
    case MIDGE_BOOL: return run_plain(context, mg_minimum_row_u8, one);
    default: return run_plain(context, mg_product_row_u8, one);
    }
}

static midge_status prepare_ordered(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    uint32_t types = MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT32, MIDGE_INT64) | MG_TYPES_QUANTIZED |
                     MG_TYPES(MIDGE_BOOL);
    TRY(mg_reduce_prepare(context, types, 0));
    if (!mg_is_quantized(input)) return MIDGE_OK;
    return mg_require_same_quantization(context, input, "input", context->outputs[0], "output");
}

midge_status mg_prepare_reduce_max(midge_op_context *context)
{
    return prepare_ordered(context);
}

midge_status mg_run_reduce_max(midge_op_context *context)
{
    switch (context->inputs[0]->type) {
    case MIDGE_FLOAT32: return run_plain(context, mg_maximum_row_f32, (empty_value){-FLT_MAX, 0});
    case MIDGE_INT32: return run_plain(context, mg_maximum_row_s32, (empty_value){0.0f, INT32_MIN});
    case MIDGE_INT64: return run_plain(context, mg_maximum_row_s64, (empty_value){0.0f, INT64_MIN});
    case MIDGE_INT8: return run_plain(context, mg_maximum_row_s8, (empty_value){0.0f, INT8_MIN});
    case MIDGE_INT16: return run_plain(context, mg_maximum_row_s16, (empty_value){0.0f, INT16_MIN});
    default: return run_plain(context, mg_maximum_row_u8, (empty_value){0.0f, 0});
    }
}

midge_status mg_prepare_reduce_min(midge_op_context *context)
{
    return prepare_ordered(context);
}

midge_status mg_run_reduce_min(midge_op_context *context)
{
    bool is_bool = context->inputs[0]->type == MIDGE_BOOL;
    switch (context->inputs[0]->type) {
    case MIDGE_FLOAT32: return run_plain(context, mg_minimum_row_f32, (empty_value){FLT_MAX, 0});
    case MIDGE_INT32: return run_plain(context, mg_minimum_row_s32, (empty_value){0.0f, INT32_MAX});
    case MIDGE_INT64: return run_plain(context, mg_minimum_row_s64, (empty_value){0.0f, INT64_MAX});
    case MIDGE_INT8: return run_plain(context, mg_minimum_row_s8, (empty_value){0.0f, INT8_MAX});
    case MIDGE_INT16: return run_plain(context, mg_minimum_row_s16, (empty_value){0.0f, INT16_MAX});
    default:
        return run_plain(context, mg_minimum_row_u8, (empty_value){0.0f, is_bool ? 1 : UINT8_MAX});
    }
}

/* Booleans are bytes of 0 and 1, so that any is their maximum and all their minimum. */
midge_status mg_prepare_reduce_any(midge_op_context *context)
{
    return mg_reduce_prepare(context, MG_TYPES(MIDGE_BOOL), 0);
}

midge_status mg_run_reduce_any(midge_op_context *context)
{
    return mg_run_reduce_max(context);
}

midge_status mg_prepare_reduce_all(midge_op_context *context)
{
    return mg_reduce_prepare(context, MG_TYPES(MIDGE_BOOL), 0);
}

midge_status mg_run_reduce_all(midge_op_context *context)
{
    return mg_run_reduce_min(context);
}
