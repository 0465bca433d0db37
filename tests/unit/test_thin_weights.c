/* SPDX-License-Identifier: Apache-2.0 */
/* Pruned and clustered weights: how many, which, and that nothing is lost when memory runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "quantize/cluster_weights.h"
#include "quantize/prune_weights.h"

enum { COUNT = 5000 };

/* Numbers within -1 and 1, more of them near 0. */
static void fill(float *weights)
{
    uint32_t seed = 7;
    for (size_t i = 0; i < COUNT; ++i) {
        float sum = 0;
        for (int k = 0; k < 4; ++k) {
            seed = seed * 1664525u + 1013904223u;
            sum += (float)(seed >> 8) / 8388608.0f - 1.0f;
        }
        weights[i] = sum / 4;
    }
}

static int smaller_first(const void *x, const void *y)
{
    float a = *(const float *)x, b = *(const float *)y;
    return (a > b) - (a < b);
}

static size_t count_different(const float *weights)
{
    static float sorted[COUNT];
    size_t different = 1;
    memcpy(sorted, weights, sizeof sorted);
    qsort(sorted, COUNT, sizeof *sorted, smaller_first);
    for (size_t i = 1; i < COUNT; ++i) different += sorted[i] != sorted[i - 1];
    return different;
}

static double distance(const float *a, const float *b)
{
    double sum = 0;
    for (size_t i = 0; i < COUNT; ++i) sum += (double)(a[i] - b[i]) * (double)(a[i] - b[i]);
    return sum;
}

static void the_smallest_become_zero(void **state)
{
    static float weights[COUNT], before[COUNT];
    const double shares[] = {0, 0.1, 0.5, 0.9, 1};
    mg_heap heap;
    (void)state;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    for (size_t s = 0; s < sizeof shares / sizeof shares[0]; ++s) {
        float largest = 0, least = 2;
        size_t zeros = 0;
        fill(before);
        memcpy(weights, before, sizeof weights);
        assert_int_equal(mg_prune_weights(&heap, weights, COUNT, shares[s], NULL), MIDGE_OK);
        for (size_t i = 0; i < COUNT; ++i) {
            float magnitude = before[i] < 0 ? -before[i] : before[i];
            if (weights[i] == 0) {
                ++zeros;
                if (magnitude > largest) largest = magnitude;
            } else {
                assert_memory_equal(&weights[i], &before[i], sizeof weights[i]);
                if (magnitude < least) least = magnitude;
            }
        }
        assert_int_equal(zeros, (size_t)(COUNT * shares[s]));
        assert_true(largest <= least);
    }
    assert_int_equal(heap.live, 0);
}

static void of_equals_the_first_go(void **state)
{
    float weights[6] = {2, -1, 1, 0.5f, -1, 1};
    const float wanted[6] = {2, 0, 0, 0, -1, 1};
    mg_heap heap;
    (void)state;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    assert_int_equal(mg_prune_weights(&heap, weights, 6, 0.5, NULL), MIDGE_OK);
    assert_memory_equal(weights, wanted, sizeof wanted);
}

static void few_different_remain(void **state)
{
    static float weights[COUNT], before[COUNT];
    double last = 1e30;
    mg_heap heap;
    (void)state;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    for (size_t clusters = 2; clusters <= 256; clusters *= 2) {
        fill(before);
        memcpy(weights, before, sizeof weights);
        assert_int_equal(mg_cluster_weights(&heap, weights, COUNT, clusters, NULL), MIDGE_OK);
        assert_true(count_different(weights) <= clusters);
        assert_true(distance(weights, before) < last / 2);
        last = distance(weights, before);
    }
    assert_int_equal(heap.live, 0);
}

/* Zeros stay, which pruning has made; two runs agree; what is clustered already stays. */
static void zeros_and_means_stay(void **state)
{
    static float weights[COUNT], again[COUNT];
    size_t zeros = 0;
    mg_heap heap;
    (void)state;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    fill(weights);
    assert_int_equal(mg_prune_weights(&heap, weights, COUNT, 0.5, NULL), MIDGE_OK);
    memcpy(again, weights, sizeof again);
    assert_int_equal(mg_cluster_weights(&heap, weights, COUNT, 16, NULL), MIDGE_OK);
    assert_int_equal(mg_cluster_weights(&heap, again, COUNT, 16, NULL), MIDGE_OK);
    assert_memory_equal(weights, again, sizeof again);
    for (size_t i = 0; i < COUNT; ++i) zeros += weights[i] == 0;
    assert_int_equal(zeros, COUNT / 2);
    assert_true(count_different(weights) <= 16);
    assert_int_equal(mg_cluster_weights(&heap, again, COUNT, 256, NULL), MIDGE_OK);
    assert_true(distance(weights, again) < 1e-6);
}

static void few_weights_are_their_own_clusters(void **state)
{
    float weights[3] = {0.5f, -2, 0}, zeros[2] = {0, 0};
    const float wanted[3] = {0.5f, -2, 0};
    mg_heap heap;
    (void)state;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    assert_int_equal(mg_cluster_weights(&heap, weights, 3, 8, NULL), MIDGE_OK);
    assert_memory_equal(weights, wanted, sizeof wanted);
    assert_int_equal(mg_cluster_weights(&heap, zeros, 2, 8, NULL), MIDGE_OK);
    assert_true(zeros[0] == 0 && zeros[1] == 0);
    assert_int_equal(mg_cluster_weights(&heap, zeros, 0, 8, NULL), MIDGE_OK);
    assert_int_equal(mg_prune_weights(&heap, zeros, 0, 0.5, NULL), MIDGE_OK);
}

static void memory_runs_out(void **state)
{
    static float weights[COUNT];
    mg_heap heap;
    (void)state;
    fill(weights);
    mg_heap_init(&heap, NULL, 1000);
    assert_int_equal(mg_prune_weights(&heap, weights, COUNT, 0.5, NULL), MIDGE_LIMIT_EXCEEDED);
    assert_int_equal(mg_cluster_weights(&heap, weights, COUNT, 16, NULL), MIDGE_LIMIT_EXCEEDED);
    assert_int_equal(heap.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smallest_become_zero),
        cmocka_unit_test(of_equals_the_first_go),
        cmocka_unit_test(few_different_remain),
        cmocka_unit_test(zeros_and_means_stay),
        cmocka_unit_test(few_weights_are_their_own_clusters),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
