/* SPDX-License-Identifier: Apache-2.0 */
#include "op/string_writer.h"

#include <string.h>

static void set_word(unsigned char *data, size_t index, size_t number)
{
    int32_t value = (int32_t)number;
    memcpy(data + index * sizeof value, &value, sizeof value);
}

midge_status mg_strings_begin(midge_op_context *context, size_t output, size_t count, size_t length,
                              mg_string_writer *writer)
{
    size_t header = (count + 2) * sizeof(int32_t);
    if (count > INT32_MAX / sizeof(int32_t) - 2 || length > INT32_MAX - header) {
        return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "%zu strings of %zu bytes are too many",
                          count, length);
    }
    TRY(mg_resize_output_bytes(context, output, header + length));
    *writer = (mg_string_writer){mg_output(context, output)->data, 0, header};
    set_word(writer->data, 0, count);
    set_word(writer->data, 1, header);
    return MIDGE_OK;
}

void mg_strings_append(mg_string_writer *writer, mg_string string)
{
    writer->next++;
    mg_strings_extend(writer, string);
}

void mg_strings_extend(mg_string_writer *writer, mg_string string)
{
    if (string.length > 0) memcpy(writer->data + writer->position, string.bytes, string.length);
    writer->position += string.length;
    set_word(writer->data, 1 + writer->next, writer->position);
}
