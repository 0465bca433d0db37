/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/json_field.h"

const char *mg_json_text(const json_t *object, const char *key, const char *fallback)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : fallback;
}

bool mg_json_flag(const json_t *object, const char *key, bool fallback)
{
    const json_t *value = json_object_get(object, key);
    return json_is_boolean(value) ? json_is_true(value) : fallback;
}

bool mg_json_to_int32(const json_t *value, int32_t *result)
{
    json_int_t number;
    if (json_is_integer(value)) {
        number = json_integer_value(value);
    } else {
        double real = json_is_real(value) ? json_real_value(value) : 0.5;
        if (real < INT32_MIN || real > INT32_MAX) return false;
        number = (json_int_t)real;
        if ((double)number != real) return false;
    }
    if (number < INT32_MIN || number > INT32_MAX) return false;
    *result = (int32_t)number;
    return true;
}

int32_t mg_json_int(const json_t *object, const char *key, int32_t fallback)
{
    int32_t result = fallback;
    (void)mg_json_to_int32(json_object_get(object, key), &result);
    return result;
}

double mg_json_number(const json_t *object, const char *key, double fallback)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : fallback;
}

bool mg_json_ints(const json_t *object, const char *key, int32_t count, int32_t *values)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_array(value)) {
        int32_t same;
        if (!mg_json_to_int32(value, &same)) return false;
        for (int32_t i = 0; i < count; ++i) values[i] = same;
        return true;
    }
    if (json_array_size(value) != (size_t)count) return false;
    for (int32_t i = 0; i < count; ++i)
        if (!mg_json_to_int32(json_array_get(value, (size_t)i), &values[i])) return false;
    return true;
}

bool mg_json_absent(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return value == NULL || json_is_null(value);
}
