/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and writing string tensors. Their data is
 *   int32 count, int32 offset[count + 1], bytes
 * where string i has the bytes offset[i] … offset[i + 1] - 1, counted from the start of the data.
 */
#ifndef MG_STRING_TENSOR_H
#define MG_STRING_TENSOR_H

#include "op/op.h"

/* Not terminated. */
typedef struct mg_string {
    const char *bytes;
    size_t length;
} mg_string;

typedef struct mg_strings {
    const unsigned char *data;
    size_t count;
} mg_strings;

/* Checks the data of a string tensor, so that every string can be read; in run. The count is that
 * of the tensor's elements. */
midge_status mg_strings_open(midge_op_context *context, const midge_tensor *tensor,
                             const char *role, mg_strings *strings);

mg_string mg_strings_at(const mg_strings *strings, size_t index);

typedef struct mg_string_writer {
    unsigned char *data;
    size_t next;
    size_t position;
} mg_string_writer;

/* Gives a string output room for `count` strings of `length` bytes in all; then each is appended
 * in order. */
midge_status mg_strings_begin(midge_op_context *context, size_t output, size_t count, size_t length,
                              mg_string_writer *writer);
void mg_strings_append(mg_string_writer *writer, mg_string string);

/* Appends to the string that mg_strings_append began last. */
void mg_strings_extend(mg_string_writer *writer, mg_string string);

#endif
