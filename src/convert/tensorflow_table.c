/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables from keys to values, filled once from constants. What fills them stands apart from what
 * reads them: in the main graph, or in functions that it calls.
 *
 * .tflite has tables from strings to int64 and back alone. Numbers are looked up by GATHER: in the
 * values spread out over the range of the keys where that is dense, else at the place that
 * comparison with all keys gives.
 */
#include "base/size.h"
#include "convert/tensorflow_operation.h"

enum { MOST_CALLS = 8, MOST_TABLES = 100000, MOST_COMPARED = 1 << 16, LEAST_RANGE = 1024 };

/* ---- What fills them ---- */

static bool fills(const char *op)
{
    static const char *const names[] = {"LookupTableImportV2", "LookupTableImport",
                                        "InitializeTableV2", "InitializeTable"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i)
        if (strcmp(op, names[i]) == 0) return true;
    return false;
}

static bool is_table(const char *op)
{
    return strcmp(op, "HashTableV2") == 0 || strcmp(op, "HashTable") == 0;
}

/* The table of a handle; added when it is new. */
static midge_status table_of(mg_tensorflow *tf, const mg_tf_source *handle, int32_t *number)
{
    void *memory = NULL;
    for (size_t i = tf->table_count; i-- > 0;)
        if (tf->tables[i].frame == handle->frame && tf->tables[i].node == handle->node) {
            *number = (int32_t)i;
            return MIDGE_OK;
        }
    if (tf->table_count >= MOST_TABLES)
        return mg_fail(tf->error, MIDGE_LIMIT_EXCEEDED, "%s: more than %d tables", tf->file,
                       MOST_TABLES);
    if (tf->table_count == tf->table_capacity) {
        size_t larger = tf->table_capacity == 0 ? 16 : 2 * tf->table_capacity;
        TRY(mg_tf_memory(tf, larger, sizeof(mg_tf_table), &memory));
        if (tf->table_count > 0) memcpy(memory, tf->tables, tf->table_count * sizeof(mg_tf_table));
        tf->tables = memory;
        tf->table_capacity = larger;
    }
    tf->tables[tf->table_count] = (mg_tf_table){.frame = handle->frame, .node = handle->node};
    *number = (int32_t)tf->table_count++;
    return MIDGE_OK;
}

static midge_status note_filling(mg_tensorflow *tf, mg_tf_frame *frame, const Mg__NodeDef *node)
{
    mg_tf_source handle, keys, values;
    int32_t number = -1;
    TRY(mg_tf_resolve(tf, frame, node->input[0], &handle));
    if (handle.node < 0 || !is_table(handle.frame->body->nodes[handle.node]->op)) return MIDGE_OK;
    TRY(mg_tf_resolve(tf, frame, node->input[1], &keys));
    TRY(mg_tf_resolve(tf, frame, node->input[2], &values));
    TRY(table_of(tf, &handle, &number));
    tf->tables[number].keys = keys;
    tf->tables[number].values = values;
    tf->tables[number].filled = keys.node >= 0 && values.node >= 0;
    return MIDGE_OK;
}

/* Marks the functions that fill tables, or call such functions. */
static void mark_functions(const mg_tensorflow *tf, bool *filling)
{
    for (int round = 0; round < MOST_CALLS; ++round)
        for (size_t i = 1; i < tf->body_count; ++i) {
            const Mg__FunctionDef *function = tf->bodies[i].function;
            for (size_t k = 0; k < function->n_node_def && !filling[i]; ++k) {
                const mg_tf_body *called = mg_tf_called_body(tf, function->node_def[k]);
                filling[i] = fills(function->node_def[k]->op) ||
                             (called != NULL && filling[called - tf->bodies]);
            }
        }
}

static midge_status look_at_frame(mg_tensorflow *tf, mg_tf_frame *frame, const bool *filling)
{
    for (size_t i = 0; i < frame->body->node_count; ++i) {
        const Mg__NodeDef *node = frame->body->nodes[i];
        const mg_tf_body *called = mg_tf_called_body(tf, node);
        mg_tf_frame *entered = frame;
        if (fills(node->op) && node->n_input >= 3) TRY(note_filling(tf, frame, node));
        if (called != NULL && filling[called - tf->bodies])
            TRY(mg_tf_enter(tf, &entered, (int32_t)i, called));
    }
    return MIDGE_OK;
}

/* Level by level: the main graph, what it calls, and so on. New frames come before older ones. */
static midge_status look_at_frames(mg_tensorflow *tf, const bool *filling)
{
    for (int32_t depth = 0; depth < MOST_CALLS; ++depth)
        for (mg_tf_frame *frame = tf->frames; frame != NULL; frame = frame->older)
            if (frame->depth == depth && (frame == tf->main || filling[frame->body - tf->bodies]))
                TRY(look_at_frame(tf, frame, filling));
    return MIDGE_OK;
}

/* Finds what fills the tables of the graph. */
static midge_status find_tables(mg_tensorflow *tf)
{
    void *memory = NULL;
    TRY(mg_tf_memory(tf, tf->body_count, sizeof(bool), &memory));
    mark_functions(tf, memory);
    return look_at_frames(tf, memory);
}

/* ---- What reads them ---- */

midge_status mg_tf_lower_table(mg_tensorflow *tf, mg_tf_operation *operation)
{
    mg_tf_value value = {MG_TF_TABLE, -1};
    const mg_tf_source handle = mg_tf_own_source(operation);
    if (tf->table_capacity == 0) TRY(find_tables(tf));
    TRY(table_of(tf, &handle, &value.number));
    return mg_tf_give_value(tf, operation, value);
}

/* A constant that fills a table, as one of the graph at hand. */
static midge_status constant_of(mg_tensorflow *tf, const mg_tf_source *source, int32_t *tensor)
{
    const Mg__NodeDef *node = source->frame->body->nodes[source->node];
    const Mg__AttrValue *value = mg_attr(node, "value");
    if (strcmp(node->op, "Const") != 0 || value == NULL)
        return mg_tf_refuse(tf, "its table is filled with what is no constant");
    return mg_tf_constant_proto(tf, value->tensor, tensor);
}

/* The table of input 0, with its keys and values as constants of one dimension. */
typedef struct lookup {
    int32_t number;
    int32_t keys, values;
    size_t count;
    midge_type key, value;
} lookup;

static midge_status open_lookup(mg_tensorflow *tf, const mg_tf_operation *operation, lookup *made)
{
    size_t value_count = 0;
    if (operation->input_count < 1 || operation->inputs[0].kind != MG_TF_TABLE)
        return mg_tf_refuse(tf, "its table is not in the graph");
    made->number = operation->inputs[0].number;
    const mg_tf_table *table = &tf->tables[made->number];
    if (!table->filled)
        return mg_tf_refuse(tf, "its table is empty here; give it a fixed vocabulary, and the "
                                "folder of the SavedModel");
    TRY(constant_of(tf, &table->keys, &made->keys));
    TRY(constant_of(tf, &table->values, &made->values));
    const mg_network_tensor *keys = mg_tf_tensor(tf, made->keys);
    const mg_network_tensor *values = mg_tf_tensor(tf, made->values);
    made->key = keys->type;
    made->value = values->type;
    if (!mg_shape_elements(keys->rank, keys->shape, &made->count) ||
        !mg_shape_elements(values->rank, values->shape, &value_count) ||
        made->count != value_count || made->count < 1 || made->count > INT32_MAX / 16)
        return mg_tf_refuse(tf, "its table has %zu keys and %zu values", made->count, value_count);
    return MIDGE_OK;
}

midge_status mg_tf_lower_table_size(mg_tensorflow *tf, mg_tf_operation *operation)
{
    lookup table;
    int32_t output;
    TRY(open_lookup(tf, operation, &table));
    TRY(mg_tf_int32_scalar(tf, (int32_t)table.count, &output));
    TRY(mg_tf_cast(tf, output, MIDGE_INT64, &output));
    return mg_tf_give_one(tf, operation, output);
}

/* ---- Numbers ---- */

static int64_t key_at(const mg_network_tensor *keys, size_t i)
{
    return keys->type == MIDGE_INT32 ? ((const int32_t *)keys->data)[i]
                                     : ((const int64_t *)keys->data)[i];
}

static midge_status add_key(mg_tensorflow *tf, midge_type type, int64_t value, int32_t *tensor)
{
    void *data = NULL;
    TRY(mg_network_memory(tf->network, sizeof value, &data));
    if (type == MIDGE_INT32)
        *(int32_t *)data = (int32_t)value;
    else
        *(int64_t *)data = value;
    return mg_network_add_constant(tf->network, mg_tf_graph(tf), "key", type, 0, NULL, data,
                                   tensor);
}

/* `rows` defaults, among which the caller puts values. */
static midge_status add_rows(mg_tensorflow *tf, const lookup *table, int32_t fallback, size_t rows,
                             unsigned char **data, int32_t *tensor)
{
    const mg_network_tensor *source = mg_tf_tensor(tf, fallback);
    size_t each = midge_type_bits(table->value) / 8;
    int32_t size = (int32_t)rows;
    void *memory = NULL;
    if (source->data == NULL || source->bytes != each || source->type != table->value)
        return mg_tf_refuse(tf, "its value for unknown keys must be a constant");
    TRY(mg_tf_count_made(tf, rows * each));
    TRY(mg_network_memory(tf->network, rows * each, &memory));
    *data = memory;
    for (size_t i = 0; i < rows; ++i) memcpy(*data + i * each, source->data, each);
    return mg_network_add_constant(tf->network, mg_tf_graph(tf), "values", table->value, 1, &size,
                                   memory, tensor);
}

static void put_row(const mg_tensorflow *tf, const lookup *table, size_t row, size_t i,
                    unsigned char *data)
{
    size_t each = midge_type_bits(table->value) / 8;
    const unsigned char *values = mg_tf_tensor(tf, table->values)->data;
    memcpy(data + row * each, values + i * each, each);
}

/* Row 0 is what lies below the least key, the last one what lies above the greatest. */
static midge_status find_dense(mg_tensorflow *tf, const lookup *table, int32_t input,
                               int32_t fallback, int64_t least, int64_t most, int32_t *output)
{
    unsigned char *data = NULL;
    int32_t rows, low, high;
    TRY(add_rows(tf, table, fallback, (size_t)(most - least) + 3, &data, &rows));
    for (size_t i = table->count; i-- > 0;)
        put_row(tf, table, (size_t)(key_at(mg_tf_tensor(tf, table->keys), i) - least) + 1, i, data);
    TRY(add_key(tf, table->key, least - 1, &low));
    TRY(add_key(tf, table->key, most + 1, &high));
    TRY(mg_tf_binary(tf, MG_BUILTIN_MAXIMUM, input, low, output));
    TRY(mg_tf_binary(tf, MG_BUILTIN_MINIMUM, *output, high, output));
    TRY(mg_tf_binary(tf, MG_BUILTIN_SUB, *output, low, output));
    TRY(mg_tf_as_int32(tf, *output, output));
    return mg_tf_node(tf, MG_BUILTIN_GATHER, 2, (int32_t[]){rows, *output}, (int)table->value,
                      output);
}

/* Row 0 is what is not found, row i + 1 what belongs to key i. */
static midge_status find_compared(mg_tensorflow *tf, const lookup *table, int32_t input,
                                  int32_t fallback, int32_t *output)
{
    unsigned char *data = NULL;
    int32_t rows, places, axes, shape[MIDGE_MAX_RANK], rank = mg_tf_tensor(tf, input)->rank;
    void *memory = NULL;
    if (table->count > MOST_COMPARED || rank >= MIDGE_MAX_RANK)
        return mg_tf_refuse(tf, "a table of %zu keys far apart", table->count);
    TRY(add_rows(tf, table, fallback, table->count + 1, &data, &rows));
    for (size_t i = 0; i < table->count; ++i) put_row(tf, table, i + 1, i, data);
    TRY(mg_tf_memory(tf, table->count, sizeof(int32_t), &memory));
    for (size_t i = 0; i < table->count; ++i) ((int32_t *)memory)[i] = (int32_t)i + 1;
    TRY(mg_tf_int32s(tf, table->count, memory, &places));
    memcpy(shape, mg_tf_tensor(tf, input)->shape, sizeof shape);
    shape[rank] = 1;
    TRY(mg_tf_reshape(tf, input, rank + 1, shape, output));
    TRY(mg_tf_node(tf, MG_BUILTIN_EQUAL, 2, (int32_t[]){*output, table->keys}, MIDGE_BOOL, output));
    TRY(mg_tf_as_int32(tf, *output, output));
    TRY(mg_tf_binary(tf, MG_BUILTIN_MUL, *output, places, output));
    TRY(mg_tf_int32s(tf, 1, &rank, &axes));
    TRY(mg_tf_binary(tf, MG_BUILTIN_REDUCE_MAX, *output, axes, output));
    return mg_tf_node(tf, MG_BUILTIN_GATHER, 2, (int32_t[]){rows, *output}, (int)table->value,
                      output);
}

static midge_status find_number(mg_tensorflow *tf, const lookup *table, int32_t input,
                                int32_t fallback, int32_t *output)
{
    const mg_network_tensor *keys = mg_tf_tensor(tf, table->keys);
    int64_t least = INT64_MAX, most = INT64_MIN;
    int64_t lowest = table->key == MIDGE_INT32 ? INT32_MIN : INT64_MIN / 4;
    int64_t highest = table->key == MIDGE_INT32 ? INT32_MAX : INT64_MAX / 4;
    for (size_t i = 0; i < table->count; ++i) {
        int64_t key = key_at(keys, i);
        least = key < least ? key : least;
        most = key > most ? key : most;
    }
    bool inside = least > lowest && most < highest;
    if (inside && (uint64_t)(most - least) < LEAST_RANGE + 4 * (uint64_t)table->count)
        return find_dense(tf, table, input, fallback, least, most, output);
    return find_compared(tf, table, input, fallback, output);
}

/* ---- Strings ---- */

static midge_status add_handle(mg_tensorflow *tf, const lookup *table, int32_t *handle)
{
    mg_network_node *node;
    TRY(mg_network_add(tf->network, mg_tf_graph(tf), "table", MIDGE_RESOURCE, 1,
                       (const int32_t[]){1}, handle));
    TRY(mg_network_add_node(tf->network, mg_tf_graph(tf), -1, MG_BUILTIN_HASHTABLE,
                            tf->operation->name, 0, NULL, 1, handle, &node));
    mg_HashtableOptions *options = node->options;
    options->table_id = table->number;
    options->key_dtype = (int8_t)table->key;
    options->value_dtype = (int8_t)table->value;
    return MIDGE_OK;
}

/* A graph that fills the table, run once before all else. */
static midge_status import_once(mg_tensorflow *tf, const mg_tf_operation *operation,
                                const lookup *table)
{
    int32_t graph = -1, before = tf->at_graph;
    mg_network_node *node;
    lookup inside = *table;
    if (tf->tables[table->number].imported) return MIDGE_OK;
    tf->tables[table->number].imported = true;
    TRY(mg_tf_add_graph(tf, "fill_table", &graph));
    tf->at_graph = graph;
    midge_status status = open_lookup(tf, operation, &inside);
    int32_t inputs[] = {-1, inside.keys, inside.values};
    if (status == MIDGE_OK) status = add_handle(tf, &inside, &inputs[0]);
    if (status == MIDGE_OK)
        status = mg_network_add_node(tf->network, mg_tf_graph(tf), -1, MG_BUILTIN_HASHTABLE_IMPORT,
                                     operation->name, 3, inputs, 0, NULL, &node);
    tf->at_graph = 0;
    if (status == MIDGE_OK)
        status = mg_network_add_node(tf->network, mg_tf_graph(tf), -1, MG_BUILTIN_CALL_ONCE,
                                     operation->name, 0, NULL, 0, NULL, &node);
    if (status == MIDGE_OK) ((mg_CallOnceOptions *)node->options)->init_subgraph_index = graph;
    tf->at_graph = before;
    return status;
}

static midge_status find_string(mg_tensorflow *tf, const mg_tf_operation *operation,
                                const lookup *table, int32_t *inputs, int32_t *output)
{
    const mg_network_tensor keys = *mg_tf_tensor(tf, inputs[1]);
    mg_network_node *node;
    bool number_to_string = table->key == MIDGE_INT64 && table->value == MIDGE_STRING;
    bool string_to_number = table->key == MIDGE_STRING && table->value == MIDGE_INT64;
    if (!number_to_string && !string_to_number)
        return mg_tf_refuse(tf,
                            "a table from %s to %s; .tflite has those from strings to int64 "
                            "and back",
                            midge_type_name(table->key), midge_type_name(table->value));
    TRY(import_once(tf, operation, table));
    TRY(add_handle(tf, table, &inputs[0]));
    TRY(mg_network_add(tf->network, mg_tf_graph(tf), operation->name, table->value, keys.rank,
                       keys.shape, output));
    return mg_network_add_node(tf->network, mg_tf_graph(tf), -1, MG_BUILTIN_HASHTABLE_FIND,
                               operation->name, 3, inputs, 1, output, &node);
}

midge_status mg_tf_lower_table_find(mg_tensorflow *tf, mg_tf_operation *operation)
{
    lookup table;
    int32_t inputs[3] = {-1}, output = -1;
    TRY(open_lookup(tf, operation, &table));
    TRY(mg_tf_input(tf, operation, 1, &inputs[1]));
    TRY(mg_tf_input(tf, operation, 2, &inputs[2]));
    if (mg_tf_tensor(tf, inputs[1])->type != table.key)
        return mg_tf_refuse(tf, "its keys have another type than those of the table");
    bool numbers =
        (table.key == MIDGE_INT32 || table.key == MIDGE_INT64) && midge_type_bits(table.value) >= 8;
    if (numbers)
        TRY(find_number(tf, &table, inputs[1], inputs[2], &output));
    else
        TRY(find_string(tf, operation, &table, inputs, &output));
    return mg_tf_give_one(tf, operation, output);
}
