/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/ranking.h"

#include <string.h>

static int64_t float_key(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (value != value) return INT64_MIN;
    int64_t magnitude = bits & 0x7fffffffu;
    return bits >> 31 != 0 ? -magnitude : magnitude;
}

int64_t mg_rank_key(mg_number number, const void *values, size_t i)
{
    switch (number) {
    case MG_NUMBER_F32: return float_key(((const float *)values)[i]);
    case MG_NUMBER_I8: return ((const int8_t *)values)[i];
    case MG_NUMBER_I16: return ((const int16_t *)values)[i];
    case MG_NUMBER_U16: return ((const uint16_t *)values)[i];
    case MG_NUMBER_I32: return ((const int32_t *)values)[i];
    case MG_NUMBER_U32: return ((const uint32_t *)values)[i];
    case MG_NUMBER_I64: return ((const int64_t *)values)[i];
    default: return ((const uint8_t *)values)[i];
    }
}

typedef struct ranked {
    mg_number number;
    const void *values;
    int32_t *heap; /* the last in rank at the root */
} ranked;

static bool comes_before(const ranked *r, int32_t a, int32_t b)
{
    int64_t key_a = mg_rank_key(r->number, r->values, (size_t)a);
    int64_t key_b = mg_rank_key(r->number, r->values, (size_t)b);
    return key_a != key_b ? key_a > key_b : a < b;
}

static void sift_down(const ranked *r, size_t root, size_t size)
{
    const int32_t moving = r->heap[root];
    for (size_t child = 2 * root + 1; child < size; child = 2 * root + 1) {
        if (child + 1 < size && comes_before(r, r->heap[child], r->heap[child + 1])) ++child;
        if (!comes_before(r, moving, r->heap[child])) break;
        r->heap[root] = r->heap[child];
        root = child;
    }
    r->heap[root] = moving;
}

void mg_rank(mg_number number, const void *values, size_t count, size_t most, int32_t *positions)
{
    const ranked r = {number, values, positions};
    if (most == 0) return;
    for (size_t i = 0; i < most; ++i) positions[i] = (int32_t)i;
    for (size_t i = most / 2; i-- > 0;) sift_down(&r, i, most);
    for (size_t i = most; i < count; ++i) {
        if (!comes_before(&r, (int32_t)i, positions[0])) continue;
        positions[0] = (int32_t)i;
        sift_down(&r, 0, most);
    }
    for (size_t size = most - 1; size > 0; --size) {
        int32_t last = positions[0];
        positions[0] = positions[size];
        positions[size] = last;
        sift_down(&r, 0, size);
    }
}

/* A number always wins against what is none. */
#define EXTREME(name, type)                                                                    \
    static size_t extreme_##name(bool largest, const type *values, size_t size, size_t step)   \
    {                                                                                          \
        type best = values[0];                                                                 \
        size_t at = 0;                                                                         \
        for (size_t i = 1; i < size; ++i) {                                                    \
            const type value = values[i * step];                                               \
            if ((largest ? value > best : value < best) || (best != best && value == value)) { \
                best = value;                                                                  \
                at = i;                                                                        \
            }                                                                                  \
        }                                                                                      \
        return at;                                                                             \
    }

EXTREME(i8, int8_t)
EXTREME(u8, uint8_t)
EXTREME(i32, int32_t)
EXTREME(f32, float)

static size_t extreme(mg_number number, bool largest, const void *values, size_t first, size_t size,
                      size_t step)
{
    switch (number) {
    case MG_NUMBER_I8: return extreme_i8(largest, (const int8_t *)values + first, size, step);
    case MG_NUMBER_I32: return extreme_i32(largest, (const int32_t *)values + first, size, step);
    case MG_NUMBER_F32: return extreme_f32(largest, (const float *)values + first, size, step);
    default: return extreme_u8(largest, (const uint8_t *)values + first, size, step);
    }
}

void mg_find_extreme(mg_number number, bool largest, const void *values, size_t outer, size_t size,
                     size_t inner, bool wide, void *positions)
{
    for (size_t o = 0; o < outer; ++o) {
        for (size_t i = 0; i < inner; ++i) {
            size_t at = extreme(number, largest, values, o * size * inner + i, size, inner);
            if (wide)
                ((int64_t *)positions)[o * inner + i] = (int64_t)at;
            else
                ((int32_t *)positions)[o * inner + i] = (int32_t)at;
        }
    }
}
