/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text, written piece by piece: a value is given with its key inside an object and with NULL
 * inside an array. Bytes that are not UTF-8 become U+FFFD, numbers that JSON lacks become null. */
#ifndef CLI_JSON_PRINT_H
#define CLI_JSON_PRINT_H

#include <stdint.h>
#include <stdio.h>

#include "report.h"

typedef struct cli_json {
    FILE *stream;
    int depth;
    bool empty; /* nothing yet in the innermost object or array */
} cli_json;

cli_json cli_json_make(FILE *stream);

/* `bracket` is '{' or '['; the end takes the closing one. After the outermost end comes a newline.
 */
void cli_json_begin(cli_json *json, const char *key, char bracket);
void cli_json_end(cli_json *json, char bracket);

/* NULL becomes null. */
void cli_json_text(cli_json *json, const char *key, const char *value);
void cli_json_integer(cli_json *json, const char *key, int64_t value);
void cli_json_bool(cli_json *json, const char *key, bool value);
/* With as many digits as a float needs. */
void cli_json_number(cli_json *json, const char *key, double value);
/* With three decimals, for milliseconds. */
void cli_json_time(cli_json *json, const char *key, double milliseconds);
/* Arrays in one line. */
void cli_json_numbers(cli_json *json, const char *key, const float *values, size_t count);
void cli_json_long_integers(cli_json *json, const char *key, const int64_t *values, size_t count);
void cli_json_integers(cli_json *json, const char *key, const int32_t *values, size_t count);

#endif
