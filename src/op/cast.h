/* SPDX-License-Identifier: Apache-2.0 */
/* Conversion of whole tensors between element types. */
#ifndef MG_CAST_H
#define MG_CAST_H

#include "op/op.h"

/* In run: converts all elements; both types can be converted, shapes agree. */
void mg_convert_tensor(midge_op_context *context, const midge_tensor *from, const midge_tensor *to);

#endif
