/* SPDX-License-Identifier: Apache-2.0 */
#include "npy.h"

#include <stdlib.h>
#include <string.h>

#include "foreign.h"
#include "npy_format.h"
#include "utf8.h"

/* How a type of NumPy stands in a file. */
typedef struct element {
    char kind;
    size_t bytes; /* of one element */
    bool swapped; /* the high byte comes first */
} element;

const cli_npy_type cli_npy_types[CLI_NPY_TYPES] = {
    {MIDGE_FLOAT32, 'f', 4},       {MIDGE_FLOAT16, 'f', 2},     {MIDGE_FLOAT64, 'f', 8},
    {MIDGE_INT8, 'i', 1},          {MIDGE_INT16, 'i', 2},       {MIDGE_INT32, 'i', 4},
    {MIDGE_INT64, 'i', 8},         {MIDGE_UINT8, 'u', 1},       {MIDGE_UINT16, 'u', 2},
    {MIDGE_UINT32, 'u', 4},        {MIDGE_UINT64, 'u', 8},      {MIDGE_BOOL, 'b', 1},
    {MIDGE_COMPLEX64, 'c', 8},     {MIDGE_COMPLEX128, 'c', 16}, {MIDGE_BFLOAT16, 'V', 2},
    {MIDGE_INT4, 'i', 1},          {MIDGE_INT2, 'i', 1},        {MIDGE_UINT4, 'u', 1},
    {MIDGE_FLOAT8_E4M3FN, 'i', 1}, {MIDGE_FLOAT8_E5M2, 'i', 1},
};

const char *cli_shape_text(int rank, const int32_t *shape, char *buffer)
{
    size_t used = 0;
    buffer[used++] = '[';
    for (int i = 0; i < rank; ++i) {
        used += (size_t)snprintf(buffer + used, 14, i == 0 ? "%d" : ", %d", shape[i]);
    }
    memcpy(buffer + used, "]", 2);
    return buffer;
}

void cli_array_free(cli_array *array)
{
    free(array->data);
    *array = (cli_array){0};
}

static midge_status refuse_type(const char *name, const char *descr, midge_error *error)
{
    if (strchr(descr, 'O') != NULL) {
        return cli_fail(error, MIDGE_UNSUPPORTED,
                        "%s: holds Python objects; convert it with astype before numpy.save", name);
    }
    return cli_fail(error, MIDGE_UNSUPPORTED,
                    "%s: its element type '%s' is not supported; convert it with astype before "
                    "numpy.save",
                    name, descr);
}

/* Takes "<f4" apart. Strings are of type MIDGE_STRING whatever their width. */
static midge_status read_type(const char *name, const char *descr, element *item, midge_type *type,
                              midge_error *error)
{
    const char *place = descr;
    if (*place == '?' && place[1] == '\0') place = "b1";
    item->swapped = *place == '>';
    if (*place != '\0' && strchr("<>|=", *place) != NULL) ++place;
    item->kind = *place;
    if (*place == '\0' || place[1] < '0' || place[1] > '9') return refuse_type(name, descr, error);
    char *end = NULL;
    unsigned long bytes = strtoul(place + 1, &end, 10);
    if (*end != '\0' || bytes > 1u << 28) return refuse_type(name, descr, error);
    item->bytes = bytes;
    *type = MIDGE_STRING;
    if (item->kind == 'S' || item->kind == 'a') return MIDGE_OK;
    if (item->kind == 'U') {
        item->bytes *= 4;
        return MIDGE_OK;
    }
    for (size_t i = 0; i < CLI_NPY_TYPES; ++i) {
        if (cli_npy_types[i].kind != item->kind || cli_npy_types[i].bytes != item->bytes) continue;
        *type = cli_npy_types[i].type;
        return MIDGE_OK;
    }
    return refuse_type(name, descr, error);
}

/* Sets elements and how many bytes the file must have for them. */
static midge_status count_elements(const char *name, const cli_npy_head *head, const element *item,
                                   size_t present, cli_array *array, midge_error *error)
{
    uint64_t elements = 1;
    char shape[CLI_SHAPE_TEXT];
    array->rank = head->rank;
    memcpy(array->shape, head->shape, sizeof array->shape);
    for (int i = 0; i < head->rank; ++i) {
        if (head->shape[i] == 0) elements = 0;
    }
    for (int i = 0; i < head->rank && elements > 0; ++i) {
        elements *= (uint64_t)head->shape[i];
        if (elements > INT32_MAX) break;
    }
    /* Strings of no bytes take none in the file but some in memory. */
    if (elements > (item->bytes == 0 ? 1 << 20 : INT32_MAX)) {
        return cli_fail(error, MIDGE_LIMIT_EXCEEDED, "%s: its shape %s has too many elements", name,
                        cli_shape_text(head->rank, head->shape, shape));
    }
    uint64_t needed = elements * item->bytes;
    if (needed != present) {
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: its shape %s of '%s' needs %llu bytes, the file has %zu; get the file "
                        "again",
                        name, cli_shape_text(head->rank, head->shape, shape), head->descr,
                        (unsigned long long)needed, present);
    }
    array->elements = (size_t)elements;
    return MIDGE_OK;
}

/* Where the element with row-major number `index` stands in a file whose first index runs fastest.
 */
static size_t fortran_place(const cli_array *array, size_t index)
{
    size_t place = 0;
    for (int i = array->rank; i-- > 0;) {
        size_t stride = 1;
        for (int k = 0; k < i; ++k) stride *= (size_t)array->shape[k];
        place += index % (size_t)array->shape[i] * stride;
        index /= (size_t)array->shape[i];
    }
    return place;
}

static void copy_number(const element *item, const unsigned char *from, unsigned char *to)
{
    size_t part = item->kind == 'c' ? item->bytes / 2 : item->bytes;
    for (size_t i = 0; i < item->bytes; ++i) {
        to[i] = from[item->swapped ? i / part * part + part - 1 - i % part : i];
    }
    if (item->kind == 'b') to[0] = to[0] != 0;
}

static midge_status read_numbers(const char *name, const cli_npy_head *head, const element *item,
                                 const unsigned char *from, cli_array *array, midge_error *error)
{
    array->bytes = array->elements * item->bytes;
    array->data = malloc(array->bytes + (array->bytes == 0));
    if (array->data == NULL) return cli_fail_memory(error, name, array->bytes);
    for (size_t i = 0; i < array->elements; ++i) {
        size_t place = head->fortran_order ? fortran_place(array, i) : i;
        copy_number(item, from + place * item->bytes, array->data + i * item->bytes);
    }
    return MIDGE_OK;
}

/* Copies one string without the zeros that pad it; `to` NULL only measures. False: not Unicode. */
static bool copy_string(const element *item, const unsigned char *from, unsigned char *to,
                        size_t *bytes)
{
    size_t width = item->kind == 'U' ? 4 : 1;
    size_t length = item->bytes;
    *bytes = 0;
    while (length > 0 && from[length - 1] == 0) --length;
    length = (length + width - 1) / width * width;
    if (width == 1) {
        if (to != NULL) memcpy(to, from, length);
        *bytes = length;
        return true;
    }
    for (size_t i = 0; i < length; i += 4) {
        uint32_t code = 0;
        for (size_t k = 0; k < 4; ++k) code = code << 8 | from[i + (item->swapped ? k : 3 - k)];
        size_t put = cli_utf8_put(code, to == NULL ? NULL : to + *bytes);
        if (put == 0) return false;
        *bytes += put;
    }
    return true;
}

static void put_int32(unsigned char *to, size_t value)
{
    for (size_t i = 0; i < 4; ++i) to[i] = (unsigned char)(value >> (8 * i));
}

/* String tensors: count, count + 1 offsets from the start, the bytes. */
static midge_status read_strings(const char *name, const cli_npy_head *head, const element *item,
                                 const unsigned char *from, cli_array *array, midge_error *error)
{
    uint64_t total = 4 * ((uint64_t)array->elements + 2);
    for (size_t i = 0; i < array->elements; ++i) {
        size_t length = 0;
        if (!copy_string(item, from + i * item->bytes, NULL, &length)) {
            return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: string %zu is not Unicode", name,
                            i);
        }
        total += length;
    }
    if (total > INT32_MAX) {
        return cli_fail(error, MIDGE_LIMIT_EXCEEDED, "%s: its strings pass 2 GiB", name);
    }
    array->data = malloc((size_t)total);
    if (array->data == NULL) return cli_fail_memory(error, name, (size_t)total);
    size_t place = 4 * (array->elements + 2);
    put_int32(array->data, array->elements);
    for (size_t i = 0; i < array->elements; ++i) {
        size_t at = head->fortran_order ? fortran_place(array, i) : i;
        size_t length = 0;
        put_int32(array->data + 4 * (i + 1), place);
        (void)copy_string(item, from + at * item->bytes, array->data + place, &length);
        place += length;
    }
    put_int32(array->data + 4 * (array->elements + 1), place);
    array->bytes = (size_t)total;
    return MIDGE_OK;
}

midge_status cli_npy_decode(const char *name, const unsigned char *bytes, size_t size,
                            cli_array *array, midge_error *error)
{
    cli_npy_head head;
    element item = {0};
    cli_array result = {0};
    if (size < 6 || memcmp(bytes, "\x93NUMPY", 6) != 0) {
        const char *kind = size == 0 ? "empty" : cli_foreign_kind(bytes, size);
        if (size >= 4 && memcmp(bytes, "PK\x03\x04", 4) == 0) kind = "a zip archive (.npz?)";
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: is %s%sno .npy array; write one with numpy.save", name,
                        kind != NULL ? kind : "", kind != NULL ? ", " : "");
    }
    TRY(cli_npy_parse_head(name, bytes, size, &head, error));
    TRY(read_type(name, head.descr, &item, &result.type, error));
    TRY(count_elements(name, &head, &item, size - head.data, &result, error));
    midge_status status = result.type == MIDGE_STRING
                              ? read_strings(name, &head, &item, bytes + head.data, &result, error)
                              : read_numbers(name, &head, &item, bytes + head.data, &result, error);
    if (status == MIDGE_OK) *array = result;
    return status;
}

midge_status cli_npy_read(const char *path, cli_array *array, midge_error *error)
{
    cli_bytes bytes;
    TRY(cli_file_read(path, CLI_NPY_MAX_FILE, &bytes, error));
    midge_status status = cli_npy_decode(path, bytes.data, bytes.size, array, error);
    cli_bytes_free(&bytes);
    return status;
}
