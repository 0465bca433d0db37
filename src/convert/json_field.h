/* SPDX-License-Identifier: Apache-2.0 */
/* Members of JSON objects whose writer nobody vouches for: each function copes with a missing
 * member and with one of the wrong kind by giving the fallback. */
#ifndef MG_JSON_FIELD_H
#define MG_JSON_FIELD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Nesting that the functions which descend into JSON allow. */
enum { MG_JSON_DEPTH = 64 };

const char *mg_json_text(const json_t *object, const char *key, const char *fallback);
bool mg_json_flag(const json_t *object, const char *key, bool fallback);
/* Clamped to int32. */
int32_t mg_json_int(const json_t *object, const char *key, int32_t fallback);
double mg_json_number(const json_t *object, const char *key, double fallback);

/* An integer, or a list of exactly `count` integers, as count numbers; false otherwise. */
bool mg_json_ints(const json_t *object, const char *key, int32_t count, int32_t *values);
/* Missing or null. */
bool mg_json_absent(const json_t *object, const char *key);
/* A JSON integer within int32. */
bool mg_json_to_int32(const json_t *value, int32_t *result);

#endif
