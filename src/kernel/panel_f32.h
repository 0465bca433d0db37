/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How kernels of gemm_f32 pack a panel of `width` columns:
 *
 *   width biases, then for each depth width weights, zeros where there is no column
 *
 * A kernel brings functions for panels that have all their columns, which are most.
 */
#ifndef MG_PANEL_F32_H
#define MG_PANEL_F32_H

#include "kernel/compiler.h"
#include "kernel/gemm.h"

/* Packs the first depths of all columns, `step` floats apart, and says how many. */
typedef size_t mg_panel_pack_f32(const float *weights, size_t step, size_t depth, float *panel);

/* `straight`: each column lies contiguously. `side_by_side`: each depth does; may be NULL. */
static MG_ALWAYS_INLINE void mg_pack_panel_f32(const mg_columns *columns, const float *bias,
                                               size_t width, mg_panel_pack_f32 *straight,
                                               mg_panel_pack_f32 *side_by_side, float *panel)
{
    const float *weights = columns->weights;
    const size_t count = columns->count, depth = columns->depth;
    size_t done = 0;
    for (size_t c = 0; c < width; c++) panel[c] = bias && c < count ? bias[c] : 0.0f;
    panel += width;
    if (count == width && columns->depth_step == 1)
        done = straight(weights, columns->column_step, depth, panel);
    else if (count == width && columns->column_step == 1 && side_by_side)
        done = side_by_side(weights, columns->depth_step, depth, panel);
    for (size_t d = done; d < depth; d++)
        for (size_t c = 0; c < width; c++)
            panel[d * width + c] =
                c < count ? weights[c * columns->column_step + d * columns->depth_step] : 0.0f;
}

#endif
