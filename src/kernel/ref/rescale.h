/* SPDX-License-Identifier: Apache-2.0 */
/* uint8 elements from one scale and zero point to another, as CONCATENATION does it: in float.
 * There are only 256 of them, so they are computed once and looked up. */
#ifndef MG_RESCALE_H
#define MG_RESCALE_H

#include <stddef.h>
#include <stdint.h>

void mg_rescale_table_u8(float from_scale, int32_t from_zero_point, float to_scale,
                         int32_t to_zero_point, uint8_t table[256]);

void mg_look_up_u8(const uint8_t *from, size_t count, const uint8_t table[256], uint8_t *to);

#endif
