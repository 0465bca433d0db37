/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/framing.h"

#include <string.h>

#include "kernel/fixed_point.h"

void mg_delay(const int16_t *input, size_t count, size_t delay, int16_t *held, int16_t *output)
{
    size_t from_held = delay < count ? delay : count;
    memcpy(output, held, from_held * sizeof *held);
    memcpy(output + from_held, input, (count - from_held) * sizeof *input);
    memmove(held, held + from_held, (delay - from_held) * sizeof *held);
    memcpy(held + (delay - from_held), input + (count - from_held), from_held * sizeof *input);
}

void mg_queue_push(mg_sample_queue *queue, const int16_t *samples, size_t count)
{
    memcpy(queue->samples + queue->count, samples, count * sizeof *samples);
    queue->count += count;
}

void mg_queue_drop(mg_sample_queue *queue, size_t count)
{
    queue->count -= count;
    memmove(queue->samples, queue->samples + count, queue->count * sizeof *queue->samples);
}

void mg_overlap_add_s16(const int16_t *frame, size_t frame_size, size_t step, int16_t *held,
                        int16_t *output)
{
    for (size_t i = 0; i < frame_size; i++)
        held[i] = (int16_t)mg_clamp(held[i] + frame[i], INT16_MIN, INT16_MAX);
    memcpy(output, held, step * sizeof *held);
    memmove(held, held + step, (frame_size - step) * sizeof *held);
    memset(held + (frame_size - step), 0, step * sizeof *held);
}

void mg_overlap_add_f32(const float *frame, size_t frame_size, size_t step, float *held,
                        float *output)
{
    for (size_t i = 0; i < frame_size; i++) held[i] += frame[i];
    memcpy(output, held, step * sizeof *held);
    memmove(held, held + step, (frame_size - step) * sizeof *held);
    memset(held + (frame_size - step), 0, step * sizeof *held);
}
