/* SPDX-License-Identifier: Apache-2.0 */
/* The fast Walsh-Hadamard transform of `size` (a power of two) floats in place, divided by the root
 * of the size, so that it keeps lengths and is its own inverse. */
#ifndef MG_HADAMARD_H
#define MG_HADAMARD_H

#include <stddef.h>

void mg_hadamard_f32(float *values, size_t size);

#endif
