/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams of audio cut into overlapping frames and put together again. Each keeps the samples that
 * it needs later in memory of the caller; all zero is a stream that has just begun, except where
 * stated.
 */
#ifndef MG_FRAMING_H
#define MG_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Delays a stream by `delay` samples, which `held` has room for. */
void mg_delay(const int16_t *input, size_t count, size_t delay, int16_t *held, int16_t *output);

/* A queue of samples, filled at the end and taken from the front. */
typedef struct mg_sample_queue {
    int16_t *samples;
    size_t count;
} mg_sample_queue;

void mg_queue_push(mg_sample_queue *queue, const int16_t *samples, size_t count);
void mg_queue_drop(mg_sample_queue *queue, size_t count);

/* Adds a frame to what earlier frames left, gives out `step` finished samples. `held` has room for
 * a frame. Integers saturate. */
void mg_overlap_add_s16(const int16_t *frame, size_t frame_size, size_t step, int16_t *held,
                        int16_t *output);
void mg_overlap_add_f32(const float *frame, size_t frame_size, size_t step, float *held,
                        float *output);

#endif
