/* SPDX-License-Identifier: Apache-2.0 */
/* Placement: buffers alive together never overlap, and the arena is not larger than it must be in
 * cases whose best size is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/lifetime.h"

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void check_apart(const mg_buffer *buffers, size_t count, size_t arena)
{
    for (size_t i = 0; i < count; ++i) {
        const mg_buffer *a = &buffers[i];
        assert_int_equal(a->offset % MG_ALIGNMENT, 0);
        assert_true(a->offset + a->bytes <= arena);
        for (size_t k = 0; k < i; ++k) {
            const mg_buffer *b = &buffers[k];
            if (a->first > b->last || b->first > a->last) continue;
            assert_true(a->offset + a->bytes <= b->offset || b->offset + b->bytes <= a->offset);
        }
    }
}

static void random_buffers_do_not_overlap(void **state)
{
    (void)state;
    mg_heap heap;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    uint32_t seed = 1;
    for (int round = 0; round < 300; ++round) {
        mg_buffer buffers[60];
        size_t count = next_random(&seed) % 61, arena = 0;
        for (size_t i = 0; i < count; ++i) {
            int32_t first = (int32_t)(next_random(&seed) % 40) - 1;
            buffers[i] = (mg_buffer){next_random(&seed) % 5000, first,
                                     first + (int32_t)(next_random(&seed) % 6), 0};
        }
        assert_int_equal(mg_place_buffers(&heap, buffers, count, &arena, NULL), MIDGE_OK);
        check_apart(buffers, count, arena);
    }
    assert_int_equal(heap.live, 0);
}

static void a_chain_needs_two_neighbours(void **state)
{
    (void)state;
    mg_heap heap;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    mg_buffer chain[10];
    for (int32_t i = 0; i < 10; ++i) chain[i] = (mg_buffer){1024, i, i + 1, 0};
    size_t arena = 0;
    assert_int_equal(mg_place_buffers(&heap, chain, 10, &arena, NULL), MIDGE_OK);
    assert_int_equal(arena, 2048);
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    mg_heap heap;
    midge_error error = {0};
    mg_heap_init(&heap, NULL, SIZE_MAX);
    mg_buffer huge[3] = {{SIZE_MAX / 2 - 64, 0, 1, 0}, {SIZE_MAX / 2 - 64, 0, 1, 0}, {64, 0, 1, 0}};
    size_t arena = 0;
    assert_int_equal(mg_place_buffers(&heap, huge, 3, &arena, &error), MIDGE_LIMIT_EXCEEDED);
}

/* x(0) -> reshape -> y(1) -> relu in place -> z(2); w(3) = z + y. */
static void sharing_respects_later_readers(void **state)
{
    (void)state;
    mg_heap heap;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    const int32_t zero[] = {0}, one[] = {1}, two[] = {2}, three[] = {3}, sum[] = {2, 1};
    const mg_node nodes[] = {
        {.input_count = 1, .inputs = zero, .output_count = 1, .outputs = one},
        {.input_count = 1, .inputs = one, .output_count = 1, .outputs = two},
        {.input_count = 2, .inputs = sum, .output_count = 1, .outputs = three},
    };
    mg_graph graph = {.tensor_count = 4,
                      .node_count = 3,
                      .nodes = nodes,
                      .input_count = 1,
                      .inputs = zero,
                      .output_count = 1,
                      .outputs = three};
    midge_tensor tensors[4];
    memset(tensors, 0, sizeof tensors);
    for (int i = 0; i < 4; ++i) tensors[i].bytes = 256, tensors[i].storage = MG_STORAGE_ARENA;
    const mg_planned_node planned[] = {{MG_OP_ALIAS, 0, true, 0},
                                       {MG_OP_IN_PLACE, 128, true, 0},
                                       {MG_OP_IN_PLACE_ANY, 0, true, 0}};
    mg_lifetimes lifetimes;
    assert_int_equal(mg_find_lifetimes(&heap, &graph, tensors, planned, false, &lifetimes, NULL),
                     MIDGE_OK);
    const int32_t *buffer = lifetimes.buffer_of_tensor;
    assert_int_equal(buffer[1], buffer[0]);     /* the reshape shares */
    assert_int_not_equal(buffer[2], buffer[1]); /* y is read again, and x is an input */
    assert_int_equal(buffer[3], buffer[2]);     /* the sum may overwrite z */
    assert_true(lifetimes.buffer_of_node[1] >= 0);
    mg_lifetimes_free(&heap, &lifetimes);

    assert_int_equal(mg_find_lifetimes(&heap, &graph, tensors, planned, true, &lifetimes, NULL),
                     MIDGE_OK);
    for (int i = 0; i < 4; ++i)
        for (int k = 0; k < i; ++k)
            assert_int_not_equal(lifetimes.buffer_of_tensor[i], lifetimes.buffer_of_tensor[k]);
    mg_lifetimes_free(&heap, &lifetimes);
    assert_int_equal(heap.live, 0);
}

/* x + reshape(x): the result must not overwrite bytes that are read in another order. */
static void aliased_operands_are_not_overwritten(void **state)
{
    (void)state;
    mg_heap heap;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    const int32_t zero[] = {0}, one[] = {1}, two[] = {2}, three[] = {3}, both[] = {1, 2};
    const mg_node nodes[] = {
        {.input_count = 1, .inputs = zero, .output_count = 1, .outputs = one},
        {.input_count = 1, .inputs = one, .output_count = 1, .outputs = two},
        {.input_count = 2, .inputs = both, .output_count = 1, .outputs = three},
    };
    mg_graph graph = {.tensor_count = 4,
                      .node_count = 3,
                      .nodes = nodes,
                      .input_count = 1,
                      .inputs = zero,
                      .output_count = 1,
                      .outputs = three};
    midge_tensor tensors[4];
    memset(tensors, 0, sizeof tensors);
    for (int i = 0; i < 4; ++i) tensors[i].bytes = 256, tensors[i].storage = MG_STORAGE_ARENA;
    const mg_planned_node planned[] = {
        {0, 0, true, 0}, {MG_OP_ALIAS, 0, true, 0}, {MG_OP_IN_PLACE_ANY, 0, true, 0}};
    mg_lifetimes lifetimes;
    assert_int_equal(mg_find_lifetimes(&heap, &graph, tensors, planned, false, &lifetimes, NULL),
                     MIDGE_OK);
    assert_int_equal(lifetimes.buffer_of_tensor[2], lifetimes.buffer_of_tensor[1]);
    assert_int_not_equal(lifetimes.buffer_of_tensor[3], lifetimes.buffer_of_tensor[1]);
    mg_lifetimes_free(&heap, &lifetimes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_buffers_do_not_overlap),
        cmocka_unit_test(a_chain_needs_two_neighbours),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(sharing_respects_later_readers),
        cmocka_unit_test(aliased_operands_are_not_overwritten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
