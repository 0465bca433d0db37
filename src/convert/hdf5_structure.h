/* SPDX-License-Identifier: Apache-2.0 */
/* What libhdf5 takes on trust. */
#ifndef MG_HDF5_STRUCTURE_H
#define MG_HDF5_STRUCTURE_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the global heaps of a file, which hold strings, are sound: a piece of size 0 keeps old
 * versions of libhdf5 reading it forever, one that is too large lets them read beyond. */
bool mg_hdf5_heaps_are_sound(const unsigned char *bytes, size_t size);

#endif
