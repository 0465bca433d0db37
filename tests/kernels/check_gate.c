/* SPDX-License-Identifier: Apache-2.0 */
/* gate: the functions at every value, the rest at factors and values at their limits. */
#include <stdio.h>
#include <string.h>

#include "check.h"

enum { MOST_COUNT = 70, EVERY_VALUE = 65536, TANH_FORMS = 7 };

static mg_multiplier draw_factor(check *run)
{
    mg_multiplier factor = {check_between(run, 1 << 30, INT32_MAX), check_between(run, -31, 2)};
    if (check_random(run) % 8 == 0) factor = (mg_multiplier){0, 0};
    return factor;
}

/* 0 … INT16_MAX, as logistic gives. */
static int16_t *gate_values(check *run, check_values values, size_t count)
{
    int16_t *gate = check_memory(run, count * 2, 2);
    check_fill_i16(run, values, gate, count);
    for (size_t i = 0; i < count; ++i) gate[i] = (int16_t)(gate[i] & INT16_MAX);
    check_seal(run, gate);
    return gate;
}

static int16_t *any_values(check *run, check_values values, size_t count)
{
    int16_t *any = check_memory(run, count * 2, 2);
    check_fill_i16(run, values, any, count);
    check_seal(run, any);
    return any;
}

static void join_case(check *run, const mg_gate_kernel *kernel, const mg_gate_kernel *reference,
                      check_values values)
{
    size_t count = check_size(run, 16, MOST_COUNT);
    mg_multiplier first = draw_factor(run), second = draw_factor(run);
    check_case(run, "join of %zu, factors %d * 2^%d and %d * 2^%d, values %d", count,
               (int)first.multiplier, (int)first.shift, (int)second.multiplier, (int)second.shift,
               (int)values);
    int32_t *a = check_memory(run, count * 4, 4), *b = check_memory(run, count * 4, 4);
    check_fill_i32(run, values, a, count);
    check_fill_i32(run, values, b, count);
    int less = check_between(run, 0, 20);
    for (size_t i = 0; i < count; ++i) {
        a[i] >>= less;
        b[i] >>= less;
    }
    check_seal(run, a);
    check_seal(run, b);
    int16_t *got = check_output(run, count * 2, 2, 0x55);
    int16_t *want = check_output(run, count * 2, 2, 0xaa);
    kernel->join(a, first, b, second, count, got);
    reference->join(a, first, b, second, count, want);
    check_equal(run, got, want, count * 2, 2);
    check_case_end(run);
}

static void advance_case(check *run, const mg_gate_kernel *kernel, const mg_gate_kernel *reference,
                         check_values values)
{
    size_t count = check_size(run, 16, MOST_COUNT);
    int32_t scale = check_between(run, -15, -9);
    int16_t clip = (int16_t)(check_random(run) % 2 ? 0 : check_between(run, 1, INT16_MAX));
    bool has_input = check_random(run) % 2 == 0;
    check_case(run, "advance of %zu, scale 2^%d, clip %d, %s, values %d", count, (int)scale,
               (int)clip, has_input ? "input gate" : "no input gate", (int)values);
    const int16_t *input = has_input ? gate_values(run, values, count) : NULL;
    const int16_t *forget = gate_values(run, values, count);
    const int16_t *modulation = any_values(run, values, count);
    int16_t *got = check_output(run, count * 2, 2, 0), *want = check_output(run, count * 2, 2, 0);
    check_fill_i16(run, values, want, count);
    memcpy(got, want, count * 2);
    kernel->advance(scale, clip, input, forget, modulation, count, got);
    reference->advance(scale, clip, input, forget, modulation, count, want);
    check_equal(run, got, want, count * 2, 2);
    check_case_end(run);
}

static void multiply_case(check *run, const mg_gate_kernel *kernel, const mg_gate_kernel *reference,
                          check_values values)
{
    size_t count = check_size(run, 16, MOST_COUNT);
    mg_multiplier factor = draw_factor(run);
    int32_t zero_point = check_between(run, -255, 255);
    check_case(run, "multiply of %zu, factor %d * 2^%d, zero point %d, values %d", count,
               (int)factor.multiplier, (int)factor.shift, (int)zero_point, (int)values);
    const int16_t *a = any_values(run, values, count), *b = any_values(run, values, count);
    int8_t *got = check_output(run, count, 1, 0x55), *want = check_output(run, count, 1, 0xaa);
    kernel->multiply(a, b, factor, zero_point, count, got);
    reference->multiply(a, b, factor, zero_point, count, want);
    check_equal(run, got, want, count, 1);
    check_case_end(run);
}

/* `form` 0 … 6: tanh with so many integer bits; 7: logistic. */
static void squash(const mg_gate_kernel *kernel, int form, const int16_t *values, size_t count,
                   int16_t *result)
{
    if (form < TANH_FORMS)
        kernel->tanh(form, values, count, result);
    else
        kernel->logistic(values, count, result);
}

static void squash_case(check *run, const mg_gate_kernel *kernel, const mg_gate_kernel *reference,
                        int form, size_t count)
{
    check_case(run, "%s of %zu, %d integer bits", form < TANH_FORMS ? "tanh" : "logistic", count,
               form < TANH_FORMS ? form : 3);
    int16_t *values = check_memory(run, count * 2, 2);
    for (size_t i = 0; i < count; ++i) {
        values[i] = count == EVERY_VALUE ? (int16_t)(uint16_t)i : (int16_t)check_random(run);
    }
    check_seal(run, values);
    int16_t *got = check_output(run, count * 2, 2, 0x55);
    int16_t *want = check_output(run, count * 2, 2, 0xaa);
    squash(kernel, form, values, count, got);
    squash(reference, form, values, count, want);
    check_equal(run, got, want, count * 2, 2);
    check_case_end(run);
}

static void test(check *run, const void *kernel, const void *reference)
{
    for (int form = 0; form <= TANH_FORMS; ++form) {
        squash_case(run, kernel, reference, form, EVERY_VALUE);
        for (int round = 0; round < 20; ++round) {
            squash_case(run, kernel, reference, form, check_size(run, 16, MOST_COUNT));
        }
    }
    for (int round = 0; round < 100; ++round) {
        for (int values = 0; values < CHECK_VALUES_COUNT; ++values) {
            join_case(run, kernel, reference, (check_values)values);
            advance_case(run, kernel, reference, (check_values)values);
            multiply_case(run, kernel, reference, (check_values)values);
        }
    }
}

enum { BENCH_COUNT = 1024 };

typedef struct bench_case {
    const mg_gate_kernel *kernel;
    int form;
    int16_t values[BENCH_COUNT], result[BENCH_COUNT];
} bench_case;

static void call(void *argument)
{
    bench_case *at = argument;
    squash(at->kernel, at->form, at->values, BENCH_COUNT, at->result);
}

static void bench(check *run, const void *kernel)
{
    static bench_case at;
    at.kernel = kernel;
    check_fill_i16(run, CHECK_RANDOM, at.values, BENCH_COUNT);
    at.form = 3;
    check_measure(run, "tanh of 1024", BENCH_COUNT, call, &at);
    at.form = TANH_FORMS;
    check_measure(run, "logistic of 1024", BENCH_COUNT, call, &at);
}

const check_family check_gate = {test, bench};
