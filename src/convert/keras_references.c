/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/keras_references.h"

#include <string.h>

static bool read_mention(const json_t *list, mg_keras_mention *mention)
{
    size_t count = json_array_size(list);
    if (count != 3 && count != 4) return false;
    *mention = (mg_keras_mention){.layer = json_string_value(json_array_get(list, 0))};
    if (mention->layer == NULL || !json_is_integer(json_array_get(list, 1)) ||
        !json_is_integer(json_array_get(list, 2)) ||
        !mg_json_to_int32(json_array_get(list, 1), &mention->call) ||
        !mg_json_to_int32(json_array_get(list, 2), &mention->output))
        return false;
    mention->more = json_array_get(list, 3);
    return mention->call >= 0;
}

bool mg_keras_is_mention(const json_t *value, mg_keras_mention *mention)
{
    if (json_is_array(value)) return read_mention(value, mention);
    if (!json_is_object(value) ||
        strcmp(mg_json_text(value, "class_name", ""), "__keras_tensor__") != 0)
        return false;
    const json_t *history = json_object_get(json_object_get(value, "config"), "keras_history");
    return read_mention(history, mention);
}

bool mg_keras_each_mention(const json_t *value, int depth,
                           bool (*visit)(void *context, const mg_keras_mention *mention),
                           void *context)
{
    mg_keras_mention mention;
    if (depth > MG_JSON_DEPTH) return false;
    if (mg_keras_is_mention(value, &mention))
        return visit(context, &mention) &&
               mg_keras_each_mention(mention.more, depth + 1, visit, context);
    if (json_is_array(value))
        for (size_t i = 0; i < json_array_size(value); ++i)
            if (!mg_keras_each_mention(json_array_get(value, i), depth + 1, visit, context))
                return false;
    if (json_is_object(value)) {
        const char *key;
        json_t *item;
        json_object_foreach(
            (json_t *)(uintptr_t)value, key,
            item) if (!mg_keras_each_mention(item, depth + 1, visit, context)) return false;
    }
    return true;
}
