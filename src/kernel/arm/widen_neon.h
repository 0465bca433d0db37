/* SPDX-License-Identifier: Apache-2.0 */
/* Integers of several types as int16 freed of their zero point. */
#ifndef MG_WIDEN_NEON_H
#define MG_WIDEN_NEON_H

#include "kernel/compiler.h"
#include "kernel/ref/cell.h"

#include <arm_neon.h>

static inline int16_t mg_narrow_at(mg_cell cell, const void *start, size_t index, int32_t zero)
{
    return (int16_t)(mg_cell_at(cell, start, index) - zero);
}

/* Elements index … index + 7, with their zero point. */
static MG_ALWAYS_INLINE int16x8_t mg_load_eight_neon(mg_cell cell, const void *start, size_t index)
{
    switch (cell) {
    case MG_CELL_I8: return vmovl_s8(vld1_s8((const int8_t *)start + index));
    case MG_CELL_U8:
        return vreinterpretq_s16_u16(vmovl_u8(vld1_u8((const uint8_t *)start + index)));
    default: return vld1q_s16((const int16_t *)start + index);
    }
}

/* Elements 0 … count - 1 without it. */
static MG_ALWAYS_INLINE void mg_widen_run_neon(mg_cell cell, const void *start, size_t count,
                                               int32_t zero, int16_t *out)
{
    const int16x8_t zeros = vdupq_n_s16((int16_t)zero);
    size_t i = 0;
    if (count >= 8) {
        for (; i + 8 <= count; i += 8)
            vst1q_s16(out + i, vsubq_s16(mg_load_eight_neon(cell, start, i), zeros));
        /* The last eight overlap what is there already. */
        i = count - 8;
        vst1q_s16(out + i, vsubq_s16(mg_load_eight_neon(cell, start, i), zeros));
        return;
    }
    for (; i < count; i++) out[i] = mg_narrow_at(cell, start, i, zero);
}

static inline void mg_widen_neon(mg_cell cell, const void *start, size_t count, int32_t zero,
                                 int16_t *out)
{
    switch (cell) {
    case MG_CELL_I8: mg_widen_run_neon(MG_CELL_I8, start, count, zero, out); break;
    case MG_CELL_U8: mg_widen_run_neon(MG_CELL_U8, start, count, zero, out); break;
    default: mg_widen_run_neon(MG_CELL_I16, start, count, zero, out); break;
    }
}

#endif
