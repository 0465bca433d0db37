/* SPDX-License-Identifier: Apache-2.0 */
/* GATHER and GATHER_ND: rows of the input, picked by indices. */
#include "op/movement.h"

#include <string.h>

#include "kernel/ref/indexed_rows.h"
#include "op/numbers.h"
#include "op/shape.h"
#include "op/strings.h"

enum { GRAIN_BYTES = 1 << 15 };

static midge_status check(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    TRY(mg_require_type(context, input, "input", MG_TYPES_MOVABLE));
    TRY(mg_require_same_type(context, input, "input", context->outputs[0], "output"));
    return mg_require_type(context, context->inputs[1], "indices",
                           MG_TYPES_INDEX | MG_TYPES(MIDGE_INT16));
}

/* Whether rows of `inner` elements are whole bytes. */
static bool is_whole(const midge_tensor *tensor, size_t inner)
{
    return inner * midge_type_bits(tensor->type) % 8 == 0;
}

/* One row at a time, for elements smaller than a byte. */
static void move_row(const midge_tensor *input, size_t from, size_t to, size_t inner, void *output)
{
    mg_move move;
    mg_move_of(input, &move);
    move.from_start = (ptrdiff_t)(from * inner);
    move.to_start = (ptrdiff_t)(to * inner);
    mg_move_loop(&move, inner, 1, 1);
    mg_move_merge(&move);
    mg_move_run(&move, input->data, output, 0, 1);
}

/* ---- GATHER -------------------------------------------------------------------------------- */

typedef struct picking {
    mg_picked_rows rows;
    size_t inner;
    const midge_tensor *input;
    void *output;
    size_t bytes; /* of a row */
} picking;

static midge_status resolve(midge_op_context *context, int32_t *axis, int32_t *batch_dims)
{
    const midge_tensor *input = context->inputs[0], *indices = context->inputs[1];
    const mg_GatherOptions *options = MG_OPTIONS(context, GatherOptions);
    TRY(mg_resolve_axis(context, options->axis, input->rank, axis));
    *batch_dims = options->batch_dims < 0 && options->batch_dims >= -indices->rank
                      ? options->batch_dims + indices->rank
                      : options->batch_dims;
    bool fits = *batch_dims >= 0 && *batch_dims <= *axis && *batch_dims <= indices->rank;
    for (int32_t i = 0; fits && i < *batch_dims; ++i) fits = input->shape[i] == indices->shape[i];
    if (fits) return MIDGE_OK;
    char a[MG_SHAPE_TEXT], b[MG_SHAPE_TEXT];
    return mg_op_fail(context, MIDGE_INVALID_MODEL,
                      "indices %s have no %d batch dimensions in common with %s before axis %d",
                      mg_shape_text(indices->rank, indices->shape, a), (int)options->batch_dims,
                      mg_shape_text(input->rank, input->shape, b), (int)*axis);
}

static void plan(midge_op_context *context, int32_t axis, int32_t batch_dims, picking *p)
{
    const midge_tensor *input = context->inputs[0], *indices = context->inputs[1];
    p->rows = (mg_picked_rows){
        .batches = mg_elements_between(input, 0, batch_dims),
        .outer = mg_elements_between(input, batch_dims, axis),
        .size = (size_t)input->shape[axis],
        .positions = mg_elements_between(indices, batch_dims, indices->rank),
        .indices = mg_indices_of(indices),
    };
    p->inner = mg_elements_between(input, axis + 1, input->rank);
    p->input = input;
    p->bytes = p->inner * midge_type_bits(input->type) / 8;
}

static midge_status check_indices(midge_op_context *context, size_t size)
{
    const midge_tensor *tensor = context->inputs[1];
    const mg_indices indices = mg_indices_of(tensor);
    size_t bad = mg_first_outside(&indices, tensor->elements, size);
    if (bad == tensor->elements) return MIDGE_OK;
    return mg_op_fail(context, mg_blame(tensor), "index %zu is %lld, outside 0 to %lld", bad,
                      (long long)mg_indices_at(&indices, bad), (long long)size - 1);
}

midge_status mg_prepare_gather(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0], *indices = context->inputs[1];
    int32_t shape[2 * MIDGE_MAX_RANK], axis = 0, batch_dims = 0, rank = 0;
    TRY(check(context));
    TRY(resolve(context, &axis, &batch_dims));
    for (int32_t i = 0; i < axis; ++i) shape[rank++] = input->shape[i];
    for (int32_t i = batch_dims; i < indices->rank; ++i) shape[rank++] = indices->shape[i];
    for (int32_t i = axis + 1; i < input->rank; ++i) shape[rank++] = input->shape[i];
    if (indices->constant) TRY(check_indices(context, (size_t)input->shape[axis]));
    return mg_set_output_shape(context, 0, rank, shape);
}

static void pick_range(void *argument, size_t begin, size_t end, int worker)
{
    const picking *p = argument;
    (void)worker;
    mg_pick_rows(&p->rows, p->input->data, p->bytes, p->output, begin, end);
}

static size_t picked_string(const void *argument, size_t index)
{
    const picking *p = argument;
    return mg_picked_row(&p->rows, index / p->inner) * p->inner + index % p->inner;
}

midge_status mg_run_gather(midge_op_context *context)
{
    int32_t axis = 0, batch_dims = 0;
    picking p;
    TRY(resolve(context, &axis, &batch_dims));
    plan(context, axis, batch_dims, &p);
    TRY(check_indices(context, p.rows.size));
    if (p.input->type == MIDGE_STRING)
        return mg_select_strings(context, 0, p.input, picked_string, &p);
    p.output = context->outputs[0]->data;
    const size_t rows =
        context->outputs[0]->elements == 0 ? 0 : p.rows.batches * p.rows.outer * p.rows.positions;
    if (is_whole(p.input, p.inner)) {
        mg_parallel_for(context->pool, rows, GRAIN_BYTES / (p.bytes + 8) + 1, pick_range, &p);
        return MIDGE_OK;
    }
    memset(p.output, 0, context->outputs[0]->bytes);
    for (size_t row = 0; row < rows; ++row)
        move_row(p.input, mg_picked_row(&p.rows, row), row, p.inner, p.output);
    return MIDGE_OK;
}

/* ---- GATHER_ND ----------------------------------------------------------------------------- */

typedef struct addressing {
    mg_addressed_rows rows;
    size_t inner;
} addressing;

static void plan_addresses(const midge_op_context *context, addressing *a)
{
    const midge_tensor *input = context->inputs[0], *indices = context->inputs[1];
    a->rows.depth = (size_t)indices->shape[indices->rank - 1];
    a->rows.sizes = input->shape;
    a->rows.indices = mg_indices_of(indices);
    a->inner = mg_elements_between(input, (int32_t)a->rows.depth, input->rank);
}

static midge_status check_addresses(midge_op_context *context)
{
    const midge_tensor *tensor = context->inputs[1];
    addressing a;
    plan_addresses(context, &a);
    const size_t count = mg_elements_between(tensor, 0, tensor->rank - 1);
    for (size_t i = 0; i < count; ++i) {
        if (mg_addressed_row(&a.rows, i) == SIZE_MAX)
            return mg_op_fail(context, mg_blame(tensor), "address %zu is outside the input", i);
    }
    return MIDGE_OK;
}

midge_status mg_prepare_gather_nd(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0], *indices = context->inputs[1];
    int32_t shape[2 * MIDGE_MAX_RANK], rank = 0;
    TRY(check(context));
    TRY(mg_require_rank(context, input, "input", 1, MIDGE_MAX_RANK));
    TRY(mg_require_rank(context, indices, "indices", 1, MIDGE_MAX_RANK));
    const int32_t depth = indices->shape[indices->rank - 1];
    if (depth > input->rank)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "addresses of %d indices for %d dimensions",
                          (int)depth, (int)input->rank);
    for (int32_t i = 0; i < indices->rank - 1; ++i) shape[rank++] = indices->shape[i];
    for (int32_t i = depth; i < input->rank; ++i) shape[rank++] = input->shape[i];
    if (indices->constant) TRY(check_addresses(context));
    return mg_set_output_shape(context, 0, rank, shape);
}

static size_t addressed_string(const void *argument, size_t index)
{
    const addressing *a = argument;
    return mg_addressed_row(&a->rows, index / a->inner) * a->inner + index % a->inner;
}

midge_status mg_run_gather_nd(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0], *indices = context->inputs[1];
    midge_tensor *output = context->outputs[0];
    addressing a;
    TRY(check_addresses(context));
    plan_addresses(context, &a);
    if (input->type == MIDGE_STRING)
        return mg_select_strings(context, 0, input, addressed_string, &a);
    if (output->elements == 0) return MIDGE_OK;
    const size_t rows = mg_elements_between(indices, 0, indices->rank - 1);
    const size_t bytes = a.inner * midge_type_bits(input->type) / 8;
    const bool whole = is_whole(input, a.inner);
    if (!whole) memset(output->data, 0, output->bytes);
    for (size_t row = 0; row < rows; ++row) {
        const size_t from = mg_addressed_row(&a.rows, row);
        if (whole)
            memcpy((char *)output->data + row * bytes, (const char *)input->data + from * bytes,
                   bytes);
        else
            move_row(input, from, row, a.inner, output->data);
    }
    return MIDGE_OK;
}
