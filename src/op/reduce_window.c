/* SPDX-License-Identifier: Apache-2.0 */
/* REDUCE_WINDOW and STABLEHLO_REDUCE_WINDOW: a window moved over a tensor. */
#include "kernel/ref/window_reduction.h"
#include "op/movement.h"
#include "op/numbers.h"

#define TYPES_REDUCIBLE                                \
    (MG_TYPES_3(MIDGE_BOOL, MIDGE_INT8, MIDGE_INT16) | \
     MG_TYPES_3(MIDGE_INT32, MIDGE_INT64, MIDGE_UINT8) | MG_TYPES_2(MIDGE_FLOAT32, MIDGE_FLOAT64))

/* What the caller has read of one dimension; the rest is filled. */
static midge_status set_dimension(midge_op_context *context, mg_window_reduction *r, int32_t d,
                                  int64_t high)
{
    const int64_t most = INT32_MAX;
    bool fits = r->window[d] >= 1 && r->window[d] <= most && r->stride[d] >= 1 &&
                r->stride[d] <= most && r->dilation[d] >= 1 && r->dilation[d] <= most &&
                r->pace[d] >= 1 && r->pace[d] <= most && r->low[d] >= -most && r->low[d] <= most &&
                high >= -most && high <= most;
    r->input[d] = context->inputs[0]->shape[d];
    if (!fits)
        return mg_op_fail(
            context, MIDGE_INVALID_MODEL,
            "dimension %d: window %lld, stride %lld, dilations %lld and %lld, padding "
            "%lld and %lld",
            (int)d, (long long)r->window[d], (long long)r->stride[d], (long long)r->dilation[d],
            (long long)r->pace[d], (long long)r->low[d], (long long)high);
    const int64_t seen = (r->window[d] - 1) * r->dilation[d] + 1;
    const int64_t spread = r->input[d] == 0 ? 0 : (r->input[d] - 1) * r->pace[d] + 1;
    const int64_t size = spread + r->low[d] + high;
    r->output[d] = size < seen ? 0 : (size - seen) / r->stride[d] + 1;
    if (r->output[d] <= most) return MIDGE_OK;
    return mg_op_fail(context, MIDGE_INVALID_MODEL, "dimension %d of the output would be %lld",
                      (int)d, (long long)r->output[d]);
}

static midge_status check(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    TRY(mg_require_type(context, input, "input", TYPES_REDUCIBLE));
    TRY(mg_require_same_type(context, input, "input", context->inputs[1], "initial value"));
    TRY(mg_require_same_type(context, input, "input", context->outputs[0], "output"));
    TRY(mg_require_elements(context, context->inputs[1], "initial value", 1));
    return mg_require_rank(context, input, "input", 1, MIDGE_MAX_RANK);
}

/* A window never has more elements than the largest tensor. */
static midge_status output_shape(midge_op_context *context, const mg_window_reduction *r,
                                 int32_t shape[MIDGE_MAX_RANK])
{
    int64_t seen = 1;
    for (int32_t d = 0; d < r->rank; ++d) {
        shape[d] = (int32_t)r->output[d];
        if (r->window[d] > INT32_MAX / seen)
            return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "the window passes 2^31 elements");
        seen *= r->window[d];
    }
    return MIDGE_OK;
}

typedef struct reduction_work {
    const midge_op_context *context;
    const mg_window_reduction *reduction;
    mg_combination combination;
} reduction_work;

static void reduce_rows(void *argument, size_t begin, size_t end, int worker)
{
    const reduction_work *own = argument;
    const midge_op_context *context = own->context;
    (void)worker;
    mg_reduce_windows(own->reduction, own->combination, mg_number_of(context->inputs[0]->type),
                      context->inputs[0]->data, context->inputs[1]->data, context->outputs[0]->data,
                      begin, end);
}

static midge_status reduce(midge_op_context *context, const mg_window_reduction *r,
                           mg_combination combination)
{
    const midge_tensor *output = context->outputs[0];
    reduction_work work = {context, r, combination};
    if (output->elements == 0) return MIDGE_OK;
    const size_t row_length = (size_t)r->output[r->rank - 1];
    mg_parallel_for(context->pool, output->elements / row_length, (1 << 12) / row_length + 1,
                    reduce_rows, &work);
    return MIDGE_OK;
}

/* ---- STABLEHLO_REDUCE_WINDOW: the arithmetic is that of the only node of a subgraph --------- */

static midge_status find_body(midge_op_context *context, mg_combination *combination)
{
    const int32_t number = MG_OPTIONS_2(context, StablehloReduceWindowOptions)->body_subgraph_index;
    const mg_graph *body = mg_subgraph_definition(context, number);
    if (body == NULL)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "subgraph %d does not exist", (int)number);
    switch (body->node_count == 1 ? body->nodes[0].op : -1) {
    case MG_BUILTIN_ADD:
    case MG_BUILTIN_STABLEHLO_ADD: *combination = MG_COMBINE_ADD; return MIDGE_OK;
    case MG_BUILTIN_MUL:
    case MG_BUILTIN_STABLEHLO_MULTIPLY: *combination = MG_COMBINE_MULTIPLY; return MIDGE_OK;
    case MG_BUILTIN_MAXIMUM:
    case MG_BUILTIN_STABLEHLO_MAXIMUM: *combination = MG_COMBINE_UPPER; return MIDGE_OK;
    case MG_BUILTIN_MINIMUM:
    case MG_BUILTIN_STABLEHLO_MINIMUM: *combination = MG_COMBINE_LOWER; return MIDGE_OK;
    case MG_BUILTIN_LOGICAL_AND:
    case MG_BUILTIN_STABLEHLO_AND: *combination = MG_COMBINE_ALL; return MIDGE_OK;
    case MG_BUILTIN_LOGICAL_OR:
    case MG_BUILTIN_STABLEHLO_OR: *combination = MG_COMBINE_ANY; return MIDGE_OK;
    default:
        return mg_op_fail(context, MIDGE_UNSUPPORTED,
                          "subgraph %d has %zu nodes that are not one sum, product, maximum, "
                          "minimum, and, or",
                          (int)number, body->node_count);
    }
}

/* Empty lists stand for ones, and for no padding. */
static int64_t entry(const mg_int64s *list, size_t i, int64_t otherwise)
{
    return list->count == 0 ? otherwise : list->items[i];
}

static midge_status plan_stablehlo(midge_op_context *context, mg_window_reduction *r)
{
    const mg_StablehloReduceWindowOptions *options =
        MG_OPTIONS_2(context, StablehloReduceWindowOptions);
    const mg_int64s *lists[] = {&options->window_strides, &options->base_dilations,
                                &options->window_dilations};
    const size_t rank = (size_t)context->inputs[0]->rank;
    bool fits = options->window_dimensions.count == rank &&
                (options->padding.count == 0 || options->padding.count == 2 * rank);
    for (int i = 0; i < 3; ++i) fits = fits && (lists[i]->count == 0 || lists[i]->count == rank);
    if (!fits)
        return mg_op_fail(
            context, MIDGE_INVALID_MODEL,
            "%zu window sizes, %zu strides, %zu and %zu dilations and %zu paddings for "
            "rank %zu",
            options->window_dimensions.count, lists[0]->count, lists[1]->count, lists[2]->count,
            options->padding.count, rank);
    r->rank = (int32_t)rank;
    for (size_t d = 0; d < rank; ++d) {
        r->window[d] = options->window_dimensions.items[d];
        r->stride[d] = entry(lists[0], d, 1);
        r->pace[d] = entry(lists[1], d, 1);
        r->dilation[d] = entry(lists[2], d, 1);
        r->low[d] = entry(&options->padding, 2 * d, 0);
        TRY(set_dimension(context, r, (int32_t)d, entry(&options->padding, 2 * d + 1, 0)));
    }
    return MIDGE_OK;
}

midge_status mg_prepare_stablehlo_reduce_window(midge_op_context *context)
{
    int32_t shape[MIDGE_MAX_RANK];
    mg_combination combination = MG_COMBINE_REPLACE;
    mg_window_reduction r;
    TRY(check(context));
    TRY(find_body(context, &combination));
    TRY(plan_stablehlo(context, &r));
    TRY(output_shape(context, &r, shape));
    return mg_set_output_shape(context, 0, r.rank, shape);
}

midge_status mg_run_stablehlo_reduce_window(midge_op_context *context)
{
    mg_combination combination = MG_COMBINE_REPLACE;
    mg_window_reduction r;
    TRY(find_body(context, &combination));
    TRY(plan_stablehlo(context, &r));
    return reduce(context, &r, combination);
}

/* ---- REDUCE_WINDOW: sizes are inputs -------------------------------------------------------- */

static midge_status plan_plain(midge_op_context *context, mg_window_reduction *r)
{
    midge_tensor *const *in = context->inputs;
    const size_t rank = (size_t)in[0]->rank;
    TRY(mg_read_integers(context, in[2], "window shape", rank, r->window));
    TRY(mg_read_integers(context, in[3], "window strides", rank, r->stride));
    TRY(mg_read_integers(context, in[4], "window dilations", rank, r->dilation));
    r->rank = in[0]->rank;
    for (int32_t d = 0; d < r->rank; ++d) {
        r->pace[d] = 1;
        r->low[d] = 0;
        TRY(set_dimension(context, r, d, 0));
    }
    return MIDGE_OK;
}

static midge_status plain_combination(midge_op_context *context, mg_combination *combination)
{
    static const mg_combination table[] = {[MG_REDUCE_WINDOW_ADD] = MG_COMBINE_ADD,
                                           [MG_REDUCE_WINDOW_MUL] = MG_COMBINE_MULTIPLY,
                                           [MG_REDUCE_WINDOW_MINIMUM] = MG_COMBINE_LOWER,
                                           [MG_REDUCE_WINDOW_MAXIMUM] = MG_COMBINE_UPPER,
                                           [MG_REDUCE_WINDOW_ALL] = MG_COMBINE_ALL,
                                           [MG_REDUCE_WINDOW_ANY] = MG_COMBINE_ANY};
    const int32_t function = MG_OPTIONS_2(context, ReduceWindowOptions)->reduce_function;
    if (function < MG_REDUCE_WINDOW_ADD || function > MG_REDUCE_WINDOW_ANY)
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "reduce_function %d", (int)function);
    *combination = table[function];
    return MIDGE_OK;
}

midge_status mg_prepare_reduce_window(midge_op_context *context)
{
    static const char *const roles[] = {"window shape", "window strides", "window dilations"};
    int32_t shape[MIDGE_MAX_RANK];
    mg_combination combination = MG_COMBINE_REPLACE;
    mg_window_reduction r;
    bool known = true;
    TRY(check(context));
    TRY(plain_combination(context, &combination));
    for (int i = 0; i < 3; ++i) {
        TRY(mg_require_type(context, context->inputs[2 + i], roles[i], MG_TYPES_INDEX));
        known = known && mg_is_known(context->inputs[2 + i]);
    }
    if (!known) return mg_set_output_dynamic(context, 0);
    TRY(plan_plain(context, &r));
    TRY(output_shape(context, &r, shape));
    return mg_set_output_shape(context, 0, r.rank, shape);
}

midge_status mg_run_reduce_window(midge_op_context *context)
{
    int32_t shape[MIDGE_MAX_RANK];
    mg_combination combination = MG_COMBINE_REPLACE;
    mg_window_reduction r;
    TRY(plain_combination(context, &combination));
    TRY(plan_plain(context, &r));
    TRY(output_shape(context, &r, shape));
    TRY(mg_settle_output(context, 0, r.rank, shape));
    return reduce(context, &r, combination);
}
