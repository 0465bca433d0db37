/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IF, STABLEHLO_CASE, STABLEHLO_COMPOSITE, WHILE and CALL_ONCE: nodes that run subgraphs.
 *
 * Results are copied out of a subgraph into the outputs of the node. When branches disagree on a
 * shape, or a subgraph learns one only while it runs, all outputs are dynamic: the shape of one may
 * follow from that of another.
 *
 * WHILE keeps its loop variables in its outputs, which no subgraph writes: inputs are copied there,
 * each pass feeds them to the body and copies the body's results back.
 */
#include <string.h>

#include "op/op.h"
#include "op/require.h"
#include "op/resource.h"
#include "op/shape.h"

/* What a subgraph gave. */
typedef struct graph_results {
    size_t count;
    midge_tensor *const *tensors;
} graph_results;

static midge_status copy_to_output(midge_op_context *context, size_t index,
                                   const midge_tensor *from)
{
    midge_tensor *to = mg_output(context, index);
    if (to->dynamic) TRY(mg_resize_output(context, index, from->rank, from->shape));
    if (to->type == MIDGE_STRING) TRY(mg_resize_output_bytes(context, index, from->bytes));
    if (to->bytes != from->bytes) {
        return mg_op_fail(context, MIDGE_RUN_ERROR,
                          "output %zu has %zu bytes, the subgraph made %zu", index, to->bytes,
                          from->bytes);
    }
    if (to->bytes > 0 && to->data != from->data) memcpy(to->data, from->data, to->bytes);
    return MIDGE_OK;
}

static midge_status copy_to_outputs(midge_op_context *context, const graph_results *results)
{
    for (size_t i = 0; i < context->output_count; i++) {
        TRY(copy_to_output(context, i, results->tensors[i]));
    }
    return MIDGE_OK;
}

/* Prepares a subgraph whose results become the outputs of the node. */
static midge_status prepare_graph(midge_op_context *context, int32_t graph, size_t input_count,
                                  midge_tensor *const *inputs, graph_results *results)
{
    TRY(mg_subgraph_prepare(context, graph, input_count, inputs, &results->count,
                            &results->tensors));
    if (results->count != context->output_count) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "subgraph %d has %zu outputs, need %zu",
                          (int)graph, results->count, context->output_count);
    }
    for (size_t i = 0; i < results->count; i++) {
        midge_tensor *output = mg_output(context, i);
        if (output == NULL) {
            return mg_op_fail(context, MIDGE_INVALID_MODEL, "output %zu is absent", i);
        }
        TRY(mg_require_same_type(context, output, "output", results->tensors[i], "result"));
    }
    return MIDGE_OK;
}

static midge_status set_outputs_dynamic(midge_op_context *context)
{
    for (size_t i = 0; i < context->output_count; i++) TRY(mg_set_output_dynamic(context, i));
    return MIDGE_OK;
}

static bool any_dynamic(const graph_results *results)
{
    for (size_t i = 0; i < results->count; i++) {
        if (results->tensors[i]->dynamic) return true;
    }
    return false;
}

/* Gives the outputs the shapes of the first of some branches, and tells whether another differs. */
static midge_status merge_shapes(midge_op_context *context, const graph_results *results,
                                 bool first, bool *dynamic)
{
    *dynamic = *dynamic || any_dynamic(results);
    for (size_t i = 0; i < results->count && !*dynamic; i++) {
        if (first) {
            TRY(mg_set_output_like(context, i, results->tensors[i]));
        } else {
            *dynamic = !mg_same_shape(mg_output(context, i), results->tensors[i]);
        }
    }
    return MIDGE_OK;
}

/* Prepares `count` alternatives, which take the inputs from `first_input` on. */
static midge_status prepare_branches(midge_op_context *context, size_t first_input,
                                     const int32_t *graphs, size_t count)
{
    bool dynamic = false;
    for (size_t branch = 0; branch < count; branch++) {
        graph_results results = {0, NULL};
        TRY(prepare_graph(context, graphs[branch], context->input_count - first_input,
                          context->inputs + first_input, &results));
        TRY(merge_shapes(context, &results, branch == 0, &dynamic));
    }
    return dynamic ? set_outputs_dynamic(context) : MIDGE_OK;
}

static midge_status run_branch(midge_op_context *context, size_t first_input, int32_t graph)
{
    graph_results results = {0, NULL};
    TRY(mg_subgraph_invoke(context, graph, context->input_count - first_input,
                           context->inputs + first_input, &results.count, &results.tensors));
    return copy_to_outputs(context, &results);
}

midge_status mg_prepare_if(midge_op_context *context)
{
    const mg_IfOptions *options = MG_OPTIONS(context, IfOptions);
    const midge_tensor *condition = mg_input(context, 0);
    TRY(mg_require_type(context, condition, "condition", MG_TYPES(MIDGE_BOOL)));
    TRY(mg_require_elements(context, condition, "condition", 1));
    int32_t graphs[] = {options->then_subgraph_index, options->else_subgraph_index};
    return prepare_branches(context, 1, graphs, 2);
}

midge_status mg_run_if(midge_op_context *context)
{
    const mg_IfOptions *options = MG_OPTIONS(context, IfOptions);
    bool condition = *(const uint8_t *)mg_input(context, 0)->data != 0;
    return run_branch(context, 1,
                      condition ? options->then_subgraph_index : options->else_subgraph_index);
}

midge_status mg_prepare_case(midge_op_context *context)
{
    const mg_StablehloCaseOptions *options = MG_OPTIONS_2(context, StablehloCaseOptions);
    const midge_tensor *index = mg_input(context, 0);
    TRY(mg_require_type(context, index, "index", MG_TYPES(MIDGE_INT32)));
    TRY(mg_require_elements(context, index, "index", 1));
    if (options->branch_subgraph_indices.count == 0) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "there are no branches");
    }
    return prepare_branches(context, 1, options->branch_subgraph_indices.items,
                            options->branch_subgraph_indices.count);
}

/* An index outside the branches selects the last one. */
midge_status mg_run_case(midge_op_context *context)
{
    const mg_int32s *branches =
        &MG_OPTIONS_2(context, StablehloCaseOptions)->branch_subgraph_indices;
    int32_t index = *(const int32_t *)mg_input(context, 0)->data;
    size_t last = branches->count - 1;
    size_t branch = index < 0 || (size_t)index > last ? last : (size_t)index;
    return run_branch(context, 1, branches->items[branch]);
}

midge_status mg_prepare_composite(midge_op_context *context)
{
    int32_t graph = MG_OPTIONS_2(context, StableHLOCompositeOptions)->decomposition_subgraph_index;
    return prepare_branches(context, 0, &graph, 1);
}

midge_status mg_run_composite(midge_op_context *context)
{
    return run_branch(
        context, 0, MG_OPTIONS_2(context, StableHLOCompositeOptions)->decomposition_subgraph_index);
}

/* One boolean. Also called in run for a condition that was dynamic in prepare. */
static midge_status check_condition(midge_op_context *context, const graph_results *results)
{
    if (results->count != 1) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "the condition has %zu outputs, need 1",
                          results->count);
    }
    TRY(mg_require_type(context, results->tensors[0], "condition", MG_TYPES(MIDGE_BOOL)));
    if (results->tensors[0]->dynamic) return MIDGE_OK;
    return mg_require_elements(context, results->tensors[0], "condition", 1);
}

/* A scalar and a vector of one element may take turns: the bytes are the same. */
static bool same_loop_shape(const midge_tensor *a, const midge_tensor *b)
{
    return mg_same_shape(a, b) ||
           (a->elements == 1 && b->elements == 1 && a->rank <= 1 && b->rank <= 1);
}

midge_status mg_prepare_while(midge_op_context *context)
{
    const mg_WhileOptions *options = MG_OPTIONS(context, WhileOptions);
    if (context->input_count != context->output_count) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%zu inputs but %zu outputs",
                          context->input_count, context->output_count);
    }
    if (options->cond_subgraph_index == options->body_subgraph_index) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "condition and body are both subgraph %d",
                          (int)options->body_subgraph_index);
    }
    graph_results condition = {0, NULL}, body = {0, NULL};
    TRY(mg_subgraph_prepare(context, options->cond_subgraph_index, context->input_count,
                            context->inputs, &condition.count, &condition.tensors));
    TRY(check_condition(context, &condition));
    TRY(prepare_graph(context, options->body_subgraph_index, context->input_count, context->inputs,
                      &body));
    bool dynamic = any_dynamic(&body);
    for (size_t i = 0; i < body.count && !dynamic; i++) {
        TRY(mg_require_same_type(context, mg_input(context, i), "input", body.tensors[i],
                                 "result"));
        dynamic = !same_loop_shape(mg_input(context, i), body.tensors[i]);
    }
    if (dynamic) return set_outputs_dynamic(context);
    for (size_t i = 0; i < body.count; i++) TRY(mg_set_output_like(context, i, body.tensors[i]));
    return MIDGE_OK;
}

midge_status mg_run_while(midge_op_context *context)
{
    const mg_WhileOptions *options = MG_OPTIONS(context, WhileOptions);
    for (size_t i = 0; i < context->input_count; i++) {
        TRY(copy_to_output(context, i, mg_input(context, i)));
    }
    for (;;) {
        graph_results condition = {0, NULL}, body = {0, NULL};
        TRY(mg_subgraph_invoke(context, options->cond_subgraph_index, context->output_count,
                               context->outputs, &condition.count, &condition.tensors));
        if (condition.tensors[0]->dynamic) {
            TRY(mg_require_elements(context, condition.tensors[0], "condition", 1));
        }
        if (*(const uint8_t *)condition.tensors[0]->data == 0) return MIDGE_OK;
        TRY(mg_count_iteration(context));
        TRY(mg_subgraph_invoke(context, options->body_subgraph_index, context->output_count,
                               context->outputs, &body.count, &body.tensors));
        TRY(copy_to_outputs(context, &body));
    }
}

/* The flag is kept per subgraph, so two nodes that name the same one run it once together. */
midge_status mg_prepare_call_once(midge_op_context *context)
{
    int32_t graph = MG_OPTIONS(context, CallOnceOptions)->init_subgraph_index;
    graph_results results = {0, NULL};
    TRY(mg_subgraph_prepare(context, graph, 0, NULL, &results.count, &results.tensors));
    if (results.count != 0) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "subgraph %d has %zu outputs, need none",
                          (int)graph, results.count);
    }
    void *flag;
    TRY(mg_prepared(context, sizeof(int32_t), &flag));
    return mg_resource_open(mg_session_resources(context), MG_RESOURCE_INITIALIZED, "", "", graph,
                            flag, context->error);
}

midge_status mg_run_call_once(midge_op_context *context)
{
    mg_resources *resources = mg_session_resources(context);
    int32_t flag = *(const int32_t *)context->prepared;
    if (mg_resource_at(resources, MG_RESOURCE_INITIALIZED, flag)->assigned) return MIDGE_OK;
    graph_results results = {0, NULL};
    TRY(mg_subgraph_invoke(context, MG_OPTIONS(context, CallOnceOptions)->init_subgraph_index, 0,
                           NULL, &results.count, &results.tensors));
    mg_resource_at(resources, MG_RESOURCE_INITIALIZED, flag)->assigned = true;
    return MIDGE_OK;
}
