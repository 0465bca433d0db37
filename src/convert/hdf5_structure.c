/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A global heap is "GCOL", version 1, three bytes of 0, its size in 8 bytes, then pieces:
 *   index (2), references (2), 0 (4), size (8), the bytes, up to a multiple of 8.
 * Index 0 is the free space, whose size counts its head; it comes last.
 */
#include "convert/hdf5_structure.h"

#include <stdint.h>
#include <string.h>

enum { HEAP_HEAD = 16, PIECE_HEAD = 16 };

static uint64_t read_number(const unsigned char *at, int bytes)
{
    uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; --i) value = value << 8 | at[i];
    return value;
}

/* `size` bytes from the head of the heap to the end of the file. */
static bool is_sound(const unsigned char *heap, size_t size)
{
    uint64_t whole = read_number(heap + 8, 8);
    if (whole < HEAP_HEAD || whole > size) return false;
    uint64_t at = HEAP_HEAD;
    while (whole - at >= PIECE_HEAD) {
        uint64_t index = read_number(heap + at, 2), bytes = read_number(heap + at + 8, 8);
        uint64_t room = whole - at;
        if (bytes > room) return false;
        uint64_t need = index == 0 ? bytes : PIECE_HEAD + (bytes + 7) / 8 * 8;
        if (need < PIECE_HEAD || need > room) return false;
        at += need;
    }
    return true;
}

bool mg_hdf5_heaps_are_sound(const unsigned char *bytes, size_t size)
{
    for (size_t at = 0; at + HEAP_HEAD <= size; at += 8)
        if (memcmp(bytes + at, "GCOL\1\0\0\0", 8) == 0 && !is_sound(bytes + at, size - at))
            return false;
    return true;
}
