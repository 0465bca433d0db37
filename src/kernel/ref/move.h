/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one loop of all operators that only move data: nested loops, each with its own step in the
 * source and in the destination. Transposing permutes steps, reversing negates them, repeating sets
 * them to 0, cutting shortens counts, joining and padding start further in.
 *
 * Build: mg_move_begin, mg_move_loop from the outermost loop to the innermost, mg_move_merge. Then
 * run it as often as wanted. Every element of the destination may be written at most once.
 */
#ifndef MG_MOVE_H
#define MG_MOVE_H

#include <stddef.h>
#include <stdint.h>

enum { MG_MOVE_LOOPS = 17 };

typedef struct mg_move {
    int32_t bits; /* of an element: 2, 4, 8, 16, 32, 64 or 128; 0: of no fixed size, see below */
    int32_t loops;
    size_t block;         /* elements that lie together on both sides, in the innermost loop */
    ptrdiff_t from_start; /* first element in the source, and in the destination */
    ptrdiff_t to_start;
    size_t count[MG_MOVE_LOOPS];
    ptrdiff_t from[MG_MOVE_LOOPS]; /* steps in elements */
    ptrdiff_t to[MG_MOVE_LOOPS];
} mg_move;

void mg_move_begin(mg_move *move, int32_t bits);
void mg_move_loop(mg_move *move, size_t count, ptrdiff_t from, ptrdiff_t to);
void mg_move_merge(mg_move *move);

/* Iterations of the outermost loop of a merged move. Ranges of them are independent, except with
 * elements smaller than a byte, which always count as one. */
size_t mg_move_iterations(const mg_move *move);
size_t mg_move_elements(const mg_move *move);

/* How many iterations a range should have at least to be fast. */
size_t mg_move_grain(const mg_move *move);

void mg_move_run(const mg_move *move, const void *source, void *destination, size_t begin,
                 size_t end);

/*
 * For elements of no fixed size (bits 0): the source element of the index-th element moved, when
 * the loops were given in the order of the destination.
 */
size_t mg_move_source(const mg_move *move, size_t index);

/* Writes `count` copies of an element of `bytes` bytes. */
void mg_fill(void *destination, const void *element, size_t bytes, size_t count);

#endif
