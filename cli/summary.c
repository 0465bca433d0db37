/* SPDX-License-Identifier: Apache-2.0 */
#include "summary.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "element.h"
#include "npy.h"

enum { SHOWN_VALUES = 5 };

typedef struct range {
    double low, high, mean;
    size_t count;       /* of numbers */
    size_t not_numbers; /* NaN */
} range;

static range find_range(const midge_tensor *tensor)
{
    range result = {INFINITY, -INFINITY, 0.0, 0, 0};
    size_t elements = midge_tensor_elements(tensor);
    const void *data = midge_tensor_data(tensor);
    double sum = 0.0;
    if (data == NULL || !cli_is_number(midge_tensor_type(tensor))) return result;
    for (size_t i = 0; i < elements; ++i) {
        double value = cli_element(midge_tensor_type(tensor), data, i);
        if (isnan(value)) {
            ++result.not_numbers;
            continue;
        }
        if (value < result.low) result.low = value;
        if (value > result.high) result.high = value;
        sum += value;
        ++result.count;
    }
    if (result.count > 0) result.mean = sum / (double)result.count;
    return result;
}

static uint32_t word_at(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

/* Copies string `index` of a string tensor, cut to the capacity; false when it is not there. */
static bool string_at(const midge_tensor *tensor, size_t index, char *buffer, size_t capacity)
{
    const unsigned char *data = midge_tensor_data(tensor);
    size_t bytes = midge_tensor_bytes(tensor);
    if (data == NULL || bytes / 4 < index + 3) return false;
    size_t begin = word_at(data + 4 * (index + 1)), end = word_at(data + 4 * (index + 2));
    if (begin > end || end > bytes) return false;
    size_t length = end - begin < capacity - 1 ? end - begin : capacity - 1;
    memcpy(buffer, data + begin, length);
    buffer[length] = '\0';
    return true;
}

static size_t shown_count(const midge_tensor *tensor)
{
    size_t elements = midge_tensor_data(tensor) != NULL ? midge_tensor_elements(tensor) : 0;
    return elements < SHOWN_VALUES ? elements : SHOWN_VALUES;
}

static const char *first_values(const midge_tensor *tensor, char *buffer, size_t capacity)
{
    size_t used = 0;
    size_t shown = shown_count(tensor);
    buffer[0] = '\0';
    for (size_t i = 0; i < shown && used < capacity; ++i) {
        char text[60] = "";
        if (midge_tensor_type(tensor) == MIDGE_STRING) {
            (void)string_at(tensor, i, text, sizeof text);
        } else {
            (void)snprintf(text, sizeof text, "%.6g",
                           cli_element(midge_tensor_type(tensor), midge_tensor_data(tensor), i));
        }
        int wrote = snprintf(buffer + used, capacity - used, "%s%s", i == 0 ? "" : " ", text);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
    if (midge_tensor_elements(tensor) > shown && used < capacity) {
        (void)snprintf(buffer + used, capacity - used, " ...");
    }
    return buffer;
}

void cli_summary_begin(cli_summary_list *list, bool json)
{
    static const char *const headers[] = {"output", "type", "shape",       "min",
                                          "max",    "mean", "first values"};
    *list = (cli_summary_list){
        .as_json = json,
        .json = cli_json_make(stdout),
        .table = cli_table_make(7, headers, 0x38),
    };
    if (json) cli_json_begin(&list->json, NULL, '[');
}

static void add_json(cli_json *json, const char *name, const midge_tensor *tensor)
{
    range values = find_range(tensor);
    cli_json_begin(json, NULL, '{');
    cli_json_text(json, "name", name);
    cli_json_text(json, "type", midge_type_name(midge_tensor_type(tensor)));
    cli_json_integers(json, "shape", midge_tensor_shape(tensor), (size_t)midge_tensor_rank(tensor));
    cli_json_number(json, "min", values.count > 0 ? values.low : (double)NAN);
    cli_json_number(json, "max", values.count > 0 ? values.high : (double)NAN);
    cli_json_number(json, "mean", values.count > 0 ? values.mean : (double)NAN);
    cli_json_integer(json, "nan", (int64_t)values.not_numbers);
    cli_json_begin(json, "first", '[');
    for (size_t i = 0; i < shown_count(tensor); ++i) {
        char text[200] = "";
        if (midge_tensor_type(tensor) == MIDGE_STRING) {
            (void)string_at(tensor, i, text, sizeof text);
            cli_json_text(json, NULL, text);
        } else {
            cli_json_number(json, NULL,
                            cli_element(midge_tensor_type(tensor), midge_tensor_data(tensor), i));
        }
    }
    cli_json_end(json, ']');
    cli_json_end(json, '}');
}

void cli_summary_add(cli_summary_list *list, const char *name, const midge_tensor *tensor)
{
    char shape[CLI_SHAPE_TEXT], first[300];
    if (list->as_json) {
        add_json(&list->json, name, tensor);
        return;
    }
    range values = find_range(tensor);
    cli_table *table = &list->table;
    cli_table_add(table, "%s", name);
    cli_table_add(table, "%s", midge_type_name(midge_tensor_type(tensor)));
    cli_table_add(table, "%s",
                  cli_shape_text(midge_tensor_rank(tensor), midge_tensor_shape(tensor), shape));
    if (values.count > 0) {
        cli_table_add(table, "%.6g", values.low);
        cli_table_add(table, "%.6g", values.high);
        cli_table_add(table, "%.6g", values.mean);
    } else {
        for (int i = 0; i < 3; ++i) cli_table_add(table, "-");
    }
    if (values.not_numbers > 0) {
        cli_table_add(table, "%s (%zu not a number)", first_values(tensor, first, sizeof first),
                      values.not_numbers);
    } else {
        cli_table_add(table, "%s", first_values(tensor, first, sizeof first));
    }
}

midge_status cli_summary_end(cli_summary_list *list, midge_error *error)
{
    if (!list->as_json) return cli_table_print(&list->table, 0, error);
    cli_json_end(&list->json, ']');
    return MIDGE_OK;
}
