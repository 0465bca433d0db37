/* SPDX-License-Identifier: Apache-2.0 */
#include "op/recurrent_ahead.h"

#include <math.h>
#include <string.h>

#include "kernel/ref/hybrid.h"
#include "kernel/ref/scratch.h"
#include "op/product.h"

/* Rows that are made at once at most, unless a single step has more; and too few to be worth it. */
enum { MOST_ROWS = 64, FEWEST_ROWS = 4 };

void mg_ahead_plan(mg_ahead *ahead, size_t batch, size_t time)
{
    ahead->steps = 0;
    if (batch == 0 || time == 0 || time * batch < FEWEST_ROWS) return;
    size_t steps = batch < MOST_ROWS ? MOST_ROWS / batch : 1;
    ahead->steps = steps < time ? steps : time;
}

static size_t row_elements(const mg_ahead *ahead)
{
    return MG_AHEAD_HEADER + MG_AHEAD_GATES * ahead->cells;
}

static mg_columns columns_of(const mg_ahead *ahead, const void *weights)
{
    return (mg_columns){.weights = weights,
                        .column_step = ahead->depth,
                        .depth_step = 1,
                        .count = ahead->cells,
                        .depth = ahead->depth};
}

static mg_gemm_int_form form_of(const mg_ahead *ahead)
{
    return (mg_gemm_int_form){.left = MG_CELL_I8,
                              .right = MG_CELL_I8,
                              .left_zero = ahead->quantized_inputs ? ahead->zero_point : 0,
                              .right_zero = 0,
                              .depth = ahead->depth};
}

typedef struct workspace {
    char *sums;
    int8_t *quantized;
    void *product;
} workspace;

static bool cut(const midge_op_context *context, const mg_ahead *ahead, size_t rows,
                mg_scratch *scratch, workspace *work)
{
    size_t product_bytes;
    int workers = mg_worker_count(context);
    mg_product_rows shape = {.count = rows, .segments = 1, .length = ahead->depth};
    if (ahead->quantized_weights) {
        mg_product_int product = {.kernels = context->kernels,
                                  .form = form_of(ahead),
                                  .rows = shape,
                                  .columns = columns_of(ahead, NULL)};
        if (!mg_product_int_scratch(&product, workers, &product_bytes)) return false;
    } else {
        mg_product_f32 product = {
            .kernels = context->kernels, .rows = shape, .columns = columns_of(ahead, NULL)};
        if (!mg_product_f32_scratch(&product, workers, &product_bytes)) return false;
    }
    size_t elements;
    if (!mg_size_multiply(rows, row_elements(ahead), &elements)) return false;
    work->sums = mg_scratch_take(scratch, elements, sizeof(float));
    work->product = mg_scratch_take(scratch, product_bytes, 1);
    bool quantize = ahead->quantized_weights && !ahead->quantized_inputs;
    if (quantize && !mg_size_multiply(rows, ahead->depth, &elements)) return false;
    work->quantized = quantize ? mg_scratch_take(scratch, elements, 1) : NULL;
    return scratch->used != SIZE_MAX;
}

bool mg_ahead_scratch(const midge_op_context *context, const mg_ahead *ahead, size_t batch,
                      size_t *bytes)
{
    mg_scratch measure = {NULL, 0};
    workspace work;
    size_t rows;
    *bytes = 0;
    if (ahead->steps == 0) return true;
    if (!mg_size_multiply(ahead->steps, batch, &rows) ||
        !cut(context, ahead, rows, &measure, &work)) {
        return false;
    }
    *bytes = measure.used;
    return true;
}

const void *mg_ahead_row(const mg_ahead *ahead, const void *scratch, size_t row)
{
    return (const char *)scratch + row * row_elements(ahead) * sizeof(float);
}

/* The input vectors of the steps in hand. */
typedef struct step_rows {
    const mg_recurrence *recurrence;
    size_t first_step;
} step_rows;

static const void *input_of(const step_rows *rows, size_t row)
{
    const mg_recurrence *r = rows->recurrence;
    size_t vector = mg_recurrence_vector(r, rows->first_step + row / r->batch, row % r->batch);
    return (const char *)r->input + vector * r->input_bytes;
}

static void point_to_inputs(const void *argument, size_t first, size_t count, const void **start,
                            size_t stride)
{
    (void)stride;
    for (size_t i = 0; i < count; i++) start[i] = input_of(argument, first + i);
}

/* Quantises the rows; scale and zero point go to the headers of their sums. */
static void quantize_rows(const mg_ahead *ahead, const step_rows *rows, size_t count,
                          const workspace *work)
{
    for (size_t row = 0; row < count; row++) {
        char *header = work->sums + row * row_elements(ahead) * sizeof(float);
        float scale;
        int32_t zero_point = 0;
        mg_quantize_vectors_f32(input_of(rows, row), 1, ahead->depth,
                                work->quantized + row * ahead->depth, &scale,
                                ahead->asymmetric ? &zero_point : NULL);
        memcpy(header, &scale, sizeof scale);
        memcpy(header + sizeof scale, &zero_point, sizeof zero_point);
    }
}

static void multiply_floats(const midge_op_context *context, const mg_ahead *ahead,
                            const mg_product_rows *rows, const workspace *work)
{
    for (size_t gate = 0; gate < MG_AHEAD_GATES; gate++) {
        if (ahead->weights[gate] == NULL) continue;
        mg_product_f32 product = {
            .kernels = context->kernels,
            .rows = *rows,
            .columns = columns_of(ahead, ahead->weights[gate]),
            .minimum = -INFINITY,
            .maximum = INFINITY,
            .out = (float *)(void *)work->sums + MG_AHEAD_HEADER + gate * ahead->cells,
            .out_stride = row_elements(ahead),
        };
        mg_product_f32_run(&product, context->pool, work->product);
    }
}

/* Sums of one gate on their way to their place. */
typedef struct gate_sums {
    int32_t *out; /* of row 0 */
    size_t stride;
    const int32_t *header;   /* of row 0 */
    const int32_t *row_sums; /* NULL: zero points are in the sums already, or 0 */
} gate_sums;

static void finish(const void *argument, const mg_sums *sums)
{
    const gate_sums *gate = argument;
    for (size_t r = 0; r < sums->rows; r++) {
        size_t row = sums->first_row + r;
        int32_t *out = gate->out + row * gate->stride + sums->first_column;
        const int32_t *in = sums->sums + r * sums->stride;
        memcpy(out, in, sums->columns * sizeof *out);
        if (gate->row_sums == NULL) continue;
        const int32_t *row_sums = gate->row_sums + sums->first_column;
        uint32_t zero_point = (uint32_t)gate->header[row * gate->stride + 1];
        for (size_t c = 0; c < sums->columns; c++) {
            out[c] = (int32_t)((uint32_t)in[c] - (uint32_t)row_sums[c] * zero_point);
        }
    }
}

static void multiply_integers(const midge_op_context *context, const mg_ahead *ahead,
                              const mg_product_rows *rows, const workspace *work)
{
    int32_t *sums = (int32_t *)(void *)work->sums;
    for (size_t gate = 0; gate < MG_AHEAD_GATES; gate++) {
        if (ahead->weights[gate] == NULL) continue;
        gate_sums place = {
            .out = sums + MG_AHEAD_HEADER + gate * ahead->cells,
            .stride = row_elements(ahead),
            .header = sums,
            .row_sums = ahead->row_sums != NULL ? ahead->row_sums + gate * ahead->cells : NULL,
        };
        mg_product_int product = {
            .kernels = context->kernels,
            .form = form_of(ahead),
            .rows = *rows,
            .columns = columns_of(ahead, ahead->weights[gate]),
            .bias = ahead->biases[gate],
            .finish = finish,
            .argument = &place,
        };
        mg_product_int_run(&product, context->pool, work->product);
    }
}

void mg_ahead_run(const midge_op_context *context, const mg_ahead *ahead,
                  const mg_recurrence *recurrence, size_t first_step, size_t steps, void *scratch)
{
    mg_scratch memory = {scratch, 0};
    workspace work;
    step_rows inputs = {recurrence, first_step};
    size_t count = steps * recurrence->batch;
    (void)cut(context, ahead, ahead->steps * recurrence->batch, &memory, &work);
    mg_product_rows rows = {
        .count = count,
        .segments = 1,
        .length = ahead->depth,
        .point = point_to_inputs,
        .argument = &inputs,
    };
    mg_dense_rows quantized = {work.quantized, ahead->depth};
    if (!ahead->quantized_weights) {
        multiply_floats(context, ahead, &rows, &work);
        return;
    }
    if (!ahead->quantized_inputs) {
        quantize_rows(ahead, &inputs, count, &work);
        rows.point = mg_dense_rows_point;
        rows.argument = &quantized;
    }
    multiply_integers(context, ahead, &rows, &work);
}
