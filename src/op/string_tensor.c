/* SPDX-License-Identifier: Apache-2.0 */
#include "op/string_tensor.h"

#include <string.h>

static int32_t int32_at(const unsigned char *data, size_t index)
{
    int32_t value;
    memcpy(&value, data + index * sizeof value, sizeof value);
    return value;
}

static void set_int32(unsigned char *data, size_t index, size_t number)
{
    int32_t value = (int32_t)number;
    memcpy(data + index * sizeof value, &value, sizeof value);
}

static size_t header_bytes(size_t count)
{
    return (count + 2) * sizeof(int32_t);
}

midge_status mg_strings_open(midge_op_context *context, const midge_tensor *tensor,
                             const char *role, mg_strings *strings)
{
    *strings = (mg_strings){tensor->data, tensor->elements};
    if (tensor->elements == 0) return MIDGE_OK;
    size_t header = header_bytes(tensor->elements);
    if (tensor->data == NULL || tensor->bytes < header || tensor->bytes > INT32_MAX ||
        int32_at(strings->data, 0) != (int64_t)tensor->elements) {
        return mg_op_fail(context, MIDGE_RUN_ERROR, "%s does not hold %zu strings", role,
                          tensor->elements);
    }
    size_t previous = header;
    for (size_t i = 0; i <= tensor->elements; i++) {
        int32_t offset = int32_at(strings->data, 1 + i);
        if (offset < 0 || (size_t)offset < previous || (size_t)offset > tensor->bytes) {
            return mg_op_fail(context, MIDGE_RUN_ERROR, "%s: string %zu has a bad offset %d", role,
                              i, (int)offset);
        }
        previous = (size_t)offset;
    }
    return MIDGE_OK;
}

mg_string mg_strings_at(const mg_strings *strings, size_t index)
{
    size_t begin = (size_t)int32_at(strings->data, 1 + index);
    size_t end = (size_t)int32_at(strings->data, 2 + index);
    return (mg_string){(const char *)strings->data + begin, end - begin};
}

midge_status mg_strings_begin(midge_op_context *context, size_t output, size_t count, size_t length,
                              mg_string_writer *writer)
{
    if (count > INT32_MAX / sizeof(int32_t) - 2 || length > INT32_MAX - header_bytes(count)) {
        return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "%zu strings of %zu bytes are too many",
                          count, length);
    }
    TRY(mg_resize_output_bytes(context, output, header_bytes(count) + length));
    *writer = (mg_string_writer){mg_output(context, output)->data, 0, header_bytes(count)};
    set_int32(writer->data, 0, count);
    set_int32(writer->data, 1, writer->position);
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
    set_int32(writer->data, 1 + writer->next, writer->position);
}
