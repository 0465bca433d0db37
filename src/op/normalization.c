/* SPDX-License-Identifier: Apache-2.0 */
/* L2_NORMALIZATION and LOCAL_RESPONSE_NORMALIZATION, both over the last dimension. */
#include "kernel/ref/normalize.h"

#include "op/require.h"
#include "op/shape.h"

typedef struct normalize_job {
    const midge_op_context *context;
    size_t depth;
    mg_local_response response;
    void (*rows)(const struct normalize_job *job, size_t offset, size_t count);
} normalize_job;

static void normalize_range(void *argument, size_t begin, size_t end, int worker)
{
    const normalize_job *job = argument;
    (void)worker;
    job->rows(job, begin * job->depth, end - begin);
}

static void run_rows(midge_op_context *context, normalize_job *job)
{
    const midge_tensor *input = context->inputs[0];
    enum { WORTH_A_THREAD = 1 << 14 };
    job->context = context;
    job->depth = (size_t)input->shape[input->rank - 1];
    mg_parallel_for(context->pool, input->elements / job->depth, WORTH_A_THREAD / job->depth + 1,
                    normalize_range, job);
}

#define L2_ROWS(name, type, kernel, parameter)                                                     \
    static void name(const normalize_job *job, size_t offset, size_t count)                        \
    {                                                                                              \
        kernel((const type *)job->context->inputs[0]->data + offset, count, job->depth, parameter, \
               (type *)job->context->outputs[0]->data + offset);                                   \
    }

L2_ROWS(l2_f32, float, mg_l2_normalize_f32, 1e-6f)
L2_ROWS(l2_s8, int8_t, mg_l2_normalize_s8, mg_zero_point(job->context->inputs[0]))
L2_ROWS(l2_u8, uint8_t, mg_l2_normalize_u8, mg_zero_point(job->context->inputs[0]))
L2_ROWS(response_f32, float, mg_local_response_f32, &job->response)

midge_status mg_prepare_l2_normalization(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *output = context->outputs[0];
    TRY(mg_require_type(context, input, "input",
                        MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT8, MIDGE_UINT8)));
    TRY(mg_require_same_type(context, input, "input", output, "output"));
    TRY(mg_require_rank(context, input, "input", 1, MIDGE_MAX_RANK));
    int activation = MG_OPTIONS(context, L2NormOptions)->fused_activation_function;
    if (activation != MG_ACTIVATION_NONE)
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "fused activation %d is not supported here",
                          activation);
    if (input->type != MIDGE_FLOAT32) {
        int32_t zero_point = input->type == MIDGE_INT8 ? 0 : 128;
        TRY(mg_require_quantized(context, input, "input"));
        TRY(mg_require_quantized(context, output, "output"));
        if (mg_scale(output) != 1.0f / 128 || mg_zero_point(output) != zero_point)
            return mg_op_fail(context, MIDGE_INVALID_MODEL,
                              "output has scale %g and zero point %d, must have 1/128 and %d",
                              (double)mg_scale(output), (int)mg_zero_point(output),
                              (int)zero_point);
    }
    return mg_set_output_like(context, 0, input);
}

midge_status mg_run_l2_normalization(midge_op_context *context)
{
    normalize_job job = {0};
    switch (context->inputs[0]->type) {
    case MIDGE_FLOAT32: job.rows = l2_f32; break;
    case MIDGE_INT8: job.rows = l2_s8; break;
    default: job.rows = l2_u8; break;
    }
    run_rows(context, &job);
    return MIDGE_OK;
}

midge_status mg_prepare_local_response_normalization(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    TRY(mg_require_type(context, input, "input", MG_TYPES(MIDGE_FLOAT32)));
    TRY(mg_require_same_type(context, input, "input", context->outputs[0], "output"));
    TRY(mg_require_rank(context, input, "input", 4, 4));
    int32_t radius = MG_OPTIONS(context, LocalResponseNormalizationOptions)->radius;
    if (radius < 0)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "radius %d is negative", (int)radius);
    return mg_set_output_like(context, 0, input);
}

midge_status mg_run_local_response_normalization(midge_op_context *context)
{
    const mg_LocalResponseNormalizationOptions *options =
        MG_OPTIONS(context, LocalResponseNormalizationOptions);
    int32_t last = context->inputs[0]->shape[3] - 1;
    int32_t radius = options->radius < last ? options->radius : last;
    normalize_job job = {0};
    job.response =
        (mg_local_response){(size_t)radius, options->bias, options->alpha, options->beta};
    job.rows = response_f32;
    run_rows(context, &job);
    return MIDGE_OK;
}
