/* SPDX-License-Identifier: Apache-2.0 */
/* Preparing operators of one quantised operand: by table where the type allows. */
#ifndef MG_TABLE_H
#define MG_TABLE_H

#include "kernel/ref/requantize.h"
#include "op/pointwise.h"

/* Checks input 0 and output 0: the same type, quantised. */
midge_status mg_require_quantized_unary(midge_op_context *context);

/* A real function of an 8-bit or int16 operand, by table. */
midge_status mg_prepare_real_table(midge_op_context *context, mg_real_function function,
                                   const void *parameters);

/* A function of stored values of an 8-bit operand, by table. */
midge_status mg_prepare_stored_table(midge_op_context *context, mg_stored_function function,
                                     const void *parameters);

/* A requantisation from input 0 to output 0 by the quotient of their scales as floats; results are
 * cut to the output's type. */
midge_status mg_requantization_of(midge_op_context *context, mg_requantization *requantization);

/* A function of stored values with an mg_requantization: a table for 8 bits, `row` for int16. */
midge_status mg_prepare_requantization(midge_op_context *context, mg_stored_function function,
                                       mg_elementwise_row row,
                                       const mg_requantization *requantization);

#endif
