/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/random_bits.h"

#include <float.h>
#include <math.h>
#include <string.h>

void mg_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t bits[4])
{
    uint32_t k0 = key[0], k1 = key[1];
    memcpy(bits, counter, 4 * sizeof bits[0]);
    for (int round = 0; round < 10; ++round) {
        const uint64_t a = UINT64_C(0xD2511F53) * bits[0];
        const uint64_t b = UINT64_C(0xCD9E8D57) * bits[2];
        bits[0] = (uint32_t)(b >> 32) ^ bits[1] ^ k0;
        bits[1] = (uint32_t)b;
        bits[2] = (uint32_t)(a >> 32) ^ bits[3] ^ k1;
        bits[3] = (uint32_t)a;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

void mg_threefry(const uint32_t key[2], const uint32_t counter[2], uint32_t bits[2])
{
    static const uint8_t rotations[2][4] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
    const uint32_t keys[3] = {key[0], key[1], key[0] ^ key[1] ^ 0x1BD11BDAu};
    bits[0] = counter[0] + keys[0];
    bits[1] = counter[1] + keys[1];
    for (uint32_t group = 1; group <= 5; ++group) {
        for (int i = 0; i < 4; ++i) {
            const uint32_t by = rotations[(group - 1) % 2][i];
            bits[0] += bits[1];
            bits[1] = (bits[1] << by | bits[1] >> (32 - by)) ^ bits[0];
        }
        bits[0] += keys[group % 3];
        bits[1] += keys[(group + 1) % 3] + group;
    }
}

void mg_random_begin(mg_random_stream *stream, uint64_t seed, uint64_t seed_2)
{
    *stream = (mg_random_stream){{(uint32_t)seed, (uint32_t)(seed >> 32)},
                                 {0, 0, (uint32_t)seed_2, (uint32_t)(seed_2 >> 32)}};
}

void mg_random_skip(mg_random_stream *stream, uint64_t blocks)
{
    for (int i = 0; i < 4 && blocks != 0; ++i) {
        const uint64_t sum = (uint64_t)stream->counter[i] + (uint32_t)blocks;
        stream->counter[i] = (uint32_t)sum;
        blocks = (blocks >> 32) + (sum >> 32);
    }
}

static void next_block(mg_random_stream *stream, uint32_t bits[4])
{
    mg_philox(stream->key, stream->counter, bits);
    mg_random_skip(stream, 1);
}

/* [0, 1) of the lower 23 bits. */
static float unit_float(uint32_t bits)
{
    const uint32_t code = (bits & 0x7fffffu) | 127u << 23;
    float result;
    memcpy(&result, &code, sizeof result);
    return result - 1.0f;
}

/* [0, 1) of 20 and 32 bits. */
static double unit_double(uint32_t high, uint32_t low)
{
    const uint64_t code = (uint64_t)1023 << 52 | (uint64_t)(high & 0xfffffu) << 32 | low;
    double result;
    memcpy(&result, &code, sizeof result);
    return result - 1.0;
}

void mg_random_uniform(mg_random_stream *stream, float *result, size_t count)
{
    uint32_t bits[4];
    for (size_t i = 0; i < count; ++i) {
        if (i % 4 == 0) next_block(stream, bits);
        result[i] = unit_float(bits[i % 4]);
    }
}

/* Box and Muller: two numbers at a time, as a point in polar coordinates. */
void mg_random_normal(mg_random_stream *stream, float *result, size_t count)
{
    const double turn = 6.283185307179586;
    uint32_t bits[4];
    for (size_t i = 0; i < count; i += 2) {
        if (i % 4 == 0) next_block(stream, bits);
        float length = unit_float(bits[i % 4]);
        if (length < 1.0e-7f) length = 1.0e-7f;
        const float angle = (float)(turn * (double)unit_float(bits[i % 4 + 1]));
        length = sqrtf(-2.0f * logf(length));
        result[i] = sinf(angle) * length;
        if (i + 1 < count) result[i + 1] = cosf(angle) * length;
    }
}

void mg_random_weigh(const float *logits, size_t classes, double *cumulated)
{
    float largest = -FLT_MAX;
    double total = 0;
    for (size_t i = 0; i < classes; ++i) {
        if (isfinite(logits[i]) && logits[i] > largest) largest = logits[i];
    }
    for (size_t i = 0; i < classes; ++i) {
        if (isfinite(logits[i])) total += exp((double)logits[i] - (double)largest);
        cumulated[i] = total;
    }
}

/* The first class whose cumulated weight is above a random share of the whole. */
size_t mg_random_class(mg_random_words *words, const double *cumulated, size_t classes)
{
    if (words->used == 4) {
        next_block(&words->stream, words->bits);
        words->used = 0;
    }
    const uint32_t *word = words->bits + words->used;
    const double wanted = unit_double(word[0], word[1]) * cumulated[classes - 1];
    size_t begin = 0, end = classes;
    words->used += 2;
    while (begin < end) {
        const size_t middle = begin + (end - begin) / 2;
        if (cumulated[middle] > wanted)
            end = middle;
        else
            begin = middle + 1;
    }
    return begin;
}
