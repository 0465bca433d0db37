/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STABLEHLO_GATHER: boxes cut out of the operand, one for each index vector.
 *
 * The dimensions of the result are of two kinds: offset dimensions, which walk through a box, and
 * batch dimensions, which walk through the index vectors. A box has a size in every dimension of
 * the operand; collapsed dimensions have size 1 there and are not seen in the result. A box that
 * would stick out is pushed back inside.
 */
#include "op/movement.h"
#include "op/numbers.h"
#include "op/shape.h"

typedef struct gathering {
    const mg_StablehloGatherOptions *options;
    const midge_tensor *operand;
    const midge_tensor *starts;
    int32_t rank; /* of the result */
    int32_t shape[MIDGE_MAX_RANK];
    unsigned is_offset; /* bit i: result dimension i walks through the box */
} gathering;

static bool contains(const mg_int64s *list, int64_t value)
{
    for (size_t i = 0; i < list->count; ++i) {
        if (list->items[i] == value) return true;
    }
    return false;
}

/* Ascending numbers within 0 … limit - 1. */
static midge_status check_dimensions(midge_op_context *context, const mg_int64s *list,
                                     const char *role, int64_t limit, bool ascending)
{
    for (size_t i = 0; i < list->count; ++i) {
        bool again = false;
        for (size_t k = 0; k < i; ++k)
            again = again || list->items[k] == list->items[i] ||
                    (ascending && list->items[k] > list->items[i]);
        if (again || list->items[i] < 0 || list->items[i] >= limit)
            return mg_op_fail(context, MIDGE_INVALID_MODEL, "entry %zu of %s is %lld, of %lld", i,
                              role, (long long)list->items[i], (long long)limit);
    }
    return MIDGE_OK;
}

/* Components of an index vector. */
static int64_t vector_length(const gathering *g)
{
    const int64_t dimension = g->options->index_vector_dim;
    return dimension == g->starts->rank ? 1 : g->starts->shape[dimension];
}

static midge_status check_box(midge_op_context *context, const gathering *g)
{
    const mg_StablehloGatherOptions *options = g->options;
    const int32_t rank = g->operand->rank;
    if (options->slice_sizes.count != (size_t)rank)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%zu slice sizes for rank %d",
                          options->slice_sizes.count, (int)rank);
    TRY(check_dimensions(context, &options->collapsed_slice_dims, "collapsed_slice_dims", rank,
                         true));
    for (int32_t i = 0; i < rank; ++i) {
        const int64_t size = options->slice_sizes.items[i];
        const bool collapsed = contains(&options->collapsed_slice_dims, i);
        if (size < 0 || size > g->operand->shape[i] || (collapsed && size != 1))
            return mg_op_fail(context, MIDGE_INVALID_MODEL,
                              "slice size %d is %lld, the operand has %d", (int)i, (long long)size,
                              (int)g->operand->shape[i]);
    }
    if (options->index_vector_dim < 0 || options->index_vector_dim > g->starts->rank)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "index_vector_dim is %lld of rank %d",
                          (long long)options->index_vector_dim, (int)g->starts->rank);
    if ((int64_t)options->start_index_map.count != vector_length(g))
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "start_index_map has %zu entries, need %lld",
                          options->start_index_map.count, (long long)vector_length(g));
    return check_dimensions(context, &options->start_index_map, "start_index_map", rank, false);
}

static midge_status find_shape(midge_op_context *context, gathering *g)
{
    const mg_StablehloGatherOptions *options = MG_OPTIONS_2(context, StablehloGatherOptions);
    *g = (gathering){
        .options = options, .operand = context->inputs[0], .starts = context->inputs[1]};
    TRY(check_box(context, g));
    const size_t offsets = options->offset_dims.count;
    const int64_t batches = g->starts->rank - (options->index_vector_dim < g->starts->rank);
    if (offsets + options->collapsed_slice_dims.count != (size_t)g->operand->rank)
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "%zu offset and %zu collapsed dimensions for rank %d", offsets,
                          options->collapsed_slice_dims.count, (int)g->operand->rank);
    if ((int64_t)offsets + batches > MIDGE_MAX_RANK)
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "the result has %lld dimensions",
                          (long long)offsets + batches);
    g->rank = (int32_t)((int64_t)offsets + batches);
    TRY(check_dimensions(context, &options->offset_dims, "offset_dims", g->rank, true));
    int32_t box = 0, start = 0;
    for (int32_t i = 0; i < g->rank; ++i) {
        if (contains(&options->offset_dims, i)) {
            while (contains(&options->collapsed_slice_dims, box)) ++box;
            g->shape[i] = (int32_t)options->slice_sizes.items[box++];
            g->is_offset |= 1u << i;
        } else {
            if (start == options->index_vector_dim) ++start;
            g->shape[i] = g->starts->shape[start++];
        }
    }
    return MIDGE_OK;
}

midge_status mg_prepare_stablehlo_gather(midge_op_context *context)
{
    const midge_tensor *operand = context->inputs[0];
    gathering g;
    TRY(mg_require_type(context, operand, "operand", MG_TYPES_BYTES));
    TRY(mg_require_same_type(context, operand, "operand", context->outputs[0], "output"));
    TRY(mg_require_type(context, context->inputs[1], "start indices", MG_TYPES_INDEX));
    TRY(find_shape(context, &g));
    return mg_set_output_shape(context, 0, g.rank, g.shape);
}

/* The move of one box, but for its place in operand and result. */
static void plan_box(const gathering *g, const ptrdiff_t *from, const ptrdiff_t *to, mg_move *move)
{
    int32_t box = 0;
    mg_move_of(g->operand, move);
    for (int32_t i = 0; i < g->rank; ++i) {
        if ((g->is_offset >> i & 1) == 0) continue;
        while (contains(&g->options->collapsed_slice_dims, box)) ++box;
        mg_move_loop(move, (size_t)g->shape[i], from[box++], to[i]);
    }
    mg_move_merge(move);
}

/* Where a box starts in the operand; `first` is its vector's first component among the indices. */
static ptrdiff_t box_start(const gathering *g, const ptrdiff_t *from, size_t first, size_t step)
{
    const mg_indices indices = mg_indices_of(g->starts);
    ptrdiff_t start = 0;
    for (size_t k = 0; k < g->options->start_index_map.count; ++k) {
        const int64_t axis = g->options->start_index_map.items[k];
        const int64_t most = g->operand->shape[axis] - g->options->slice_sizes.items[axis];
        int64_t at = mg_indices_at(&indices, first + k * step);
        at = at < 0 ? 0 : at > most ? most : at;
        start += (ptrdiff_t)at * from[axis];
    }
    return start;
}

midge_status mg_run_stablehlo_gather(midge_op_context *context)
{
    ptrdiff_t from[MIDGE_MAX_RANK], to[MIDGE_MAX_RANK], index_steps[MIDGE_MAX_RANK];
    int32_t at[MIDGE_MAX_RANK] = {0};
    gathering g;
    mg_move move;
    TRY(find_shape(context, &g));
    if (context->outputs[0]->elements == 0) return MIDGE_OK;
    mg_dense_steps(g.operand->rank, g.operand->shape, from);
    mg_dense_steps(g.rank, g.shape, to);
    mg_dense_steps(g.starts->rank, g.starts->shape, index_steps);
    plan_box(&g, from, to, &move);
    const int64_t vector = g.options->index_vector_dim;
    const size_t step = vector == g.starts->rank ? 1 : (size_t)index_steps[vector];
    for (;;) {
        size_t first = 0;
        ptrdiff_t place = 0;
        for (int32_t i = 0, start = 0; i < g.rank; ++i) {
            if ((g.is_offset >> i & 1) != 0) continue;
            if (start == vector) ++start;
            first += (size_t)at[i] * (size_t)index_steps[start++];
            place += at[i] * to[i];
        }
        move.from_start = box_start(&g, from, first, step);
        move.to_start = place;
        mg_move_run(&move, g.operand->data, context->outputs[0]->data, 0,
                    mg_move_iterations(&move));
        int32_t i = g.rank - 1;
        for (; i >= 0; --i) {
            if ((g.is_offset >> i & 1) != 0) continue;
            if (++at[i] < g.shape[i]) break;
            at[i] = 0;
        }
        if (i < 0) return MIDGE_OK;
    }
}
