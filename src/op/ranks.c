/* SPDX-License-Identifier: Apache-2.0 */
/* TOPK_V2, ARG_MAX and ARG_MIN: the largest and smallest values. */
#include "kernel/ref/ranking.h"
#include "op/movement.h"

#include <string.h>

#include "op/numbers.h"
#include "op/shape.h"

/* ---- TOPK_V2: along the last axis, sorted --------------------------------------------------- */

static midge_status read_k(midge_op_context *context, int32_t *k)
{
    const midge_tensor *input = context->inputs[0], *tensor = context->inputs[1];
    const int32_t size = input->shape[input->rank - 1];
    int64_t value = 0;
    TRY(mg_read_integer(context, tensor, "k", &value));
    if (value < 0 || value > size)
        return mg_op_fail(context, mg_blame(tensor), "k is %lld, need 0 to %d", (long long)value,
                          (int)size);
    *k = (int32_t)value;
    return MIDGE_OK;
}

/* Positions for one row per worker; as many as there may be. */
static midge_status request_positions(midge_op_context *context, int32_t most)
{
    size_t bytes = 0;
    if (!mg_size_multiply((size_t)most * sizeof(int32_t), (size_t)mg_worker_count(context), &bytes))
        return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "rows of %d are too large", (int)most);
    return mg_request_scratch(context, bytes);
}

midge_status mg_prepare_top_k(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0], *indices = context->outputs[1];
    int32_t shape[MIDGE_MAX_RANK], k = 0;
    TRY(mg_require_type(context, input, "input",
                        MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT32, MIDGE_INT64) | MG_TYPES_QUANTIZED));
    TRY(mg_require_same_type(context, input, "input", context->outputs[0], "values"));
    TRY(mg_require_type(context, context->inputs[1], "k", MG_TYPES_2(MIDGE_INT32, MIDGE_INT16)));
    TRY(mg_require_type(context, indices, "indices", MG_TYPES_2(MIDGE_INT32, MIDGE_INT16)));
    TRY(mg_require_rank(context, input, "input", 1, MIDGE_MAX_RANK));
    const int32_t size = input->shape[input->rank - 1];
    if (indices->type == MIDGE_INT16 && size > INT16_MAX)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "rows of %d do not fit int16 indices",
                          (int)size);
    if (!mg_is_known(context->inputs[1])) {
        TRY(request_positions(context, size));
        TRY(mg_set_output_dynamic(context, 0));
        return mg_set_output_dynamic(context, 1);
    }
    TRY(read_k(context, &k));
    TRY(request_positions(context, k));
    memcpy(shape, input->shape, sizeof shape);
    shape[input->rank - 1] = k;
    TRY(mg_set_output_shape(context, 0, input->rank, shape));
    return mg_set_output_shape(context, 1, input->rank, shape);
}

typedef struct top_rows {
    const midge_op_context *context;
    size_t size, k;
} top_rows;

static void rank_rows(void *argument, size_t begin, size_t end, int worker)
{
    const top_rows *rows = argument;
    const midge_tensor *input = rows->context->inputs[0];
    midge_tensor *values = rows->context->outputs[0], *indices = rows->context->outputs[1];
    const mg_number number = mg_number_of(input->type);
    const size_t bytes = midge_type_bits(input->type) / 8;
    int32_t *positions = (int32_t *)rows->context->scratch + (size_t)worker * rows->k;
    for (size_t row = begin; row < end; ++row) {
        const char *from = (const char *)input->data + row * rows->size * bytes;
        mg_rank(number, from, rows->size, rows->k, positions);
        for (size_t i = 0; i < rows->k; ++i) {
            const size_t to = row * rows->k + i;
            memcpy((char *)values->data + to * bytes, from + (size_t)positions[i] * bytes, bytes);
            if (indices->type == MIDGE_INT16)
                ((int16_t *)indices->data)[to] = (int16_t)positions[i];
            else
                ((int32_t *)indices->data)[to] = positions[i];
        }
    }
}

midge_status mg_run_top_k(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    int32_t shape[MIDGE_MAX_RANK], k = 0;
    TRY(read_k(context, &k));
    memcpy(shape, input->shape, sizeof shape);
    shape[input->rank - 1] = k;
    TRY(mg_settle_output(context, 0, input->rank, shape));
    TRY(mg_settle_output(context, 1, input->rank, shape));
    if (context->outputs[0]->elements == 0) return MIDGE_OK;
    top_rows rows = {context, (size_t)input->shape[input->rank - 1], (size_t)k};
    mg_parallel_for(context->pool, input->elements / rows.size, (1 << 14) / rows.size + 1,
                    rank_rows, &rows);
    return MIDGE_OK;
}

/* ---- ARG_MAX and ARG_MIN --------------------------------------------------------------------- */

static midge_status extreme_shape(midge_op_context *context, int32_t *axis,
                                  int32_t shape[MIDGE_MAX_RANK])
{
    const midge_tensor *input = context->inputs[0];
    int64_t value = 0;
    TRY(mg_read_integer(context, context->inputs[1], "axis", &value));
    TRY(mg_resolve_axis(context, value, input->rank, axis));
    if (input->shape[*axis] == 0)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "dimension %d of the input is empty",
                          (int)*axis);
    for (int32_t i = 0, to = 0; i < input->rank; ++i) {
        if (i != *axis) shape[to++] = input->shape[i];
    }
    return MIDGE_OK;
}

static midge_status prepare_extreme(midge_op_context *context, int8_t output_type)
{
    const midge_tensor *input = context->inputs[0], *output = context->outputs[0];
    int32_t shape[MIDGE_MAX_RANK], axis = 0;
    TRY(mg_require_type(context, input, "input",
                        MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT32, MIDGE_BOOL) |
                            MG_TYPES_2(MIDGE_UINT8, MIDGE_INT8)));
    TRY(mg_require_type(context, context->inputs[1], "axis", MG_TYPES_INDEX));
    TRY(mg_require_type(context, output, "output", MG_TYPES_INDEX));
    TRY(mg_require_rank(context, input, "input", 1, MIDGE_MAX_RANK));
    if ((midge_type)output_type != output->type)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "output is %s, output_type says %d",
                          midge_type_name(output->type), (int)output_type);
    if (!mg_is_known(context->inputs[1])) return mg_set_output_dynamic(context, 0);
    TRY(extreme_shape(context, &axis, shape));
    return mg_set_output_shape(context, 0, input->rank - 1, shape);
}

static midge_status run_extreme(midge_op_context *context, bool largest)
{
    const midge_tensor *input = context->inputs[0];
    midge_tensor *output = context->outputs[0];
    int32_t shape[MIDGE_MAX_RANK], axis = 0;
    TRY(extreme_shape(context, &axis, shape));
    TRY(mg_settle_output(context, 0, input->rank - 1, shape));
    if (output->elements == 0) return MIDGE_OK;
    mg_find_extreme(mg_number_of(input->type), largest, input->data,
                    mg_elements_between(input, 0, axis), (size_t)input->shape[axis],
                    mg_elements_between(input, axis + 1, input->rank), output->type == MIDGE_INT64,
                    output->data);
    return MIDGE_OK;
}

midge_status mg_prepare_arg_max(midge_op_context *context)
{
    return prepare_extreme(context, MG_OPTIONS(context, ArgMaxOptions)->output_type);
}

midge_status mg_run_arg_max(midge_op_context *context)
{
    return run_extreme(context, true);
}

midge_status mg_prepare_arg_min(midge_op_context *context)
{
    return prepare_extreme(context, MG_OPTIONS(context, ArgMinOptions)->output_type);
}

midge_status mg_run_arg_min(midge_op_context *context)
{
    return run_extreme(context, false);
}
