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

/* The first of values first … count - 1 that ranks before the root; `count` when none does. */
#define CANDIDATE(name, type)                                                                   \
    static size_t candidate_##name(const type *values, size_t first, size_t count, size_t root) \
    {                                                                                           \
        const type least = values[root];                                                        \
        while (first < count && !(values[first] > least)) ++first;                              \
        return first;                                                                           \
    }

CANDIDATE(i8, int8_t)
CANDIDATE(u8, uint8_t)
CANDIDATE(i16, int16_t)
CANDIDATE(i32, int32_t)
CANDIDATE(i64, int64_t)
CANDIDATE(f32, float)

static size_t next_candidate(const ranked *r, size_t first, size_t count)
{
    const size_t root = (size_t)r->heap[0];
    switch (r->number) {
    case MG_NUMBER_I8: return candidate_i8(r->values, first, count, root);
    case MG_NUMBER_U8: return candidate_u8(r->values, first, count, root);
    case MG_NUMBER_I16: return candidate_i16(r->values, first, count, root);
    case MG_NUMBER_I32: return candidate_i32(r->values, first, count, root);
    case MG_NUMBER_I64: return candidate_i64(r->values, first, count, root);
    case MG_NUMBER_F32:
        /* Against a root that is no number every number counts. */
        if (float_key(((const float *)r->values)[root]) != INT64_MIN)
            return candidate_f32(r->values, first, count, root);
        break;
    default: break;
    }
    while (first < count && !comes_before(r, (int32_t)first, r->heap[0])) ++first;
    return first;
}

void mg_rank(mg_number number, const void *values, size_t count, size_t most, int32_t *positions)
{
    const ranked r = {number, values, positions};
    if (most == 0) return;
    for (size_t i = 0; i < most; ++i) positions[i] = (int32_t)i;
    for (size_t i = most / 2; i-- > 0;) sift_down(&r, i, most);
    for (size_t i = next_candidate(&r, most, count); i < count;
         i = next_candidate(&r, i + 1, count)) {
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

/* The search starts at the first value that is a number. */
#define EXTREME(name, type)                                                                  \
    static size_t extreme_##name(bool largest, const type *values, size_t size, size_t step) \
    {                                                                                        \
        size_t at = 0;                                                                       \
        while (at < size && values[at * step] != values[at * step]) ++at;                    \
        if (at == size) return 0;                                                            \
        type best = values[at * step];                                                       \
        for (size_t i = at + 1; largest && i < size; ++i) {                                  \
            const type value = values[i * step];                                             \
            at = value > best ? i : at;                                                      \
            best = value > best ? value : best;                                              \
        }                                                                                    \
        for (size_t i = at + 1; !largest && i < size; ++i) {                                 \
            const type value = values[i * step];                                             \
            at = value < best ? i : at;                                                      \
            best = value < best ? value : best;                                              \
        }                                                                                    \
        return at;                                                                           \
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
