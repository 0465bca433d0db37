/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SOFTMAX and LOG_SOFTMAX over the last dimension.
 *
 * Quantised outputs have one scale and zero point that the format prescribes:
 *   SOFTMAX      8 bits: 1/256 from the lowest value; int16 from int16: 1/32768, zero point 0;
 *                int16 from 8 bits: 1/65536 from the lowest value, whatever the tensor claims
 *   LOG_SOFTMAX  1/16, the highest value standing for 0
 */
#include <math.h>

#include "kernel/ref/softmax_fixed.h"
#include "kernel/ref/softmax_rows.h"
#include "op/require.h"
#include "op/shape.h"

typedef struct softmax {
    size_t rows;
    size_t depth;
    float beta;
    union {
        mg_softmax_8 byte;
        mg_softmax_16 word;
    } table;
} softmax;

typedef struct softmax_job {
    const softmax *plan;
    const mg_softmax_f32_kernel *kernel;
    const void *input;
    void *output;
    void (*rows)(const struct softmax_job *job, size_t offset, size_t count);
} softmax_job;

static midge_status require_output(midge_op_context *context, double scale, int32_t zero_point)
{
    const midge_tensor *output = context->outputs[0];
    TRY(mg_require_quantized(context, output, "output"));
    if (!(fabs((double)mg_scale(output) - scale) <= 0.001 * scale) ||
        mg_zero_point(output) != zero_point)
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "output has scale %g and zero point %d, must have %g and %d",
                          (double)mg_scale(output), (int)mg_zero_point(output), scale,
                          (int)zero_point);
    return MIDGE_OK;
}

/* The factor from stored distances to the argument of exp. */
static midge_status exponent_factor(midge_op_context *context, double beta, double *factor)
{
    TRY(mg_require_quantized(context, context->inputs[0], "input"));
    *factor = beta * (double)mg_scale(context->inputs[0]);
    if (!(*factor >= 0) || !isfinite(*factor))
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "beta %g with input scale %g", beta,
                          (double)mg_scale(context->inputs[0]));
    return MIDGE_OK;
}

static midge_status plan_rows(midge_op_context *context, softmax **plan)
{
    const midge_tensor *input = context->inputs[0];
    TRY(mg_require_rank(context, input, "input", 1, MIDGE_MAX_RANK));
    void *memory;
    TRY(mg_prepared(context, sizeof(softmax), &memory));
    *plan = memory;
    (*plan)->rows = mg_elements_between(input, 0, input->rank - 1);
    (*plan)->depth = (size_t)input->shape[input->rank - 1];
    return mg_set_output_like(context, 0, input);
}

static midge_status prepare_8_bits(midge_op_context *context, softmax *plan)
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *output = context->outputs[0];
    uint32_t types = MG_TYPES_2(input->type, MIDGE_INT16);
    TRY(mg_require_type(context, output, "output", types));
    if (output->type != MIDGE_INT16)
        TRY(require_output(context, 1.0 / 256, output->type == MIDGE_INT8 ? INT8_MIN : 0));
    double factor;
    TRY(exponent_factor(context, (double)plan->beta, &factor));
    mg_softmax_8_init(&plan->table.byte, factor);
    return MIDGE_OK;
}

static midge_status prepare_16_bits(midge_op_context *context, softmax *plan)
{
    const midge_tensor *input = context->inputs[0];
    TRY(mg_require_type(context, context->outputs[0], "output", MG_TYPES(MIDGE_INT16)));
    TRY(require_output(context, 1.0 / 32768, 0));
    double factor;
    TRY(exponent_factor(context, (double)plan->beta, &factor));
    if (mg_zero_point(input) != 0)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "int16 input has zero point %d, need 0",
                          (int)mg_zero_point(input));
    if (factor >= 1000.0)
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "input scale times beta is %g, at most 1000",
                          factor);
    mg_softmax_16_init(&plan->table.word, (double)(mg_scale(input) * plan->beta));
    return MIDGE_OK;
}

midge_status mg_prepare_softmax(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    TRY(mg_require_type(context, input, "input",
                        MG_TYPES_2(MIDGE_FLOAT32, MIDGE_FLOAT16) | MG_TYPES_QUANTIZED));
    softmax *plan;
    TRY(plan_rows(context, &plan));
    plan->beta = MG_OPTIONS(context, SoftmaxOptions)->beta;
    if (input->type == MIDGE_FLOAT32) mg_name_kernel(context, context->kernels->softmax_f32);
    switch (input->type) {
    case MIDGE_INT8:
    case MIDGE_UINT8: return prepare_8_bits(context, plan);
    case MIDGE_INT16: return prepare_16_bits(context, plan);
    default: return mg_require_same_type(context, input, "input", context->outputs[0], "output");
    }
}

/* A range of rows of one type, through its kernel. */
#define ROWS(name, in_type, out_type, kernel, parameter)                                 \
    static void name(const softmax_job *job, size_t offset, size_t count)                \
    {                                                                                    \
        kernel((const in_type *)job->input + offset, count, job->plan->depth, parameter, \
               (out_type *)job->output + offset);                                        \
    }

ROWS(softmax_f32, float, float, job->kernel->rows, job->plan->beta)
ROWS(softmax_f16, uint16_t, uint16_t, mg_softmax_f16, job->plan->beta)
ROWS(softmax_s8, int8_t, int8_t, mg_softmax_s8, &job->plan->table.byte)
ROWS(softmax_u8, uint8_t, uint8_t, mg_softmax_u8, &job->plan->table.byte)
ROWS(softmax_s8_s16, int8_t, int16_t, mg_softmax_s8_s16, &job->plan->table.byte)
ROWS(softmax_u8_s16, uint8_t, int16_t, mg_softmax_u8_s16, &job->plan->table.byte)
ROWS(softmax_s16, int16_t, int16_t, mg_softmax_s16, &job->plan->table.word)
ROWS(log_softmax_s8, int8_t, int8_t, mg_log_softmax_s8, &job->plan->table.byte)
ROWS(log_softmax_u8, uint8_t, uint8_t, mg_log_softmax_u8, &job->plan->table.byte)

static void log_softmax_f32(const softmax_job *job, size_t offset, size_t count)
{
    mg_log_softmax_f32((const float *)job->input + offset, count, job->plan->depth,
                       (float *)job->output + offset);
}

static void range(void *argument, size_t begin, size_t end, int worker)
{
    const softmax_job *job = argument;
    (void)worker;
    job->rows(job, begin * job->plan->depth, end - begin);
}

static midge_status run_rows(midge_op_context *context,
                             void (*rows)(const softmax_job *job, size_t offset, size_t count))
{
    const softmax *plan = context->prepared;
    softmax_job job = {plan, context->kernels->softmax_f32, context->inputs[0]->data,
                       context->outputs[0]->data, rows};
    enum { WORTH_A_THREAD = 1 << 13 };
    mg_parallel_for(context->pool, plan->rows, WORTH_A_THREAD / plan->depth + 1, range, &job);
    return MIDGE_OK;
}

midge_status mg_run_softmax(midge_op_context *context)
{
    bool wide = context->outputs[0]->type == MIDGE_INT16;
    switch (context->inputs[0]->type) {
    case MIDGE_FLOAT32: return run_rows(context, softmax_f32);
    case MIDGE_FLOAT16: return run_rows(context, softmax_f16);
    case MIDGE_INT8: return run_rows(context, wide ? softmax_s8_s16 : softmax_s8);
    case MIDGE_UINT8: return run_rows(context, wide ? softmax_u8_s16 : softmax_u8);
    default: return run_rows(context, softmax_s16);
    }
}

midge_status mg_prepare_log_softmax(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *output = context->outputs[0];
    TRY(mg_require_type(context, input, "input",
                        MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT8, MIDGE_UINT8)));
    TRY(mg_require_same_type(context, input, "input", output, "output"));
    softmax *plan;
    TRY(plan_rows(context, &plan));
    if (input->type == MIDGE_FLOAT32) return MIDGE_OK;
    TRY(require_output(context, 1.0 / 16, input->type == MIDGE_INT8 ? INT8_MAX : UINT8_MAX));
    double factor;
    TRY(exponent_factor(context, 1.0, &factor));
    mg_softmax_8_init(&plan->table.byte, factor);
    return MIDGE_OK;
}

midge_status mg_run_log_softmax(midge_op_context *context)
{
    switch (context->inputs[0]->type) {
    case MIDGE_FLOAT32: return run_rows(context, log_softmax_f32);
    case MIDGE_INT8: return run_rows(context, log_softmax_s8);
    default: return run_rows(context, log_softmax_u8);
    }
}
