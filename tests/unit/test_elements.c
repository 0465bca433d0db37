/* SPDX-License-Identifier: Apache-2.0 */
/* Small parts of the command line: elements of every type, UTF-8, JSON, escaped text, random
 * inputs. */
#include <math.h>
#include <stdlib.h>

#include "element.h"
#include "expect.h"
#include "json_print.h"
#include "random.h"
#include "table.h"
#include "utf8.h"

#define SIZE(array) (sizeof(array) / sizeof(array)[0])

/* Each of the 65536 halves survives the way to float and back. */
static void check_halves(void)
{
    size_t wrong = 0;
    for (uint32_t bits = 0; bits < 65536; ++bits) {
        uint16_t half = (uint16_t)bits;
        float value = cli_half_to_float(half);
        bool same = isnan(value) ? isnan(cli_half_to_float(cli_float_to_half(value)))
                                 : cli_float_to_half(value) == half;
        wrong += !same;
    }
    EXPECT(wrong == 0, "%zu halves change", wrong);
    EXPECT(cli_half_to_float(0x3c00) == 1.0f && cli_half_to_float(0xc000) == -2.0f, "1 and -2");
    EXPECT(cli_half_to_float(0x0001) == 0x1p-24f && cli_half_to_float(0x7bff) == 65504.0f, "ends");
    EXPECT(cli_float_to_half(65519.996f) == 0x7bff && cli_float_to_half(65520.0f) == 0x7c00,
           "the highest");
    EXPECT(cli_float_to_half(1.0f + 0x1p-11f) == 0x3c00, "a tie goes to even: down");
    EXPECT(cli_float_to_half(1.0f + 0x3p-11f) == 0x3c02, "a tie goes to even: up");
    EXPECT(cli_float_to_half(0x1p-25f) == 0x0000 && cli_float_to_half(0x3p-26f) == 0x0001,
           "the lowest");
}

static void check_elements(void)
{
    static const unsigned char bytes[16] = {0xff, 0x80, 0x3f, 0xc0, 0x12, 0x34, 0x56, 0x78};
    static const struct {
        midge_type type;
        size_t index;
        double value;
    } cases[] = {
        {MIDGE_INT8, 0, -1},
        {MIDGE_UINT8, 0, 255},
        {MIDGE_INT8, 1, -128},
        {MIDGE_INT16, 0, -32513},
        {MIDGE_UINT16, 0, 33023},
        {MIDGE_INT4, 0, -1},
        {MIDGE_INT4, 2, 0},
        {MIDGE_INT4, 3, -8},
        {MIDGE_UINT4, 3, 8},
        {MIDGE_INT2, 0, -1},
        {MIDGE_INT2, 7, -2},
        {MIDGE_BFLOAT16, 1, -2.984375},
        {MIDGE_FLOAT8_E4M3FN, 2, 1.875},
        {MIDGE_FLOAT8_E4M3FN, 3, -2},
        {MIDGE_FLOAT8_E5M2, 2, 1.75},
        {MIDGE_INT32, 1, 0x78563412},
        {MIDGE_BOOL, 2, 0x3f},
    };
    for (size_t i = 0; i < SIZE(cases); ++i) {
        double got = cli_element(cases[i].type, bytes, cases[i].index);
        EXPECT(got == cases[i].value, "case %zu: %g, wanted %g", i, got, cases[i].value);
    }
    EXPECT(isnan(cli_element(MIDGE_FLOAT8_E4M3FN, bytes, 0)), "not a number");
}

static void check_quantization(void)
{
    static const float scales[] = {0.5f, 2.0f};
    static const int64_t zeros[] = {1, -1};
    midge_quantization quantization = {2, scales, zeros, 1};
    int32_t shape[] = {2, 2, 3};
    EXPECT(cli_quantization_slice(&quantization, 3, shape, 2) == 0, "element 2");
    EXPECT(cli_quantization_slice(&quantization, 3, shape, 3) == 1, "element 3");
    EXPECT(cli_quantization_slice(&quantization, 3, shape, 6) == 0, "element 6");
    EXPECT(cli_dequantize(&quantization, 0, 5) == 2.0, "slice 0");
    EXPECT(cli_dequantize(&quantization, 1, 5) == 12.0, "slice 1");
}

static void check_text(void)
{
    char buffer[40];
    EXPECT(strcmp(cli_printable("a\x1b[31m\n\xc3\xa9\xff", buffer, sizeof buffer),
                  "a\\x1b[31m\\x0a\xc3\xa9\\xff") == 0,
           "%s", buffer);
    EXPECT(strcmp(cli_printable("\xc2\x9b", buffer, sizeof buffer), "\\xc2\\x9b") == 0, "%s",
           buffer);
    EXPECT(strlen(cli_printable("12345678901234567890", buffer, 12)) < 12, "cut");
    EXPECT(cli_utf8_bytes((const unsigned char *)"\xf0\x9f\x98\x80") == 4, "four bytes");
    EXPECT(cli_utf8_bytes((const unsigned char *)"\xc0\x80") == 0, "an overlong zero");
    EXPECT(cli_utf8_bytes((const unsigned char *)"\xed\xa0\x80") == 0, "a surrogate");
    EXPECT(cli_utf8_bytes((const unsigned char *)"\xf4\x90\x80\x80") == 0, "beyond Unicode");
    EXPECT(cli_text_width("K\xc3\xa4se") == 4, "four letters");
    EXPECT(strcmp(cli_bytes_text(1536, buffer), "1.5 KiB") == 0, "%s", buffer);
    EXPECT(strcmp(cli_count_text(2500000, buffer), "2.5 M") == 0, "%s", buffer);
}

static void check_json(void)
{
    static const char wanted[] =
        "{\n  \"a\\\"\": \"\\u0001\\ufffd\xc3\xa9\",\n  \"b\": [\n    null,\n"
        "    0.5\n  ],\n  \"c\": [1, -2],\n  \"d\": {}\n}\n";
    static const int32_t numbers[] = {1, -2};
    char got[200] = "";
    FILE *stream = tmpfile();
    EXPECT(stream != NULL, "no temporary file");
    if (stream == NULL) return;
    cli_json json = cli_json_make(stream);
    cli_json_begin(&json, NULL, '{');
    cli_json_text(&json, "a\"", "\x01\xff\xc3\xa9");
    cli_json_begin(&json, "b", '[');
    cli_json_number(&json, NULL, (double)NAN);
    cli_json_number(&json, NULL, 0.5);
    cli_json_end(&json, ']');
    cli_json_integers(&json, "c", numbers, 2);
    cli_json_begin(&json, "d", '{');
    cli_json_end(&json, '}');
    cli_json_end(&json, '}');
    rewind(stream);
    size_t size = fread(got, 1, sizeof got - 1, stream);
    (void)fclose(stream);
    EXPECT(size == sizeof wanted - 1 && strcmp(got, wanted) == 0, "%s", got);
}

static void check_random(void)
{
    static const midge_type types[] = {MIDGE_FLOAT16,  MIDGE_FLOAT32,       MIDGE_FLOAT64,
                                       MIDGE_BFLOAT16, MIDGE_FLOAT8_E4M3FN, MIDGE_FLOAT8_E5M2};
    unsigned char data[8000], again[8000];
    midge_error error = {MIDGE_OK, ""};
    for (size_t t = 0; t < SIZE(types); ++t) {
        double low = 9, high = -9, sum = 0;
        size_t count = sizeof data / (midge_type_bits(types[t]) / 8);
        EXPECT(cli_fill_random("x", 7, 0, types[t], count, data, sizeof data, &error) == MIDGE_OK,
               "%s", error.message);
        for (size_t i = 0; i < count; ++i) {
            double value = cli_element(types[t], data, i);
            if (value < low) low = value;
            if (value > high) high = value;
            sum += value;
        }
        EXPECT(low >= -1.0 && low < -0.8 && high <= 1.0 && high > 0.8, "type %d: %g to %g",
               (int)types[t], low, high);
        EXPECT(fabs(sum / (double)count) < 0.1, "type %d: mean %g", (int)types[t],
               sum / (double)count);
    }
    (void)cli_fill_random("x", 7, 0, MIDGE_FLOAT32, 2000, data, sizeof data, &error);
    (void)cli_fill_random("x", 7, 0, MIDGE_FLOAT32, 2000, again, sizeof again, &error);
    EXPECT(memcmp(data, again, sizeof data) == 0, "the same seed");
    (void)cli_fill_random("x", 7, 1, MIDGE_FLOAT32, 2000, again, sizeof again, &error);
    EXPECT(memcmp(data, again, sizeof data) != 0, "another input");
    EXPECT(cli_fill_random("x", 7, 0, MIDGE_STRING, 1, data, 0, &error) == MIDGE_INVALID_ARGUMENT,
           "strings");
}

int main(void)
{
    check_halves();
    check_elements();
    check_quantization();
    check_text();
    check_json();
    check_random();
    return expect_finish();
}
