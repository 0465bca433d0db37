/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node whose reader takes it over (mg_take_over) and makes some lines of its image at a time, so
 * that the image between them, often the largest of a network, is never whole in memory. The reader
 * may be taken over too: then a whole chain of nodes goes down the image together.
 *
 * A worker asks for lines in descending order. It has the last `held` of them in a ring: line y
 * lies at y % held. Results are those of the nodes one after the other, bit for bit.
 */
#ifndef MG_STRIPS_H
#define MG_STRIPS_H

#include "op/op.h"

/* How an operator makes single lines of its one output, an image [1, height, width, channels]. */
typedef struct mg_line_maker {
    /* In prepare of the reader: whether this node can, and what it needs for that. */
    midge_status (*prepare)(midge_op_context *maker, bool *can);
    /* What it knows of the node that it has taken over itself, if any. */
    const struct mg_strips *(*strips)(const midge_op_context *maker);
    /* Of a worker that asks for at most `lines` lines at a time. */
    midge_status (*memory)(const midge_op_context *maker, size_t lines, size_t *bytes);
    /* Before the first line. */
    void (*begin)(const midge_op_context *maker, void *memory);
    /* Lines first … first + count - 1 to `out`. From call to call `first` ascends. */
    void (*make)(const midge_op_context *maker, size_t first, size_t count, void *out,
                 void *memory);
} mg_line_maker;

extern const mg_line_maker mg_conv_2d_lines, mg_depthwise_lines;

/* What a reader knows of the node that makes its input 0. Part of its prepared memory. */
typedef struct mg_strips {
    midge_op_context *maker; /* NULL: the image is there as a whole */
    const mg_line_maker *how;
    size_t depth; /* nodes that were taken over, one by the other */
    size_t held;
    size_t line_bytes;
    size_t maker_at; /* in a worker's memory: how far the ring has come, the ring, the maker's */
    size_t worker_bytes;
} mg_strips;

/* Whether input 0 is so large that it pays for a reader that touches `span` lines for a line of its
 * own. */
bool mg_strips_pay(const midge_op_context *context, size_t span);

/* In prepare: takes the maker of input 0 over where that can and pays. */
midge_status mg_strips_prepare(midge_op_context *context, size_t span, mg_strips *strips);

/* Before a worker's first line. */
void mg_strips_begin(const mg_strips *strips, void *memory);

/* Makes lines first … end - 1 there, at most `held`; `last`: the end of what is certain to be asked
 * for next. */
void mg_strips_advance(const mg_strips *strips, size_t first, size_t end, size_t last,
                       void *memory);

enum { MG_STRIPS_RING_AT = MG_ALIGNMENT };

static inline const char *mg_strips_line(const mg_strips *strips, const void *memory, size_t y)
{
    return (const char *)memory + MG_STRIPS_RING_AT + y % strips->held * strips->line_bytes;
}

/* A context for a worker of its own. */
static inline midge_op_context mg_on_one_thread(const midge_op_context *context)
{
    midge_op_context alone = *context;
    alone.pool = NULL;
    return alone;
}

#endif
