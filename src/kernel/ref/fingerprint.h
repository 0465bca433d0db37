/* SPDX-License-Identifier: Apache-2.0 */
/* The 64-bit FarmHash fingerprint of a float followed by some bytes, the hash that locality
 * sensitive projections are trained with. */
#ifndef MG_FINGERPRINT_H
#define MG_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

uint64_t mg_fingerprint(float seed, const void *bytes, size_t count);

#endif
