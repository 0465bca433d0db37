/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sparse constants. A tensor of rank r cut into b block dimensions is stored as a tree of r + b
 * levels in the order of traversal_order: a dense level has dense_size children at each node, a
 * compressed level lists its children by segments and indices. Elements lie at the leaves.
 */
#include "base/size.h"
#include "model/read.h"

enum { MAX_LEVELS = 2 * MIDGE_MAX_RANK };

/* The three index vector types behind one door. */
static size_t index_count(uint8_t tag, const void *vector)
{
    if (vector == NULL) return 0;
    if (tag == MG_INDEX_VECTOR_Int32Vector) return ((const mg_Int32Vector *)vector)->values.count;
    if (tag == MG_INDEX_VECTOR_Uint16Vector) return ((const mg_Uint16Vector *)vector)->values.count;
    return ((const mg_Uint8Vector *)vector)->values.count;
}

static int64_t index_value(uint8_t tag, const void *vector, size_t i)
{
    if (tag == MG_INDEX_VECTOR_Int32Vector)
        return ((const mg_Int32Vector *)vector)->values.items[i];
    if (tag == MG_INDEX_VECTOR_Uint16Vector)
        return ((const mg_Uint16Vector *)vector)->values.items[i];
    return ((const mg_Uint8Vector *)vector)->values.items[i];
}

/* Size of each level: block dimensions are the block sizes, the dimensions they cut shrink. */
static bool level_sizes(const mg_SparsityParameters *sparsity, const mg_tensor *tensor,
                        int32_t sizes[MAX_LEVELS])
{
    int32_t rank = tensor->rank;
    size_t blocks = sparsity->block_map.count;
    for (int32_t i = 0; i < rank; ++i) sizes[i] = tensor->shape[i];
    for (size_t b = 0; b < blocks; ++b) {
        int32_t cut = sparsity->block_map.items[b];
        const mg_DimensionMetadata *level = NULL;
        for (size_t k = 0; k < sparsity->traversal_order.count; ++k)
            if (sparsity->traversal_order.items[k] == rank + (int32_t)b)
                level = &sparsity->dim_metadata.items[k];
        if (cut < 0 || cut >= rank || level == NULL || level->format != MG_DIMENSION_DENSE ||
            level->dense_size < 1 || sizes[cut] % level->dense_size != 0)
            return false;
        sizes[rank + (int32_t)b] = level->dense_size;
        sizes[cut] /= level->dense_size;
    }
    return true;
}

static bool is_permutation(const mg_SparsityParameters *sparsity)
{
    bool seen[MAX_LEVELS] = {false};
    size_t levels = sparsity->traversal_order.count;
    for (size_t i = 0; i < levels; ++i) {
        int32_t level = sparsity->traversal_order.items[i];
        if (level < 0 || (size_t)level >= levels || seen[level]) return false;
        seen[level] = true;
    }
    return true;
}

static bool check_compressed(const mg_DimensionMetadata *level, int32_t size, size_t *nodes)
{
    size_t segments = index_count(level->array_segments_type, level->array_segments);
    size_t indices = index_count(level->array_indices_type, level->array_indices);
    if (segments != *nodes + 1) return false;
    int64_t last = 0;
    for (size_t i = 0; i < segments; ++i) {
        int64_t value = index_value(level->array_segments_type, level->array_segments, i);
        if (value < last || (i == 0 && value != 0)) return false;
        int64_t row = last;
        last = value;
        if ((uint64_t)value > indices) return false;
        for (int64_t k = row; k < value; ++k) {
            int64_t at = index_value(level->array_indices_type, level->array_indices, (size_t)k);
            if (at < 0 || at >= size) return false;
        }
    }
    if ((uint64_t)last != indices) return false;
    *nodes = indices;
    return true;
}

midge_status mg_check_sparsity(mg_reading *reading, size_t graph, size_t index,
                               const mg_Tensor *source, const mg_tensor *tensor, size_t *stored)
{
    const mg_SparsityParameters *sparsity = source->sparsity;
    size_t levels = sparsity->traversal_order.count;
    int32_t sizes[MAX_LEVELS];
    if (levels != sparsity->dim_metadata.count || levels > MAX_LEVELS ||
        levels != (size_t)tensor->rank + sparsity->block_map.count || !is_permutation(sparsity) ||
        !level_sizes(sparsity, tensor, sizes))
        return mg_tensor_fail(reading, graph, index, source,
                              "its sparsity (%zu levels, %zu blocks) does not fit %d dimensions",
                              levels, sparsity->block_map.count, (int)tensor->rank);
    size_t nodes = 1;
    for (size_t i = 0; i < levels; ++i) {
        const mg_DimensionMetadata *level = &sparsity->dim_metadata.items[i];
        TRY(mg_spend(reading, index_count(level->array_segments_type, level->array_segments)));
        TRY(mg_spend(reading, index_count(level->array_indices_type, level->array_indices)));
        int32_t size = sizes[sparsity->traversal_order.items[i]];
        bool sound =
            level->format == MG_DIMENSION_DENSE
                ? level->dense_size == size && mg_size_multiply(nodes, (size_t)size, &nodes)
                : level->format == MG_DIMENSION_SPARSE_CSR && check_compressed(level, size, &nodes);
        if (!sound || nodes > INT32_MAX)
            return mg_tensor_fail(reading, graph, index, source,
                                  "level %zu of its sparsity contradicts a size of %d", i,
                                  (int)size);
    }
    *stored = nodes;
    return MIDGE_OK;
}
