/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stateful ends of the audio front end: SignalDelay, SignalFramer, SignalStacker and
 * SignalOverlapAdd.
 *
 * Streams run along the last dimension, one per row. What they keep from run to run lies behind the
 * plan in the node's prepared memory, which is zero at first, and begins anew when the session is
 * reset.
 */
#include <string.h>

#include "kernel/ref/framing.h"
#include "op/custom_options.h"
#include "op/require.h"
#include "op/shape.h"

enum { SAMPLES_MOST = 1 << 24 };

typedef struct stream_plan {
    size_t rows;
    size_t row; /* samples of a row of the input */
    size_t frame_size;
    size_t frame_step;
    size_t held;     /* bytes kept for a row */
    size_t prefill;  /* samples of silence before the first */
    size_t count;    /* samples in the queue of each row */
    uint32_t resets; /* of the session when the stream began */
    bool started;
} stream_plan;

static void *held_of(stream_plan *plan, size_t row)
{
    return (char *)(plan + 1) + row * plan->held;
}

/* The plan and its memory; `held` is the number of bytes to keep for each of `rows`. */
static midge_status make_plan(midge_op_context *context, size_t rows, size_t held,
                              stream_plan **plan)
{
    void *memory;
    size_t bytes;
    if (!mg_size_multiply(rows, held, &bytes) || !mg_size_add(bytes, sizeof(stream_plan), &bytes))
        return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "%zu streams of %zu bytes", rows, held);
    TRY(mg_prepared(context, bytes, &memory));
    *plan = memory;
    (*plan)->rows = rows;
    (*plan)->held = held;
    (*plan)->resets = context->resets;
    return MIDGE_OK;
}

static void begin_run(midge_op_context *context, stream_plan *plan)
{
    if (plan->resets != context->resets) {
        memset(held_of(plan, 0), 0, plan->rows * plan->held);
        plan->started = false;
    }
    plan->resets = context->resets;
    if (!plan->started) plan->count = plan->prefill;
}

static midge_status require_stream(midge_op_context *context, uint32_t types, int32_t least_rank)
{
    const midge_tensor *input = context->inputs[0];
    TRY(mg_require_type(context, input, "input", types));
    TRY(mg_require_same_type(context, input, "input", context->outputs[0], "output"));
    return mg_require_rank(context, input, "input", least_rank, MIDGE_MAX_RANK);
}

static size_t last_size(const midge_tensor *tensor)
{
    return (size_t)tensor->shape[tensor->rank - 1];
}

/* ---- SignalDelay */

midge_status mg_prepare_signal_delay(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    mg_flex map;
    int32_t delay;
    stream_plan *plan;
    TRY(require_stream(context, MG_TYPES(MIDGE_INT16), 1));
    TRY(mg_options_open(context, &map));
    TRY(mg_option_int32(context, &map, "delay_length", 0, SAMPLES_MOST, &delay));
    TRY(make_plan(context, mg_elements_between(input, 0, input->rank - 1),
                  (size_t)delay * sizeof(int16_t), &plan));
    plan->row = last_size(input);
    plan->frame_step = (size_t)delay;
    return mg_set_output_like(context, 0, input);
}

midge_status mg_run_signal_delay(midge_op_context *context)
{
    stream_plan *plan = context->prepared;
    begin_run(context, plan);
    for (size_t row = 0; row < plan->rows; ++row)
        mg_delay((const int16_t *)context->inputs[0]->data + row * plan->row, plan->row,
                 plan->frame_step, held_of(plan, row),
                 (int16_t *)context->outputs[0]->data + row * plan->row);
    plan->started = true;
    return MIDGE_OK;
}

/* ---- SignalFramer: frames of frame_size every frame_step samples, and whether all are filled.
 * Frames that are not are zeros. */

midge_status mg_prepare_signal_framer(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    mg_flex map;
    int32_t size, step;
    bool prefill = false;
    stream_plan *plan;
    TRY(require_stream(context, MG_TYPES(MIDGE_INT16), 1));
    TRY(mg_require_rank(context, input, "input", 1, MIDGE_MAX_RANK - 1));
    TRY(mg_require_type(context, context->outputs[1], "valid", MG_TYPES(MIDGE_BOOL)));
    TRY(mg_options_open(context, &map));
    TRY(mg_option_int32(context, &map, "frame_size", 1, SAMPLES_MOST, &size));
    TRY(mg_option_int32(context, &map, "frame_step", 1, SAMPLES_MOST, &step));
    TRY(mg_option_bool(context, &map, "prefill", &prefill));
    if (input->shape[input->rank - 1] % step != 0)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "rows of %zu samples for steps of %d",
                          last_size(input), (int)step);
    size_t capacity = (size_t)(size + step - 1) / (size_t)step * (size_t)step;
    TRY(make_plan(context, mg_elements_between(input, 0, input->rank - 1),
                  capacity * sizeof(int16_t), &plan));
    plan->row = last_size(input);
    plan->frame_size = (size_t)size;
    plan->frame_step = (size_t)step;
    if (prefill && size > step) plan->prefill = (size_t)(size - step);

    int32_t shape[MIDGE_MAX_RANK];
    for (int32_t i = 0; i < input->rank - 1; ++i) shape[i] = input->shape[i];
    shape[input->rank - 1] = input->shape[input->rank - 1] / step;
    shape[input->rank] = size;
    TRY(mg_set_output_shape(context, 0, input->rank + 1, shape));
    return mg_set_output_shape(context, 1, 0, shape);
}

midge_status mg_run_signal_framer(midge_op_context *context)
{
    stream_plan *plan = context->prepared;
    const int16_t *input = context->inputs[0]->data;
    int16_t *frame = context->outputs[0]->data;
    bool valid = true;
    begin_run(context, plan);
    size_t count = plan->count;
    for (size_t row = 0; row < plan->rows; ++row) {
        mg_sample_queue queue = {held_of(plan, row), plan->count};
        for (size_t i = 0; i < plan->row; i += plan->frame_step) {
            mg_queue_push(&queue, input + row * plan->row + i, plan->frame_step);
            bool filled = queue.count >= plan->frame_size;
            size_t bytes = plan->frame_size * sizeof(int16_t);
            if (filled) {
                memcpy(frame, queue.samples, bytes);
                mg_queue_drop(&queue, plan->frame_step);
            } else {
                memset(frame, 0, bytes);
            }
            valid = valid && filled;
            frame += plan->frame_size;
        }
        count = queue.count;
    }
    plan->count = count;
    plan->started = true;
    *(unsigned char *)context->outputs[1]->data = valid;
    return MIDGE_OK;
}

/* ---- SignalStacker: the frames of some past, the present and some future in one, every
 * stacker_step frames; the first frame stands for the past that is not there. */

midge_status mg_prepare_signal_stacker(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    mg_flex map;
    int32_t channels, left, right, step;
    stream_plan *plan;
    TRY(require_stream(context, MG_TYPES(MIDGE_INT16), 1));
    TRY(mg_require_rank(context, input, "input", 1, 1));
    TRY(mg_require_type(context, context->outputs[1], "valid", MG_TYPES(MIDGE_BOOL)));
    TRY(mg_options_open(context, &map));
    TRY(mg_option_int32(context, &map, "num_channels", 1, SAMPLES_MOST, &channels));
    TRY(mg_require_elements(context, input, "input", (size_t)channels));
    TRY(mg_option_int32(context, &map, "stacker_left_context", 0, SAMPLES_MOST, &left));
    TRY(mg_option_int32(context, &map, "stacker_right_context", 0, SAMPLES_MOST, &right));
    TRY(mg_option_int32(context, &map, "stacker_step", 1, left + right + 1, &step));
    int32_t size;
    if (!mg_int32_multiply(channels, left + right + 1, &size))
        return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "%d frames of %d channels",
                          (int)(left + right + 1), (int)channels);
    TRY(make_plan(context, 1, (size_t)size * sizeof(int16_t), &plan));
    plan->row = (size_t)channels;
    plan->frame_size = (size_t)size;
    plan->frame_step = (size_t)channels * (size_t)step;
    plan->prefill = (size_t)channels * (size_t)left;
    TRY(mg_set_output_shape(context, 0, 1, &size));
    return mg_set_output_shape(context, 1, 0, &size);
}

midge_status mg_run_signal_stacker(midge_op_context *context)
{
    stream_plan *plan = context->prepared;
    midge_tensor *output = context->outputs[0];
    const int16_t *input = context->inputs[0]->data;
    begin_run(context, plan);
    mg_sample_queue queue = {held_of(plan, 0), plan->count};
    for (size_t i = 0; !plan->started && i < plan->prefill; i += plan->row)
        memcpy(queue.samples + i, input, plan->row * sizeof *input);
    mg_queue_push(&queue, input, plan->row);
    bool valid = queue.count == plan->frame_size;
    if (valid) {
        memcpy(output->data, queue.samples, output->bytes);
        mg_queue_drop(&queue, plan->frame_step);
    } else {
        memset(output->data, 0, output->bytes);
    }
    plan->count = queue.count;
    plan->started = true;
    *(unsigned char *)context->outputs[1]->data = valid;
    return MIDGE_OK;
}

/* ---- SignalOverlapAdd: frames [frame, sample] back to a stream */

midge_status mg_prepare_signal_overlap_add(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    mg_flex map;
    int32_t step;
    stream_plan *plan;
    TRY(require_stream(context, MG_TYPES_2(MIDGE_FLOAT32, MIDGE_INT16), 2));
    TRY(mg_options_open(context, &map));
    TRY(mg_option_int32(context, &map, "frame_step", 1, SAMPLES_MOST, &step));
    int32_t frames = input->shape[input->rank - 2], samples;
    if ((size_t)step > last_size(input) || !mg_int32_multiply(frames, step, &samples))
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "step %d of %d frames of %zu samples",
                          (int)step, (int)frames, last_size(input));
    size_t sample_bytes = input->type == MIDGE_INT16 ? sizeof(int16_t) : sizeof(float);
    TRY(make_plan(context, mg_elements_between(input, 0, input->rank - 2),
                  last_size(input) * sample_bytes, &plan));
    plan->row = (size_t)frames;
    plan->frame_size = last_size(input);
    plan->frame_step = (size_t)step;

    int32_t shape[MIDGE_MAX_RANK];
    for (int32_t i = 0; i < input->rank - 2; ++i) shape[i] = input->shape[i];
    shape[input->rank - 2] = samples;
    return mg_set_output_shape(context, 0, input->rank - 1, shape);
}

midge_status mg_run_signal_overlap_add(midge_op_context *context)
{
    stream_plan *plan = context->prepared;
    const void *input = context->inputs[0]->data;
    void *output = context->outputs[0]->data;
    bool integer = context->inputs[0]->type == MIDGE_INT16;
    begin_run(context, plan);
    for (size_t i = 0; i < plan->rows * plan->row; ++i) {
        void *held = held_of(plan, i / plan->row);
        size_t from = i * plan->frame_size, to = i * plan->frame_step;
        if (integer)
            mg_overlap_add_s16((const int16_t *)input + from, plan->frame_size, plan->frame_step,
                               held, (int16_t *)output + to);
        else
            mg_overlap_add_f32((const float *)input + from, plan->frame_size, plan->frame_step,
                               held, (float *)output + to);
    }
    plan->started = true;
    return MIDGE_OK;
}
