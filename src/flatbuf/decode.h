/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a FlatBuffer into structs, checking everything on the way: a file that decodes has no
 * offset, length or string end outside itself. */
#ifndef MG_FLATBUF_DECODE_H
#define MG_FLATBUF_DECODE_H

#include "base/alloc.h"
#include "flatbuf/describe.h"

/*
 * Bounds on what a file may unfold to. A file can refer to one table many times and so describe far
 * more than it holds; each reference counts. 0 in a field stands for the default in brackets.
 */
typedef struct mg_read_limits {
    uint32_t depth;  /* [64]      tables inside tables */
    uint32_t tables; /* [1000000] in all */
    uint64_t bytes;  /* [64 times the size of the file, which no file passes whose tables are each
                        referred to once] of the region */
} mg_read_limits;

/*
 * Reads table number `root` of `layout` from the start of `bytes`; bytes 4 to 7 must be
 * `identifier`. Structs and misaligned vectors are put into `region`; everything else points into
 * `bytes`. On failure `region` holds pieces of no use.
 */
midge_status mg_decode(const void *bytes, size_t size, const char *identifier,
                       const mg_layout *layout, unsigned root, const mg_read_limits *limits,
                       mg_region *region, void **value, midge_error *error);

#endif
