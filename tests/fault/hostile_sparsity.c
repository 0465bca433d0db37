/* SPDX-License-Identifier: Apache-2.0 */
/* H51: sparse constants. Every constant gets a sound description of sparsity first: the last
 * dimension compressed with all elements there; then one thing is changed. */
#include "hostile.h"

enum { CHANGES = 26, SOUND = 0 };

/* Returns what must become of the file. */
static unsigned change(draft *model, const draft_sparsity *parts, size_t number)
{
    mg_SparsityParameters *sparsity = parts->sparsity;
    mg_int32s *segments = &parts->segments->values, *indices = &parts->indices->values;
    int32_t zero = 0;
    switch (number) {
    case SOUND: return DRIVE_ANY;
    case 1: hostile_set(segments, 0, 1); break;
    case 2: hostile_set(segments, 0, -1); break;
    case 3: hostile_set(segments, segments->count - 1, INT32_MAX); break;
    case 4: hostile_set(segments, segments->count - 1, -1); break;
    case 5: hostile_set(segments, segments->count - 1, 0); break;
    case 6: segments->count -= 1; break;
    case 7: *segments = (mg_int32s){NULL, 0}; break;
    case 8: hostile_set(indices, 0, -1); break;
    case 9: hostile_set(indices, 0, INT32_MAX); break;
    case 10: hostile_set(indices, indices->count - 1, INT32_MIN); break;
    case 11: indices->count -= 1; break;
    case 12: *indices = (mg_int32s){NULL, 0}; break;
    case 13: parts->last->array_segments = NULL; break;
    case 14: parts->last->array_indices = NULL; break;
    case 15: parts->last->format = 2; break;
    case 16: parts->last->format = -1; break;
    case 17: hostile_set(&sparsity->traversal_order, 0, -1); break;
    case 18: hostile_set(&sparsity->traversal_order, 0, 100); break;
    case 19: sparsity->traversal_order.count -= 1; break;
    case 20: sparsity->dim_metadata.count -= 1; break;
    case 21: sparsity->block_map = draft_int32s(model, 1, &zero); break;
    case 22: sparsity->dim_metadata = (mg_DimensionMetadata_vector){NULL, 0}; break;
    case 23: parts->last->array_indices_type = MG_INDEX_VECTOR_Uint8Vector; return DRIVE_ANY;
    case 24:
        parts->last->array_segments_type = 9;
        parts->last->array_segments = NULL;
        break;
    default: parts->last->format = MG_DIMENSION_DENSE; parts->last->dense_size = INT32_MAX;
    }
    return DRIVE_REJECT_LOAD;
}

static bool mutate_sparsity(hostile_case *at)
{
    size_t variant = at->variant;
    hostile_place place;
    size_t number = hostile_pick(&variant, CHANGES);
    for (size_t i = 0; hostile_tensor(at->model, i, &place); ++i) {
        mg_Tensor *tensor = draft_tensor(at->model, place.graph, place.index);
        draft_sparsity parts;
        if (tensor->type == MIDGE_STRING || !hostile_is_constant(at->model, tensor) ||
            tensor->shape.count == 0 || hostile_elements(tensor) == 0)
            continue;
        if (variant-- > 0) continue;
        if (!draft_make_sparse(at->model, tensor, &parts)) return false;
        hostile_note(at, change(at->model, &parts, number), "change %zu of the sparsity of %zu.%zu",
                     number, place.graph, place.index);
        return true;
    }
    return false;
}

/* Sizes of blocks. */
static bool mutate_blocks(hostile_case *at)
{
    static const int32_t sizes[] = {1, 2, 3, 0, -1, INT32_MAX, 1 << 30};
    static const int32_t cuts[] = {0, 1, -1, 8, INT32_MAX};
    size_t variant = at->variant;
    hostile_place place;
    int32_t size = sizes[hostile_pick(&variant, 7)], cut = cuts[hostile_pick(&variant, 5)];
    size_t number = hostile_pick(&variant, hostile_tensor_count(at->model));
    if (variant > 0 || !hostile_tensor(at->model, number, &place)) return false;
    mg_Tensor *tensor = draft_tensor(at->model, place.graph, place.index);
    size_t rank = tensor->shape.count;
    hostile_note(at, DRIVE_ANY, "blocks of %d along %d in %zu.%zu", (int)size, (int)cut,
                 place.graph, place.index);
    if (rank == 0 || rank > MIDGE_MAX_RANK) return true;
    mg_SparsityParameters *sparsity = draft_get(at->model, sizeof *sparsity);
    mg_DimensionMetadata *levels = draft_get(at->model, (rank + 1) * sizeof *levels);
    int32_t order[MIDGE_MAX_RANK + 1];
    for (size_t i = 0; i <= rank; ++i) {
        order[i] = (int32_t)i;
        levels[i].dense_size = i == rank ? size : tensor->shape.items[i];
        if (i < rank && (int32_t)i == cut && size > 0) levels[i].dense_size /= size;
    }
    sparsity->traversal_order = draft_int32s(at->model, rank + 1, order);
    sparsity->block_map = draft_int32s(at->model, 1, &cut);
    sparsity->dim_metadata = (mg_DimensionMetadata_vector){levels, rank + 1};
    tensor->sparsity = sparsity;
    return true;
}

const hostile_class hostile_sparsity[] = {
    {"H51 sparsity", mutate_sparsity},
    {"H51 blocks", mutate_blocks},
    {NULL, NULL},
};
