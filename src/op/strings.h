/* SPDX-License-Identifier: Apache-2.0 */
/*
 * String tensors. The data is an int32 count, count + 1 int32 offsets from the start of the data,
 * then the bytes: string i lies between offsets i and i + 1, without a terminator. The count is the
 * number of elements of the tensor.
 */
#ifndef MG_STRINGS_H
#define MG_STRINGS_H

#include "op/op.h"

typedef struct mg_string {
    const char *bytes;
    size_t length;
} mg_string;

/* Checks the layout of a tensor whose data may come from the caller or a file. */
midge_status mg_require_strings(midge_op_context *context, const midge_tensor *tensor,
                                const char *role);

/* String `index` of a tensor that mg_require_strings has accepted. */
mg_string mg_string_at(const midge_tensor *tensor, size_t index);

/* Which string of the input is string `index` of the output; SIZE_MAX: the empty string. */
typedef size_t (*mg_string_source)(const void *argument, size_t index);

/* Checks the input, then sizes and writes all strings of an output whose shape is settled. */
midge_status mg_select_strings(midge_op_context *context, size_t output_index,
                               const midge_tensor *input, mg_string_source source,
                               const void *argument);

/* Makes output `output_index` a copy of the strings of a tensor with as many elements. */
midge_status mg_copy_strings(midge_op_context *context, size_t output_index,
                             const midge_tensor *input);

#endif
