/* SPDX-License-Identifier: Apache-2.0 */
/* Data and models for tests of training. */
#ifndef TRAIN_SAMPLES_H
#define TRAIN_SAMPLES_H

#include <stdint.h>

#include "midge_tools.h"

/* For tests that have a midge_error of this name. */
#define GOOD(call)                                                        \
    do {                                                                  \
        if ((call) != MIDGE_OK) fail_msg("%s: %s", #call, error.message); \
    } while (0)

enum { SAMPLES = 44, SIDE = 12, CLASSES = 3 };

/* Pictures of SIDE x SIDE with a stripe whose place tells the class, and noise. */
typedef struct train_samples {
    float x[SAMPLES * SIDE * SIDE];
    float y[SAMPLES];
} train_samples;

void make_samples(train_samples *samples);
midge_train_data samples_data(const train_samples *samples, size_t count);

/* A trainer of a built-in network for them, of a file, or of JSON; NULL after a failure. */
midge_trainer *make_trainer(const char *source, int threads, midge_error *error);
/* A number for all bits of all weights. */
uint64_t digest_weights(const midge_trainer *trainer);

/* Convolution, BatchNormalization, Dropout and Dense, as JSON with compile settings. */
extern const char *const small_model;

#endif
