/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conversion between element types, any to any, as C does it where C defines it:
 *   integer to integer   the low bits; to the packed types cut to their range
 *   real to integer      toward zero, cut to the type's range; NaN gives its largest value
 *   to bool              whether not 0
 *   to a narrow float    by way of float, to nearest, ties to even
 *   complex to other     the real part
 */
#ifndef MG_CONVERT_ELEMENTS_H
#define MG_CONVERT_ELEMENTS_H

#include <stddef.h>
#include <stdint.h>

typedef enum mg_element {
    MG_ELEMENT_BOOL,
    MG_ELEMENT_INT2, /* four a byte, the lower index in the lower bits */
    MG_ELEMENT_INT4, /* two a byte */
    MG_ELEMENT_UINT4,
    MG_ELEMENT_INT8,
    MG_ELEMENT_UINT8,
    MG_ELEMENT_INT16,
    MG_ELEMENT_UINT16,
    MG_ELEMENT_INT32,
    MG_ELEMENT_UINT32,
    MG_ELEMENT_INT64,
    MG_ELEMENT_FLOAT8_E4M3FN, /* from here on real */
    MG_ELEMENT_FLOAT8_E5M2,
    MG_ELEMENT_FLOAT16,
    MG_ELEMENT_BFLOAT16,
    MG_ELEMENT_FLOAT32,
    MG_ELEMENT_FLOAT64,
    MG_ELEMENT_COMPLEX64
} mg_element;

/* A piece of a conversion: mg_convert_elements works in multiples of this. */
enum { MG_CONVERT_BLOCK = 64 };

/* Converts elements begin … end - 1; begin is a multiple of MG_CONVERT_BLOCK. The buffers must not
 * overlap. */
void mg_convert_elements(mg_element from, const void *in, mg_element to, void *out, size_t begin,
                         size_t end);

/* Packed integers of 2 or 4 bits to a byte each, and back (the low bits). */
void mg_unpack_bits(const uint8_t *packed, int bits, int is_signed, int8_t *out, size_t count);
void mg_pack_bits(const int8_t *in, int bits, uint8_t *packed, size_t count);

#endif
