/* SPDX-License-Identifier: Apache-2.0 */
/* CUMSUM, SEGMENT_SUM and UNSORTED_SEGMENT_…: elements gathered into sums and other totals. */
#include "kernel/ref/combine.h"
#include "kernel/ref/cumulate.h"
#include "op/movement.h"
#include "op/numbers.h"
#include "op/shape.h"

/* ---- CUMSUM -------------------------------------------------------------------------------- */

static midge_status cumsum_axis(midge_op_context *context, int32_t *axis)
{
    int64_t value = 0;
    TRY(mg_read_integer(context, context->inputs[1], "axis", &value));
    return mg_resolve_axis(context, value, context->inputs[0]->rank, axis);
}

midge_status mg_prepare_cumsum(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    int32_t axis = 0;
    TRY(mg_require_type(context, input, "input",
                        MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT32, MIDGE_INT64)));
    TRY(mg_require_same_type(context, input, "input", context->outputs[0], "output"));
    TRY(mg_require_type(context, context->inputs[1], "axis", MG_TYPES_INDEX));
    TRY(mg_require_elements(context, context->inputs[1], "axis", 1));
    if (mg_is_known(context->inputs[1])) TRY(cumsum_axis(context, &axis));
    return mg_set_output_like(context, 0, input);
}

midge_status mg_run_cumsum(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const mg_CumsumOptions *options = MG_OPTIONS(context, CumsumOptions);
    int32_t axis = 0;
    TRY(cumsum_axis(context, &axis));
    if (input->elements == 0) return MIDGE_OK;
    mg_cumulate(mg_number_of(input->type), input->data, mg_elements_between(input, 0, axis),
                (size_t)input->shape[axis], mg_elements_between(input, axis + 1, input->rank),
                options->exclusive, options->reverse, context->outputs[0]->data);
    return MIDGE_OK;
}

/* ---- Segments ------------------------------------------------------------------------------ */

/* Output shape: `segments`, then what is left of the data's behind the first `skipped` dimensions.
 */
static int32_t segment_shape(const midge_tensor *data, int32_t skipped, int32_t segments,
                             int32_t shape[MIDGE_MAX_RANK])
{
    int32_t rank = 0;
    shape[rank++] = segments;
    for (int32_t i = skipped; i < data->rank; ++i) shape[rank++] = data->shape[i];
    return rank;
}

/* Combines each row of data with the row of the output that its id names; negative ids are dropped.
 */
static void combine_rows(midge_op_context *context, mg_combination combination)
{
    const midge_tensor *data = context->inputs[0], *ids = context->inputs[1];
    midge_tensor *output = context->outputs[0];
    const mg_number number = mg_number_of(data->type);
    const size_t length = mg_elements_between(data, ids->rank, data->rank);
    const size_t bytes = length * mg_number_bytes(number);
    uint64_t start = 0;
    if (output->elements == 0) return;
    mg_combine_start(combination, number, &start);
    mg_fill(output->data, &start, mg_number_bytes(number), output->elements);
    for (size_t i = 0; i < ids->elements; ++i) {
        const int32_t id = ((const int32_t *)ids->data)[i];
        if (id < 0) continue;
        mg_combine(combination, number, (char *)output->data + (size_t)id * bytes,
                   (const char *)data->data + i * bytes, 1, length);
    }
}

static midge_status check_segments(midge_op_context *context)
{
    const midge_tensor *data = context->inputs[0], *ids = context->inputs[1];
    TRY(mg_require_type(context, data, "data", MG_TYPES_2(MIDGE_FLOAT32, MIDGE_INT32)));
    TRY(mg_require_same_type(context, data, "data", context->outputs[0], "output"));
    TRY(mg_require_type(context, ids, "segment ids", MG_TYPES(MIDGE_INT32)));
    TRY(mg_require_rank(context, ids, "segment ids", 1, data->rank < 1 ? 1 : data->rank));
    bool fits = ids->rank <= data->rank;
    for (int32_t i = 0; fits && i < ids->rank; ++i) fits = ids->shape[i] == data->shape[i];
    if (fits) return MIDGE_OK;
    char a[MG_SHAPE_TEXT], b[MG_SHAPE_TEXT];
    return mg_op_fail(context, MIDGE_INVALID_MODEL, "segment ids %s do not fit data %s",
                      mg_shape_text(ids->rank, ids->shape, a),
                      mg_shape_text(data->rank, data->shape, b));
}

/* SEGMENT_SUM: ids ascend, so the last one says how many segments there are. */
static midge_status count_sorted(midge_op_context *context, int32_t *segments)
{
    const midge_tensor *ids = context->inputs[1];
    const int32_t *id = ids->data;
    int32_t last = -1;
    for (size_t i = 0; i < ids->elements; ++i) {
        if (id[i] < 0 || id[i] < last || id[i] == INT32_MAX)
            return mg_op_fail(context, mg_blame(ids), "segment id %zu is %d after %d", i,
                              (int)id[i], (int)last);
        last = id[i];
    }
    *segments = last + 1;
    return MIDGE_OK;
}

midge_status mg_prepare_segment_sum(midge_op_context *context)
{
    int32_t shape[MIDGE_MAX_RANK], segments = 0;
    TRY(check_segments(context));
    TRY(mg_require_rank(context, context->inputs[1], "segment ids", 1, 1));
    if (!mg_is_known(context->inputs[1])) return mg_set_output_dynamic(context, 0);
    TRY(count_sorted(context, &segments));
    return mg_set_output_shape(context, 0, segment_shape(context->inputs[0], 1, segments, shape),
                               shape);
}

midge_status mg_run_segment_sum(midge_op_context *context)
{
    int32_t shape[MIDGE_MAX_RANK], segments = 0;
    TRY(count_sorted(context, &segments));
    const int32_t rank = segment_shape(context->inputs[0], 1, segments, shape);
    TRY(mg_settle_output(context, 0, rank, shape));
    combine_rows(context, MG_COMBINE_ADD);
    return MIDGE_OK;
}

static midge_status read_segments(midge_op_context *context, int32_t *segments)
{
    const midge_tensor *number = context->inputs[2];
    int64_t value = 0;
    TRY(mg_read_integer(context, number, "number of segments", &value));
    if (value < 0 || value > INT32_MAX)
        return mg_op_fail(context, mg_blame(number), "the number of segments is %lld",
                          (long long)value);
    *segments = (int32_t)value;
    return MIDGE_OK;
}

static midge_status prepare_unsorted(midge_op_context *context)
{
    int32_t shape[MIDGE_MAX_RANK], segments = 0;
    TRY(check_segments(context));
    TRY(mg_require_type(context, context->inputs[2], "number of segments", MG_TYPES_INDEX));
    TRY(mg_require_elements(context, context->inputs[2], "number of segments", 1));
    if (!mg_is_known(context->inputs[2])) return mg_set_output_dynamic(context, 0);
    TRY(read_segments(context, &segments));
    const int32_t skipped = context->inputs[1]->rank;
    return mg_set_output_shape(context, 0,
                               segment_shape(context->inputs[0], skipped, segments, shape), shape);
}

static midge_status run_unsorted(midge_op_context *context, mg_combination combination)
{
    const midge_tensor *ids = context->inputs[1];
    int32_t shape[MIDGE_MAX_RANK], segments = 0;
    TRY(read_segments(context, &segments));
    const int32_t rank = segment_shape(context->inputs[0], ids->rank, segments, shape);
    TRY(mg_settle_output(context, 0, rank, shape));
    for (size_t i = 0; i < ids->elements; ++i) {
        const int32_t id = ((const int32_t *)ids->data)[i];
        if (id >= segments)
            return mg_op_fail(context, mg_blame(ids), "segment id %zu is %d, of %d segments", i,
                              (int)id, (int)segments);
    }
    combine_rows(context, combination);
    return MIDGE_OK;
}

midge_status mg_prepare_unsorted_segment_sum(midge_op_context *context)
{
    return prepare_unsorted(context);
}

midge_status mg_run_unsorted_segment_sum(midge_op_context *context)
{
    return run_unsorted(context, MG_COMBINE_ADD);
}

midge_status mg_prepare_unsorted_segment_prod(midge_op_context *context)
{
    return prepare_unsorted(context);
}

midge_status mg_run_unsorted_segment_prod(midge_op_context *context)
{
    return run_unsorted(context, MG_COMBINE_MULTIPLY);
}

midge_status mg_prepare_unsorted_segment_max(midge_op_context *context)
{
    return prepare_unsorted(context);
}

midge_status mg_run_unsorted_segment_max(midge_op_context *context)
{
    return run_unsorted(context, MG_COMBINE_MAXIMUM);
}

midge_status mg_prepare_unsorted_segment_min(midge_op_context *context)
{
    return prepare_unsorted(context);
}

midge_status mg_run_unsorted_segment_min(midge_op_context *context)
{
    return run_unsorted(context, MG_COMBINE_MINIMUM);
}
