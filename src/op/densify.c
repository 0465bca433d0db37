/* SPDX-License-Identifier: Apache-2.0 */
#include "op/densify.h"

#include "kernel/ref/sparse.h"
#include "op/require.h"

static const void *index_items(uint8_t tag, const void *vector, size_t *bytes)
{
    *bytes = 4;
    if (tag == MG_INDEX_VECTOR_Int32Vector) return ((const mg_Int32Vector *)vector)->values.items;
    *bytes = 2;
    if (tag == MG_INDEX_VECTOR_Uint16Vector) return ((const mg_Uint16Vector *)vector)->values.items;
    *bytes = 1;
    return ((const mg_Uint8Vector *)vector)->values.items;
}

/*
 * Size and step of every dimension and block dimension. A dimension that is cut into blocks is
 * counted block by block: the innermost part in the order of traversal steps by single elements.
 */
static void measure(const mg_tensor *tensor, size_t sizes[MG_SPARSE_LEVELS],
                    size_t steps[MG_SPARSE_LEVELS])
{
    const mg_SparsityParameters *sparsity = tensor->sparsity;
    size_t step = 1;
    for (int32_t i = tensor->rank - 1; i >= 0; --i) {
        sizes[i] = (size_t)tensor->shape[i];
        steps[i] = step;
        step *= sizes[i];
    }
    for (size_t k = sparsity->traversal_order.count; k-- > 0;) {
        const int32_t part = sparsity->traversal_order.items[k];
        if (part < tensor->rank) continue;
        const int32_t cut = sparsity->block_map.items[part - tensor->rank];
        sizes[part] = (size_t)sparsity->dim_metadata.items[k].dense_size;
        steps[part] = steps[cut];
        steps[cut] *= sizes[part];
        sizes[cut] /= sizes[part];
    }
}

void mg_densify(const midge_tensor *tensor, void *dense)
{
    const mg_SparsityParameters *sparsity = tensor->definition->sparsity;
    const size_t count = sparsity->traversal_order.count;
    size_t sizes[MG_SPARSE_LEVELS], steps[MG_SPARSE_LEVELS];
    mg_sparse_level levels[MG_SPARSE_LEVELS];
    measure(tensor->definition, sizes, steps);
    for (size_t k = 0; k < count; ++k) {
        const mg_DimensionMetadata *stored = &sparsity->dim_metadata.items[k];
        const int32_t part = sparsity->traversal_order.items[k];
        levels[k] = (mg_sparse_level){.size = sizes[part], .step = steps[part]};
        if (stored->format == MG_DIMENSION_DENSE) continue;
        levels[k].segments = index_items(stored->array_segments_type, stored->array_segments,
                                         &levels[k].segment_bytes);
        levels[k].indices =
            index_items(stored->array_indices_type, stored->array_indices, &levels[k].index_bytes);
    }
    mg_unfold_sparse(levels, count, tensor->data, midge_type_bits(tensor->type) / 8, dense,
                     tensor->elements);
}

midge_status mg_prepare_densify(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    TRY(mg_require_type(context, input, "input", MG_TYPES_BYTES));
    TRY(mg_require_same_type(context, input, "input", context->outputs[0], "output"));
    if (!mg_is_sparse(input))
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "the input is not a sparse constant");
    return mg_set_output_like(context, 0, input);
}

midge_status mg_run_densify(midge_op_context *context)
{
    mg_densify(context->inputs[0], context->outputs[0]->data);
    return MIDGE_OK;
}
