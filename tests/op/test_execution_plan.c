/* SPDX-License-Identifier: Apache-2.0 */
/* Execution plans: another order of nodes, nodes that an operator of the program runs as one, and
 * what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "draft/draft.h"
#include "midge.h"

/*   node 0  a = -x      node 1  b = |x|      node 2  c = a + 1      node 3  y = b * c  */
static const char graph[] = "NEG x:f32[3] -> a:f32[3]\n"
                            "ABS x -> b:f32[3]\n"
                            "ADD a :f32[1]={1} -> c:f32[3]\n"
                            "MUL b c -> y:f32[3]\n";

typedef struct fixture {
    midge_model *model;
    unsigned char *file;
} fixture;

static fixture load(const char *text)
{
    fixture made = {0};
    size_t bytes;
    midge_error error;
    made.file = draft_file(text, &bytes);
    assert_int_equal(midge_model_load_memory(made.file, bytes, NULL, &made.model, &error),
                     MIDGE_OK);
    return made;
}

static void unload(fixture *made)
{
    midge_model_free(made->model);
    free(made->file);
}

static size_t place; /* of the last call, as midge_op_place gives it */

static midge_status prepare_group(midge_op_context *context)
{
    const midge_tensor *x = midge_op_input(context, 0);
    return midge_op_set_output_shape(context, 0, midge_tensor_rank(x), midge_tensor_shape(x));
}

/* 1 - x, where the input is x and the nodes NEG and ADD. */
static midge_status invoke_group(midge_op_context *context)
{
    const float *x = midge_tensor_data(midge_op_input(context, 0));
    const float *one = midge_tensor_data(midge_op_input(context, 1));
    float *c = midge_tensor_data(midge_op_output(context, 0));
    size_t in_graph;
    for (size_t i = 0; i < midge_tensor_elements(midge_op_input(context, 0)); ++i)
        c[i] = one[0] - x[i];
    midge_op_place(context, &in_graph, &place);
    return MIDGE_OK;
}

static const midge_custom_operator accelerator = {.size = sizeof accelerator,
                                                  .name = "accelerator",
                                                  .prepare = prepare_group,
                                                  .invoke = invoke_group};

/* Tensors by their first mention: x 0, a 1, b 2, the constant 3, c 4, y 5. */
static const size_t grouped_nodes[] = {0, 2};
static const int32_t grouped_inputs[] = {0, 3};
static const int32_t grouped_outputs[] = {4};
static const midge_node_group group = {2, grouped_nodes,   2,           grouped_inputs,
                                       1, grouped_outputs, &accelerator};
static const size_t grouped_steps[] = {4, 1, 3};
static const midge_execution_plan grouped = {
    .step_count = 3, .steps = grouped_steps, .group_count = 1, .groups = &group};

static midge_status create(const fixture *made, const midge_execution_plan *plan,
                           midge_session **session, midge_error *error)
{
    midge_session_options options = midge_session_options_default();
    options.plans = plan;
    options.plan_count = 1;
    *session = NULL;
    return midge_session_create(made->model, &options, session, error);
}

static void run(midge_session *session)
{
    const float x[] = {2, -3, 0.5F}, wanted[] = {-2, 12, 0.25F};
    assert_int_equal(midge_session_write_input(session, 0, x, sizeof x), MIDGE_OK);
    assert_int_equal(midge_session_invoke(session), MIDGE_OK);
    assert_memory_equal(midge_tensor_data(midge_session_output(session, 0)), wanted, sizeof wanted);
}

static void a_group_stands_for_its_nodes(void **state)
{
    (void)state;
    fixture made = load(graph);
    midge_session *session;
    midge_error error;
    assert_int_equal(create(&made, &grouped, &session, &error), MIDGE_OK);
    run(session);
    assert_int_equal(place, 4);
    midge_node_info about;
    assert_int_equal(midge_session_node_count(session), 3);
    assert_true(midge_session_node(session, 0, &about));
    assert_string_equal(about.op, "accelerator");
    /* Prepared again, with another shape. */
    assert_int_equal(midge_session_resize_input(session, 0, 1, (int32_t[]){1}), MIDGE_OK);
    const float x = 7;
    assert_int_equal(midge_session_write_input(session, 0, &x, sizeof x), MIDGE_OK);
    assert_int_equal(midge_session_invoke(session), MIDGE_OK);
    assert_true(*(const float *)midge_tensor_data(midge_session_output(session, 0)) == -42);
    midge_session_free(session);
    unload(&made);
}

static void nodes_run_in_another_order(void **state)
{
    (void)state;
    fixture made = load(graph);
    midge_session *session;
    midge_error error;
    const size_t steps[] = {1, 0, 2, 3};
    const midge_execution_plan plan = {.step_count = 4, .steps = steps};
    midge_node_info about;
    assert_int_equal(create(&made, &plan, &session, &error), MIDGE_OK);
    run(session);
    assert_true(midge_session_node(session, 0, &about));
    assert_string_equal(about.op, "ABS");
    midge_session_free(session);
    unload(&made);
}

typedef struct refusal {
    const char *message;
    midge_execution_plan plan;
} refusal;

static void unsound_plans_are_refused(void **state)
{
    (void)state;
    static const size_t late[] = {4, 3, 1}, twice[] = {0, 0, 2, 3}, few[] = {0, 1, 2},
                        far[] = {0, 1, 2, 9}, without_group[] = {1, 3}, inside[] = {4, 1, 3, 2};
    static const size_t none_such[] = {0, 7}, repeated[] = {2, 2};
    static const int32_t odd_tensor[] = {77}, foreign_output[] = {2};
    static const midge_custom_operator incomplete = {.size = sizeof incomplete, .name = "x"};
    static midge_node_group bad[6];
    for (size_t i = 0; i < 6; ++i) bad[i] = group;
    bad[0].nodes = none_such;
    bad[1].nodes = repeated;
    bad[2].inputs = odd_tensor;
    bad[2].input_count = 1;
    bad[3].outputs = foreign_output;
    bad[4].run_by = &incomplete;
    bad[5].output_count = 0;
    const refusal refusals[] = {
        {"its inputs are not there before step 1", {0, 3, late, 1, &group}},
        {"nothing that may run there is step 1", {0, 4, twice, 0, NULL}},
        {"it leaves out node 3", {0, 3, few, 0, NULL}},
        {"nothing that may run there is step 3", {0, 4, far, 0, NULL}},
        {"it leaves out group 0", {0, 2, without_group, 1, &group}},
        {"nothing that may run there is step 3", {0, 4, inside, 1, &group}},
        {"in no graph or twice in groups is node 7", {0, 3, grouped_steps, 1, &bad[0]}},
        {"in no graph or twice in groups is node 2", {0, 3, grouped_steps, 1, &bad[1]}},
        {"a group has no such tensor: entry 0", {0, 3, grouped_steps, 1, &bad[2]}},
        {"a group gives what none of its nodes makes: tensor 2", {0, 3, grouped_steps, 1, &bad[3]}},
        {"without a complete operator is group 0", {0, 3, grouped_steps, 1, &bad[4]}},
        {"its inputs are not there before step 2", {0, 3, grouped_steps, 1, &bad[5]}},
        {"there are fewer nodes", {0, 5, inside, 0, NULL}},
    };
    fixture made = load(graph);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; ++i) {
        midge_session *session;
        midge_error error = {0};
        assert_int_equal(create(&made, &refusals[i].plan, &session, &error),
                         MIDGE_INVALID_ARGUMENT);
        assert_null(session);
        if (strstr(error.message, refusals[i].message) == NULL)
            fail_msg("plan %zu: '%s', expected '%s'", i, error.message, refusals[i].message);
    }
    unload(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_stands_for_its_nodes),
        cmocka_unit_test(nodes_run_in_another_order),
        cmocka_unit_test(unsound_plans_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
