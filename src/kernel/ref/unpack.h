/* SPDX-License-Identifier: Apache-2.0 */
/* Signed integers of 2 or 4 bits, the first in the lowest bits of a byte, as int8. */
#ifndef MG_UNPACK_H
#define MG_UNPACK_H

#include <stddef.h>
#include <stdint.h>

static inline void mg_unpack_bits(const void *source, size_t count, int bits, int8_t *out)
{
    const uint8_t *bytes = source;
    const unsigned mask = (1u << bits) - 1, sign = 1u << (bits - 1);
    const size_t per_byte = (size_t)(8 / bits);
    for (size_t i = 0; i < count; i++) {
        const unsigned value = bytes[i / per_byte] >> (i % per_byte * (size_t)bits) & mask;
        out[i] = (int8_t)((int)(value ^ sign) - (int)sign);
    }
}

#endif
