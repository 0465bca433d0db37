/* SPDX-License-Identifier: Apache-2.0 */
/* Data and models for tests of training. */
#ifndef TRAIN_SAMPLES_H
#define TRAIN_SAMPLES_H

#include "midge_tools.h"

enum { SAMPLES = 44, SIDE = 12, CLASSES = 3 };

/* Pictures of SIDE x SIDE with a stripe whose place tells the class, and noise. */
typedef struct train_samples {
    float x[SAMPLES * SIDE * SIDE];
    float y[SAMPLES];
} train_samples;

void make_samples(train_samples *samples);
midge_train_data samples_data(const train_samples *samples, size_t count);

/* Convolution, BatchNormalization, Dropout and Dense, as JSON with compile settings. */
extern const char *const small_model;

#endif
