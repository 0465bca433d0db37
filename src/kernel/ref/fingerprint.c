/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FarmHash Fingerprint64. The key is two pieces, so words are fetched by their place in the whole:
 * `head` holds the first bytes of the key, across the seam.
 */
#include "kernel/ref/fingerprint.h"

#include <string.h>

static const uint64_t k0 = UINT64_C(0xc3a5c85c97cb3127);
static const uint64_t k1 = UINT64_C(0xb492b66fbe98f273);
static const uint64_t k2 = UINT64_C(0x9ae16a3b2f90404f);

enum { SEED_BYTES = sizeof(float), HEAD_BYTES = SEED_BYTES + 8 };

typedef struct key {
    unsigned char head[HEAD_BYTES];
    const unsigned char *rest; /* byte i of the key is rest[i - SEED_BYTES] */
    size_t length;
} key;

typedef struct pair {
    uint64_t first, second;
} pair;

static const unsigned char *at(const key *k, size_t position)
{
    return position < SEED_BYTES ? k->head + position : k->rest + (position - SEED_BYTES);
}

static uint64_t fetch(const key *k, size_t position, int bytes)
{
    const unsigned char *from = at(k, position);
    uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; i--) value = value << 8 | from[i];
    return value;
}

static uint64_t word(const key *k, size_t position)
{
    return fetch(k, position, 8);
}

static uint64_t rotate(uint64_t value, int bits)
{
    return value >> bits | value << (64 - bits);
}

static uint64_t fold(uint64_t value)
{
    return value ^ (value >> 47);
}

static uint64_t mix(uint64_t u, uint64_t v, uint64_t factor)
{
    uint64_t a = fold((u ^ v) * factor);
    return fold((v ^ a) * factor) * factor;
}

static uint64_t up_to_16(const key *k)
{
    size_t n = k->length;
    uint64_t factor = k2 + n * 2;
    if (n >= 8) {
        uint64_t a = word(k, 0) + k2, b = word(k, n - 8);
        return mix(rotate(b, 37) * factor + a, (rotate(a, 25) + b) * factor, factor);
    }
    return mix(n + (fetch(k, 0, 4) << 3), fetch(k, n - 4, 4), factor);
}

/* The part that keys of 17 to 32 and of 33 to 64 bytes have in common. */
static pair ends(const key *k, uint64_t first_factor)
{
    size_t n = k->length;
    uint64_t factor = k2 + n * 2;
    uint64_t a = word(k, 0) * first_factor, b = word(k, 8);
    uint64_t c = word(k, n - 8) * factor, d = word(k, n - 16) * k2;
    return (pair){rotate(a + b, 43) + rotate(c, 30) + d, a + rotate(b + k2, 18) + c};
}

static uint64_t up_to_32(const key *k)
{
    pair p = ends(k, k1);
    return mix(p.first, p.second, k2 + k->length * 2);
}

static uint64_t up_to_64(const key *k)
{
    size_t n = k->length;
    uint64_t factor = k2 + n * 2;
    pair p = ends(k, k2);
    uint64_t y = p.first, z = mix(y, p.second, factor);
    uint64_t e = word(k, 16) * factor, f = word(k, 24);
    uint64_t g = (y + word(k, n - 32)) * factor, h = (z + word(k, n - 24)) * factor;
    return mix(rotate(e + f, 43) + rotate(g, 30) + h, e + rotate(f + word(k, 0) * k2, 18) + g,
               factor);
}

static pair weak(const key *k, size_t position, uint64_t a, uint64_t b)
{
    uint64_t last = word(k, position + 24);
    a += word(k, position);
    b = rotate(b + a + last, 21);
    uint64_t before = a;
    a += word(k, position + 8) + word(k, position + 16);
    return (pair){a + last, b + rotate(a, 44) + before};
}

typedef struct state {
    uint64_t x, y, z;
    pair v, w;
} state;

/* One block of 64 bytes; `carry` weighs what the last block folds in more strongly. */
static void absorb(state *s, const key *k, size_t position, uint64_t factor, uint64_t carry)
{
    s->x = rotate(s->x + s->y + s->v.first + word(k, position + 8), 37) * factor;
    s->y = rotate(s->y + s->v.second + word(k, position + 48), 42) * factor;
    s->x ^= s->w.second * carry;
    s->y += s->v.first * carry + word(k, position + 40);
    s->z = rotate(s->z + s->w.first, 33) * factor;
    s->v = weak(k, position, s->v.second * factor, s->x + s->w.first);
    s->w = weak(k, position + 32, s->z + s->w.second, s->y + word(k, position + 16));
    uint64_t x = s->x;
    s->x = s->z;
    s->z = x;
}

static uint64_t longer(const key *k)
{
    uint64_t seed = 81;
    state s = {.x = seed * k2 + word(k, 0), .y = seed * k1 + 113};
    s.z = fold(s.y * k2 + 113) * k2;
    size_t end = (k->length - 1) / 64 * 64, tail = (k->length - 1) & 63;
    for (size_t position = 0; position < end; position += 64) absorb(&s, k, position, k1, 1);
    uint64_t factor = k1 + ((s.z & 0xff) << 1);
    s.w.first += tail;
    s.v.first += s.w.first;
    s.w.first += s.v.first;
    absorb(&s, k, end + tail - 63, factor, 9);
    return mix(mix(s.v.first, s.w.first, factor) + fold(s.y) * k0 + s.z,
               mix(s.v.second, s.w.second, factor) + s.x, factor);
}

uint64_t mg_fingerprint(float seed, const void *bytes, size_t count)
{
    key k = {{0}, bytes, count + SEED_BYTES};
    memcpy(k.head, &seed, SEED_BYTES);
    memcpy(k.head + SEED_BYTES, bytes, count < 8 ? count : 8);
    if (k.length <= 16) return up_to_16(&k);
    if (k.length <= 32) return up_to_32(&k);
    return k.length <= 64 ? up_to_64(&k) : longer(&k);
}
