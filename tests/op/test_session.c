/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions through midge.h: resizing, signatures, variables, late nodes, limits, custom operators,
 * what is kept and what is shared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "graph_builder.h"

static const int32_t four[] = {4};

/* y = relu(x) + x, of any length. */
static void build_relu_add(graph_builder *builder)
{
    builder_begin(builder);
    int32_t x = builder_input(builder, MIDGE_FLOAT32, 1, four);
    int32_t r = builder_tensor(builder, MIDGE_FLOAT32, 1, four);
    int32_t y = builder_output(builder, MIDGE_FLOAT32, 1, four);
    builder_node(builder, MG_BUILTIN_RELU, 1, &x, 1, &r);
    const int32_t both[] = {r, x};
    mg_Operator *add = builder_node(builder, MG_BUILTIN_ADD, 2, both, 1, &y);
    static mg_AddOptions options;
    builder_options(add, MG_OPTIONS_AddOptions, &options);
    builder_signature(builder, "serve");
}

static void inputs_survive_and_can_be_resized(void **state)
{
    (void)state;
    graph_builder builder;
    build_relu_add(&builder);
    const float values[] = {-1, 2, -3, 4};
    builder_run(&builder, (const void *const[]){values});
    const float *y = builder_data(&builder, 0);
    assert_true(y[0] == -1 && y[1] == 4 && y[2] == -3 && y[3] == 8);
    assert_memory_equal(midge_tensor_data(midge_session_input(builder.session, 0)), values,
                        sizeof values);

    const int32_t shape[] = {2, 3};
    assert_int_equal(midge_session_resize_input(builder.session, 0, 2, shape), MIDGE_OK);
    const float six[] = {1, 1, 1, 1, 1, 5};
    assert_int_equal(midge_session_write_input(builder.session, 0, six, sizeof six), MIDGE_OK);
    assert_int_equal(midge_session_invoke(builder.session), MIDGE_OK);
    assert_int_equal(builder_elements(&builder, 0), 6);
    assert_int_equal(midge_tensor_rank(midge_session_output(builder.session, 0)), 2);
    assert_true(((const float *)builder_data(&builder, 0))[5] == 10);

    assert_int_equal(midge_session_write_input(builder.session, 0, six, 5), MIDGE_INVALID_ARGUMENT);
    assert_non_null(strstr(midge_session_message(builder.session), "24 bytes"));
    const int32_t negative[] = {-1};
    assert_int_not_equal(midge_session_resize_input(builder.session, 0, 1, negative), MIDGE_OK);
    assert_int_equal(midge_session_resize_input(builder.session, 1, 1, four),
                     MIDGE_INVALID_ARGUMENT);
    const int32_t none[] = {0};
    assert_int_equal(midge_session_resize_input(builder.session, 0, 1, none), MIDGE_OK);
    assert_int_equal(midge_session_invoke(builder.session), MIDGE_OK);
    assert_int_equal(builder_elements(&builder, 0), 0);
    builder_end(&builder);
}

static void signatures_name_their_ends(void **state)
{
    (void)state;
    graph_builder builder;
    build_relu_add(&builder);
    assert_int_equal(builder_session(&builder, NULL), MIDGE_OK);
    assert_null(midge_session_signature(builder.session, "other"));
    midge_signature *signature = midge_session_signature(builder.session, "serve");
    assert_ptr_equal(signature, midge_session_signature(builder.session, NULL));
    assert_string_equal(midge_signature_input_name(signature, 0), "x0");
    assert_null(midge_signature_input_name(signature, 1));
    assert_null(midge_signature_output(signature, "x0"));
    const float values[] = {1, 2, 3, 4};
    assert_int_equal(midge_signature_write_input(signature, "x0", values, sizeof values), MIDGE_OK);
    assert_int_equal(midge_signature_invoke(signature), MIDGE_OK);
    const float *y = midge_tensor_data(midge_signature_output(signature, "y0"));
    assert_true(y[3] == 8);
    assert_int_equal(midge_signature_write_input(signature, "nope", values, 16),
                     MIDGE_INVALID_ARGUMENT);
    assert_non_null(strstr(midge_session_message(builder.session), "nope"));
    builder_end(&builder);
}

/* Everything stays readable, and nothing shares bytes; otherwise y lies where relu(x) lay. */
static void preserving_keeps_intermediates(void **state)
{
    (void)state;
    for (int preserve = 0; preserve < 2; ++preserve) {
        graph_builder builder;
        build_relu_add(&builder);
        midge_session_options options = midge_session_options_default();
        options.preserve_all_tensors = preserve != 0;
        options.profile = true;
        assert_int_equal(builder_session(&builder, &options), MIDGE_OK);
        const float values[] = {-1, 2, -3, 4};
        assert_int_equal(midge_session_write_input(builder.session, 0, values, sizeof values),
                         MIDGE_OK);
        assert_int_equal(midge_session_invoke(builder.session), MIDGE_OK);
        const float *relu = midge_tensor_data(midge_session_tensor(builder.session, 1));
        const float *y = builder_data(&builder, 0);
        assert_int_equal(relu == y, !preserve);
        if (preserve) assert_true(relu[0] == 0 && relu[1] == 2);
        midge_node_info node;
        assert_true(midge_session_node(builder.session, 1, &node));
        assert_string_equal(node.op, "ADD");
        assert_non_null(strstr(node.kernel, "pointwise_f32_"));
        assert_int_equal(node.runs, 1);
        assert_false(midge_session_node(builder.session, 2, &node));
        builder_end(&builder);
    }
}

static size_t allocations;

static void *count_allocate(void *context, size_t bytes, size_t alignment)
{
    (void)context;
    ++allocations;
    return aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}

static void count_release(void *context, void *memory, size_t bytes)
{
    (void)context, (void)bytes;
    free(memory);
}

static void invoking_allocates_nothing(void **state)
{
    (void)state;
    graph_builder builder;
    build_relu_add(&builder);
    const midge_allocator allocator = {NULL, count_allocate, count_release};
    midge_session_options options = midge_session_options_default();
    options.allocator = &allocator;
    options.threads = 2;
    assert_int_equal(builder_session(&builder, &options), MIDGE_OK);
    size_t before = allocations;
    assert_true(before > 0);
    for (int i = 0; i < 3; ++i) assert_int_equal(midge_session_invoke(builder.session), MIDGE_OK);
    assert_int_equal(allocations, before);
    builder_end(&builder);
}

/* x -> SHAPE -> RESHAPE(data, shape): the shape is known at prepare, so nothing is late. */
static void shape_arithmetic_is_folded(void **state)
{
    (void)state;
    graph_builder builder;
    builder_begin(&builder);
    const int32_t two_by_two[] = {2, 2}, two[] = {2};
    int32_t like = builder_input(&builder, MIDGE_FLOAT32, 2, two_by_two);
    int32_t x = builder_input(&builder, MIDGE_FLOAT32, 1, four);
    int32_t shape = builder_tensor(&builder, MIDGE_INT32, 1, two);
    int32_t y = builder_output(&builder, MIDGE_FLOAT32, 2, two_by_two);
    mg_Operator *node = builder_node(&builder, MG_BUILTIN_SHAPE, 1, &like, 1, &shape);
    mg_ShapeOptions options = {.out_type = MIDGE_INT32};
    builder_options(node, MG_OPTIONS_ShapeOptions, &options);
    const int32_t both[] = {x, shape};
    builder_node(&builder, MG_BUILTIN_RESHAPE, 2, both, 1, &y);
    assert_int_equal(builder_session(&builder, NULL), MIDGE_OK);
    const midge_tensor *output = midge_session_output(builder.session, 0);
    assert_false(midge_tensor_is_dynamic(output));
    const int32_t one_by_four[] = {1, 4};
    assert_int_equal(midge_session_resize_input(builder.session, 0, 2, one_by_four), MIDGE_OK);
    assert_int_equal(midge_session_invoke(builder.session), MIDGE_OK);
    assert_memory_equal(midge_tensor_shape(output), one_by_four, sizeof one_by_four);
    builder_end(&builder);
}

/* A shape that is an input: RESHAPE is dynamic, and RELU behind it is late. */
static void late_nodes_follow_the_data(void **state)
{
    (void)state;
    graph_builder builder;
    builder_begin(&builder);
    const int32_t two[] = {2}, two_by_two[] = {2, 2};
    int32_t x = builder_input(&builder, MIDGE_FLOAT32, 1, four);
    int32_t shape = builder_input(&builder, MIDGE_INT32, 1, two);
    int32_t r = builder_tensor(&builder, MIDGE_FLOAT32, 2, two_by_two);
    int32_t y = builder_output(&builder, MIDGE_FLOAT32, 2, two_by_two);
    const int32_t both[] = {x, shape};
    builder_node(&builder, MG_BUILTIN_RESHAPE, 2, both, 1, &r);
    builder_node(&builder, MG_BUILTIN_RELU, 1, &r, 1, &y);
    assert_int_equal(builder_session(&builder, NULL), MIDGE_OK);
    const midge_tensor *output = midge_session_output(builder.session, 0);
    assert_true(midge_tensor_is_dynamic(output));
    assert_null(midge_tensor_data(output));
    const float values[] = {-1, 2, -3, 4};
    assert_int_equal(midge_session_write_input(builder.session, 0, values, 16), MIDGE_OK);
    for (int32_t rows = 1; rows <= 4; rows *= 2) {
        const int32_t wanted[] = {rows, 4 / rows};
        assert_int_equal(midge_session_write_input(builder.session, 1, wanted, 8), MIDGE_OK);
        assert_int_equal(midge_session_invoke(builder.session), MIDGE_OK);
        assert_memory_equal(midge_tensor_shape(output), wanted, 8);
        const float *result = midge_tensor_data(output);
        assert_true(result[0] == 0 && result[1] == 2 && result[3] == 4);
    }
    const int32_t wrong[] = {3, 3};
    assert_int_equal(midge_session_write_input(builder.session, 1, wrong, 8), MIDGE_OK);
    assert_int_not_equal(midge_session_invoke(builder.session), MIDGE_OK);
    assert_non_null(strstr(midge_session_message(builder.session), "node 0 RESHAPE"));
    assert_int_equal(midge_session_write_input(builder.session, 1, two_by_two, 8), MIDGE_OK);
    assert_int_equal(midge_session_invoke(builder.session), MIDGE_OK);
    builder_end(&builder);
}

static midge_status prepare_double(midge_op_context *context)
{
    const midge_tensor *input = midge_op_input(context, 0);
    if (midge_tensor_rank(input) == 3) return midge_op_set_output_shape(context, 0, 3, NULL);
    if (midge_tensor_rank(input) == 4)
        return midge_op_set_output_shape(context, 1, 4, midge_tensor_shape(input));
    if (midge_tensor_rank(input) != 1)
        return midge_op_fail(context, MIDGE_INVALID_MODEL, "rank %d", midge_tensor_rank(input));
    return midge_op_set_output_shape(context, 0, 1, midge_tensor_shape(input));
}

static midge_status invoke_double(midge_op_context *context)
{
    const float *from = midge_tensor_data(midge_op_input(context, 0));
    float *to = midge_tensor_data(midge_op_output(context, 0));
    for (int i = 0; i < 4; ++i) to[i] = 2 * from[i];
    return MIDGE_OK;
}

static void build_custom(graph_builder *builder, int32_t rank, const int32_t *shape)
{
    builder_begin(builder);
    int32_t x = builder_input(builder, MIDGE_FLOAT32, rank, shape);
    int32_t y = builder_output(builder, MIDGE_FLOAT32, rank, shape);
    builder_custom(builder, "fake-op-double", 1, &x, 1, &y);
}

static void custom_operators_run_and_missing_ones_are_named(void **state)
{
    (void)state;
    const midge_custom_operator twice = {.size = sizeof twice,
                                         .name = "fake-op-double",
                                         .prepare = prepare_double,
                                         .invoke = invoke_double};
    const midge_custom_operator *const operators[] = {&twice};
    midge_session_options options = midge_session_options_default();
    options.custom_operators = operators;
    options.custom_operator_count = 1;

    graph_builder builder;
    build_custom(&builder, 1, four);
    assert_int_equal(builder_session(&builder, NULL), MIDGE_UNSUPPORTED);
    assert_string_equal(builder.error.message,
                        "missing operators: custom fake-op-double (node 0 of subgraph 0)");
    const char *folder = getenv("MIDGE_BUILD");
    if (folder != NULL) { /* for the example of a custom operator */
        char path[1000];
        (void)snprintf(path, sizeof path, "%s/tests/double.tflite", folder);
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(builder.file, 1, builder.file_bytes, file), builder.file_bytes);
        assert_int_equal(fclose(file), 0);
    }
    assert_int_equal(
        midge_session_create(builder.loaded, &options, &builder.session, &builder.error), MIDGE_OK);
    const float values[] = {1, 2, 3, 4};
    assert_int_equal(midge_session_write_input(builder.session, 0, values, 16), MIDGE_OK);
    assert_int_equal(midge_session_invoke(builder.session), MIDGE_OK);
    assert_true(((const float *)builder_data(&builder, 0))[3] == 8);
    builder_end(&builder);

    build_custom(&builder, 2, (const int32_t[]){2, 2});
    assert_int_equal(builder_session(&builder, &options), MIDGE_INVALID_MODEL);
    assert_string_equal(builder.error.message, "node 0 fake-op-double: rank 2");
    builder_end(&builder);

    static const char *const mistakes[] = {"the shape of output 0 is NULL",
                                           "output 1 does not exist"};
    for (int32_t i = 0; i < 2; ++i) {
        build_custom(&builder, 3 + i, (const int32_t[]){1, 1, 2, 2});
        assert_int_equal(builder_session(&builder, &options), MIDGE_INVALID_ARGUMENT);
        assert_non_null(strstr(builder.error.message, mistakes[i]));
        builder_end(&builder);
    }
}

static void arguments_are_checked(void **state)
{
    (void)state;
    midge_error error = {0};
    midge_model *model = NULL;
    assert_int_equal(midge_model_load_file(NULL, NULL, &model, &error), MIDGE_INVALID_ARGUMENT);
    assert_int_equal(midge_model_load_memory(NULL, 3, NULL, &model, &error),
                     MIDGE_INVALID_ARGUMENT);
    assert_int_equal(midge_model_load_memory("x", 0, NULL, &model, &error), MIDGE_INVALID_MODEL);
    assert_int_equal(midge_model_load_file("/nowhere/x.tflite", NULL, &model, &error),
                     MIDGE_IO_ERROR);
    assert_non_null(strstr(error.message, "/nowhere/x.tflite"));
    midge_model_options options = midge_model_options_default();
    options.size = 1000;
    assert_int_equal(midge_model_load_memory("x", 1, &options, &model, &error),
                     MIDGE_INVALID_ARGUMENT);
    midge_model_free(NULL);
    midge_session_free(NULL);

    graph_builder builder;
    build_relu_add(&builder);
    midge_session_options wrong = midge_session_options_default();
    wrong.kernels = "warp9";
    assert_int_equal(builder_session(&builder, &wrong), MIDGE_INVALID_ARGUMENT);
    assert_non_null(strstr(builder.error.message, "warp9"));
    builder_end(&builder);
}

static void peak_is_a_rate_of_the_kernels(void **state)
{
    (void)state;
    graph_builder builder;
    build_relu_add(&builder);
    const float values[] = {-1, 2, -3, 4};
    builder_run(&builder, (const void *const[]){values});
    midge_peak peak = {0};
    assert_int_equal(midge_session_peak(builder.session, &peak), MIDGE_OK);
    /* Between a microcontroller's and a rack's. */
    assert_true(peak.float_macs > 1e5 && peak.float_macs < 1e15);
    assert_true(peak.integer_macs > 1e5 && peak.integer_macs < 1e15);
    assert_int_equal(midge_session_peak(builder.session, NULL), MIDGE_INVALID_ARGUMENT);
    assert_string_equal(midge_session_message(builder.session), "peak is NULL");
    assert_int_equal(midge_session_invoke(builder.session), MIDGE_OK);
    assert_true(((const float *)builder_data(&builder, 0))[3] == 8);
    builder_end(&builder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_survive_and_can_be_resized),
        cmocka_unit_test(signatures_name_their_ends),
        cmocka_unit_test(preserving_keeps_intermediates),
        cmocka_unit_test(invoking_allocates_nothing),
        cmocka_unit_test(shape_arithmetic_is_folded),
        cmocka_unit_test(late_nodes_follow_the_data),
        cmocka_unit_test(custom_operators_run_and_missing_ones_are_named),
        cmocka_unit_test(peak_is_a_rate_of_the_kernels),
        cmocka_unit_test(arguments_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
