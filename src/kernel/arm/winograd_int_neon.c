/* SPDX-License-Identifier: Apache-2.0 */
/* winograd_int with NEON, 8 int16 or 4 int32 at a time. */
#include <arm_neon.h>

#define SHORTS int16x8_t
#define LOAD_I8(p) vmovl_s8(vld1_s8(p))
#define LOAD_U8(p) vreinterpretq_s16_u16(vmovl_u8(vld1_u8(p)))
#define LOAD_I16(p) vld1q_s16(p)
#define STORE_I16(p, v) vst1q_s16(p, v)
#define ADD_SHORTS(a, b) vaddq_s16(a, b)
#define SUBTRACT_SHORTS(a, b) vsubq_s16(a, b)
#define SHIFT_SHORTS(a, bits) vshlq_n_s16(a, bits)
#define SPREAD_SHORTS(x) vdupq_n_s16((int16_t)(x))
#define WORDS int32x4_t
#define LOAD_WORDS(p) vld1q_s32(p)
#define STORE_WORDS(p, v) vst1q_s32(p, v)
#define ADD_WORDS(a, b) vaddq_s32(a, b)
#define SUBTRACT_WORDS(a, b) vsubq_s32(a, b)
#define SHIFT_WORDS(a, bits) vshlq_n_s32(a, bits)
#define HALVE_WORDS(a, bits) vshrq_n_s32(a, bits)
#define MULTIPLY_WORDS(a, constant) vmulq_n_s32(a, (int32_t)(constant))
#define SPREAD_WORDS(x) vdupq_n_s32(x)
enum { SHORT_LANES = 8, WORD_LANES = 4 };

#include "kernel/winograd_int_body.h"

const mg_winograd_int_kernel mg_winograd_int_neon = {16, weights, input, output};
