/* SPDX-License-Identifier: Apache-2.0 */
/* Writes structs as a FlatBuffer: the reverse of decode.h. */
#ifndef MG_FLATBUF_ENCODE_H
#define MG_FLATBUF_ENCODE_H

#include "base/alloc.h"
#include "flatbuf/describe.h"

/*
 * Writes `value`, a struct of table number `root`, with `identifier` at bytes 4 to 7. Scalars equal
 * to their defaults and absent members are left out, vectors begin at the alignment of their field,
 * and equal values give equal bytes. Fails for what no file can hold: more than 2^31 - 1 bytes, or
 * a union value whose tag the layout does not know. *bytes comes from `heap` and is freed with
 * mg_heap_release.
 */
midge_status mg_encode(const void *value, const mg_layout *layout, unsigned root,
                       const char *identifier, mg_heap *heap, void **bytes, size_t *size,
                       midge_error *error);

#endif
