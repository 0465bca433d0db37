/* SPDX-License-Identifier: Apache-2.0 */
#include "op/pointwise.h"

#include <math.h>
#include <string.h>

#include "op/shape.h"

static mg_row_type row_type(midge_type type)
{
    return type == MIDGE_FLOAT16    ? MG_ROW_FLOAT16
           : type == MIDGE_BFLOAT16 ? MG_ROW_BFLOAT16
                                    : MG_ROW_AS_IS;
}

/* The session's form of a row, where there is more than the plain one. */
static mg_elementwise_row tier_row(midge_op_context *context, mg_elementwise_row row)
{
    const mg_kernels *kernels = context->kernels;
    for (size_t i = 0; i < MG_FLOAT_ROWS; ++i) {
        if (mg_pointwise_f32_ref.rows[i] != row) continue;
        mg_name_kernel(context, kernels->pointwise_f32);
        return kernels->pointwise_f32->rows[i];
    }
    for (size_t i = 0; i < MG_INT_ROW_COUNT; ++i) {
        if (mg_pointwise_int_ref.rows[i] != row) continue;
        mg_name_kernel(context, kernels->pointwise_int);
        return kernels->pointwise_int->rows[i];
    }
    return row;
}

midge_status mg_pointwise_shape(midge_op_context *context, size_t operand_count, int32_t *rank,
                                int32_t shape[MIDGE_MAX_RANK])
{
    midge_tensor broadcast = *context->inputs[0];
    for (size_t k = 1; k < operand_count; ++k) {
        TRY(mg_broadcast_shape(context, &broadcast, context->inputs[k], rank, shape));
        broadcast.rank = *rank;
        memcpy(broadcast.shape, shape, sizeof broadcast.shape);
    }
    *rank = broadcast.rank;
    memcpy(shape, broadcast.shape, sizeof broadcast.shape);
    return MIDGE_OK;
}

midge_status mg_pointwise_begin_shape(midge_op_context *context, int32_t rank, const int32_t *shape,
                                      size_t operand_count, mg_elementwise_row row,
                                      size_t parameter_bytes, size_t grain,
                                      mg_pointwise **pointwise, void **parameters)
{
    TRY(mg_set_output_shape(context, 0, rank, shape));
    size_t head, total;
    void *memory;
    if (!mg_size_align(sizeof(mg_pointwise), 16, &head) ||
        !mg_size_add(head, parameter_bytes, &total))
        return mg_op_fail(context, MIDGE_NO_MEMORY, "parameters of %zu bytes", parameter_bytes);
    TRY(mg_prepared(context, total, &memory));

    mg_pointwise *prepared = memory;
    mg_elementwise *plan = &prepared->plan;
    const midge_tensor *output = context->outputs[0];
    prepared->grain = grain;
    prepared->elements = output->elements;
    plan->row = tier_row(context, row);
    plan->parameters = (unsigned char *)memory + head;
    plan->operand_count = operand_count;
    plan->operand_type = row_type(context->inputs[0]->type);
    plan->result_type = row_type(output->type);
    plan->result_bytes = midge_type_bits(output->type) / 8;
    plan->rank = (size_t)rank;
    for (size_t i = 0; i < plan->rank; ++i) plan->shape[i] = (size_t)shape[i];
    for (size_t k = 0; k < operand_count; ++k) {
        const midge_tensor *input = context->inputs[k];
        prepared->input[k] = k;
        plan->element_bytes[k] = midge_type_bits(input->type) / 8;
        mg_broadcast_strides(input, rank, shape, plan->strides[k]);
    }
    *pointwise = prepared;
    if (parameters != NULL) *parameters = (unsigned char *)memory + head;
    return MIDGE_OK;
}

midge_status mg_pointwise_begin(midge_op_context *context, size_t operand_count,
                                mg_elementwise_row row, size_t parameter_bytes, size_t grain,
                                mg_pointwise **pointwise, void **parameters)
{
    int32_t rank;
    int32_t shape[MIDGE_MAX_RANK];
    TRY(mg_pointwise_shape(context, operand_count, &rank, shape));
    return mg_pointwise_begin_shape(context, rank, shape, operand_count, row, parameter_bytes,
                                    grain, pointwise, parameters);
}

void mg_pointwise_finish(mg_pointwise *pointwise)
{
    if (pointwise->elements > 0) mg_elementwise_plan(&pointwise->plan);
}

midge_status mg_pointwise_prepare(midge_op_context *context, size_t operand_count,
                                  mg_elementwise_row row, size_t parameter_bytes, size_t grain,
                                  void **parameters)
{
    mg_pointwise *pointwise;
    TRY(mg_pointwise_begin(context, operand_count, row, parameter_bytes, grain, &pointwise,
                           parameters));
    mg_pointwise_finish(pointwise);
    return MIDGE_OK;
}

void mg_pointwise_swap(mg_pointwise *pointwise)
{
    mg_elementwise *plan = &pointwise->plan;
    size_t strides[MG_ELEMENTWISE_RANK];
    size_t input = pointwise->input[0];
    pointwise->input[0] = pointwise->input[1];
    pointwise->input[1] = input;
    memcpy(strides, plan->strides[0], sizeof strides);
    memcpy(plan->strides[0], plan->strides[1], sizeof strides);
    memcpy(plan->strides[1], strides, sizeof strides);
}

void mg_pointwise_add_along(mg_pointwise *pointwise, const midge_tensor *output, int32_t axis,
                            const void *elements, size_t element_bytes)
{
    mg_elementwise *plan = &pointwise->plan;
    size_t k = plan->operand_count++;
    pointwise->extra[k] = elements;
    plan->element_bytes[k] = element_bytes;
    for (int32_t i = 0; i < output->rank; ++i) plan->strides[k][i] = i == axis ? 1 : 0;
}

typedef struct pointwise_task {
    const mg_pointwise *pointwise;
    const void *operands[MG_ELEMENTWISE_OPERANDS];
    void *result;
} pointwise_task;

static void run_range(void *argument, size_t begin, size_t end, int worker)
{
    const pointwise_task *task = argument;
    (void)worker;
    mg_elementwise_range(&task->pointwise->plan, task->operands, task->result, begin, end);
}

midge_status mg_pointwise_run(midge_op_context *context)
{
    const mg_pointwise *pointwise = context->prepared;
    pointwise_task task = {.pointwise = pointwise, .result = context->outputs[0]->data};
    for (size_t k = 0; k < pointwise->plan.operand_count; ++k)
        task.operands[k] = pointwise->extra[k] != NULL ? pointwise->extra[k]
                                                       : context->inputs[pointwise->input[k]]->data;
    mg_parallel_for(context->pool, pointwise->elements, pointwise->grain, run_range, &task);
    return MIDGE_OK;
}

midge_status mg_choose_row(midge_op_context *context, int32_t op, const mg_row_choice *choices,
                           size_t count, mg_elementwise_row *row)
{
    uint32_t supported = 0;
    midge_type type = context->inputs[0]->type;
    for (size_t i = 0; i < count; ++i) {
        if (choices[i].op != op) continue;
        supported |= choices[i].types;
        if ((choices[i].types >> type & 1) == 0) continue;
        *row = choices[i].row;
        return MIDGE_OK;
    }
    return mg_require_type(context, context->inputs[0], "input 0", supported & ~MG_TYPES(type));
}

midge_status mg_factor(midge_op_context *context, double factor, mg_multiplier *multiplier)
{
    if (!(factor >= 0) || isinf(factor))
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "scales give a factor of %g, need a number of at least 0", factor);
    *multiplier = mg_quantize_multiplier(factor);
    return MIDGE_OK;
}

midge_status mg_require_pointwise_quantized(midge_op_context *context, const midge_tensor *tensor,
                                            const char *role)
{
    TRY(mg_require_quantized(context, tensor, role));
    if (tensor->type == MIDGE_INT16 && mg_zero_point(tensor) != 0)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "zero point %d of %s must be 0 for int16",
                          (int)mg_zero_point(tensor), role);
    return MIDGE_OK;
}

bool mg_scale_exponent(float scale, int32_t *exponent)
{
    float logarithm = logf(scale) * (1.0f / logf(2.0f));
    float nearest = roundf(logarithm);
    *exponent = (int32_t)nearest;
    return fabsf(logarithm - nearest) < 1e-3f;
}
