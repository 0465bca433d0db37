/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arguments of functions in a graph: a tensor, a number, or an array that the file has as nested
 * lists, bare or as
 *   {"class_name": "__numpy__" or "__tensor__", "config": {"value": lists, "dtype": type}}
 * Of two arguments of different types both take the wider one, as NumPy has it: truth values,
 * integers, floats.
 */
#include "base/size.h"
#include "convert/keras_layer.h"

enum { MOST_NUMBERS = 1 << 26 };

/* A number of the file as a constant of the type that it meets. */
midge_status mg_keras_number(mg_keras *keras, double number, midge_type type, int32_t *tensor)
{
    void *memory = NULL;
    if (type == MIDGE_FLOAT32) return mg_keras_scalar(keras, (float)number, tensor);
    bool known = type == MIDGE_INT32 || type == MIDGE_INT64 || type == MIDGE_BOOL;
    if (!known || !(number >= INT32_MIN && number <= INT32_MAX))
        return mg_keras_refuse(keras, keras->layer, "a number beside a tensor of type %s",
                               midge_type_name(type));
    TRY(mg_network_memory(keras->network, sizeof(int64_t), &memory));
    if (type == MIDGE_INT32) *(int32_t *)memory = (int32_t)number;
    if (type == MIDGE_INT64) *(int64_t *)memory = (int64_t)number;
    if (type == MIDGE_BOOL) *(bool *)memory = number != 0;
    return mg_network_add_constant(keras->network, mg_keras_graph(keras), "constant", type, 0, NULL,
                                   memory, tensor);
}

/* ---- Arrays ---- */

/* Nested lists of one shape, and what is in them. */
typedef struct listing {
    int32_t rank;
    int32_t shape[MIDGE_MAX_RANK];
    size_t count;   /* of numbers so far */
    float *floats;  /* NULL: only look */
    int32_t *whole; /* in place of floats */
    bool has_fraction, has_truth;
} listing;

static bool measure(const json_t *value, listing *at)
{
    size_t elements;
    for (; json_is_array(value); value = json_array_get(value, 0)) {
        size_t size = json_array_size(value);
        if (at->rank == MIDGE_MAX_RANK || size == 0 || size > MOST_NUMBERS) return false;
        at->shape[at->rank++] = (int32_t)size;
    }
    return mg_shape_elements(at->rank, at->shape, &elements) && elements <= MOST_NUMBERS;
}

static bool put_number(const json_t *value, listing *at)
{
    bool truth = json_is_boolean(value);
    double number = truth ? json_is_true(value) : json_number_value(value);
    if (!truth && !json_is_number(value)) return false;
    at->has_truth = at->has_truth || truth;
    at->has_fraction =
        at->has_fraction || json_is_real(value) || !(number >= INT32_MIN && number <= INT32_MAX);
    if (at->floats != NULL) at->floats[at->count] = (float)number;
    if (at->whole != NULL) at->whole[at->count] = (int32_t)number;
    ++at->count;
    return true;
}

/* The depth is that of the shape, which has few dimensions. */
static bool read_lists(const json_t *value, int32_t depth, listing *at)
{
    if (depth == at->rank) return put_number(value, at);
    if (!json_is_array(value) || json_array_size(value) != (size_t)at->shape[depth]) return false;
    for (size_t i = 0; i < json_array_size(value); ++i)
        if (!read_lists(json_array_get(value, i), depth + 1, at)) return false;
    return true;
}

/* The lists of an array object, or the value itself. */
static const json_t *lists_of(const json_t *value, const char **type)
{
    const char *name = mg_json_text(value, "class_name", "");
    *type = "";
    if (strcmp(name, "__numpy__") != 0 && strcmp(name, "__tensor__") != 0) return value;
    const json_t *config = json_object_get(value, "config");
    *type = mg_json_text(config, "dtype", "");
    return json_object_get(config, "value");
}

static midge_type type_of(const listing *at, const char *name)
{
    if (strncmp(name, "float", 5) == 0 || strncmp(name, "bfloat", 6) == 0) return MIDGE_FLOAT32;
    if (at->has_fraction) return MIDGE_FLOAT32;
    if (strcmp(name, "bool") == 0 || (name[0] == '\0' && at->has_truth)) return MIDGE_BOOL;
    return MIDGE_INT32;
}

midge_status mg_keras_array(mg_keras *keras, const json_t *value, int32_t *tensor)
{
    const char *name = NULL;
    const json_t *lists = lists_of(value, &name);
    listing at = {0};
    float *floats = NULL;
    void *memory = NULL;
    if (!measure(lists, &at) || !read_lists(lists, 0, &at))
        return mg_keras_refuse(keras, keras->layer, "an argument that is no array of numbers");
    midge_type type = type_of(&at, name);
    const size_t count = at.count;
    at.count = 0;
    if (type == MIDGE_FLOAT32) {
        TRY(mg_keras_room(keras, "constant", at.rank, at.shape, &floats, tensor));
        at.floats = floats;
        (void)read_lists(lists, 0, &at);
        return MIDGE_OK;
    }
    TRY(mg_network_memory(keras->network, count * sizeof(int32_t), &memory));
    at.whole = memory;
    (void)read_lists(lists, 0, &at);
    bool *truths = memory;
    for (size_t i = 0; type == MIDGE_BOOL && i < count; ++i) truths[i] = at.whole[i] != 0;
    return mg_network_add_constant(keras->network, mg_keras_graph(keras), "constant", type, at.rank,
                                   at.shape, memory, tensor);
}

/* ---- Any of them ---- */

midge_status mg_keras_operand(mg_keras *keras, const mg_keras_call *call, size_t place,
                              const char *name, int32_t *tensor)
{
    const json_t *value = mg_keras_argument_json(call, place, name);
    *tensor = mg_keras_argument_tensor(call, value);
    if (*tensor >= 0) return MIDGE_OK;
    if (json_is_number(value)) {
        midge_type type = mg_keras_tensor(keras, call->inputs[0])->type;
        return mg_keras_number(keras, json_number_value(value),
                               json_is_real(value) ? MIDGE_FLOAT32 : type, tensor);
    }
    if (json_is_array(value) || json_is_object(value)) return mg_keras_array(keras, value, tensor);
    return mg_keras_refuse(keras, keras->layer, "its argument %s is neither tensor nor number",
                           name);
}

static int width_of(midge_type type)
{
    static const midge_type widening[] = {MIDGE_BOOL, MIDGE_INT32, MIDGE_INT64, MIDGE_FLOAT32};
    for (int i = 0; i < 4; ++i)
        if (widening[i] == type) return i;
    return -1;
}

midge_status mg_keras_promote(mg_keras *keras, int32_t *a, int32_t *b)
{
    midge_type left = mg_keras_tensor(keras, *a)->type, right = mg_keras_tensor(keras, *b)->type;
    if (left == right || width_of(left) < 0 || width_of(right) < 0) return MIDGE_OK;
    bool first = width_of(left) > width_of(right);
    return mg_keras_cast(keras, first ? *b : *a, first ? left : right, first ? b : a);
}

midge_status mg_keras_as_float(mg_keras *keras, int32_t input, int32_t *output)
{
    return mg_keras_cast(keras, input, MIDGE_FLOAT32, output);
}
