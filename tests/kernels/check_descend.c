/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of optimisers, in every form: equal to plain C bit for bit, however often repeated. */
#include <math.h>
#include <string.h>

#include "check.h"

enum { MOST = 300, STEPS = 3 };

typedef void step_function(const mg_descent *how, const mg_descent_slots *at, size_t count);

static step_function *form_of(const mg_descend_kernel *kernel, uint32_t form)
{
    return form == 0 ? kernel->momentum : form == 1 ? kernel->adam : kernel->root_mean_square;
}

/* Weights and slots, alike for both kernels. Velocities are not negative. */
static void fill(check *run, check_values values, size_t count, mg_descent_slots *got,
                 mg_descent_slots *want, uint32_t form)
{
    bool there[3] = {form != 0 || check_random(run) % 2, form == 1 || check_random(run) % 2,
                     form != 0 && check_random(run) % 2};
    float *gradients = check_memory(run, count * 4, 4);
    check_fill_f32(run, values, gradients, count);
    check_seal(run, gradients);
    got->gradients = want->gradients = gradients;
    got->weights = check_output(run, count * 4, 4, 0x7f);
    want->weights = check_output(run, count * 4, 4, 0x7f);
    check_fill_f32(run, values, got->weights, count);
    memcpy(want->weights, got->weights, count * 4);
    for (int slot = 0; slot < 3; ++slot) {
        got->slots[slot] = want->slots[slot] = NULL;
        if (!there[slot]) continue;
        got->slots[slot] = check_output(run, count * 4, 4, 0x7f);
        want->slots[slot] = check_output(run, count * 4, 4, 0x7f);
        check_fill_f32(run, CHECK_RANDOM, got->slots[slot], count);
        for (size_t i = 0; i < count; ++i)
            got->slots[slot][i] =
                fabsf(got->slots[slot][i]) * (form == 2 && slot == 2 ? 0.0f : 1.0f);
        memcpy(want->slots[slot], got->slots[slot], count * 4);
    }
}

static void one_case(check *run, const mg_descend_kernel *kernel, const mg_descend_kernel *plain,
                     check_values values)
{
    uint32_t form = check_random(run) % 3;
    size_t count = check_size(run, 16, MOST);
    const mg_descent how = {.rate = 0.01f,
                            .momentum = 0.9f,
                            .nesterov = check_random(run) % 2 == 0,
                            .take_gradient = 0.1f,
                            .take_velocity = 0.001f,
                            .keep_velocity = 0.9f,
                            .epsilon = 1e-7f,
                            .decay = check_random(run) % 2 == 0 ? 0.0f : 0.004f};
    mg_descent_slots got, want;
    check_case(run, "form %u, %zu elements, values %d", form, count, (int)values);
    fill(run, values, count, &got, &want, form);
    for (int step = 0; step < STEPS; ++step) {
        form_of(kernel, form)(&how, &got, count);
        form_of(plain, form)(&how, &want, count);
    }
    check_equal(run, got.weights, want.weights, count * 4, 4);
    for (int slot = 0; slot < 3; ++slot)
        if (got.slots[slot] != NULL)
            check_equal(run, got.slots[slot], want.slots[slot], count * 4, 4);
    check_case_end(run);
}

static void test(check *run, const void *kernel, const void *reference)
{
    for (int round = 0; round < 80; ++round)
        for (int values = 0; values < CHECK_VALUES_COUNT; ++values)
            one_case(run, kernel, reference, (check_values)values);
}

enum { BENCH_COUNT = 100352 };

typedef struct bench_case {
    const mg_descend_kernel *kernel;
    mg_descent_slots slots;
    float memory[4][BENCH_COUNT];
} bench_case;

static void call(void *argument)
{
    bench_case *at = argument;
    const mg_descent how = {
        .rate = 1e-6f, .take_gradient = 0.1f, .take_velocity = 0.001f, .epsilon = 1e-7f};
    at->kernel->adam(&how, &at->slots, BENCH_COUNT);
}

static void bench(check *run, const void *kernel)
{
    static bench_case at;
    at.kernel = kernel;
    for (int i = 0; i < 4; ++i) check_fill_f32(run, CHECK_RANDOM, at.memory[i], BENCH_COUNT);
    for (int i = 0; i < BENCH_COUNT; ++i) at.memory[3][i] = fabsf(at.memory[3][i]);
    at.slots = (mg_descent_slots){at.memory[0], at.memory[1], {at.memory[2], at.memory[3], NULL}};
    check_measure(run, "adam, 784 x 128", BENCH_COUNT, call, &at);
}

const check_family check_descend = {test, bench};
