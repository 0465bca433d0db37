/* SPDX-License-Identifier: Apache-2.0 */
/* Options of a draft's nodes: fields are found by name in the description of the schema. */
#include <string.h>

#include "draft/draft_parts.h"
#include "op/op.h"

static void put_scalar(unsigned scalar, void *member, double value)
{
    static const int32_t types[] = {
        [MG_SCALAR_bool] = MIDGE_BOOL,     [MG_SCALAR_int8] = MIDGE_INT8,
        [MG_SCALAR_byte] = MIDGE_UINT8,    [MG_SCALAR_uint16] = MIDGE_UINT16,
        [MG_SCALAR_int32] = MIDGE_INT32,   [MG_SCALAR_uint32] = MIDGE_UINT32,
        [MG_SCALAR_int64] = MIDGE_INT64,   [MG_SCALAR_uint64] = MIDGE_UINT64,
        [MG_SCALAR_float] = MIDGE_FLOAT32,
    };
    draft_put(types[scalar], member, 0, value);
}

static bool read_vector(drafting *state, const mg_field *field, void *member)
{
    double values[DRAFT_VALUES];
    size_t count, width = mg_scalar_bytes(field->scalar);
    if (!draft_take(state, '[') || !draft_numbers(state, ']', values, &count))
        return draft_fail(state, "no vector");
    unsigned char *items = draft_get(state->made, (count + 1) * width);
    for (size_t i = 0; i < count; ++i) put_scalar(field->scalar, items + i * width, values[i]);
    mg_vector vector = {items, count};
    memcpy(member, &vector, sizeof vector);
    return true;
}

static bool read_value(drafting *state, const mg_field *field, void *member)
{
    char word[64];
    if (field->kind == MG_FIELD_VECTOR) return read_vector(state, field, member);
    if (!draft_word(state, " }", word, sizeof word)) return false;
    if (field->kind == MG_FIELD_STRING) {
        char *copy = draft_get(state->made, sizeof word);
        memcpy(copy, word, sizeof word);
        memcpy(member, &copy, sizeof copy);
        return true;
    }
    if (field->kind != MG_FIELD_SCALAR && field->kind != MG_FIELD_CHOICE)
        return draft_fail(state, "no such kind of option");
    drafting number = {state->made, word, state->graph, false};
    double value;
    size_t count;
    if (!draft_numbers(&number, '\0', &value, &count)) return draft_fail(state, "no number");
    put_scalar(field->scalar, member, value);
    return true;
}

static bool read_field(drafting *state, unsigned number, void *options)
{
    char name[64];
    if (!draft_word(state, "=}; \n", name, sizeof name) || !draft_take(state, '='))
        return draft_fail(state, "no option");
    const mg_table *table = &mg_schema_layout.tables[number];
    const mg_field *field = &mg_schema_layout.fields[table->first];
    for (unsigned i = 0; i < table->count; ++i, ++field)
        if (strcmp(field->name, name) == 0)
            return read_value(state, field, (unsigned char *)options + field->offset);
    return draft_fail(state, "no such option");
}

static bool read_custom(drafting *state, mg_Operator *node)
{
    uint8_t *bytes = draft_get(state->made, strcspn(state->at, "}") / 2 + 1);
    size_t count = 0;
    while (!draft_take(state, '}')) {
        static const char digits[] = "0123456789abcdef";
        const char *high = strchr(digits, state->at[0]);
        const char *low = high != NULL && *high != '\0' ? strchr(digits, state->at[1]) : NULL;
        if (low == NULL || *low == '\0') return draft_fail(state, "no hexadecimal byte");
        bytes[count++] = (uint8_t)((high - digits) * 16 + (low - digits));
        state->at += 2;
    }
    node->custom_options = (mg_bytes){bytes, count};
    return true;
}

/* The options of the operator's row, all at their defaults. */
static void *add_options(drafting *state, mg_Operator *node, int32_t code, unsigned *number)
{
    const mg_op *row = mg_op_find(code, "");
    if (row == NULL || (row->options_type == 0 && row->options_2_type == 0)) return NULL;
    bool second = row->options_type == 0;
    const mg_union *members =
        &mg_schema_layout.unions[second ? MG_UNION_BuiltinOptions2 : MG_UNION_BuiltinOptions];
    int32_t tag = second ? row->options_2_type : row->options_type;
    *number = members->members[tag - 1];
    void *options = draft_get(state->made, mg_schema_layout.tables[*number].size);
    mg_schema_defaults(*number, options);
    if (second) {
        node->builtin_options_2_type = (uint8_t)tag;
        node->builtin_options_2 = options;
    } else {
        node->builtin_options_type = (uint8_t)tag;
        node->builtin_options = options;
    }
    return options;
}

bool draft_options(drafting *state, mg_Operator *node, int32_t code)
{
    unsigned number = 0;
    void *options = add_options(state, node, code, &number);
    draft_skip_spaces(state);
    if (!draft_take(state, '{')) return true;
    if (draft_take(state, '#')) return read_custom(state, node);
    for (;;) {
        draft_skip_spaces(state);
        if (draft_take(state, '}')) return true;
        if (options == NULL) return draft_fail(state, "the operator has no options");
        if (!read_field(state, number, options)) return false;
    }
}
