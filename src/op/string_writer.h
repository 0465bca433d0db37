/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the data of a string output (strings.h) one string after another. */
#ifndef MG_STRING_WRITER_H
#define MG_STRING_WRITER_H

#include "op/strings.h"

typedef struct mg_string_writer {
    unsigned char *data;
    size_t next;     /* string to begin */
    size_t position; /* of the next byte */
} mg_string_writer;

/* Gives a string output room for `count` strings of `length` bytes in all. */
midge_status mg_strings_begin(midge_op_context *context, size_t output, size_t count, size_t length,
                              mg_string_writer *writer);

/* Begins the next string. */
void mg_strings_append(mg_string_writer *writer, mg_string string);

/* Appends to the string that mg_strings_append began last. */
void mg_strings_extend(mg_string_writer *writer, mg_string string);

#endif
