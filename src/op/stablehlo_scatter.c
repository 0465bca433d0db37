/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STABLEHLO_SCATTER: windows of updates combined with the operand, one for each index vector. How
 * is said by a subgraph, of which only its single node is looked at; none means replacing.
 */
#include "op/movement.h"

#include <string.h>

#include "kernel/ref/scatter_windows.h"
#include "op/numbers.h"
#include "op/shape.h"

static midge_status find_combination(midge_op_context *context, mg_combination *combination)
{
    const int32_t number =
        MG_OPTIONS_2(context, StablehloScatterOptions)->update_computation_subgraph_index;
    const mg_graph *body = mg_subgraph_definition(context, number);
    if (body == NULL)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "subgraph %d does not exist", (int)number);
    *combination = MG_COMBINE_REPLACE;
    if (body->node_count == 0) return MIDGE_OK;
    const int32_t op = body->node_count == 1 ? body->nodes[0].op : -1;
    switch (op) {
    case MG_BUILTIN_STABLEHLO_ADD: *combination = MG_COMBINE_ADD; return MIDGE_OK;
    case MG_BUILTIN_STABLEHLO_MULTIPLY: *combination = MG_COMBINE_MULTIPLY; return MIDGE_OK;
    case MG_BUILTIN_STABLEHLO_MAXIMUM: *combination = MG_COMBINE_MAXIMUM; return MIDGE_OK;
    case MG_BUILTIN_STABLEHLO_MINIMUM: *combination = MG_COMBINE_MINIMUM; return MIDGE_OK;
    default:
        return mg_op_fail(context, MIDGE_UNSUPPORTED,
                          "subgraph %d has %zu nodes that are not one of STABLEHLO_ADD, _MULTIPLY, "
                          "_MAXIMUM and _MINIMUM",
                          (int)number, body->node_count);
    }
}

/* Position of a value in a list; -1 when it is not there. */
static int32_t position(const mg_int64s *list, int64_t value)
{
    for (size_t i = 0; i < list->count; ++i) {
        if (list->items[i] == value) return (int32_t)i;
    }
    return -1;
}

static midge_status check_list(midge_op_context *context, const mg_int64s *list, const char *role,
                               int64_t limit)
{
    for (size_t i = 0; i < list->count; ++i) {
        if (list->items[i] < 0 || list->items[i] >= limit ||
            position(list, list->items[i]) != (int32_t)i)
            return mg_op_fail(context, MIDGE_INVALID_MODEL, "entry %zu of %s is %lld, of %lld", i,
                              role, (long long)list->items[i], (long long)limit);
    }
    return MIDGE_OK;
}

static midge_status check_lists(midge_op_context *context)
{
    const mg_StablehloScatterOptions *options = MG_OPTIONS_2(context, StablehloScatterOptions);
    const int32_t rank = context->inputs[0]->rank;
    const int32_t index_rank = context->inputs[1]->rank, update_rank = context->inputs[2]->rank;
    TRY(check_list(context, &options->update_window_dims, "update_window_dims", update_rank));
    TRY(check_list(context, &options->inserted_window_dims, "inserted_window_dims", rank));
    TRY(check_list(context, &options->scatter_dims_to_operand_dims, "scatter_dims_to_operand_dims",
                   rank));
    if (options->index_vector_dim < 0 || options->index_vector_dim > index_rank)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "index_vector_dim is %lld of rank %d",
                          (long long)options->index_vector_dim, (int)index_rank);
    const size_t windows = options->update_window_dims.count;
    const size_t vectors = (size_t)(index_rank - (options->index_vector_dim < index_rank));
    if (windows + options->inserted_window_dims.count != (size_t)rank ||
        windows + vectors != (size_t)update_rank)
        return mg_op_fail(
            context, MIDGE_INVALID_MODEL,
            "%zu window, %zu inserted and %zu index dimensions for an operand of rank "
            "%d and updates of rank %d",
            windows, options->inserted_window_dims.count, vectors, (int)rank, (int)update_rank);
    const int64_t components = options->index_vector_dim == index_rank
                                   ? 1
                                   : context->inputs[1]->shape[options->index_vector_dim];
    if ((int64_t)options->scatter_dims_to_operand_dims.count == components) return MIDGE_OK;
    return mg_op_fail(context, MIDGE_INVALID_MODEL, "index vectors of %lld for %zu dimensions",
                      (long long)components, options->scatter_dims_to_operand_dims.count);
}

/* Fills the plan; fails where updates and indices have different sizes. */
static midge_status plan(midge_op_context *context, mg_window_scatter *s)
{
    const mg_StablehloScatterOptions *options = MG_OPTIONS_2(context, StablehloScatterOptions);
    const midge_tensor *operand = context->inputs[0], *indices = context->inputs[1];
    const midge_tensor *updates = context->inputs[2];
    ptrdiff_t steps[MIDGE_MAX_RANK];
    int32_t window = 0, vector = 0;
    memset(s, 0, sizeof *s);
    s->rank = operand->rank;
    s->update_rank = updates->rank;
    memcpy(s->shape, operand->shape, sizeof s->shape);
    memcpy(s->update_shape, updates->shape, sizeof s->update_shape);
    mg_dense_steps(indices->rank, indices->shape, steps);
    for (int32_t i = 0; i < updates->rank; ++i) {
        if (position(&options->update_window_dims, i) >= 0) {
            while (position(&options->inserted_window_dims, window) >= 0) ++window;
            s->along[i] = window++;
            continue;
        }
        if (vector == options->index_vector_dim) ++vector;
        if (updates->shape[i] != indices->shape[vector])
            return mg_op_fail(context, MIDGE_INVALID_MODEL,
                              "dimension %d of the updates has size %d, of the indices %d", (int)i,
                              (int)updates->shape[i], (int)indices->shape[vector]);
        s->along[i] = -1;
        s->index_step[i] = (size_t)steps[vector++];
    }
    s->indices = mg_indices_of(indices);
    s->components = (int32_t)options->scatter_dims_to_operand_dims.count;
    s->component_step =
        options->index_vector_dim == indices->rank ? 1 : (size_t)steps[options->index_vector_dim];
    for (int32_t c = 0; c < s->components; ++c)
        s->component_of[c] = (int32_t)options->scatter_dims_to_operand_dims.items[c];
    return MIDGE_OK;
}

midge_status mg_prepare_stablehlo_scatter(midge_op_context *context)
{
    const midge_tensor *operand = context->inputs[0];
    mg_combination combination = MG_COMBINE_REPLACE;
    mg_window_scatter scatter;
    TRY(mg_require_type(context, operand, "operand", MG_TYPES_NUMBER));
    TRY(mg_require_same_type(context, operand, "operand", context->inputs[2], "updates"));
    TRY(mg_require_same_type(context, operand, "operand", context->outputs[0], "output"));
    TRY(mg_require_type(context, context->inputs[1], "indices", MG_TYPES_INDEX));
    TRY(find_combination(context, &combination));
    TRY(check_lists(context));
    TRY(plan(context, &scatter));
    return mg_set_output_like(context, 0, operand);
}

midge_status mg_run_stablehlo_scatter(midge_op_context *context)
{
    const midge_tensor *operand = context->inputs[0], *updates = context->inputs[2];
    mg_combination combination = MG_COMBINE_REPLACE;
    mg_window_scatter scatter;
    TRY(find_combination(context, &combination));
    TRY(plan(context, &scatter));
    mg_copy_elements(operand, context->outputs[0]);
    if (operand->elements > 0)
        mg_scatter_windows(&scatter, combination, mg_number_of(operand->type), updates->data,
                           context->outputs[0]->data);
    return MIDGE_OK;
}
