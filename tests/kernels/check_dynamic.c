/* SPDX-License-Identifier: Apache-2.0 */
/* dynamic: ranges and quantised values, with ties, infinities and not-a-number. */
#include <math.h>
#include <string.h>

#include "check.h"

enum { MOST_COUNT = 100 };

/* Values whose products with the factor are at and next to halves. */
static void draw_ties(check *run, float *values, size_t count, float factor)
{
    for (size_t i = 0; i < count; ++i) {
        const float tie = ((float)check_between(run, -300, 300) + 0.5f) / factor;
        switch (check_random(run) % 4) {
        case 0: values[i] = nextafterf(tie, INFINITY); break;
        case 1: values[i] = nextafterf(tie, -INFINITY); break;
        case 2: values[i] = (float)check_between(run, -140, 140) / factor; break;
        default: values[i] = tie; break;
        }
    }
}

static void draw_odd(check *run, float *values, size_t count)
{
    static const float odd[] = {INFINITY, -INFINITY, NAN,    -0.0f,
                                1e38f,    -1e38f,    1e-40f, 0.49999997f};
    for (size_t i = 0; i < count; ++i)
        if (check_random(run) % 4 == 0) values[i] = odd[check_random(run) % 8];
}

static void one_case(check *run, const mg_dynamic_kernel *const kernels[2], int round)
{
    const size_t count = check_size(run, 16, MOST_COUNT);
    const float factor = round % 3 == 0 ? 1.0f : round % 3 == 1 ? 12.7f : 126.99f;
    const int32_t zero_point = check_between(run, INT8_MIN, INT8_MAX);
    check_case(run, "%zu values, factor %g, zero point %d", count, (double)factor, (int)zero_point);
    float *values = check_memory(run, count * 4, 4);
    if (round % 2)
        draw_ties(run, values, count, factor);
    else
        check_fill_f32(run, (check_values)(round / 2 % CHECK_VALUES_COUNT), values, count);
    if (round % 5 == 0) draw_odd(run, values, count);
    check_seal(run, values);
    float range[2][2];
    void *bytes[2], *words[2];
    for (int i = 0; i < 2; ++i) {
        bytes[i] = check_output(run, count, 1, i ? 0x11 : 0xee);
        words[i] = check_output(run, count * 2, 2, i ? 0x11 : 0xee);
        kernels[i]->range(values, count, &range[i][0], &range[i][1]);
        if (round % 2)
            kernels[i]->bytes(values, count, factor, 0, -127, bytes[i]);
        else
            kernels[i]->bytes(values, count, factor, zero_point, -128, bytes[i]);
        kernels[i]->words(values, count, factor, zero_point, words[i]);
    }
    /* Equal as numbers: the sign of a zero is left open. */
    for (int end = 0; end < 2; ++end)
        if (range[0][end] != range[1][end] && !(isnan(range[0][end]) && isnan(range[1][end])))
            check_close(run, range[0][end], range[1][end], 0, (size_t)end);
    check_equal(run, bytes[0], bytes[1], count, 1);
    check_equal(run, words[0], words[1], count * 2, 2);
    check_case_end(run);
}

static void test(check *run, const void *kernel, const void *reference)
{
    const mg_dynamic_kernel *const kernels[2] = {kernel, reference};
    for (int round = 0; round < 900; ++round) one_case(run, kernels, round);
}

enum { BENCH_COUNT = 8192 };

typedef struct bench_case {
    const mg_dynamic_kernel *kernel;
    float values[BENCH_COUNT];
    int16_t words[BENCH_COUNT];
} bench_case;

static void call_range(void *argument)
{
    bench_case *at = argument;
    float least, most;
    at->kernel->range(at->values, BENCH_COUNT, &least, &most);
    at->values[0] = least;
}

static void call_words(void *argument)
{
    bench_case *at = argument;
    at->kernel->words(at->values, BENCH_COUNT, 20.0f, 3, at->words);
}

static void bench(check *run, const void *kernel)
{
    static bench_case at;
    at.kernel = kernel;
    check_fill_f32(run, CHECK_RANDOM, at.values, BENCH_COUNT);
    check_measure(run, "range of 8192", BENCH_COUNT, call_range, &at);
    check_measure(run, "8192 to int16", BENCH_COUNT, call_words, &at);
}

const check_family check_dynamic = {test, bench};
