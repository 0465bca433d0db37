/* SPDX-License-Identifier: Apache-2.0 */
/* WHERE and UNIQUE: outputs as long as the data says. */
#include "kernel/ref/ranking.h"
#include "op/movement.h"

#include <string.h>

#include "op/numbers.h"

/* ---- WHERE: the coordinates of all elements that are not 0 ----------------------------------- */

static bool is_set(const midge_tensor *condition, size_t i)
{
    switch (midge_type_bits(condition->type)) {
    case 8: return ((const uint8_t *)condition->data)[i] != 0;
    case 32:
        return condition->type == MIDGE_FLOAT32 ? ((const float *)condition->data)[i] != 0
                                                : ((const uint32_t *)condition->data)[i] != 0;
    default: return ((const uint64_t *)condition->data)[i] != 0;
    }
}

static void count_set(const midge_tensor *condition, int32_t shape[2])
{
    size_t count = 0;
    for (size_t i = 0; i < condition->elements; ++i) count += is_set(condition, i);
    shape[0] = (int32_t)count;
    shape[1] = condition->rank;
}

midge_status mg_prepare_where(midge_op_context *context)
{
    const midge_tensor *condition = context->inputs[0];
    int32_t shape[2];
    TRY(mg_require_type(context, condition, "condition",
                        MG_TYPES_3(MIDGE_BOOL, MIDGE_INT8, MIDGE_UINT8) |
                            MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT32, MIDGE_UINT32) |
                            MG_TYPES(MIDGE_INT64)));
    TRY(mg_require_type(context, context->outputs[0], "output", MG_TYPES(MIDGE_INT64)));
    TRY(mg_require_rank(context, condition, "condition", 1, MIDGE_MAX_RANK));
    if (!mg_is_known(condition)) return mg_set_output_dynamic(context, 0);
    count_set(condition, shape);
    return mg_set_output_shape(context, 0, 2, shape);
}

midge_status mg_run_where(midge_op_context *context)
{
    const midge_tensor *condition = context->inputs[0];
    int32_t shape[2];
    count_set(condition, shape);
    TRY(mg_settle_output(context, 0, 2, shape));
    int64_t *to = context->outputs[0]->data;
    for (size_t i = 0; i < condition->elements; ++i) {
        if (!is_set(condition, i)) continue;
        size_t rest = i;
        for (int32_t d = condition->rank - 1; d >= 0; --d) {
            to[d] = (int64_t)(rest % (size_t)condition->shape[d]);
            rest /= (size_t)condition->shape[d];
        }
        to += condition->rank;
    }
    return MIDGE_OK;
}

/* ---- UNIQUE: values in the order of their first appearance, and each element's place in it -- */

midge_status mg_prepare_unique(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0], *places = context->outputs[1];
    const int8_t type = MG_OPTIONS(context, UniqueOptions)->idx_out_type;
    size_t bytes = 0;
    TRY(mg_require_type(context, input, "input",
                        MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT32, MIDGE_INT64) | MG_TYPES_QUANTIZED));
    TRY(mg_require_same_type(context, input, "input", context->outputs[0], "values"));
    TRY(mg_require_type(context, places, "indices", MG_TYPES_INDEX));
    TRY(mg_require_rank(context, input, "input", 1, 1));
    if ((midge_type)type != places->type)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "indices are %s, idx_out_type says %d",
                          midge_type_name(places->type), (int)type);
    if (!mg_size_multiply(input->elements, 2 * sizeof(int32_t), &bytes))
        return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "%zu elements are too many",
                          input->elements);
    TRY(mg_request_scratch(context, bytes));
    TRY(mg_set_output_dynamic(context, 0));
    return mg_set_output_like(context, 1, input);
}

static void write_place(midge_tensor *places, size_t i, int32_t place)
{
    if (places->type == MIDGE_INT64)
        ((int64_t *)places->data)[i] = place;
    else
        ((int32_t *)places->data)[i] = place;
}

/*
 * Sorting brings equal elements together, each group led by its first element. Going through the
 * elements in their own order then, leaders get the next place, others that of their leader.
 */
midge_status mg_run_unique(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const mg_number number = mg_number_of(input->type);
    const size_t count = input->elements, bytes = midge_type_bits(input->type) / 8;
    int32_t *sorted = context->scratch, *leader = sorted + count, distinct = 0;
    mg_rank(number, input->data, count, count, sorted);
    for (size_t i = 0, first = 0; i < count; ++i) {
        if (mg_rank_key(number, input->data, (size_t)sorted[i]) !=
            mg_rank_key(number, input->data, (size_t)sorted[first]))
            first = i;
        leader[sorted[i]] = sorted[first];
    }
    for (size_t i = 0; i < count; ++i) {
        const bool leads = leader[i] == (int32_t)i;
        const int32_t place = leads ? distinct : sorted[leader[i]];
        if (leads) ++distinct;
        sorted[i] = place;
        write_place(context->outputs[1], i, place);
    }
    TRY(mg_resize_output(context, 0, 1, &distinct));
    char *values = context->outputs[0]->data;
    for (size_t i = 0; i < count; ++i) {
        if (leader[i] == (int32_t)i)
            memcpy(values + (size_t)sorted[i] * bytes, (const char *)input->data + i * bytes,
                   bytes);
    }
    return MIDGE_OK;
}
