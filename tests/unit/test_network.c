/* SPDX-License-Identifier: Apache-2.0 */
/* Networks: what is read and written again runs the same; what is not used is left out. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "network/network.h"
#include "op/op.h"

static void fill(midge_tensor *input, uint32_t *seed)
{
    unsigned char *bytes = midge_tensor_data(input);
    for (size_t i = 0; i < midge_tensor_bytes(input); ++i) {
        *seed = *seed * 1664525u + 1013904223u;
        bytes[i] = (unsigned char)(*seed >> 24);
    }
    if (midge_tensor_type(input) == MIDGE_FLOAT32)
        for (size_t i = 0; i < midge_tensor_elements(input); ++i)
            ((float *)midge_tensor_data(input))[i] = (float)((int)(i * 37 % 201) - 100) / 100;
    if (midge_tensor_type(input) == MIDGE_INT32 || midge_tensor_type(input) == MIDGE_INT64)
        for (size_t i = 0; i < midge_tensor_bytes(input); ++i) bytes[i] = i % 4 == 0 ? 1 : 0;
}

/* Runs a model on fixed inputs; the digest of its outputs, or 0 when it does not run. */
static uint64_t digest(midge_model *model)
{
    midge_session *session = NULL;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    uint32_t seed = 5;
    if (midge_session_create(model, NULL, &session, NULL) != MIDGE_OK) return 0;
    for (size_t i = 0; i < midge_session_input_count(session); ++i)
        if (midge_session_input(session, i)->data != NULL)
            fill(midge_session_input(session, i), &seed);
    if (midge_session_invoke(session) != MIDGE_OK) hash = 0;
    for (size_t i = 0; hash != 0 && i < midge_session_output_count(session); ++i) {
        const midge_tensor *output = midge_session_output(session, i);
        const unsigned char *bytes = midge_tensor_data(output);
        for (size_t k = 0; k < midge_tensor_bytes(output); ++k)
            hash = (hash ^ bytes[k]) * UINT64_C(0x100000001b3);
    }
    midge_session_free(session);
    return hash;
}

/* Versions are the smallest that do; a file may state larger ones. Old files and those made by hand
 * state smaller ones. */
static void check_versions(const char *path, const mg_graph *before, const mg_graph *after)
{
    if (strstr(path, "/mlperf_tiny/") == NULL || before->node_count != after->node_count) return;
    for (size_t n = 0; n < after->node_count; ++n)
        if (after->nodes[n].version > before->nodes[n].version)
            fail_msg("%s: node %zu %s got version %d, the file has %d", path, n,
                     mg_builtin_name(after->nodes[n].op), (int)after->nodes[n].version,
                     (int)before->nodes[n].version);
}

static void round_trip(const char *path)
{
    midge_error error = {0};
    midge_model *model = NULL, *again = NULL;
    if (midge_model_load_file(path, NULL, &model, &error) != MIDGE_OK) return;
    mg_heap heap;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    mg_network network;
    void *bytes = NULL, *twice = NULL;
    size_t size = 0, size_twice = 0;
    if (mg_network_read(&heap, model, &error, &network) != MIDGE_OK ||
        mg_network_write(&network, &bytes, &size) != MIDGE_OK ||
        mg_network_write(&network, &twice, &size_twice) != MIDGE_OK)
        fail_msg("%s: %s", path, error.message);
    assert_int_equal(size, size_twice);
    assert_memory_equal(bytes, twice, size);
    if (midge_model_load_memory(bytes, size, NULL, &again, &error) != MIDGE_OK)
        fail_msg("%s: %s", path, error.message);
    uint64_t before = digest(model), after = digest(again);
    if (before != after) fail_msg("%s: results differ after a round trip", path);
    assert_int_equal(model->signature_count, again->signature_count);
    assert_int_equal(midge_model_metadata_count(model), midge_model_metadata_count(again));
    check_versions(path, &model->graphs[0], &again->graphs[0]);
    midge_model_free(again);
    midge_model_free(model);
    mg_heap_release(&heap, bytes);
    mg_heap_release(&heap, twice);
    mg_network_free(&network);
    assert_int_equal(heap.live, 0);
}

static void built_in_models_survive(void **state)
{
    (void)state;
    round_trip(MIDGE_SOURCE_DIR "/models/fashion_mnist_float.tflite");
    round_trip(MIDGE_SOURCE_DIR "/models/fashion_mnist_int8.tflite");
}

static void published_models_survive(void **state)
{
    (void)state;
    glob_t found = {0};
    if (glob(MIDGE_SOURCE_DIR "/../shared/models/*/*.tflite", 0, NULL, &found) != 0) {
        globfree(&found);
        skip();
    }
    for (size_t i = 0; i < found.gl_pathc; ++i) round_trip(found.gl_pathv[i]);
    globfree(&found);
}

/* Two equal constants, a node that leads nowhere, a tensor that nobody reads. */
static void leftovers_are_left_out(void **state)
{
    (void)state;
    mg_heap heap;
    midge_error error = {0};
    mg_network network;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    assert_int_equal(mg_network_create(&heap, &error, &network), MIDGE_OK);
    mg_network_graph *graph = &network.graphs[0];
    const int32_t shape[] = {-1, 4}, four[] = {4};
    static const float one[] = {1, 2, 3, 4}, same[] = {1, 2, 3, 4};
    int32_t x, a, b, unused, y, z, dead;
    assert_int_equal(mg_network_add(&network, graph, "x", MIDGE_FLOAT32, 2, shape, &x), MIDGE_OK);
    assert_int_equal(mg_network_add(&network, graph, "y", MIDGE_FLOAT32, 2, shape, &y), MIDGE_OK);
    assert_int_equal(mg_network_add(&network, graph, "z", MIDGE_FLOAT32, 2, shape, &z), MIDGE_OK);
    assert_int_equal(mg_network_add(&network, graph, "d", MIDGE_FLOAT32, 2, shape, &dead),
                     MIDGE_OK);
    assert_int_equal(mg_network_add(&network, graph, "u", MIDGE_FLOAT32, 2, shape, &unused),
                     MIDGE_OK);
    assert_int_equal(mg_network_add_constant(&network, graph, "a", MIDGE_FLOAT32, 1, four, one, &a),
                     MIDGE_OK);
    assert_int_equal(
        mg_network_add_constant(&network, graph, "b", MIDGE_FLOAT32, 1, four, same, &b), MIDGE_OK);
    const int32_t first[] = {x, a}, second[] = {y, b};
    assert_int_equal(
        mg_network_add_node(&network, graph, -1, MG_BUILTIN_ADD, "first", 2, first, 1, &y, NULL),
        MIDGE_OK);
    assert_int_equal(
        mg_network_add_node(&network, graph, -1, MG_BUILTIN_MUL, "second", 2, second, 1, &z, NULL),
        MIDGE_OK);
    assert_int_equal(
        mg_network_add_node(&network, graph, 1, MG_BUILTIN_RELU, "dead", 1, &y, 1, &dead, NULL),
        MIDGE_OK);
    assert_int_equal(mg_network_set_inputs(&network, graph, 1, &x), MIDGE_OK);
    assert_int_equal(mg_network_set_outputs(&network, graph, 1, &z), MIDGE_OK);
    assert_int_equal(mg_network_uses(graph, y), 2);
    assert_int_equal(mg_network_producer(graph, z), 2);

    void *bytes = NULL;
    size_t size;
    midge_model *model = NULL;
    assert_int_equal(mg_network_write(&network, &bytes, &size), MIDGE_OK);
    assert_int_equal(midge_model_load_memory(bytes, size, NULL, &model, &error), MIDGE_OK);
    assert_int_equal(model->graphs[0].node_count, 2);
    assert_int_equal(model->graphs[0].tensor_count, 5);
    assert_int_equal(model->schema->buffers.count, 2);
    assert_int_equal(model->graphs[0].tensors[0].signature[0], -1);
    assert_int_equal(model->graphs[0].tensors[0].shape[0], 1);
    midge_model_free(model);
    mg_heap_release(&heap, bytes);
    mg_network_free(&network);
    assert_int_equal(heap.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_in_models_survive),
        cmocka_unit_test(published_models_survive),
        cmocka_unit_test(leftovers_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
