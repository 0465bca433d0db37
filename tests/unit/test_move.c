/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of all data movement against the same loops written plainly: any order, steps forwards,
 * backwards and on the spot, all element sizes, whole and in ranges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/ref/move.h"

enum { MOST_LOOPS = 4, MOST_ELEMENTS = 40 * 40 * 20, WIDEST = 16 };

/* A small generator, the same everywhere. */
static uint32_t draw(uint32_t *state, uint32_t below)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % below;
}

/* A permuted, reversed, repeated tensor: its loops in the order of the destination. */
typedef struct tensor_move {
    int32_t loops;
    size_t count[MOST_LOOPS];
    ptrdiff_t from[MOST_LOOPS], to[MOST_LOOPS];
    ptrdiff_t from_start, to_start;
    size_t source_elements, destination_elements;
} tensor_move;

static void invent(uint32_t *state, tensor_move *made)
{
    int32_t order[MOST_LOOPS];
    ptrdiff_t step = 1;
    memset(made, 0, sizeof *made);
    made->loops = 1 + (int32_t)draw(state, MOST_LOOPS);
    const uint32_t most = made->loops == 1   ? 600
                          : made->loops == 2 ? 40
                          : made->loops == 3 ? 20
                                             : 9;
    for (int32_t i = 0; i < made->loops; ++i) {
        made->count[i] = 1 + draw(state, most);
        order[i] = i;
    }
    for (int32_t i = made->loops - 1; i > 0; --i) {
        int32_t k = (int32_t)draw(state, (uint32_t)i + 1), kept = order[i];
        order[i] = order[k];
        order[k] = kept;
    }
    for (int32_t i = made->loops - 1; i >= 0; --i) {
        const int32_t own = order[i];
        if (draw(state, 6) == 0) continue;
        made->from[own] = step;
        step *= (ptrdiff_t)made->count[own];
        if (draw(state, 5) != 0) continue;
        made->from_start += (ptrdiff_t)(made->count[own] - 1) * made->from[own];
        made->from[own] = -made->from[own];
    }
    made->source_elements = (size_t)step;
    made->to_start = (ptrdiff_t)draw(state, 3);
    step = 1;
    for (int32_t i = made->loops - 1; i >= 0; --i) {
        made->to[i] = step;
        step *= (ptrdiff_t)made->count[i] + (draw(state, 4) == 0);
    }
    made->destination_elements = (size_t)(made->to_start + step);
}

/* Where element `index` of the move comes from and goes to. */
static void place(const tensor_move *made, size_t index, size_t *from, size_t *to)
{
    ptrdiff_t source = made->from_start, destination = made->to_start;
    for (int32_t i = made->loops - 1; i >= 0; --i) {
        const ptrdiff_t at = (ptrdiff_t)(index % made->count[i]);
        index /= made->count[i];
        source += at * made->from[i];
        destination += at * made->to[i];
    }
    *from = (size_t)source;
    *to = (size_t)destination;
}

static void build(const tensor_move *made, int32_t bits, mg_move *move)
{
    mg_move_begin(move, bits);
    move->from_start = made->from_start;
    move->to_start = made->to_start;
    for (int32_t i = 0; i < made->loops; ++i)
        mg_move_loop(move, made->count[i], made->from[i], made->to[i]);
    mg_move_merge(move);
}

static size_t size_of(const tensor_move *made)
{
    size_t elements = 1;
    for (int32_t i = 0; i < made->loops; ++i) elements *= made->count[i];
    return elements;
}

static unsigned element(const unsigned char *data, size_t bits, size_t index)
{
    return (unsigned)data[index * bits / 8] >> index * bits % 8 & ((1u << bits) - 1);
}

static unsigned char source[MOST_ELEMENTS * WIDEST], got[MOST_ELEMENTS * WIDEST],
    wanted[MOST_ELEMENTS * WIDEST];

static void fill_buffers(uint32_t *state)
{
    for (size_t i = 0; i < sizeof source; ++i) source[i] = (unsigned char)draw(state, 256);
    memset(got, 0x5a, sizeof got);
    memset(wanted, 0x5a, sizeof wanted);
}

static void whole_bytes_move_as_written(void **unused)
{
    uint32_t state = 1;
    (void)unused;
    for (int turn = 0; turn < 400; ++turn) {
        const size_t bytes = (size_t)1 << draw(&state, 5);
        tensor_move made;
        mg_move move;
        invent(&state, &made);
        assert_true(made.destination_elements <= MOST_ELEMENTS);
        fill_buffers(&state);
        build(&made, (int32_t)bytes * 8, &move);
        for (size_t i = 0, from, to; i < size_of(&made); ++i) {
            place(&made, i, &from, &to);
            memcpy(wanted + to * bytes, source + from * bytes, bytes);
        }
        const size_t iterations = mg_move_iterations(&move);
        const size_t middle = draw(&state, (uint32_t)iterations + 1);
        mg_move_run(&move, source, got, middle, iterations);
        mg_move_run(&move, source, got, 0, middle);
        assert_memory_equal(got, wanted, sizeof got);
    }
}

static void parts_of_bytes_move_as_written(void **unused)
{
    uint32_t state = 2;
    (void)unused;
    for (int turn = 0; turn < 200; ++turn) {
        const size_t bits = draw(&state, 2) == 0 ? 2 : 4;
        tensor_move made;
        mg_move move;
        invent(&state, &made);
        fill_buffers(&state);
        build(&made, (int32_t)bits, &move);
        assert_int_equal(mg_move_iterations(&move), 1);
        mg_move_run(&move, source, got, 0, 1);
        for (size_t i = 0, from, to; i < size_of(&made); ++i) {
            place(&made, i, &from, &to);
            assert_int_equal(element(got, bits, to), element(source, bits, from));
        }
        for (size_t i = made.destination_elements * bits / 8 + 1; i < 64; ++i)
            assert_int_equal(got[i], 0x5a);
    }
}

static void sources_of_strings_are_found(void **unused)
{
    uint32_t state = 3;
    (void)unused;
    for (int turn = 0; turn < 200; ++turn) {
        tensor_move made;
        mg_move move;
        invent(&state, &made);
        build(&made, 0, &move);
        assert_int_equal(mg_move_elements(&move), size_of(&made));
        for (size_t i = 0, from, to; i < size_of(&made); ++i) {
            place(&made, i, &from, &to);
            assert_int_equal(mg_move_source(&move, i), from);
        }
    }
}

static void fills_repeat_an_element(void **unused)
{
    static const unsigned char value[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    static const size_t sizes[] = {1, 2, 3, 4, 8, 12};
    (void)unused;
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; ++s) {
        for (size_t count = 0; count < 2000; count = count * 3 + 1) {
            memset(got, 0x5a, 12 * 2000 + 1);
            mg_fill(got, value, sizes[s], count);
            for (size_t i = 0; i < sizes[s] * count; ++i)
                assert_int_equal(got[i], value[i % sizes[s]]);
            assert_int_equal(got[sizes[s] * count], 0x5a);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_bytes_move_as_written),
        cmocka_unit_test(parts_of_bytes_move_as_written),
        cmocka_unit_test(sources_of_strings_are_found),
        cmocka_unit_test(fills_repeat_an_element),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
