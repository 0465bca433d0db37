/* SPDX-License-Identifier: Apache-2.0 */
#include "op/custom_options.h"

static midge_status fail(midge_op_context *context, const midge_error *cause)
{
    return mg_op_fail(context, MIDGE_INVALID_MODEL, "custom options: %s", cause->message);
}

midge_status mg_options_open(midge_op_context *context, mg_flex *map)
{
    const mg_node *node = context->node;
    midge_error cause = {MIDGE_OK, ""};
    if (mg_flex_open(node->custom_options, node->custom_options_bytes, map, &cause) != MIDGE_OK)
        return fail(context, &cause);
    if (mg_flex_kind_of(map) != MG_FLEX_MAP)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "custom options are no map");
    return MIDGE_OK;
}

bool mg_option_exists(const mg_flex *map, const char *key)
{
    mg_flex value;
    return mg_flex_find(map, key, &value, NULL) == MIDGE_OK &&
           mg_flex_kind_of(&value) != MG_FLEX_NULL;
}

midge_status mg_option_int32(midge_op_context *context, const mg_flex *map, const char *key,
                             int32_t least, int32_t most, int32_t *value)
{
    int64_t number = 0;
    midge_error cause = {MIDGE_OK, ""};
    if (!mg_option_exists(map, key))
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "custom options lack \"%s\"", key);
    if (mg_flex_find_int64(map, key, &number, &cause) != MIDGE_OK) return fail(context, &cause);
    if (number < least || number > most)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%s is %lld, must be %d to %d", key,
                          (long long)number, (int)least, (int)most);
    *value = (int32_t)number;
    return MIDGE_OK;
}

midge_status mg_option_bool(midge_op_context *context, const mg_flex *map, const char *key,
                            bool *value)
{
    midge_error cause = {MIDGE_OK, ""};
    if (mg_flex_find_bool(map, key, value, &cause) != MIDGE_OK) return fail(context, &cause);
    return MIDGE_OK;
}

midge_status mg_option_float(midge_op_context *context, const mg_flex *map, const char *key,
                             float *value)
{
    double number = (double)*value;
    midge_error cause = {MIDGE_OK, ""};
    if (mg_flex_find_double(map, key, &number, &cause) != MIDGE_OK) return fail(context, &cause);
    *value = (float)number;
    return MIDGE_OK;
}

midge_status mg_option_fields(midge_op_context *context, int count, int32_t *fields)
{
    size_t bytes = (size_t)count * sizeof(int32_t);
    if (context->node->custom_options_bytes < bytes)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "custom options have %zu bytes, need %zu",
                          context->node->custom_options_bytes, bytes);
    for (int i = 0; i < count; ++i) {
        const uint8_t *byte = context->node->custom_options + 4 * i;
        fields[i] = (int32_t)(byte[0] | (uint32_t)byte[1] << 8 | (uint32_t)byte[2] << 16 |
                              (uint32_t)byte[3] << 24);
    }
    return MIDGE_OK;
}

midge_status mg_option_padding(midge_op_context *context, int32_t padding)
{
    if (padding == MG_OPTION_SAME || padding == MG_OPTION_VALID) return MIDGE_OK;
    return mg_op_fail(context, MIDGE_INVALID_MODEL, "padding %d is neither SAME nor VALID",
                      (int)padding);
}
