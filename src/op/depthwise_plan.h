/* SPDX-License-Identifier: Apache-2.0 */
/* What prepare and run of DEPTHWISE_CONV_2D share. */
#ifndef MG_DEPTHWISE_PLAN_H
#define MG_DEPTHWISE_PLAN_H

#include "op/convolve.h"
#include "op/strips.h"

/* Dimensions of the geometry. */
enum { MG_DEPTHWISE_Y = 1, MG_DEPTHWISE_X = 2 };

typedef enum mg_depthwise_way {
    MG_DEPTHWISE_CONVOLVE, /* one input channel: an ordinary convolution */
    MG_DEPTHWISE_F32,
    MG_DEPTHWISE_INT
} mg_depthwise_way;

/* The prepared memory: this, the factors, the padding row, the packed filter. */
typedef struct mg_depthwise {
    mg_convolve convolve; /* geometry and arithmetic; all of it if an ordinary convolution */
    mg_depthwise_way way;
    size_t multiplier;
    size_t vectors;
    size_t filter_bytes;
    size_t packed_at; /* offset in the prepared memory */
    size_t piece_pixels;
    size_t activations_at; /* offsets in scratch */
    size_t spread_at;
    size_t work_at;    /* of the convolution, or the filter that is packed in run */
    size_t workers_at; /* of each worker: pointers to lines, then sums, then strips */
    size_t worker_bytes;
    size_t sums_at; /* offsets in a worker's memory */
    size_t strips_at;
    mg_strips strips;
} mg_depthwise;

/* Packs the filter for MG_DEPTHWISE_F32 and _INT. */
void mg_depthwise_pack(const midge_op_context *context, const mg_depthwise *plan, void *packed);

/* True when prepare packs the filter; else run does. */
bool mg_depthwise_packs_early(const midge_op_context *context, const mg_depthwise *plan);

/* One image, a result of a line for each: what strips need. */
bool mg_depthwise_goes_by_lines(const mg_depthwise *plan);

#endif
