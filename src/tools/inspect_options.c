/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters of built-in operators, one by one, by the rows of the schema's tables. */
#include <string.h>

#include "midge_tools.h"
#include "model/model.h"

static const midge_type types[] = {
    [MG_SCALAR_byte] = MIDGE_UINT8,    [MG_SCALAR_bool] = MIDGE_BOOL,
    [MG_SCALAR_int8] = MIDGE_INT8,     [MG_SCALAR_uint16] = MIDGE_UINT16,
    [MG_SCALAR_int32] = MIDGE_INT32,   [MG_SCALAR_uint32] = MIDGE_UINT32,
    [MG_SCALAR_int64] = MIDGE_INT64,   [MG_SCALAR_uint64] = MIDGE_UINT64,
    [MG_SCALAR_float] = MIDGE_FLOAT32,
};

/* The table that a tag of one of the two unions stands for; NULL for none. */
static const mg_table *table_of(unsigned union_number, uint8_t tag)
{
    const mg_union *members = &mg_schema_layout.unions[union_number];
    if (tag == 0 || tag > members->count) return NULL;
    return &mg_schema_layout.tables[members->members[tag - 1]];
}

static bool read_option(const mg_field *field, const char *member, midge_option *option)
{
    *option = (midge_option){.name = field->name, .type = types[field->scalar], .count = 1};
    switch (field->kind) {
    case MG_FIELD_SCALAR:
    case MG_FIELD_CHOICE: option->values = member; return true;
    case MG_FIELD_STRING:
        option->type = MIDGE_STRING;
        memcpy(&option->values, member, sizeof option->values);
        return true;
    case MG_FIELD_VECTOR: {
        mg_vector vector;
        memcpy(&vector, member, sizeof vector);
        option->vector = true;
        option->count = vector.count;
        option->values = vector.items;
        return true;
    }
    default: return false;
    }
}

/* Counts *index down over the table's parameters; true when it got there. */
static bool find_option(const mg_table *table, const void *options, size_t *index,
                        midge_option *option)
{
    if (table == NULL || options == NULL) return false;
    for (size_t f = 0; f < table->count; ++f) {
        const mg_field *field = &mg_schema_layout.fields[table->first + f];
        if (!read_option(field, (const char *)options + field->offset, option)) continue;
        if (*index == 0) return true;
        --*index;
    }
    return false;
}

bool midge_inspect_option(const midge_model *model, size_t graph, size_t node, size_t index,
                          midge_option *option)
{
    if (graph >= model->graph_count || node >= model->graphs[graph].node_count) return false;
    const mg_node *found = &model->graphs[graph].nodes[node];
    return find_option(table_of(MG_UNION_BuiltinOptions, found->options_type), found->options,
                       &index, option) ||
           find_option(table_of(MG_UNION_BuiltinOptions2, found->options_2_type), found->options_2,
                       &index, option);
}
