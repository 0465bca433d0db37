/* SPDX-License-Identifier: Apache-2.0 */
/* Which variable has which bytes. The names of variables are not unique, but a SavedModel has the
 * graph that restores them: Assign(handle, RestoreV2(keys)[i]). */
#include "convert/tensorflow.h"

enum { MOST_VARIABLES = 1000000 };

static bool is_handle(const char *op)
{
    return strcmp(op, "VarHandleOp") == 0 || strcmp(op, "VariableV2") == 0 ||
           strcmp(op, "Variable") == 0;
}

static int32_t find_variable(const mg_tensorflow *tf, const mg_tf_frame *frame, int32_t node)
{
    for (size_t i = tf->variable_count; i-- > 0;)
        if (tf->variables[i].frame == frame && tf->variables[i].node == node) return (int32_t)i;
    return -1;
}

/* The key of a variable that the graph does not restore. */
static midge_status key_of_name(mg_tensorflow *tf, const char *name, const char **key)
{
    if (*key != NULL || !tf->has_bundle) return MIDGE_OK;
    if (!mg_bundle_has(&tf->bundle, name)) return mg_bundle_key_of(&tf->bundle, name, key);
    *key = name;
    return MIDGE_OK;
}

static midge_status add_variable(mg_tensorflow *tf, const mg_tf_source *handle, const char *key)
{
    const Mg__NodeDef *node = handle->frame->body->nodes[handle->node];
    const Mg__AttrValue *shared = mg_attr(node, "shared_name");
    const char *shared_text = NULL;
    char name[300];
    void *memory = NULL;
    if (tf->variable_count >= MOST_VARIABLES)
        return mg_fail(tf->error, MIDGE_LIMIT_EXCEEDED, "%s: more than %d variables", tf->file,
                       MOST_VARIABLES);
    if (tf->variable_count == tf->variable_capacity) {
        size_t larger = tf->variable_capacity == 0 ? 64 : 2 * tf->variable_capacity;
        TRY(mg_tf_memory(tf, larger, sizeof(mg_tf_variable), &memory));
        if (tf->variable_count > 0)
            memcpy(memory, tf->variables, tf->variable_count * sizeof(mg_tf_variable));
        tf->variables = memory;
        tf->variable_capacity = larger;
    }
    mg_tf_variable made = {.frame = handle->frame, .node = handle->node, .key = key, .tensor = -1};
    TRY(mg_network_text(tf->network, &made.name, "%s",
                        mg_printable(node->name, name, sizeof name)));
    TRY(key_of_name(tf, node->name, &made.key));
    if (made.key == NULL && shared != NULL && shared->s.len > 0) {
        TRY(mg_network_text(tf->network, &shared_text, "%.*s",
                            (int)(shared->s.len < 1000 ? shared->s.len : 1000),
                            (const char *)shared->s.data));
        TRY(key_of_name(tf, shared_text, &made.key));
    }
    tf->variables[tf->variable_count++] = made;
    return MIDGE_OK;
}

/* The key of output `output` of a RestoreV2; NULL when that is not to be known. */
static midge_status restored_key(mg_tensorflow *tf, const mg_tf_source *restore, const char **key)
{
    const Mg__NodeDef *node = restore->frame->body->nodes[restore->node];
    mg_tf_source names;
    *key = NULL;
    if (strcmp(node->op, "RestoreV2") != 0 || node->n_input < 2) return MIDGE_OK;
    TRY(mg_tf_resolve(tf, restore->frame, node->input[1], &names));
    if (names.node < 0) return MIDGE_OK;
    const Mg__AttrValue *value = mg_attr(names.frame->body->nodes[names.node], "value");
    const Mg__TensorProto *list = value != NULL ? value->tensor : NULL;
    if (list == NULL || (size_t)restore->output >= list->n_string_val) return MIDGE_OK;
    const ProtobufCBinaryData *text = &list->string_val[restore->output];
    void *memory = NULL;
    TRY(mg_tf_memory(tf, text->len + 1, 1, &memory));
    if (text->len > 0) memcpy(memory, text->data, text->len);
    *key = memory;
    return MIDGE_OK;
}

static midge_status find_assignment(mg_tensorflow *tf, mg_tf_frame *frame, const Mg__NodeDef *node)
{
    mg_tf_source value, handle;
    const char *key = NULL;
    TRY(mg_tf_resolve(tf, frame, node->input[1], &value));
    if (value.node < 0) return MIDGE_OK;
    TRY(restored_key(tf, &value, &key));
    if (key == NULL) return MIDGE_OK;
    TRY(mg_tf_resolve(tf, frame, node->input[0], &handle));
    if (handle.node < 0 || !is_handle(handle.frame->body->nodes[handle.node]->op)) return MIDGE_OK;
    int32_t known = find_variable(tf, handle.frame, handle.node);
    if (known < 0) return add_variable(tf, &handle, key);
    if (tf->variables[known].changes) tf->variables[known].key = key;
    return MIDGE_OK;
}

static bool assigns(const char *op)
{
    return (strncmp(op, "Assign", 6) == 0 && strstr(op, "VariableOp") != NULL) ||
           strncmp(op, "ResourceScatter", 15) == 0;
}

static midge_status mark(mg_tensorflow *tf, mg_tf_frame *frame, const Mg__NodeDef *node)
{
    mg_tf_source handle;
    int32_t variable = -1;
    TRY(mg_tf_resolve(tf, frame, node->input[0], &handle));
    if (handle.node < 0 || !is_handle(handle.frame->body->nodes[handle.node]->op)) return MIDGE_OK;
    TRY(mg_tf_variable_of(tf, &handle, &variable));
    tf->variables[variable].changes = true;
    return MIDGE_OK;
}

midge_status mg_tf_variables_mark(mg_tensorflow *tf)
{
    for (mg_tf_frame *frame = tf->frames; frame != NULL; frame = frame->older)
        for (size_t i = 0; frame != tf->main && i < frame->body->node_count; ++i) {
            const Mg__NodeDef *node = frame->body->nodes[i];
            if (assigns(node->op) && node->n_input > 0) TRY(mark(tf, frame, node));
        }
    return MIDGE_OK;
}

/* What is wrong with a graph that restores does not matter before a variable is asked for. */
static midge_status look_at_frame(mg_tensorflow *tf, mg_tf_frame *frame)
{
    midge_error *error = tf->error, ignored = {MIDGE_OK, ""};
    midge_status status = MIDGE_OK;
    tf->error = &ignored;
    for (size_t i = 0; i < frame->body->node_count && status != MIDGE_NO_MEMORY; ++i) {
        const Mg__NodeDef *node = frame->body->nodes[i];
        bool assigns = strcmp(node->op, "AssignVariableOp") == 0 || strcmp(node->op, "Assign") == 0;
        if (assigns && node->n_input >= 2) status = find_assignment(tf, frame, node);
    }
    tf->error = error;
    return status == MIDGE_NO_MEMORY ? mg_fail(error, status, "%s", ignored.message) : MIDGE_OK;
}

midge_status mg_tf_variables_find(mg_tensorflow *tf)
{
    const char *name = tf->saver != NULL ? tf->saver->restore_op_name : "";
    int32_t node = mg_tf_find_node(tf->main->body, name, strcspn(name, ":"));
    TRY(look_at_frame(tf, tf->main));
    if (node < 0) return MIDGE_OK;
    const Mg__NodeDef *call = tf->main->body->nodes[node];
    const mg_tf_body *body = mg_tf_find_function(tf, mg_attr_function(call, "f"));
    mg_tf_frame *frame = NULL;
    if (body == NULL) return MIDGE_OK;
    TRY(mg_tf_frame_make(tf, body, tf->main, call, &frame));
    return look_at_frame(tf, frame);
}

midge_status mg_tf_variable_of(mg_tensorflow *tf, const mg_tf_source *handle, int32_t *variable)
{
    *variable = find_variable(tf, handle->frame, handle->node);
    if (*variable >= 0) return MIDGE_OK;
    TRY(add_variable(tf, handle, NULL));
    *variable = (int32_t)tf->variable_count - 1;
    return MIDGE_OK;
}

static midge_status load(mg_tensorflow *tf, mg_tf_variable *variable)
{
    mg_bundle_tensor stored = {.rank = 0};
    size_t elements = 0;
    void *data = NULL;
    if (tf->no_bundle != NULL) return mg_fail(tf->error, MIDGE_IO_ERROR, "%s", tf->no_bundle);
    if (variable->key == NULL && !tf->has_bundle)
        return mg_tf_refuse(tf,
                            "variable %s has no value here; give the folder of the SavedModel, "
                            "or freeze the graph",
                            variable->name);
    if (variable->key == NULL)
        return mg_tf_refuse(tf, "nothing in the model says where the value of variable %s lies",
                            variable->name);
    TRY(mg_bundle_tensor_read(&tf->bundle, variable->key, &stored));
    if (!mg_tf_type(stored.dtype, &variable->type))
        return mg_tf_refuse(tf, "variable %s has a type that .tflite lacks (%d)", variable->name,
                            (int)stored.dtype);
    if (!mg_shape_elements(stored.rank, stored.shape, &elements))
        return mg_tf_refuse(tf, "variable %s is too large", variable->name);
    TRY(mg_tf_convert_bytes(tf, stored.dtype, stored.bytes, stored.size, elements, &data));
    variable->rank = stored.rank;
    memcpy(variable->shape, stored.shape, sizeof stored.shape);
    variable->data = data;
    return MIDGE_OK;
}

midge_status mg_tf_variable_read(mg_tensorflow *tf, int32_t number, int32_t *tensor)
{
    mg_tf_variable *variable = &tf->variables[number];
    *tensor = variable->tensor;
    if (variable->changes)
        return mg_tf_refuse(tf,
                            "variable %s changes while the model runs; a .tflite model made here "
                            "has no such state",
                            variable->name);
    if (tf->at_graph == 0 && variable->tensor >= 0) return MIDGE_OK;
    if (variable->data == NULL) TRY(load(tf, variable));
    TRY(mg_network_add_constant(tf->network, mg_tf_graph(tf), variable->name, variable->type,
                                variable->rank, variable->shape, variable->data, tensor));
    if (tf->at_graph == 0) variable->tensor = *tensor;
    return MIDGE_OK;
}
