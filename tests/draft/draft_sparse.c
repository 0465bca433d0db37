/* SPDX-License-Identifier: Apache-2.0 */
/* The simplest sparsity that is sound: only the last dimension is compressed, with every element
 * there. */
#include "draft/draft_parts.h"

bool draft_make_sparse(draft *model, mg_Tensor *tensor, draft_sparsity *parts)
{
    size_t rank = tensor->shape.count, rows = 1;
    if (rank == 0 || rank > MIDGE_MAX_RANK || tensor->buffer >= model->model.buffers.count ||
        model->model.buffers.items[tensor->buffer].data.count == 0)
        return false;
    for (size_t i = 0; i + 1 < rank; ++i) rows *= (size_t)tensor->shape.items[i];
    size_t columns = (size_t)tensor->shape.items[rank - 1];
    mg_SparsityParameters *sparsity = draft_get(model, sizeof *sparsity);
    mg_DimensionMetadata *levels = draft_get(model, rank * sizeof *levels);
    int32_t order[MIDGE_MAX_RANK];
    for (size_t i = 0; i < rank; ++i) {
        order[i] = (int32_t)i;
        levels[i].dense_size = tensor->shape.items[i];
    }
    sparsity->traversal_order = draft_int32s(model, rank, order);
    sparsity->dim_metadata = (mg_DimensionMetadata_vector){levels, rank};
    parts->sparsity = sparsity;
    parts->last = &levels[rank - 1];
    parts->segments = draft_get(model, sizeof *parts->segments);
    parts->indices = draft_get(model, sizeof *parts->indices);
    int32_t *segments = draft_get(model, (rows + 1) * sizeof *segments);
    int32_t *indices = draft_get(model, (rows * columns + 1) * sizeof *indices);
    for (size_t i = 0; i <= rows; ++i) segments[i] = (int32_t)(i * columns);
    for (size_t i = 0; i < rows * columns; ++i) indices[i] = (int32_t)(i % columns);
    parts->segments->values = (mg_int32s){segments, rows + 1};
    parts->indices->values = (mg_int32s){indices, rows * columns};
    parts->last->format = MG_DIMENSION_SPARSE_CSR;
    parts->last->array_segments_type = MG_INDEX_VECTOR_Int32Vector;
    parts->last->array_segments = parts->segments;
    parts->last->array_indices_type = MG_INDEX_VECTOR_Int32Vector;
    parts->last->array_indices = parts->indices;
    tensor->sparsity = sparsity;
    return true;
}
