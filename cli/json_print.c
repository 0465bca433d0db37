/* SPDX-License-Identifier: Apache-2.0 */
#include "json_print.h"

#include <inttypes.h>
#include <math.h>

#include "utf8.h"

cli_json cli_json_make(FILE *stream)
{
    return (cli_json){stream, 0, true};
}

static void write_string(FILE *stream, const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;
    (void)fputc('"', stream);
    while (*byte != '\0') {
        size_t bytes = cli_utf8_bytes(byte);
        if (bytes == 0) {
            (void)fputs("\\ufffd", stream);
            bytes = 1;
        } else if (*byte == '"' || *byte == '\\') {
            (void)fprintf(stream, "\\%c", *byte);
        } else if (*byte < 0x20 || *byte == 0x7f) {
            (void)fprintf(stream, "\\u%04x", *byte);
        } else {
            (void)fwrite(byte, 1, bytes, stream);
        }
        byte += bytes;
    }
    (void)fputc('"', stream);
}

/* What comes before a value: a comma, a new line, the key. */
static void begin_value(cli_json *json, const char *key)
{
    if (json->depth > 0) {
        (void)fprintf(json->stream, "%s\n%*s", json->empty ? "" : ",", 2 * json->depth, "");
    }
    json->empty = false;
    if (key == NULL) return;
    write_string(json->stream, key);
    (void)fputs(": ", json->stream);
}

void cli_json_begin(cli_json *json, const char *key, char bracket)
{
    begin_value(json, key);
    (void)fputc(bracket, json->stream);
    ++json->depth;
    json->empty = true;
}

void cli_json_end(cli_json *json, char bracket)
{
    --json->depth;
    if (!json->empty) (void)fprintf(json->stream, "\n%*s", 2 * json->depth, "");
    (void)fputc(bracket, json->stream);
    json->empty = false;
    if (json->depth == 0) (void)fputc('\n', json->stream);
}

void cli_json_text(cli_json *json, const char *key, const char *value)
{
    begin_value(json, key);
    if (value == NULL) {
        (void)fputs("null", json->stream);
    } else {
        write_string(json->stream, value);
    }
}

void cli_json_integer(cli_json *json, const char *key, int64_t value)
{
    begin_value(json, key);
    (void)fprintf(json->stream, "%" PRId64, value);
}

void cli_json_bool(cli_json *json, const char *key, bool value)
{
    begin_value(json, key);
    (void)fputs(value ? "true" : "false", json->stream);
}

static void put_number(FILE *stream, const char *format, double value)
{
    if (isfinite(value)) {
        (void)fprintf(stream, format, value);
    } else {
        (void)fputs("null", stream);
    }
}

void cli_json_number(cli_json *json, const char *key, double value)
{
    begin_value(json, key);
    put_number(json->stream, "%.9g", value);
}

void cli_json_time(cli_json *json, const char *key, double milliseconds)
{
    begin_value(json, key);
    put_number(json->stream, "%.6f", milliseconds);
}

void cli_json_integers(cli_json *json, const char *key, const int32_t *values, size_t count)
{
    begin_value(json, key);
    (void)fputc('[', json->stream);
    for (size_t i = 0; i < count; ++i) {
        (void)fprintf(json->stream, i == 0 ? "%" PRId32 : ", %" PRId32, values[i]);
    }
    (void)fputc(']', json->stream);
}

void cli_json_long_integers(cli_json *json, const char *key, const int64_t *values, size_t count)
{
    begin_value(json, key);
    (void)fputc('[', json->stream);
    for (size_t i = 0; i < count; ++i) {
        (void)fprintf(json->stream, i == 0 ? "%" PRId64 : ", %" PRId64, values[i]);
    }
    (void)fputc(']', json->stream);
}

void cli_json_numbers(cli_json *json, const char *key, const float *values, size_t count)
{
    begin_value(json, key);
    (void)fputc('[', json->stream);
    for (size_t i = 0; i < count; ++i) {
        if (i > 0) (void)fputs(", ", json->stream);
        put_number(json->stream, "%.9g", (double)values[i]);
    }
    (void)fputc(']', json->stream);
}
