/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFFT2D: the last two dimensions are cut or filled with zeros to the lengths {height, width} of
 * input 1, powers of two, and transformed; width / 2 + 1 complex columns come out.
 *
 * The transform runs inside the output, whose rows have just the room that it needs. Rows of
 * several slices go together, as many as stay in a near cache, because each factor costs a sine and
 * a cosine: spectrograms are slices of one row.
 */
#include <string.h>

#include "kernel/ref/fourier.h"
#include "op/require.h"
#include "op/shape.h"

static midge_status output_shape(midge_op_context *context, int32_t shape[MIDGE_MAX_RANK],
                                 int32_t *fft_width)
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *lengths = context->inputs[1];
    for (size_t i = 0; i < 2; ++i) {
        int64_t length = mg_index_at(lengths, i);
        if (length < 1 || length > 1 << 30 || (length & (length - 1)) != 0)
            return mg_op_fail(context, MIDGE_UNSUPPORTED,
                              "transform length %lld is not a power of two", (long long)length);
    }
    for (int32_t i = 0; i < input->rank; ++i) shape[i] = input->shape[i];
    *fft_width = (int32_t)mg_index_at(lengths, 1);
    shape[input->rank - 2] = (int32_t)mg_index_at(lengths, 0);
    shape[input->rank - 1] = *fft_width / 2 + 1;
    return MIDGE_OK;
}

midge_status mg_prepare_rfft2d(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *lengths = context->inputs[1];
    TRY(mg_require_type(context, input, "input", MG_TYPES(MIDGE_FLOAT32)));
    TRY(mg_require_rank(context, input, "input", 2, MIDGE_MAX_RANK));
    TRY(mg_require_type(context, context->outputs[0], "output", MG_TYPES(MIDGE_COMPLEX64)));
    TRY(mg_require_type(context, lengths, "lengths", MG_TYPES(MIDGE_INT32)));
    TRY(mg_require_rank(context, lengths, "lengths", 1, 1));
    TRY(mg_require_elements(context, lengths, "lengths", 2));
    if (!lengths->known) return mg_set_output_dynamic(context, 0);
    int32_t shape[MIDGE_MAX_RANK], width;
    TRY(output_shape(context, shape, &width));
    return mg_set_output_shape(context, 0, input->rank, shape);
}

typedef struct slices {
    const float *input;
    float *output;
    size_t input_height, input_width;
    size_t height, width; /* of the transform */
    size_t columns;       /* complex, of the output */
} slices;

/* Complex numbers that are transformed together: 64 KiB. */
enum { TOGETHER = 1 << 13 };

/* Lays the input of `count` slices out as rows of the output, with zeros around. */
static void lay_slices(const slices *job, size_t first, size_t count)
{
    size_t rows = job->input_height < job->height ? job->input_height : job->height;
    size_t reals = job->input_width < job->width ? job->input_width : job->width;
    if (reals == 0) rows = 0;
    for (size_t slice = first; slice < first + count; ++slice) {
        const float *input = job->input + slice * job->input_height * job->input_width;
        float *output = job->output + 2 * slice * job->height * job->columns;
        memset(output, 0, 2 * job->height * job->columns * sizeof(float));
        for (size_t row = 0; row < rows; ++row)
            memcpy(output + 2 * row * job->columns, input + row * job->input_width,
                   reals * sizeof(float));
    }
}

static void transform_slices(void *argument, size_t begin, size_t end, int worker)
{
    const slices *job = argument;
    size_t size = job->height * job->columns;
    size_t group = size < TOGETHER ? TOGETHER / size : 1;
    mg_fourier along_columns = {job->height, job->columns, job->columns, 1};
    (void)worker;
    while (begin < end) {
        size_t count = end - begin < group ? end - begin : group;
        float *output = job->output + 2 * begin * size;
        mg_fourier along_rows = {job->width, 1, count * job->height, job->columns};
        lay_slices(job, begin, count);
        mg_fourier_real(&along_rows, output);
        for (size_t i = 0; i < count; ++i)
            mg_fourier_complex(&along_columns, false, output + 2 * i * size);
        begin += count;
    }
}

midge_status mg_run_rfft2d(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    midge_tensor *output = context->outputs[0];
    int32_t shape[MIDGE_MAX_RANK], width, rank = input->rank;
    TRY(output_shape(context, shape, &width));
    if (!context->inputs[1]->known) TRY(mg_resize_output(context, 0, rank, shape));
    slices job = {input->data,
                  output->data,
                  (size_t)input->shape[rank - 2],
                  (size_t)input->shape[rank - 1],
                  (size_t)shape[rank - 2],
                  (size_t)width,
                  (size_t)shape[rank - 1]};
    mg_parallel_for(context->pool, mg_elements_between(input, 0, rank - 2),
                    TOGETHER / (job.height * job.columns) + 1, transform_slices, &job);
    return MIDGE_OK;
}
