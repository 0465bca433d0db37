/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers without a state: each is a function of a seed, a stream and its place, so that
 * order and threads do not matter and nothing has to be kept for a run that goes on later. */
#ifndef MG_TRAIN_RANDOM_H
#define MG_TRAIN_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* What a stream is for. */
enum {
    MG_STREAM_WEIGHTS = 1,
    MG_STREAM_ORDER = 2,
    MG_STREAM_DROPOUT = 3,
    MG_STREAM_AUGMENTATION = 4
};

static inline uint64_t mg_random_mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* The seed of a stream with two numbers of its own. */
static inline uint64_t mg_random_stream(uint64_t seed, uint64_t purpose, uint64_t a, uint64_t b)
{
    uint64_t x = mg_random_mix(seed + UINT64_C(0x9e3779b97f4a7c15) * purpose);
    x = mg_random_mix(x ^ (a + UINT64_C(0x632be59bd9b4e019)));
    return mg_random_mix(x ^ (b + UINT64_C(0xd1b54a32d192ed03)));
}

static inline uint64_t mg_random_at(uint64_t stream, uint64_t place)
{
    return mg_random_mix(stream + (place + 1) * UINT64_C(0x9e3779b97f4a7c15));
}

/* In [0, 1). */
static inline double mg_random_unit(uint64_t stream, uint64_t place)
{
    return (double)(mg_random_at(stream, place) >> 11) * (1.0 / 9007199254740992.0);
}

/* Of the normal distribution; draws at 2 * place and 2 * place + 1. */
double mg_random_bell(uint64_t stream, uint64_t place);

/* 0 … count - 1 in a random order. */
void mg_random_order(uint64_t stream, size_t count, uint32_t *order);

#endif
