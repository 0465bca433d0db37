/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of small signed integers, times a scale. A row is whole bytes, elements of less than a byte
 * with the lower index in the lower bits, and is cut into `blocks` blocks of equal length, each
 * with a scale of its own.
 */
#ifndef MG_EMBEDDING_H
#define MG_EMBEDDING_H

#include <stddef.h>
#include <stdint.h>

typedef struct mg_embedding {
    const void *values;
    int32_t bits; /* of an element: 2, 4 or 8 */
    size_t columns;
    size_t blocks;
    const float *scales;         /* for each row its blocks; or NULL and … */
    const uint16_t *half_scales; /* … the same as float16 */
    size_t scale_step;           /* scales from one row to the next; 0: all rows have the same */
} mg_embedding;

void mg_embed_f32(const mg_embedding *table, size_t row, float *result);
void mg_embed_f16(const mg_embedding *table, size_t row, uint16_t *result);

/* result[i] += row[i] * weight, and result[i] /= divisor. */
void mg_add_weighted_row(const float *row, size_t count, float weight, float *result);
void mg_divide_row(size_t count, float divisor, float *result);

#endif
