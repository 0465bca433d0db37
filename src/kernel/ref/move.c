/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/move.h"

#include <stdbool.h>
#include <string.h>

/* Side of the square in which two crossing loops run, so that both sides stay in the cache. */
enum { TILE = 16 };

void mg_move_begin(mg_move *move, int32_t bits)
{
    memset(move, 0, sizeof *move);
    move->bits = bits;
    move->block = 1;
}

void mg_move_loop(mg_move *move, size_t count, ptrdiff_t from, ptrdiff_t to)
{
    int32_t last = move->loops - 1;
    if (count == 1) return;
    if (last >= 0 && move->from[last] == from * (ptrdiff_t)count &&
        move->to[last] == to * (ptrdiff_t)count) {
        move->count[last] *= count;
        move->from[last] = from;
        move->to[last] = to;
        return;
    }
    move->count[move->loops] = count;
    move->from[move->loops] = from;
    move->to[move->loops] = to;
    ++move->loops;
}

static size_t distance(ptrdiff_t step)
{
    return step < 0 ? (size_t)-step : (size_t)step;
}

/* The loop with the shortest step in the source goes next to the innermost one. */
static void bring_in(mg_move *move)
{
    int32_t last = move->loops - 1, nearest = last;
    for (int32_t i = 0; i <= last; ++i) {
        if (move->from[i] != 0 && distance(move->from[i]) < distance(move->from[nearest]))
            nearest = i;
    }
    if (nearest >= last - 1) return;
    size_t count = move->count[nearest];
    ptrdiff_t from = move->from[nearest], to = move->to[nearest];
    for (int32_t i = nearest; i < last - 1; ++i) {
        move->count[i] = move->count[i + 1];
        move->from[i] = move->from[i + 1];
        move->to[i] = move->to[i + 1];
    }
    move->count[last - 1] = count;
    move->from[last - 1] = from;
    move->to[last - 1] = to;
}

void mg_move_merge(mg_move *move)
{
    int32_t last = move->loops - 1;
    if (last >= 0 && move->from[last] == 1 && move->to[last] == 1) {
        move->block = move->count[last];
        --move->loops;
    }
    if (move->loops > 2 && move->bits != 0) bring_in(move);
    while (move->loops < 2) {
        move->count[move->loops] = 1;
        move->from[move->loops] = move->to[move->loops] = 0;
        ++move->loops;
    }
}

size_t mg_move_iterations(const mg_move *move)
{
    return move->bits < 8 ? 1 : move->count[0];
}

size_t mg_move_elements(const mg_move *move)
{
    size_t elements = move->block;
    for (int32_t i = 0; i < move->loops; ++i) elements *= move->count[i];
    return elements;
}

/* Crossing loops are run in squares. */
size_t mg_move_grain(const mg_move *move)
{
    return move->loops == 2 && distance(move->from[0]) < distance(move->from[1]) ? 2 * TILE : 1;
}

size_t mg_move_source(const mg_move *move, size_t index)
{
    ptrdiff_t source = move->from_start + (ptrdiff_t)(index % move->block);
    index /= move->block;
    for (int32_t i = move->loops - 1; i >= 0; --i) {
        source += (ptrdiff_t)(index % move->count[i]) * move->from[i];
        index /= move->count[i];
    }
    return (size_t)source;
}

/* The two innermost loops, steps in bytes. */
typedef struct plane {
    size_t rows, columns;
    ptrdiff_t from_row, from_column, to_row, to_column;
} plane;

/* Inlined with a constant size, the copy is one load and one store. */
static inline void move_tile(const plane *p, const unsigned char *source,
                             unsigned char *destination, size_t rows, size_t columns, size_t bytes)
{
    for (size_t r = 0; r < rows; ++r) {
        const unsigned char *from = source + (ptrdiff_t)r * p->from_row;
        unsigned char *to = destination + (ptrdiff_t)r * p->to_row;
        for (size_t c = 0; c < columns; ++c) {
            memcpy(to, from, bytes);
            from += p->from_column;
            to += p->to_column;
        }
    }
}

static void move_some(const plane *p, const unsigned char *source, unsigned char *destination,
                      size_t rows, size_t columns, size_t bytes)
{
    switch (bytes) {
    case 1: move_tile(p, source, destination, rows, columns, 1); break;
    case 2: move_tile(p, source, destination, rows, columns, 2); break;
    case 4: move_tile(p, source, destination, rows, columns, 4); break;
    case 8: move_tile(p, source, destination, rows, columns, 8); break;
    case 16: move_tile(p, source, destination, rows, columns, 16); break;
    default: move_tile(p, source, destination, rows, columns, bytes);
    }
}

/* Swaps the elements above the diagonal of a block of two by two with those below it, in all blocks
 * that two words hold. */
static inline void exchange(uint64_t *a, uint64_t *b, unsigned bits, uint64_t mask)
{
    const uint64_t both = (*a >> bits ^ *b) & mask;
    *a ^= both << bits;
    *b ^= both;
}

static const uint64_t half_words = 0x00000000ffffffff, quarter_words = 0x0000ffff0000ffff,
                      bytes_of_pairs = 0x00ff00ff00ff00ff;

/* Turn a square of elements, a word a row: 2 by 2 of 32 bits, 4 by 4 of 16, 8 by 8 of 8. */
static inline void turn_2(uint64_t w[2])
{
    exchange(&w[0], &w[1], 32, half_words);
}

static inline void turn_4(uint64_t w[4])
{
    for (int i = 0; i < 2; ++i) exchange(&w[i], &w[i + 2], 32, half_words);
    for (int i = 0; i < 4; i += 2) exchange(&w[i], &w[i + 1], 16, quarter_words);
}

static inline void turn_8(uint64_t w[8])
{
    for (int i = 0; i < 4; ++i) exchange(&w[i], &w[i + 4], 32, half_words);
    for (int i = 0; i < 2; ++i) exchange(&w[i], &w[i + 2], 16, quarter_words);
    for (int i = 4; i < 6; ++i) exchange(&w[i], &w[i + 2], 16, quarter_words);
    for (int i = 0; i < 8; i += 2) exchange(&w[i], &w[i + 1], 8, bytes_of_pairs);
}

static inline void turn_1(uint64_t w[1])
{
    (void)w;
}

/*
 * A full tile whose rows lie together in the source and whose columns do in the destination, of
 * elements of which `n` make a word. It goes through memory of its own, so that each cache line of
 * either side is touched once: with steps of a power of two they would push each other out.
 */
#define TURN_TILE(n)                                                               \
    static void turn_tile_##n(const plane *p, const unsigned char *source,         \
                              unsigned char *destination)                          \
    {                                                                              \
        uint64_t in[TILE][TILE / n], out[TILE][TILE / n], words[n];                \
        for (size_t c = 0; c < TILE; ++c)                                          \
            memcpy(in[c], source + (ptrdiff_t)c * p->from_column, sizeof in[c]);   \
        for (size_t c = 0; c < TILE; c += n) {                                     \
            for (size_t r = 0; r < TILE; r += n) {                                 \
                for (size_t i = 0; i < n; ++i) words[i] = in[c + i][r / n];        \
                turn_##n(words);                                                   \
                for (size_t i = 0; i < n; ++i) out[r + i][c / n] = words[i];       \
            }                                                                      \
        }                                                                          \
        for (size_t r = 0; r < TILE; ++r)                                          \
            memcpy(destination + (ptrdiff_t)r * p->to_row, out[r], sizeof out[r]); \
    }

TURN_TILE(1)
TURN_TILE(2)
TURN_TILE(4)
TURN_TILE(8)

/* False for sizes that have no fast way. */
static bool turn_some(const plane *p, const unsigned char *source, unsigned char *destination,
                      size_t bytes)
{
    switch (bytes) {
    case 1: turn_tile_8(p, source, destination); return true;
    case 2: turn_tile_4(p, source, destination); return true;
    case 4: turn_tile_2(p, source, destination); return true;
    case 8: turn_tile_1(p, source, destination); return true;
    default: return false;
    }
}

static void move_plane(const plane *p, const unsigned char *source, unsigned char *destination,
                       size_t bytes)
{
    if (distance(p->from_row) >= distance(p->from_column)) {
        move_some(p, source, destination, p->rows, p->columns, bytes);
        return;
    }
    const bool dense = p->from_row == (ptrdiff_t)bytes && p->to_column == (ptrdiff_t)bytes;
    for (size_t r = 0; r < p->rows; r += TILE) {
        size_t rows = p->rows - r < TILE ? p->rows - r : TILE;
        for (size_t c = 0; c < p->columns; c += TILE) {
            size_t columns = p->columns - c < TILE ? p->columns - c : TILE;
            const unsigned char *from =
                source + (ptrdiff_t)r * p->from_row + (ptrdiff_t)c * p->from_column;
            unsigned char *to =
                destination + (ptrdiff_t)r * p->to_row + (ptrdiff_t)c * p->to_column;
            if (dense && rows == TILE && columns == TILE && turn_some(p, from, to, bytes)) continue;
            move_some(p, from, to, rows, columns, bytes);
        }
    }
}

/* Elements of 2 or 4 bits, lower index in the lower bits. */
static void move_bits(const mg_move *move, const unsigned char *source, unsigned char *destination)
{
    const unsigned bits = (unsigned)move->bits, per_byte = 8 / bits, mask = (1u << bits) - 1;
    size_t elements = mg_move_elements(move);
    for (size_t i = 0; i < elements; ++i) {
        size_t rest = i / move->block;
        size_t from = (size_t)move->from_start + i % move->block;
        size_t to = (size_t)move->to_start + i % move->block;
        for (int32_t l = move->loops - 1; l >= 0; --l) {
            size_t at = rest % move->count[l];
            rest /= move->count[l];
            from += at * (size_t)move->from[l];
            to += at * (size_t)move->to[l];
        }
        unsigned value = (unsigned)source[from / per_byte] >> (from % per_byte * bits) & mask;
        unsigned shift = (unsigned)(to % per_byte) * bits;
        unsigned kept = destination[to / per_byte] & ~(mask << shift);
        destination[to / per_byte] = (unsigned char)(kept | value << shift);
    }
}

void mg_move_run(const mg_move *move, const void *source, void *destination, size_t begin,
                 size_t end)
{
    if (mg_move_elements(move) == 0 || begin >= end) return;
    if (move->bits < 8) {
        move_bits(move, source, destination);
        return;
    }
    const ptrdiff_t bytes = move->bits / 8;
    const int32_t outer = move->loops - 2;
    size_t count[MG_MOVE_LOOPS], at[MG_MOVE_LOOPS] = {0};
    memcpy(count, move->count, sizeof count);
    count[0] = end - begin;
    plane p = {count[outer],
               count[outer + 1],
               move->from[outer] * bytes,
               move->from[outer + 1] * bytes,
               move->to[outer] * bytes,
               move->to[outer + 1] * bytes};
    ptrdiff_t from = move->from_start + (ptrdiff_t)begin * move->from[0];
    ptrdiff_t to = move->to_start + (ptrdiff_t)begin * move->to[0];
    for (;;) {
        move_plane(&p, (const unsigned char *)source + from * bytes,
                   (unsigned char *)destination + to * bytes, move->block * (size_t)bytes);
        int32_t i = outer - 1;
        for (; i >= 0 && ++at[i] == count[i]; --i) {
            at[i] = 0;
            from -= (ptrdiff_t)(count[i] - 1) * move->from[i];
            to -= (ptrdiff_t)(count[i] - 1) * move->to[i];
        }
        if (i < 0) return;
        from += move->from[i];
        to += move->to[i];
    }
}

void mg_fill(void *destination, const void *element, size_t bytes, size_t count)
{
    enum { CHUNK = 4096 };
    unsigned char *to = destination;
    if (bytes == 1) {
        memset(to, *(const unsigned char *)element, count);
        return;
    }
    if (count == 0) return;
    memcpy(to, element, bytes);
    const size_t all = bytes * count, most = bytes < CHUNK ? CHUNK - CHUNK % bytes : bytes;
    for (size_t done = bytes; done < all;) {
        size_t ready = done < most ? done : most;
        size_t next = all - done < ready ? all - done : ready;
        memcpy(to + done, to, next);
        done += next;
    }
}
