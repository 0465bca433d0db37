/* SPDX-License-Identifier: Apache-2.0 */
/* Single elements of tensors as numbers, whatever their type. */
#ifndef CLI_ELEMENT_H
#define CLI_ELEMENT_H

#include <stdint.h>

#include "midge.h"

/* The stored number at `index`; of a complex number its real part. 0 for types that are no numbers.
 * The data is little-endian and need not be aligned. */
double cli_element(midge_type type, const void *data, size_t index);

/* The real number that a stored one stands for. `position` picks the scale when each slice of an
 * axis has its own, as cli_quantization_slice gives it. */
double cli_dequantize(const midge_quantization *quantization, size_t position, double stored);

/* The slice along the quantised axis in which element `index` of a tensor lies. */
size_t cli_quantization_slice(const midge_quantization *quantization, int rank,
                              const int32_t *shape, size_t index);

bool cli_is_number(midge_type type);
bool cli_is_floating(midge_type type);

/* A 16-bit float and back, rounding to nearest even. */
float cli_half_to_float(uint16_t half);
uint16_t cli_float_to_half(float value);

#endif
