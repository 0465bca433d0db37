/* SPDX-License-Identifier: Apache-2.0 */
#include "npy_format.h"

/* Ends the dictionary with blanks and a newline so that the elements lie at a multiple of 64. */
static void write_head(FILE *stream, const char *descr, const cli_array *array)
{
    enum { fixed = 10, alignment = 64 };
    char text[300];
    size_t used = (size_t)snprintf(text, sizeof text,
                                   "{'descr': '%s', 'fortran_order': False, 'shape': (", descr);
    for (int i = 0; i < array->rank; ++i) {
        used += (size_t)snprintf(text + used, sizeof text - used, i == 0 ? "%d," : " %d,",
                                 array->shape[i]);
    }
    if (array->rank > 1) --used;
    used += (size_t)snprintf(text + used, sizeof text - used, "), }");
    size_t length = (fixed + used + 1 + alignment - 1) / alignment * alignment - fixed;
    unsigned char start[fixed] = "\x93NUMPY\x01";
    start[8] = (unsigned char)(length & 255);
    start[9] = (unsigned char)(length >> 8);
    (void)fwrite(start, 1, fixed, stream);
    (void)fprintf(stream, "%.*s%*s\n", (int)used, text, (int)(length - used - 1), "");
}

/* Values of 2 or 4 bits, the lower index in the lower bits, one a byte with their sign. */
static void write_unpacked(FILE *stream, const cli_array *array, unsigned bits, bool is_signed)
{
    unsigned per_byte = 8 / bits;
    unsigned top = 1u << bits;
    for (size_t i = 0; i < array->elements; ++i) {
        unsigned byte = array->data[i / per_byte];
        unsigned value = byte >> (i % per_byte * bits) & (top - 1);
        if (is_signed && value >= top / 2) value += 256 - top;
        (void)fputc((int)value, stream);
    }
}

static size_t offset_at(const cli_array *array, size_t index)
{
    const unsigned char *from = array->data + 4 * (index + 1);
    return (size_t)from[0] | (size_t)from[1] << 8 | (size_t)from[2] << 16 | (size_t)from[3] << 24;
}

static midge_status write_strings(FILE *stream, const cli_array *array, midge_error *error)
{
    size_t width = 1;
    char descr[24];
    if (array->elements > 0 && array->bytes / 4 < array->elements + 2) {
        return cli_fail(error, MIDGE_RUN_ERROR, "a string tensor of %zu elements has %zu bytes",
                        array->elements, array->bytes);
    }
    for (size_t i = 0; i < array->elements; ++i) {
        size_t begin = offset_at(array, i), end = offset_at(array, i + 1);
        if (begin > end || end > array->bytes) {
            return cli_fail(error, MIDGE_RUN_ERROR, "string %zu lies outside its tensor", i);
        }
        if (end - begin > width) width = end - begin;
    }
    (void)snprintf(descr, sizeof descr, "|S%zu", width);
    write_head(stream, descr, array);
    for (size_t i = 0; i < array->elements; ++i) {
        size_t begin = offset_at(array, i), length = offset_at(array, i + 1) - begin;
        (void)fwrite(array->data + begin, 1, length, stream);
        for (size_t k = length; k < width; ++k) (void)fputc(0, stream);
    }
    return MIDGE_OK;
}

midge_status cli_npy_write(FILE *stream, const cli_array *array, midge_error *error)
{
    char descr[8] = "";
    size_t bits = midge_type_bits(array->type);
    if (array->type == MIDGE_STRING) return write_strings(stream, array, error);
    for (size_t i = 0; i < CLI_NPY_TYPES && descr[0] == '\0'; ++i) {
        const cli_npy_type *row = &cli_npy_types[i];
        if (row->type != array->type) continue;
        (void)snprintf(descr, sizeof descr, "%c%c%d", row->bytes == 1 ? '|' : '<', row->kind,
                       row->bytes);
    }
    if (descr[0] == '\0') {
        return cli_fail(error, MIDGE_UNSUPPORTED, "a tensor of type %s cannot be written as .npy",
                        midge_type_name(array->type));
    }
    write_head(stream, descr, array);
    if (bits < 8) {
        write_unpacked(stream, array, (unsigned)bits, array->type != MIDGE_UINT4);
    } else {
        (void)fwrite(array->data, 1, array->bytes, stream);
    }
    return MIDGE_OK;
}
