/* SPDX-License-Identifier: Apache-2.0 */
/* SCATTER_ND and SPARSE_TO_DENSE: rows and elements put where indices say. */
#include "op/movement.h"

#include <string.h>

#include "kernel/ref/combine.h"
#include "kernel/ref/indexed_rows.h"
#include "op/numbers.h"
#include "op/shape.h"

/* ---- SCATTER_ND: rows that meet are added ---------------------------------------------------- */

/* indices [addresses…, depth], updates [addresses…, rest…], shape [depth sizes…, rest…]. */
static midge_status scattered_shape(midge_op_context *context, int32_t *rank,
                                    int32_t shape[MIDGE_MAX_RANK])
{
    const midge_tensor *indices = context->inputs[0], *updates = context->inputs[1];
    TRY(mg_read_shape(context, context->inputs[2], "shape", rank, shape));
    const int32_t outer = indices->rank - 1, depth = indices->shape[outer];
    bool fits = updates->rank >= outer && depth <= *rank && updates->rank - outer == *rank - depth;
    for (int32_t i = 0; fits && i < outer; ++i) fits = indices->shape[i] == updates->shape[i];
    for (int32_t i = outer; fits && i < updates->rank; ++i)
        fits = updates->shape[i] == shape[depth + i - outer];
    if (fits) return MIDGE_OK;
    char a[MG_SHAPE_TEXT], b[MG_SHAPE_TEXT], c[MG_SHAPE_TEXT];
    return mg_op_fail(
        context, mg_blame(context->inputs[2]), "indices %s and updates %s do not fit shape %s",
        mg_shape_text(indices->rank, indices->shape, a),
        mg_shape_text(updates->rank, updates->shape, b), mg_shape_text(*rank, shape, c));
}

midge_status mg_prepare_scatter_nd(midge_op_context *context)
{
    const midge_tensor *indices = context->inputs[0], *updates = context->inputs[1];
    int32_t shape[MIDGE_MAX_RANK], rank = 0;
    TRY(mg_require_type(context, indices, "indices", MG_TYPES_INDEX));
    TRY(mg_require_type(context, updates, "updates", MG_TYPES_NUMBER));
    TRY(mg_require_type(context, context->inputs[2], "shape", MG_TYPES_INDEX));
    TRY(mg_require_same_type(context, updates, "updates", context->outputs[0], "output"));
    TRY(mg_require_rank(context, indices, "indices", 1, MIDGE_MAX_RANK));
    if (!mg_is_known(context->inputs[2])) return mg_set_output_dynamic(context, 0);
    TRY(scattered_shape(context, &rank, shape));
    return mg_set_output_shape(context, 0, rank, shape);
}

midge_status mg_run_scatter_nd(midge_op_context *context)
{
    const midge_tensor *indices = context->inputs[0], *updates = context->inputs[1];
    midge_tensor *output = context->outputs[0];
    int32_t shape[MIDGE_MAX_RANK], rank = 0;
    TRY(scattered_shape(context, &rank, shape));
    TRY(mg_settle_output(context, 0, rank, shape));
    if (output->bytes > 0) memset(output->data, 0, output->bytes);
    const int32_t outer = indices->rank - 1;
    const mg_addressed_rows rows = {(size_t)indices->shape[outer], shape, mg_indices_of(indices)};
    const size_t count = mg_elements_between(indices, 0, outer);
    const size_t length = mg_elements_between(updates, outer, updates->rank);
    const size_t bytes = length * midge_type_bits(updates->type) / 8;
    for (size_t i = 0; i < count; ++i) {
        const size_t row = mg_addressed_row(&rows, i);
        if (row == SIZE_MAX)
            return mg_op_fail(context, MIDGE_RUN_ERROR, "address %zu is outside the output", i);
        if (length == 0) continue;
        mg_combine(MG_COMBINE_ADD, mg_number_of(output->type), (char *)output->data + row * bytes,
                   (const char *)updates->data + i * bytes, 1, length);
    }
    return MIDGE_OK;
}

/* ---- SPARSE_TO_DENSE: single elements, the last one wins ------------------------------------ */

static size_t address_count(const midge_tensor *indices)
{
    return indices->rank < 2 ? indices->elements : (size_t)indices->shape[0];
}

static midge_status dense_shape(midge_op_context *context, int32_t *rank,
                                int32_t shape[MIDGE_MAX_RANK])
{
    const midge_tensor *indices = context->inputs[0];
    TRY(mg_read_shape(context, context->inputs[1], "shape", rank, shape));
    const int32_t depth = indices->rank < 2 ? 1 : indices->shape[1];
    if (depth == *rank) return MIDGE_OK;
    return mg_op_fail(context, MIDGE_INVALID_MODEL, "addresses of %d indices for %d dimensions",
                      (int)depth, (int)*rank);
}

midge_status mg_prepare_sparse_to_dense(midge_op_context *context)
{
    const midge_tensor *indices = context->inputs[0], *values = context->inputs[2];
    const midge_tensor *output = context->outputs[0];
    int32_t shape[MIDGE_MAX_RANK], rank = 0;
    TRY(mg_require_type(context, indices, "indices", MG_TYPES_INDEX));
    TRY(mg_require_type(context, context->inputs[1], "shape", MG_TYPES_INDEX));
    TRY(mg_require_type(context, values, "values", MG_TYPES_BYTES));
    TRY(mg_require_same_type(context, values, "values", output, "output"));
    TRY(mg_require_same_type(context, context->inputs[3], "default", output, "output"));
    TRY(mg_require_rank(context, indices, "indices", 0, 2));
    TRY(mg_require_rank(context, values, "values", 0, 1));
    TRY(mg_require_elements(context, context->inputs[3], "default", 1));
    if (values->rank == 1)
        TRY(mg_require_elements(context, values, "values", address_count(indices)));
    if (!mg_is_known(context->inputs[1])) return mg_set_output_dynamic(context, 0);
    TRY(dense_shape(context, &rank, shape));
    return mg_set_output_shape(context, 0, rank, shape);
}

midge_status mg_run_sparse_to_dense(midge_op_context *context)
{
    const midge_tensor *indices = context->inputs[0], *values = context->inputs[2];
    midge_tensor *output = context->outputs[0];
    int32_t shape[MIDGE_MAX_RANK], rank = 0;
    TRY(dense_shape(context, &rank, shape));
    TRY(mg_settle_output(context, 0, rank, shape));
    const size_t bytes = midge_type_bits(output->type) / 8, count = address_count(indices);
    const mg_addressed_rows rows = {(size_t)rank, shape, mg_indices_of(indices)};
    mg_fill(output->data, context->inputs[3]->data, bytes, output->elements);
    for (size_t i = 0; i < count; ++i) {
        const size_t at = mg_addressed_row(&rows, i);
        if (at == SIZE_MAX)
            return mg_op_fail(context, MIDGE_RUN_ERROR, "address %zu is outside the output", i);
        memcpy((char *)output->data + at * bytes,
               (const char *)values->data + (values->rank == 1 ? i * bytes : 0), bytes);
    }
    return MIDGE_OK;
}
