/* SPDX-License-Identifier: Apache-2.0 */
/* winograd_int in plain C, one element at a time. It is what the others must equal; where plain C
 * is what runs, memory is short, and transformed images take several times that of the image. */
#include <stdint.h>

#define SHORTS int32_t
#define LOAD_I8(p) (*(p))
#define LOAD_U8(p) (*(p))
#define LOAD_I16(p) (*(p))
#define STORE_I16(p, v) (*(p) = (int16_t)(v))
#define ADD_SHORTS(a, b) ((a) + (b))
#define SUBTRACT_SHORTS(a, b) ((a) - (b))
#define SHIFT_SHORTS(a, bits) ((a) * (1 << (bits)))
#define SPREAD_SHORTS(x) (x)
#define WORDS uint32_t
#define LOAD_WORDS(p) ((uint32_t) * (p))
#define STORE_WORDS(p, v) (*(p) = (int32_t)(v))
#define ADD_WORDS(a, b) ((a) + (b))
#define SUBTRACT_WORDS(a, b) ((a) - (b))
#define SHIFT_WORDS(a, bits) ((a) << (bits))
#define HALVE_WORDS(a, bits) ((uint32_t)((int32_t)(a) >> (bits)))
#define MULTIPLY_WORDS(a, constant) ((a) * (constant))
#define SPREAD_WORDS(x) ((uint32_t)(x))
enum { SHORT_LANES = 1, WORD_LANES = 1 };

#include "kernel/winograd_int_body.h"

const mg_winograd_int_kernel mg_winograd_int_ref = {0, weights, input, output};
