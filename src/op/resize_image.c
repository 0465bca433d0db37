/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR of images [batch, height, width, channel] to the size
 * {height, width} in input 1. A size known only at run time makes the output dynamic.
 *
 * Output is made in blocks of columns: their positions in the input are found once for a block and
 * used for all rows.
 */
#include <string.h>

#include "op/require.h"
#include "op/shape.h"

enum { BLOCK = 64 };

typedef struct resize_job {
    const mg_blend_kernel *kernel;
    midge_type type;
    mg_resample_axis height, width;
    size_t channels;
    size_t pixel_bytes;
    const char *input;
    char *output;
} resize_job;

static midge_status output_shape(midge_op_context *context, int32_t shape[4])
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *size = context->inputs[1];
    for (int i = 0; i < 2; ++i) {
        int64_t value = mg_index_at(size, (size_t)i);
        if (value < 1 || value > INT32_MAX)
            return mg_op_fail(context, MIDGE_INVALID_MODEL, "size %lld is not positive",
                              (long long)value);
        if (input->shape[1 + i] == 0 && input->shape[0] != 0 && input->shape[3] != 0)
            return mg_op_fail(context, MIDGE_INVALID_MODEL, "an empty image cannot be resized");
        shape[1 + i] = (int32_t)value;
    }
    shape[0] = input->shape[0];
    shape[3] = input->shape[3];
    return MIDGE_OK;
}

static midge_status prepare_resize(midge_op_context *context, uint32_t types)
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *size = context->inputs[1];
    TRY(mg_require_type(context, input, "input", types));
    TRY(mg_require_same_type(context, input, "input", context->outputs[0], "output"));
    TRY(mg_require_rank(context, input, "input", 4, 4));
    TRY(mg_require_type(context, size, "size", MG_TYPES(MIDGE_INT32)));
    TRY(mg_require_rank(context, size, "size", 1, 1));
    TRY(mg_require_elements(context, size, "size", 2));
    if (!size->known) return mg_set_output_dynamic(context, 0);
    int32_t shape[4];
    TRY(output_shape(context, shape));
    return mg_set_output_shape(context, 0, 4, shape);
}

static midge_status run_resize(midge_op_context *context, bool align_corners,
                               bool half_pixel_centers, mg_range_function rows)
{
    const midge_tensor *input = context->inputs[0];
    midge_tensor *output = context->outputs[0];
    int32_t shape[4];
    TRY(output_shape(context, shape));
    if (!context->inputs[1]->known) TRY(mg_resize_output(context, 0, 4, shape));
    if (output->elements == 0) return MIDGE_OK;

    resize_job job = {context->kernels->blend,
                      input->type,
                      {input->shape[1], shape[1], align_corners, half_pixel_centers, 0.0f, 0},
                      {input->shape[2], shape[2], align_corners, half_pixel_centers, 0.0f, 0},
                      (size_t)input->shape[3],
                      input->bytes / input->elements * (size_t)input->shape[3],
                      input->data,
                      output->data};
    mg_resample_init(&job.height);
    mg_resample_init(&job.width);
    enum { WORTH_A_THREAD = 1 << 15 };
    size_t row_elements = (size_t)shape[2] * (size_t)shape[3];
    mg_parallel_for(context->pool, (size_t)shape[0] * (size_t)shape[1],
                    WORTH_A_THREAD / row_elements + 1, rows, &job);
    return MIDGE_OK;
}

/* Where row `y` of the image that holds output row `row` begins in the input. */
static const char *input_row(const resize_job *job, size_t row, int32_t y)
{
    size_t image = row / (size_t)job->height.output;
    size_t rows = image * (size_t)job->height.input + (size_t)y;
    return job->input + rows * (size_t)job->width.input * job->pixel_bytes;
}

static char *output_pixel(const resize_job *job, size_t row, size_t column)
{
    return job->output + (row * (size_t)job->width.output + column) * job->pixel_bytes;
}

/* ---- Bilinear ---- */

static void blend_row(const resize_job *job, size_t row, mg_blend_step y,
                      const mg_blend_step *steps, size_t columns, void *output)
{
    const void *above = input_row(job, row, y.first);
    const void *below = input_row(job, row, y.second);
    size_t channels = job->channels;
    switch (job->type) {
    case MIDGE_FLOAT32:
        job->kernel->row_f32(above, below, y.fraction, steps, columns, channels, output);
        break;
    case MIDGE_UINT8:
        job->kernel->row_u8(above, below, y.fraction, steps, columns, channels, output);
        break;
    case MIDGE_INT8:
        job->kernel->row_s8(above, below, y.fraction_10, steps, columns, channels, output);
        break;
    default: mg_blend_row_s16(above, below, y.fraction_10, steps, columns, channels, output); break;
    }
}

static void blend_rows(void *argument, size_t begin, size_t end, int worker)
{
    const resize_job *job = argument;
    bool fixed = job->type == MIDGE_INT8 || job->type == MIDGE_INT16;
    mg_blend_step (*step)(const mg_resample_axis *axis, int32_t index) =
        fixed ? mg_blend_step_fixed : mg_blend_step_float;
    size_t width = (size_t)job->width.output;
    (void)worker;
    for (size_t first = 0; first < width; first += BLOCK) {
        mg_blend_step steps[BLOCK];
        size_t columns = width - first < BLOCK ? width - first : BLOCK;
        for (size_t i = 0; i < columns; ++i) steps[i] = step(&job->width, (int32_t)(first + i));
        for (size_t row = begin; row < end; ++row) {
            int32_t y = (int32_t)(row % (size_t)job->height.output);
            blend_row(job, row, step(&job->height, y), steps, columns,
                      output_pixel(job, row, first));
        }
    }
}

midge_status mg_prepare_resize_bilinear(midge_op_context *context)
{
    const mg_ResizeBilinearOptions *options = MG_OPTIONS(context, ResizeBilinearOptions);
    if (options->align_corners && options->half_pixel_centers)
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "align_corners and half_pixel_centers exclude each other");
    mg_name_kernel(context, context->kernels->blend);
    return prepare_resize(context, MG_TYPES(MIDGE_FLOAT32) | MG_TYPES_QUANTIZED);
}

midge_status mg_run_resize_bilinear(midge_op_context *context)
{
    const mg_ResizeBilinearOptions *options = MG_OPTIONS(context, ResizeBilinearOptions);
    return run_resize(context, options->align_corners, options->half_pixel_centers, blend_rows);
}

/* ---- Nearest neighbour ---- */

static void copy_rows(void *argument, size_t begin, size_t end, int worker)
{
    const resize_job *job = argument;
    size_t width = (size_t)job->width.output, bytes = job->pixel_bytes;
    (void)worker;
    for (size_t first = 0; first < width; first += BLOCK) {
        int32_t nearest[BLOCK];
        size_t columns = width - first < BLOCK ? width - first : BLOCK;
        for (size_t i = 0; i < columns; ++i)
            nearest[i] = mg_nearest(&job->width, (int32_t)(first + i));
        for (size_t row = begin; row < end; ++row) {
            int32_t y = (int32_t)(row % (size_t)job->height.output);
            const char *source = input_row(job, row, mg_nearest(&job->height, y));
            char *target = output_pixel(job, row, first);
            for (size_t i = 0; i < columns; ++i)
                memcpy(target + i * bytes, source + (size_t)nearest[i] * bytes, bytes);
        }
    }
}

midge_status mg_prepare_resize_nearest_neighbor(midge_op_context *context)
{
    return prepare_resize(context, MG_TYPES_BYTES);
}

midge_status mg_run_resize_nearest_neighbor(midge_op_context *context)
{
    const mg_ResizeNearestNeighborOptions *options =
        MG_OPTIONS(context, ResizeNearestNeighborOptions);
    return run_resize(context, options->align_corners, options->half_pixel_centers, copy_rows);
}
