/* SPDX-License-Identifier: Apache-2.0 */
/* IF, WHILE, CALL_ONCE, STABLEHLO_CASE and STABLEHLO_COMPOSITE. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "graph_builder.h"

static const int32_t one[] = {1}, two[] = {2}, four[] = {4};

static mg_AddOptions no_activation;
static mg_ConcatenationOptions along_axis_0;

static int32_t float_constant(graph_builder *builder, float value)
{
    return builder_constant(builder, MIDGE_FLOAT32, 1, one, &value, sizeof value);
}

static void add(graph_builder *builder, int32_t a, int32_t b, int32_t sum)
{
    mg_Operator *node =
        builder_node(builder, MG_BUILTIN_ADD, 2, (int32_t[]){a, b}, 1, (int32_t[]){sum});
    builder_options(node, MG_OPTIONS_AddOptions, &no_activation);
}

static void concatenate(graph_builder *builder, int32_t a, int32_t b, int32_t joined)
{
    mg_Operator *node = builder_node(builder, MG_BUILTIN_CONCATENATION, 2, (int32_t[]){a, b}, 1,
                                     (int32_t[]){joined});
    builder_options(node, MG_OPTIONS_ConcatenationOptions, &along_axis_0);
}

/* A subgraph of one vector: y = x + value. */
static int32_t adding_graph(graph_builder *builder, float value)
{
    int32_t graph = builder_subgraph(builder);
    int32_t x = builder_input(builder, MIDGE_FLOAT32, 1, two);
    add(builder, x, float_constant(builder, value), builder_output(builder, MIDGE_FLOAT32, 1, two));
    return graph;
}

/* y = x beside itself. */
static int32_t doubling_graph(graph_builder *builder)
{
    int32_t graph = builder_subgraph(builder);
    int32_t x = builder_input(builder, MIDGE_FLOAT32, 1, two);
    concatenate(builder, x, x, builder_output(builder, MIDGE_FLOAT32, 1, four));
    return graph;
}

static void expect_floats(const graph_builder *builder, size_t output, size_t count,
                          const float *expected)
{
    assert_int_equal(builder_elements(builder, output), count);
    assert_memory_equal(builder_data(builder, output), expected, count * sizeof *expected);
}

static void write_and_invoke(graph_builder *builder, const void *selector, size_t selector_bytes,
                             const float *x, size_t count)
{
    midge_session *session = builder->session;
    assert_int_equal(midge_session_write_input(session, 0, selector, selector_bytes), MIDGE_OK);
    assert_int_equal(midge_session_write_input(session, 1, x, count * sizeof *x), MIDGE_OK);
    if (midge_session_invoke(session) != MIDGE_OK) fail_msg("%s", midge_session_message(session));
}

/* A node that selects a graph by input 0 and feeds it input 1; then y + y. */
static mg_Operator *build_selection(graph_builder *builder, int32_t op, midge_type selector)
{
    builder_begin(builder);
    int32_t s = builder_input(builder, selector, 1, one);
    int32_t x = builder_input(builder, MIDGE_FLOAT32, 1, two);
    int32_t chosen = builder_tensor(builder, MIDGE_FLOAT32, 1, two);
    mg_Operator *node = builder_node(builder, op, 2, (int32_t[]){s, x}, 1, &chosen);
    add(builder, chosen, chosen, builder_output(builder, MIDGE_FLOAT32, 1, two));
    return node;
}

static void if_runs_one_branch(void **state)
{
    (void)state;
    graph_builder builder;
    mg_Operator *node = build_selection(&builder, MG_BUILTIN_IF, MIDGE_BOOL);
    mg_IfOptions options = {adding_graph(&builder, 1), adding_graph(&builder, 100)};
    builder_options(node, MG_OPTIONS_IfOptions, &options);
    assert_int_equal(builder_session(&builder, NULL), MIDGE_OK);
    assert_false(midge_tensor_is_dynamic(midge_session_output(builder.session, 0)));
    const float x[] = {1, 2};
    for (uint8_t condition = 0; condition < 2; condition++) {
        write_and_invoke(&builder, &condition, 1, x, 2);
        const float *expected = condition ? (const float[]){4, 6} : (const float[]){202, 204};
        expect_floats(&builder, 0, 2, expected);
    }
    assert_int_equal(midge_session_resize_input(builder.session, 1, 1, (int32_t[]){3}), MIDGE_OK);
    const uint8_t yes = 1;
    write_and_invoke(&builder, &yes, 1, (const float[]){1, 2, 3}, 3);
    expect_floats(&builder, 0, 3, (const float[]){4, 6, 8});
    builder_end(&builder);
}

static void branches_may_differ_in_shape(void **state)
{
    (void)state;
    graph_builder builder;
    mg_Operator *node = build_selection(&builder, MG_BUILTIN_IF, MIDGE_BOOL);
    mg_IfOptions options = {adding_graph(&builder, 1), doubling_graph(&builder)};
    builder_options(node, MG_OPTIONS_IfOptions, &options);
    assert_int_equal(builder_session(&builder, NULL), MIDGE_OK);
    const float x[] = {1, 2};
    const uint8_t yes = 1, no = 0;
    write_and_invoke(&builder, &no, 1, x, 2);
    expect_floats(&builder, 0, 4, (const float[]){2, 4, 2, 4});
    write_and_invoke(&builder, &yes, 1, x, 2);
    expect_floats(&builder, 0, 2, (const float[]){4, 6});
    write_and_invoke(&builder, &no, 1, x, 2);
    expect_floats(&builder, 0, 4, (const float[]){2, 4, 2, 4});
    builder_end(&builder);
}

static void case_takes_the_last_branch_for_other_numbers(void **state)
{
    (void)state;
    graph_builder builder;
    mg_Operator *node = build_selection(&builder, MG_BUILTIN_STABLEHLO_CASE, MIDGE_INT32);
    int32_t graphs[] = {adding_graph(&builder, 1), adding_graph(&builder, 2),
                        adding_graph(&builder, 3)};
    mg_StablehloCaseOptions options = {{graphs, 3}};
    node->builtin_options_2_type = MG_OPTIONS_StablehloCaseOptions;
    node->builtin_options_2 = &options;
    assert_int_equal(builder_session(&builder, NULL), MIDGE_OK);
    const int32_t indices[] = {0, 1, 2, 3, -1, INT32_MIN, INT32_MAX};
    const float added[] = {1, 2, 3, 3, 3, 3, 3}, x[] = {0, 10};
    for (size_t i = 0; i < sizeof indices / sizeof indices[0]; i++) {
        write_and_invoke(&builder, &indices[i], sizeof indices[i], x, 2);
        expect_floats(&builder, 0, 2, (const float[]){2 * added[i], 2 * added[i] + 20});
    }
    builder_end(&builder);
}

static void composite_runs_its_decomposition(void **state)
{
    (void)state;
    graph_builder builder;
    builder_begin(&builder);
    int32_t x = builder_input(&builder, MIDGE_FLOAT32, 1, two);
    int32_t y = builder_output(&builder, MIDGE_FLOAT32, 1, four);
    mg_Operator *node = builder_node(&builder, MG_BUILTIN_STABLEHLO_COMPOSITE, 1, &x, 1, &y);
    mg_StableHLOCompositeOptions options = {.name = "test.twice"};
    options.decomposition_subgraph_index = doubling_graph(&builder);
    node->builtin_options_2_type = MG_OPTIONS_StableHLOCompositeOptions;
    node->builtin_options_2 = &options;
    builder_run(&builder, (const void *[]){(const float[]){5, 7}});
    expect_floats(&builder, 0, 4, (const float[]){5, 7, 5, 7});
    builder_end(&builder);
}

/* The condition i < 3 of a loop over (int32 i, float vector). */
static int32_t counting_condition(graph_builder *builder)
{
    int32_t graph = builder_subgraph(builder);
    int32_t i = builder_input(builder, MIDGE_INT32, 1, one);
    (void)builder_input(builder, MIDGE_FLOAT32, 1, two);
    int32_t limit = builder_int32s(builder, 1, (const int32_t[]){3});
    int32_t less = builder_output(builder, MIDGE_BOOL, 1, one);
    builder_node(builder, MG_BUILTIN_LESS, 2, (int32_t[]){i, limit}, 1, &less);
    return graph;
}

/* i + step, and the vector plus 1, or with another element. */
static int32_t counting_body(graph_builder *builder, int32_t step, bool grow)
{
    int32_t graph = builder_subgraph(builder);
    int32_t i = builder_input(builder, MIDGE_INT32, 1, one);
    int32_t x = builder_input(builder, MIDGE_FLOAT32, 1, two);
    int32_t next = builder_output(builder, MIDGE_INT32, 1, one);
    int32_t y = builder_output(builder, MIDGE_FLOAT32, 1, two);
    add(builder, i, builder_int32s(builder, 1, &step), next);
    if (grow)
        concatenate(builder, x, float_constant(builder, 9), y);
    else
        add(builder, x, float_constant(builder, 1), y);
    return graph;
}

static void build_loop(graph_builder *builder, mg_WhileOptions *options, int32_t step, bool grow)
{
    builder_begin(builder);
    int32_t ins[] = {builder_input(builder, MIDGE_INT32, 1, one),
                     builder_input(builder, MIDGE_FLOAT32, 1, two)};
    int32_t outs[] = {builder_output(builder, MIDGE_INT32, 1, one),
                      builder_output(builder, MIDGE_FLOAT32, 1, two)};
    mg_Operator *node = builder_node(builder, MG_BUILTIN_WHILE, 2, ins, 2, outs);
    options->cond_subgraph_index = counting_condition(builder);
    options->body_subgraph_index = counting_body(builder, step, grow);
    builder_options(node, MG_OPTIONS_WhileOptions, options);
}

static void while_repeats_its_body(void **state)
{
    (void)state;
    graph_builder builder;
    mg_WhileOptions options;
    build_loop(&builder, &options, 1, false);
    assert_int_equal(builder_session(&builder, NULL), MIDGE_OK);
    assert_false(midge_tensor_is_dynamic(midge_session_output(builder.session, 1)));
    for (int32_t begin = 0; begin < 5; begin++) {
        float passes = begin < 3 ? (float)(3 - begin) : 0;
        write_and_invoke(&builder, &begin, sizeof begin, (const float[]){10, 20}, 2);
        assert_int_equal(*(const int32_t *)builder_data(&builder, 0), begin < 3 ? 3 : begin);
        expect_floats(&builder, 1, 2, (const float[]){10 + passes, 20 + passes});
    }
    builder_end(&builder);
}

static void loop_variables_may_grow(void **state)
{
    (void)state;
    graph_builder builder;
    mg_WhileOptions options;
    build_loop(&builder, &options, 1, true);
    assert_int_equal(builder_session(&builder, NULL), MIDGE_OK);
    for (int32_t begin = 0; begin < 4; begin++) {
        write_and_invoke(&builder, &begin, sizeof begin, (const float[]){10, 20}, 2);
        expect_floats(&builder, 1, (size_t)(5 - begin), (const float[]){10, 20, 9, 9, 9});
    }
    builder_end(&builder);
}

static void endless_loops_meet_the_limit(void **state)
{
    (void)state;
    graph_builder builder;
    mg_WhileOptions options;
    build_loop(&builder, &options, 0, false);
    midge_limits limits = {.while_iterations = 50};
    midge_session_options session_options = midge_session_options_default();
    session_options.limits = &limits;
    assert_int_equal(builder_session(&builder, &session_options), MIDGE_OK);
    assert_int_equal(midge_session_invoke(builder.session), MIDGE_LIMIT_EXCEEDED);
    assert_non_null(strstr(midge_session_message(builder.session), "WHILE"));
    const int32_t done = 3;
    write_and_invoke(&builder, &done, sizeof done, (const float[]){1, 2}, 2);
    expect_floats(&builder, 1, 2, (const float[]){1, 2});
    builder_end(&builder);
}

static void call_once_runs_once(void **state)
{
    (void)state;
    graph_builder builder;
    builder_begin(&builder);
    mg_VarHandleOptions variable = {"", "counter"};
    mg_CallOnceOptions once;
    int32_t x = builder_input(&builder, MIDGE_FLOAT32, 1, two);
    int32_t handle = builder_tensor(&builder, MIDGE_RESOURCE, 1, one);
    int32_t value = builder_tensor(&builder, MIDGE_FLOAT32, 1, two);
    int32_t sum = builder_output(&builder, MIDGE_FLOAT32, 1, two);
    mg_Operator *call = builder_node(&builder, MG_BUILTIN_CALL_ONCE, 0, NULL, 0, NULL);
    builder_options(builder_node(&builder, MG_BUILTIN_VAR_HANDLE, 0, NULL, 1, &handle),
                    MG_OPTIONS_VarHandleOptions, &variable);
    builder_node(&builder, MG_BUILTIN_READ_VARIABLE, 1, &handle, 1, &value);
    add(&builder, value, x, sum);
    builder_node(&builder, MG_BUILTIN_ASSIGN_VARIABLE, 2, (int32_t[]){handle, sum}, 0, NULL);

    once.init_subgraph_index = builder_subgraph(&builder);
    builder_options(call, MG_OPTIONS_CallOnceOptions, &once);
    handle = builder_tensor(&builder, MIDGE_RESOURCE, 1, one);
    int32_t first = builder_constant(&builder, MIDGE_FLOAT32, 1, two, (const float[]){100, 200},
                                     2 * sizeof(float));
    builder_options(builder_node(&builder, MG_BUILTIN_VAR_HANDLE, 0, NULL, 1, &handle),
                    MG_OPTIONS_VarHandleOptions, &variable);
    builder_node(&builder, MG_BUILTIN_ASSIGN_VARIABLE, 2, (int32_t[]){handle, first}, 0, NULL);

    builder_run(&builder, (const void *[]){(const float[]){1, 2}});
    expect_floats(&builder, 0, 2, (const float[]){101, 202});
    assert_int_equal(midge_session_invoke(builder.session), MIDGE_OK);
    expect_floats(&builder, 0, 2, (const float[]){102, 204});
    builder_end(&builder);
}

static void wrong_graphs_are_refused(void **state)
{
    (void)state;
    static const struct {
        int32_t condition, body;
    } numbers[] = {{0, 2}, {1, 0}, {1, 1}, {1, 3}, {-1, 2}, {2, 1}};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        graph_builder builder;
        mg_WhileOptions options;
        build_loop(&builder, &options, 1, false);
        options.cond_subgraph_index = numbers[i].condition;
        options.body_subgraph_index = numbers[i].body;
        assert_int_equal(builder_session(&builder, NULL), MIDGE_INVALID_MODEL);
        assert_true(builder.error.message[0] != '\0');
        builder_end(&builder);
    }
}

static void conditions_are_checked(void **state)
{
    (void)state;
    graph_builder builder;
    mg_Operator *node = build_selection(&builder, MG_BUILTIN_IF, MIDGE_INT32);
    mg_IfOptions options = {adding_graph(&builder, 1), adding_graph(&builder, 2)};
    builder_options(node, MG_OPTIONS_IfOptions, &options);
    assert_int_not_equal(builder_session(&builder, NULL), MIDGE_OK);
    assert_non_null(strstr(builder.error.message, "condition"));
    builder_end(&builder);

    node = build_selection(&builder, MG_BUILTIN_STABLEHLO_CASE, MIDGE_INT32);
    static mg_StablehloCaseOptions none;
    node->builtin_options_2_type = MG_OPTIONS_StablehloCaseOptions;
    node->builtin_options_2 = &none;
    assert_int_not_equal(builder_session(&builder, NULL), MIDGE_OK);
    builder_end(&builder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(if_runs_one_branch),
        cmocka_unit_test(branches_may_differ_in_shape),
        cmocka_unit_test(case_takes_the_last_branch_for_other_numbers),
        cmocka_unit_test(composite_runs_its_decomposition),
        cmocka_unit_test(while_repeats_its_body),
        cmocka_unit_test(loop_variables_may_grow),
        cmocka_unit_test(endless_loops_meet_the_limit),
        cmocka_unit_test(call_once_runs_once),
        cmocka_unit_test(wrong_graphs_are_refused),
        cmocka_unit_test(conditions_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
