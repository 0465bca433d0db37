/* SPDX-License-Identifier: Apache-2.0 */
#include "op/strings.h"

#include <string.h>

enum { WORD = sizeof(int32_t) };

static size_t word_at(const midge_tensor *tensor, size_t index)
{
    int32_t word;
    memcpy(&word, (const char *)tensor->data + index * WORD, sizeof word);
    return word < 0 ? SIZE_MAX : (size_t)word;
}

midge_status mg_require_strings(midge_op_context *context, const midge_tensor *tensor,
                                const char *role)
{
    size_t count = tensor->elements;
    if (count > 0 && tensor->data == NULL)
        return mg_op_fail(context, MIDGE_RUN_ERROR, "%s has no strings yet", role);
    if (count == 0) return MIDGE_OK;
    if (tensor->bytes / WORD < count + 2 || word_at(tensor, 0) != count)
        return mg_op_fail(context, MIDGE_RUN_ERROR, "%s has %zu bytes, which are not %zu strings",
                          role, tensor->bytes, count);
    size_t end = (count + 2) * WORD;
    for (size_t i = 0; i <= count; ++i) {
        size_t offset = word_at(tensor, i + 1);
        if (offset < end || offset > tensor->bytes)
            return mg_op_fail(context, MIDGE_RUN_ERROR,
                              "offset %zu of string %zu in %s is outside %zu to %zu", offset, i,
                              role, end, tensor->bytes);
        end = offset;
    }
    return MIDGE_OK;
}

mg_string mg_string_at(const midge_tensor *tensor, size_t index)
{
    size_t begin = word_at(tensor, index + 1);
    return (mg_string){(const char *)tensor->data + begin, word_at(tensor, index + 2) - begin};
}

static mg_string selected(const midge_tensor *input, mg_string_source source, const void *argument,
                          size_t index)
{
    size_t from = source(argument, index);
    return from == SIZE_MAX ? (mg_string){"", 0} : mg_string_at(input, from);
}

midge_status mg_select_strings(midge_op_context *context, size_t output_index,
                               const midge_tensor *input, mg_string_source source,
                               const void *argument)
{
    midge_tensor *output = context->outputs[output_index];
    const size_t count = output->elements;
    TRY(mg_require_strings(context, input, "input"));
    size_t bytes = count > INT32_MAX / 8 ? SIZE_MAX / 2 : (count + 2) * WORD;
    for (size_t i = 0; i < count; ++i) {
        bytes += selected(input, source, argument, i).length;
        if (bytes > INT32_MAX)
            return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED,
                              "the %zu strings of the output pass 2^31 bytes", count);
    }
    TRY(mg_resize_output_bytes(context, output_index, bytes));
    int32_t word = (int32_t)count;
    char *table = output->data, *end = table + (count + 2) * WORD;
    memcpy(table, &word, WORD);
    for (size_t i = 0; i <= count; ++i) {
        word = (int32_t)(end - table);
        memcpy(table + (i + 1) * WORD, &word, WORD);
        if (i == count) break;
        mg_string string = selected(input, source, argument, i);
        memcpy(end, string.bytes, string.length);
        end += string.length;
    }
    return MIDGE_OK;
}

static size_t same_index(const void *argument, size_t index)
{
    (void)argument;
    return index;
}

midge_status mg_copy_strings(midge_op_context *context, size_t output_index,
                             const midge_tensor *input)
{
    if (context->outputs[output_index]->data == input->data && input->data != NULL) return MIDGE_OK;
    return mg_select_strings(context, output_index, input, same_index, NULL);
}
