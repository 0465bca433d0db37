/* SPDX-License-Identifier: Apache-2.0 */
/* Weights as the kernels read them: those of 2 and 4 bits become bytes. */
#include "kernel/ref/cell.h"
#include "kernel/ref/unpack.h"
#include "op/weighted.h"

static int bits_of(const midge_tensor *weights)
{
    switch (weights->type) {
    case MIDGE_INT4: return 4;
    case MIDGE_INT2: return 2;
    default: return 0;
    }
}

midge_status mg_weights_prepare(midge_op_context *context, const midge_tensor *weights)
{
    const int bits = bits_of(weights);
    if (bits == 0) return MIDGE_OK;
    if (!weights->constant)
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "weights of %d bits must be constant", bits);
    void *memory;
    bool fresh;
    TRY(mg_packed(context, weights->elements, &memory, &fresh));
    if (fresh) mg_unpack_bits(weights->data, weights->elements, bits, memory);
    return MIDGE_OK;
}

const void *mg_weights_data(const midge_op_context *context, const midge_tensor *weights)
{
    return bits_of(weights) == 0 ? weights->data : context->packed;
}

size_t mg_weighted_weight_bytes(const mg_weighted *weighted)
{
    return weighted->kind == MG_WEIGHTED_F32 ? sizeof(float) : mg_cell_bytes(weighted->form.right);
}

size_t mg_weighted_result_bytes(const mg_weighted *weighted)
{
    const bool floats = weighted->kind == MG_WEIGHTED_F32 || weighted->kind == MG_WEIGHTED_DYNAMIC;
    return floats ? sizeof(float) : mg_cell_bytes(weighted->how.cell);
}
