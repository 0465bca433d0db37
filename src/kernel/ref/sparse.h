/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sparse constant unfolded into a dense tensor.
 *
 * The constant is a tree of levels; each level is one dimension, or one part of a dimension that
 * was cut into blocks. A dense level has `size` children at each node, in order. A compressed level
 * has, at node n, children segments[n] … segments[n + 1] - 1, whose coordinates are in indices.
 * Elements are stored in the order of the leaves.
 */
#ifndef MG_SPARSE_H
#define MG_SPARSE_H

#include <stddef.h>
#include <stdint.h>

enum { MG_SPARSE_LEVELS = 16 };

typedef struct mg_sparse_level {
    size_t size;
    size_t step;        /* elements of the dense tensor from one coordinate to the next */
    size_t index_bytes; /* of segments and indices, unsigned: 1, 2 or 4; 0: a dense level */
    size_t segment_bytes;
    const void *segments;
    const void *indices;
} mg_sparse_level;

/* Writes `elements` dense elements of `bytes` bytes. The levels have been checked against them. */
void mg_unfold_sparse(const mg_sparse_level *levels, size_t level_count, const void *source,
                      size_t bytes, void *destination, size_t elements);

#endif
