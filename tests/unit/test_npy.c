/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays in .npy files: every type, both byte orders, both index orders, strings, writing and
 * reading back, and heads that lie. */
#include <stdlib.h>

#include "expect.h"
#include "npy.h"

#define SIZE(array) (sizeof(array) / sizeof(array)[0])

/* Makes a file of version 1 from the text of its head. */
static cli_bytes npy(const char *head, const void *data, size_t bytes)
{
    size_t length = strlen(head);
    cli_bytes file = {malloc(10 + length + bytes), 10 + length + bytes};
    memcpy(file.data, "\x93NUMPY\x01\x00", 8);
    file.data[8] = (unsigned char)(length & 255);
    file.data[9] = (unsigned char)(length >> 8);
    memcpy(file.data + 10, head, length);
    if (bytes > 0) memcpy(file.data + 10 + length, data, bytes);
    return file;
}

static midge_status decode(const char *head, const void *data, size_t bytes, cli_array *array,
                           midge_error *error)
{
    cli_bytes file = npy(head, data, bytes);
    *array = (cli_array){0};
    *error = (midge_error){MIDGE_OK, ""};
    midge_status status = cli_npy_decode("a.npy", file.data, file.size, array, error);
    cli_bytes_free(&file);
    return status;
}

static void check_types(void)
{
    static const struct {
        const char *descr;
        midge_type type;
        size_t bytes;
    } cases[] = {
        {"<f2", MIDGE_FLOAT16, 2},   {"<f4", MIDGE_FLOAT32, 4},      {"<f8", MIDGE_FLOAT64, 8},
        {"|i1", MIDGE_INT8, 1},      {"<i2", MIDGE_INT16, 2},        {"<i4", MIDGE_INT32, 4},
        {"<i8", MIDGE_INT64, 8},     {"|u1", MIDGE_UINT8, 1},        {"<u2", MIDGE_UINT16, 2},
        {"<u4", MIDGE_UINT32, 4},    {"<u8", MIDGE_UINT64, 8},       {"|b1", MIDGE_BOOL, 1},
        {"<c8", MIDGE_COMPLEX64, 8}, {"<c16", MIDGE_COMPLEX128, 16}, {"|V2", MIDGE_BFLOAT16, 2},
        {"<V2", MIDGE_BFLOAT16, 2},  {"f4", MIDGE_FLOAT32, 4},       {"?", MIDGE_BOOL, 1},
    };
    unsigned char data[96];
    for (size_t i = 0; i < sizeof data; ++i) data[i] = (unsigned char)(i % 2);
    for (size_t i = 0; i < SIZE(cases); ++i) {
        char head[100];
        cli_array array;
        midge_error error;
        (void)snprintf(head, sizeof head,
                       "{'descr': '%s', 'fortran_order': False, 'shape': (2, 3), }  \n",
                       cases[i].descr);
        EXPECT(decode(head, data, 6 * cases[i].bytes, &array, &error) == MIDGE_OK, "%s",
               error.message);
        EXPECT(array.type == cases[i].type, "%s: type %d", cases[i].descr, (int)array.type);
        EXPECT(array.rank == 2 && array.elements == 6, "%s: rank %d", cases[i].descr, array.rank);
        EXPECT(array.bytes == 6 * cases[i].bytes && memcmp(array.data, data, array.bytes) == 0,
               "%s: %zu bytes", cases[i].descr, array.bytes);
        cli_array_free(&array);
    }
}

static void check_orders(void)
{
    static const unsigned char big[] = {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6};
    static const unsigned char little[] = {1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0};
    static const unsigned char columns[] = {1, 0, 3, 0, 5, 0, 2, 0, 4, 0, 6, 0}; /* of (2, 3) */
    static const unsigned char complex[] = {1, 2, 3, 4, 5, 6, 7, 8};
    static const unsigned char turned[] = {4, 3, 2, 1, 8, 7, 6, 5};
    cli_array array;
    midge_error error;
    EXPECT(decode("{'descr': '>i2', 'fortran_order': False, 'shape': (6,)}", big, sizeof big,
                  &array, &error) == MIDGE_OK,
           "%s", error.message);
    EXPECT(array.bytes == 12 && memcmp(array.data, little, 12) == 0, "big-endian");
    cli_array_free(&array);
    EXPECT(decode("{\"shape\": (2, 3L), 'fortran_order': True, 'descr': '<i2'}", little,
                  sizeof little, &array, &error) == MIDGE_OK,
           "%s", error.message);
    EXPECT(array.bytes == 12 && memcmp(array.data, columns, 12) == 0, "Fortran order");
    cli_array_free(&array);
    EXPECT(decode("{'descr': '>c8', 'fortran_order': False, 'shape': ()}", complex, sizeof complex,
                  &array, &error) == MIDGE_OK,
           "%s", error.message);
    EXPECT(array.rank == 0 && memcmp(array.data, turned, 8) == 0, "big-endian complex scalar");
    cli_array_free(&array);
}

static void check_strings(void)
{
    static const unsigned char wanted[] = {2, 0,  0, 0, 16, 0,   0,   0,   18,   0,   0,
                                           0, 21, 0, 0, 0,  'a', 'b', 'c', 0xc3, 0xa9};
    static const unsigned char unicode[] = {'a', 0, 0, 0, 'b',  0, 0, 0,
                                            'c', 0, 0, 0, 0xe9, 0, 0, 0};
    cli_array array;
    midge_error error;
    EXPECT(decode("{'descr': '|S3', 'fortran_order': False, 'shape': (2,)}", "ab\0c\xc3\xa9", 6,
                  &array, &error) == MIDGE_OK,
           "%s", error.message);
    EXPECT(array.type == MIDGE_STRING && array.bytes == sizeof wanted &&
               memcmp(array.data, wanted, sizeof wanted) == 0,
           "byte strings");
    cli_array_free(&array);
    EXPECT(decode("{'descr': '<U2', 'fortran_order': False, 'shape': (2,)}", unicode,
                  sizeof unicode, &array, &error) == MIDGE_OK,
           "%s", error.message);
    EXPECT(array.bytes == sizeof wanted && memcmp(array.data, wanted, sizeof wanted) == 0,
           "Unicode strings");
    cli_array_free(&array);
    EXPECT(decode("{'descr': '<U1', 'fortran_order': False, 'shape': (1,)}", "\0\xd8\0\0", 4,
                  &array, &error) == MIDGE_INVALID_ARGUMENT,
           "a lone surrogate");
    EXPECT(strstr(error.message, "string 0 is not Unicode") != NULL, "%s", error.message);
}

static void check_refusals(void)
{
    static const struct {
        const char *head;
        const char *message; /* a part of it */
    } cases[] = {
        {"", "'{' expected at byte 0"},
        {"{", "a string expected"},
        {"{'descr': '<f4'", "',' or '}' expected"},
        {"{'descr': '<f4', 'fortran_order': False}", "descr, fortran_order and shape expected"},
        {"{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", "True or False expected"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1)}", "',' in a tuple of one"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "a size expected"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296,)}", "a size below"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}", "more than 8"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (65536, 65536)}", "too many elements"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", "[2] of '<f4' needs 8 bytes"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': ()}  x", "nothing more expected"},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}", "structured array"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': ()}", "holds Python objects"},
        {"{'descr': '<M8[ns]', 'fortran_order': False, 'shape': ()}", "element type '<M8[ns]'"},
        {"{'descr': '<f16', 'fortran_order': False, 'shape': ()}", "element type '<f16'"},
        {"{'descr': '<S0', 'fortran_order': False, 'shape': (2000000,)}", "too many elements"},
        {"{'descr': '<f4', 'extra': '<f4'}", "no other key"},
        {"{'descr': 'a string that is far too long to be the name of a type'}", "a short string"},
    };
    for (size_t i = 0; i < SIZE(cases); ++i) {
        cli_array array;
        midge_error error;
        EXPECT(decode(cases[i].head, NULL, 0, &array, &error) != MIDGE_OK, "%s", cases[i].head);
        EXPECT(strstr(error.message, cases[i].message) != NULL, "%s", error.message);
        EXPECT(strncmp(error.message, "a.npy: ", 7) == 0, "%s", error.message);
    }
}

static void check_foreign(void)
{
    cli_array array;
    midge_error error;
    EXPECT(cli_npy_decode("x", NULL, 0, &array, &error) != MIDGE_OK, "empty");
    EXPECT(strstr(error.message, "is empty, no .npy array") != NULL, "%s", error.message);
    EXPECT(cli_npy_decode("x", (const unsigned char *)"PK\x03\x04", 4, &array, &error) != MIDGE_OK,
           ".npz");
    EXPECT(strstr(error.message, "(.npz?)") != NULL, "%s", error.message);
    EXPECT(cli_npy_decode("x", (const unsigned char *)"\x93NUMPY\x09\0\0\0\0\0", 12, &array,
                          &error) == MIDGE_UNSUPPORTED,
           "version 9");
}

static void check_every_truncation(void)
{
    cli_bytes file = npy("{'descr': '<U2', 'fortran_order': True, 'shape': (2, 1), }",
                         "a\0\0\0b\0\0\0c\0\0\0\0\0\0", 16);
    for (size_t size = 0; size < file.size; ++size) {
        unsigned char *copy = malloc(size + (size == 0));
        cli_array array;
        midge_error error;
        memcpy(copy, file.data, size);
        EXPECT(cli_npy_decode("x", copy, size, &array, &error) != MIDGE_OK, "%zu bytes", size);
        free(copy);
    }
    for (size_t at = 0; at < file.size; ++at) {
        for (int value = 0; value < 256; ++value) {
            unsigned char saved = file.data[at];
            cli_array array = {0};
            midge_error error;
            file.data[at] = (unsigned char)value;
            if (cli_npy_decode("x", file.data, file.size, &array, &error) == MIDGE_OK) {
                cli_array_free(&array);
            }
            file.data[at] = saved;
        }
    }
    cli_bytes_free(&file);
}

/* Writes an array and reads it back. */
static cli_array round_trip(const cli_array *array)
{
    cli_array read = {0};
    midge_error error = {0};
    unsigned char bytes[1000];
    FILE *stream = tmpfile();
    EXPECT(stream != NULL && cli_npy_write(stream, array, &error) == MIDGE_OK, "%s", error.message);
    if (stream == NULL) return read;
    rewind(stream);
    size_t size = fread(bytes, 1, sizeof bytes, stream);
    (void)fclose(stream);
    EXPECT(cli_npy_decode("x", bytes, size, &read, &error) == MIDGE_OK, "%s", error.message);
    EXPECT((10 + bytes[8] + bytes[9] * 256) % 64 == 0, "the elements are not aligned");
    return read;
}

static void check_writing(void)
{
    unsigned char numbers[] = {0x10, 0x98, 0x0f};
    cli_array array = {MIDGE_INT4, 1, {5}, 5, 3, numbers};
    cli_array read = round_trip(&array);
    static const signed char unpacked[] = {0, 1, -8, -7, -1};
    EXPECT(read.type == MIDGE_INT8 && read.elements == 5 && memcmp(read.data, unpacked, 5) == 0,
           "int4 as int8");
    cli_array_free(&read);
    array.type = MIDGE_UINT4;
    read = round_trip(&array);
    EXPECT(read.type == MIDGE_UINT8 && memcmp(read.data, "\x00\x01\x08\x09\x0f", 5) == 0,
           "uint4 as uint8");
    cli_array_free(&read);
    array = (cli_array){MIDGE_UINT8, 3, {1, 3, 1}, 3, 3, numbers};
    read = round_trip(&array);
    EXPECT(read.rank == 3 && read.shape[1] == 3 && memcmp(read.data, numbers, 3) == 0, "rank 3");
    cli_array_free(&read);
    array = (cli_array){MIDGE_BOOL, 0, {0}, 1, 1, numbers + 2};
    read = round_trip(&array);
    EXPECT(read.rank == 0 && read.type == MIDGE_BOOL && read.data[0] == 1, "a scalar");
    cli_array_free(&read);
    unsigned char text[] = {2, 0, 0, 0, 16, 0, 0, 0, 16, 0, 0, 0, 18, 0, 0, 0, 'h', 'i'};
    array = (cli_array){MIDGE_STRING, 1, {2}, 2, sizeof text, text};
    read = round_trip(&array);
    EXPECT(read.bytes == sizeof text && memcmp(read.data, text, sizeof text) == 0, "strings");
    cli_array_free(&read);
}

int main(void)
{
    check_types();
    check_orders();
    check_strings();
    check_refusals();
    check_foreign();
    check_every_truncation();
    check_writing();
    return expect_finish();
}
