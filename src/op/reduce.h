/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the reduction family share: shapes, axes, and the run over a plan. The plan, an
 * mg_reduction, is the node's prepared memory. */
#ifndef MG_OP_REDUCE_H
#define MG_OP_REDUCE_H

#include "kernel/ref/reduction.h"
#include "op/op.h"

/* Checks types, makes the plan and the output's shape when the axes are known, and asks for scratch
 * of `accumulator_bytes` for each output. */
midge_status mg_reduce_prepare(midge_op_context *context, uint32_t types, size_t accumulator_bytes);

/* At the start of run: makes plan and output when the axes were not known in prepare. */
midge_status mg_reduce_begin(midge_op_context *context);

/* Reduces the input into the accumulators; the input is not empty. */
void mg_reduce_run(midge_op_context *context, const mg_reducer *reducer, void *accumulators);

/* True for int8, uint8 and int16, whose sums are rescaled. */
static inline bool mg_reduce_is_narrow(const midge_op_context *context)
{
    midge_type type = context->inputs[0]->type;
    return type == MIDGE_INT8 || type == MIDGE_UINT8 || type == MIDGE_INT16;
}

midge_status mg_reduce_prepare_sum_quantized(midge_op_context *context);
midge_status mg_reduce_run_sum_quantized(midge_op_context *context);
midge_status mg_reduce_prepare_product_quantized(midge_op_context *context);
midge_status mg_reduce_run_product_quantized(midge_op_context *context);

#endif
