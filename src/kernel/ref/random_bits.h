/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random bits that follow from a key and a counter: Philox 4x32 with 10 rounds and Threefry 2x32
 * with 20 (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1, 2, 3), and numbers
 * made of them as TensorFlow makes them.
 */
#ifndef MG_RANDOM_BITS_H
#define MG_RANDOM_BITS_H

#include <stddef.h>
#include <stdint.h>

void mg_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t bits[4]);
void mg_threefry(const uint32_t key[2], const uint32_t counter[2], uint32_t bits[2]);

/* A stream of Philox blocks whose counter counts up in all its 128 bits. */
typedef struct mg_random_stream {
    uint32_t key[2];
    uint32_t counter[4];
} mg_random_stream;

void mg_random_begin(mg_random_stream *stream, uint64_t seed, uint64_t seed_2);
void mg_random_skip(mg_random_stream *stream, uint64_t blocks);

/* Fills with numbers of [0, 1), or of the standard normal distribution. */
void mg_random_uniform(mg_random_stream *stream, float *result, size_t count);
void mg_random_normal(mg_random_stream *stream, float *result, size_t count);

/* The weights that logits stand for, each added to those before; infinite ones and others that are
 * no number weigh nothing. */
void mg_random_weigh(const float *logits, size_t classes, double *cumulated);

/* Random bits, handed out word by word. */
typedef struct mg_random_words {
    mg_random_stream stream;
    uint32_t bits[4];
    int used; /* of the four; starts with 4 */
} mg_random_words;

/* Draws one class by its weight; takes two words. */
size_t mg_random_class(mg_random_words *words, const double *cumulated, size_t classes);

#endif
