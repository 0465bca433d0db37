/* SPDX-License-Identifier: Apache-2.0 */
/* Normalisations over rows of `depth` elements. Output may lie where input lies, except for local
 * response. */
#ifndef MG_NORMALIZE_H
#define MG_NORMALIZE_H

#include <stddef.h>
#include <stdint.h>

/* x / max(sqrt(sum of squares), epsilon). */
void mg_l2_normalize_f32(const float *input, size_t rows, size_t depth, float epsilon,
                         float *output);

/* The same in steps of 1/128 around 0 (int8) or 128 (uint8), by an integer inverse square root. A
 * row of zero points counts as having length 1. */
void mg_l2_normalize_s8(const int8_t *input, size_t rows, size_t depth, int32_t zero_point,
                        int8_t *output);
void mg_l2_normalize_u8(const uint8_t *input, size_t rows, size_t depth, int32_t zero_point,
                        uint8_t *output);

typedef struct mg_local_response {
    size_t radius; /* neighbours on each side; less than depth */
    float bias;
    float alpha;
    float beta;
} mg_local_response;

/* x * (bias + alpha * sum of squares of x and its neighbours in the row)^-beta. */
void mg_local_response_f32(const float *input, size_t rows, size_t depth,
                           const mg_local_response *parameters, float *output);

#endif
