/* SPDX-License-Identifier: Apache-2.0 */
#include "op/strips.h"

#include "op/weighted.h"
/* In front of the ring. */
typedef struct ring {
    size_t end; /* of the lines that were made; the `held` before it are there */
} ring;

static const mg_line_maker *line_maker(const midge_op_context *maker)
{
    return maker->node->op == MG_BUILTIN_CONV_2D ? &mg_conv_2d_lines : &mg_depthwise_lines;
}

/* Images that a core's second-level cache holds stay whole, and so do those of so few lines that
 * what two workers both make, where their parts meet, would count. */
bool mg_strips_pay(const midge_op_context *context, size_t span)
{
    enum { LARGE_BYTES = 768 << 10, LEAST_SPANS = 8 };
    const midge_tensor *image = context->inputs[0];
    const size_t workers = (size_t)mg_worker_count(context);
    return image->rank == 4 && image->shape[0] == 1 && image->bytes >= LARGE_BYTES &&
           (size_t)image->shape[1] / workers / LEAST_SPANS >= span;
}

static midge_status size_worker(midge_op_context *context, mg_strips *strips)
{
    size_t bytes = MG_STRIPS_RING_AT, offset, maker_bytes;
    TRY(strips->how->memory(strips->maker, strips->held, &maker_bytes));
    TRY(mg_scratch_add(context, &bytes, strips->held * strips->line_bytes, &offset));
    TRY(mg_scratch_add(context, &bytes, maker_bytes, &strips->maker_at));
    strips->worker_bytes = bytes;
    return MIDGE_OK;
}

midge_status mg_strips_prepare(midge_op_context *context, size_t span, mg_strips *strips)
{
    enum { RING_BYTES = 128 << 10, LINES_AT_ONCE = 2, MOST_DEPTH = 8 };
    const midge_tensor *image = context->inputs[0];
    *strips = (mg_strips){0};
    if (!mg_strips_pay(context, span)) return MIDGE_OK;
    midge_op_context *maker = mg_maker(context, image, MG_BUILTIN_CONV_2D);
    if (maker == NULL) maker = mg_maker(context, image, MG_BUILTIN_DEPTHWISE_CONV_2D);
    if (maker == NULL) return MIDGE_OK;
    const mg_line_maker *how = line_maker(maker);
    const size_t depth = 1 + how->strips(maker)->depth;
    bool can = depth < MOST_DEPTH;
    if (can) TRY(how->prepare(maker, &can));
    if (!can) return MIDGE_OK;

    const size_t height = (size_t)image->shape[1];
    strips->line_bytes = image->bytes / height;
    strips->held = RING_BYTES / strips->line_bytes;
    if (strips->held < span + LINES_AT_ONCE) strips->held = span + LINES_AT_ONCE;
    if (strips->held > height) strips->held = height;
    strips->maker = maker;
    strips->how = how;
    strips->depth = depth;
    TRY(size_worker(context, strips));
    mg_take_over(context, image);
    context->multiply_accumulates += maker->multiply_accumulates;
    maker->multiply_accumulates = 0;
    return MIDGE_OK;
}

void mg_strips_begin(const mg_strips *strips, void *memory)
{
    if (strips->maker == NULL) return;
    *(ring *)memory = (ring){0};
    strips->how->begin(strips->maker, (char *)memory + strips->maker_at);
}

void mg_strips_advance(const mg_strips *strips, size_t first, size_t end, size_t last, void *memory)
{
    ring *at = memory;
    if (at->end < first) at->end = first;
    if (end <= at->end) return;
    const size_t full = first + strips->held;
    const size_t to = full < last ? full : last;
    while (at->end < to) {
        const size_t place = at->end % strips->held;
        const size_t left = to - at->end, straight = strips->held - place;
        const size_t count = left < straight ? left : straight;
        char *out = (char *)memory + MG_STRIPS_RING_AT + place * strips->line_bytes;
        strips->how->make(strips->maker, at->end, count, out, (char *)memory + strips->maker_at);
        at->end += count;
    }
}
