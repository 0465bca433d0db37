/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers for inputs that the caller does not give. Input number i of a run with seed s is filled
 * from the splitmix64 sequence whose state starts at s + i * 0x9e3779b97f4a7c15 * 2^32 (modulo
 * 2^64). Each element takes one number of it: integers take its low bits, float32 its top 24 bits
 * and float64 its top 53 as a fraction f in [0, 1), which becomes 2 f - 1. The same seed gives the
 * same inputs on every machine.
 */
#ifndef CLI_RANDOM_H
#define CLI_RANDOM_H

#include "npy.h"

/* The next number of a splitmix64 sequence. */
uint64_t cli_random_next(uint64_t *state);

/* Fills a tensor's data. String tensors have no bytes to fill and are refused. */
midge_status cli_fill_random(const char *name, uint64_t seed, size_t input, midge_type type,
                             size_t elements, unsigned char *data, size_t bytes,
                             midge_error *error);

#endif
