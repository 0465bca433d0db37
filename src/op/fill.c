/* SPDX-License-Identifier: Apache-2.0 */
/* FILL, RANGE and ONE_HOT: tensors made of a few numbers. */
#include "op/movement.h"

#include <math.h>
#include <string.h>

#include "op/shape.h"
#include "op/strings.h"

/* ---- FILL ---------------------------------------------------------------------------------- */

midge_status mg_prepare_fill(midge_op_context *context)
{
    const midge_tensor *dims = context->inputs[0], *value = context->inputs[1];
    int32_t shape[MIDGE_MAX_RANK], rank = 0;
    TRY(mg_require_type(context, dims, "dims", MG_TYPES_INDEX));
    TRY(mg_require_type(context, value, "value", MG_TYPES_BYTES | MG_TYPES(MIDGE_STRING)));
    TRY(mg_require_same_type(context, value, "value", context->outputs[0], "output"));
    TRY(mg_require_elements(context, value, "value", 1));
    if (!mg_is_known(dims)) return mg_set_output_dynamic(context, 0);
    TRY(mg_read_shape(context, dims, "dims", &rank, shape));
    return mg_set_output_shape(context, 0, rank, shape);
}

static size_t first_string(const void *argument, size_t index)
{
    (void)argument;
    (void)index;
    return 0;
}

midge_status mg_run_fill(midge_op_context *context)
{
    const midge_tensor *value = context->inputs[1], *output = context->outputs[0];
    int32_t shape[MIDGE_MAX_RANK], rank = 0;
    TRY(mg_read_shape(context, context->inputs[0], "dims", &rank, shape));
    TRY(mg_settle_output(context, 0, rank, shape));
    if (value->type == MIDGE_STRING)
        return mg_select_strings(context, 0, value, first_string, NULL);
    mg_fill(output->data, value->data, midge_type_bits(value->type) / 8, output->elements);
    return MIDGE_OK;
}

/* ---- RANGE --------------------------------------------------------------------------------- */

static midge_status float_count(midge_op_context *context, float start, float limit, float delta,
                                double *count)
{
    if (!((start >= limit && delta < 0) || (start <= limit && delta > 0)))
        return mg_op_fail(context, mg_blame(context->inputs[2]),
                          "steps of %g do not lead from %g to %g", (double)delta, (double)start,
                          (double)limit);
    *count = ceil((double)fabsf((limit - start) / delta));
    return MIDGE_OK;
}

/* Distances of any two int64 fit into uint64. */
static midge_status integer_count(midge_op_context *context, int64_t start, int64_t limit,
                                  int64_t delta, double *count)
{
    if (!((start >= limit && delta < 0) || (start <= limit && delta > 0)))
        return mg_op_fail(context, mg_blame(context->inputs[2]),
                          "steps of %lld do not lead from %lld to %lld", (long long)delta,
                          (long long)start, (long long)limit);
    uint64_t way =
        start < limit ? (uint64_t)limit - (uint64_t)start : (uint64_t)start - (uint64_t)limit;
    uint64_t pace = delta < 0 ? 0 - (uint64_t)delta : (uint64_t)delta;
    *count = (double)(way / pace + (way % pace != 0));
    return MIDGE_OK;
}

static midge_status range_size(midge_op_context *context, int32_t *size)
{
    midge_tensor *const *in = context->inputs;
    double count = 0;
    if (in[0]->type == MIDGE_FLOAT32)
        TRY(float_count(context, *(const float *)in[0]->data, *(const float *)in[1]->data,
                        *(const float *)in[2]->data, &count));
    else
        TRY(integer_count(context, mg_index_at(in[0], 0), mg_index_at(in[1], 0),
                          mg_index_at(in[2], 0), &count));
    if (!(count <= INT32_MAX))
        return mg_op_fail(context, mg_blame(in[1]), "the range has %g elements, more than fit",
                          count);
    *size = (int32_t)count;
    return MIDGE_OK;
}

midge_status mg_prepare_range(midge_op_context *context)
{
    static const char *const roles[] = {"start", "limit", "delta"};
    bool known = true;
    int32_t size = 0;
    for (int i = 0; i < 3; ++i) {
        const midge_tensor *tensor = context->inputs[i];
        TRY(mg_require_type(context, tensor, roles[i],
                            MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT32, MIDGE_INT64)));
        TRY(mg_require_same_type(context, tensor, roles[i], context->outputs[0], "output"));
        TRY(mg_require_elements(context, tensor, roles[i], 1));
        known = known && mg_is_known(tensor);
    }
    if (!known) return mg_set_output_dynamic(context, 0);
    TRY(range_size(context, &size));
    return mg_set_output_shape(context, 0, 1, &size);
}

midge_status mg_run_range(midge_op_context *context)
{
    midge_tensor *output = context->outputs[0];
    int32_t size = 0;
    TRY(range_size(context, &size));
    TRY(mg_settle_output(context, 0, 1, &size));
    if (output->type == MIDGE_FLOAT32) {
        float value = *(const float *)context->inputs[0]->data;
        const float delta = *(const float *)context->inputs[2]->data;
        for (int32_t i = 0; i < size; ++i, value += delta) ((float *)output->data)[i] = value;
        return MIDGE_OK;
    }
    uint64_t value = (uint64_t)mg_index_at(context->inputs[0], 0);
    const uint64_t delta = (uint64_t)mg_index_at(context->inputs[2], 0);
    for (int32_t i = 0; i < size; ++i, value += delta) {
        if (output->type == MIDGE_INT64)
            ((int64_t *)output->data)[i] = (int64_t)value;
        else
            ((int32_t *)output->data)[i] = (int32_t)(int64_t)value;
    }
    return MIDGE_OK;
}

/* ---- ONE_HOT ------------------------------------------------------------------------------- */

static midge_status one_hot_shape(midge_op_context *context, int32_t *axis,
                                  int32_t shape[MIDGE_MAX_RANK])
{
    const midge_tensor *indices = context->inputs[0], *depth = context->inputs[1];
    const int32_t wish = MG_OPTIONS(context, OneHotOptions)->axis;
    int64_t size = 0;
    *axis = wish == -1 ? indices->rank : wish;
    if (*axis < 0 || *axis > indices->rank)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "axis %d is outside rank %d", (int)wish,
                          (int)indices->rank + 1);
    TRY(mg_read_integer(context, depth, "depth", &size));
    if (size < 0 || size > INT32_MAX)
        return mg_op_fail(context, mg_blame(depth), "depth is %lld", (long long)size);
    for (int32_t i = 0; i < indices->rank; ++i) shape[i + (i >= *axis)] = indices->shape[i];
    shape[*axis] = (int32_t)size;
    return MIDGE_OK;
}

midge_status mg_prepare_one_hot(midge_op_context *context)
{
    const midge_tensor *indices = context->inputs[0], *output = context->outputs[0];
    int32_t shape[MIDGE_MAX_RANK], axis = 0;
    TRY(mg_require_type(context, indices, "indices",
                        MG_TYPES_INDEX | MG_TYPES_3(MIDGE_UINT8, MIDGE_INT8, MIDGE_INT16)));
    TRY(mg_require_type(context, context->inputs[1], "depth", MG_TYPES_INDEX));
    TRY(mg_require_type(context, output, "output", MG_TYPES_BYTES));
    TRY(mg_require_same_type(context, context->inputs[2], "on_value", output, "output"));
    TRY(mg_require_same_type(context, context->inputs[3], "off_value", output, "output"));
    TRY(mg_require_elements(context, context->inputs[2], "on_value", 1));
    TRY(mg_require_elements(context, context->inputs[3], "off_value", 1));
    TRY(mg_require_rank(context, indices, "indices", 0, MIDGE_MAX_RANK - 1));
    if (!mg_is_known(context->inputs[1])) return mg_set_output_dynamic(context, 0);
    TRY(one_hot_shape(context, &axis, shape));
    return mg_set_output_shape(context, 0, indices->rank + 1, shape);
}

midge_status mg_run_one_hot(midge_op_context *context)
{
    const midge_tensor *indices = context->inputs[0], *output = context->outputs[0];
    const size_t bytes = midge_type_bits(output->type) / 8;
    int32_t shape[MIDGE_MAX_RANK], axis = 0;
    TRY(one_hot_shape(context, &axis, shape));
    TRY(mg_settle_output(context, 0, indices->rank + 1, shape));
    if (output->elements == 0) return MIDGE_OK;
    mg_fill(output->data, context->inputs[3]->data, bytes, output->elements);
    const size_t suffix = mg_elements_between(indices, axis, indices->rank);
    const size_t depth = (size_t)shape[axis];
    for (size_t i = 0; i < indices->elements; ++i) {
        const int64_t hot = mg_index_at(indices, i);
        if (hot < 0 || (uint64_t)hot >= depth) continue;
        size_t at = (i / suffix * depth + (size_t)hot) * suffix + i % suffix;
        memcpy((char *)output->data + at * bytes, context->inputs[2]->data, bytes);
    }
    return MIDGE_OK;
}
