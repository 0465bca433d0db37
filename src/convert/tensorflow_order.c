/* SPDX-License-Identifier: Apache-2.0 */
/* The operations that the outputs need, each after its inputs: a walk in depth first without
 * recursion. What nothing needs, such as saving and restoring, is never looked at. */
#include <stdio.h>

#include "base/size.h"
#include "convert/tensorflow.h"

enum { MOST_OPERATIONS = 1000000, MOST_INPUTS = 65536 };

/* An operation whose inputs are being visited. */
typedef struct visit {
    mg_tf_operation *operation;
    size_t next;
} visit;

typedef struct walk {
    mg_tf_part *part;
    size_t count, capacity;
    visit *visits;
} walk;

static midge_status grow(mg_tensorflow *tf, void **items, size_t count, size_t *capacity,
                         size_t bytes)
{
    void *memory = NULL;
    if (count < *capacity) return MIDGE_OK;
    size_t larger = *capacity == 0 ? 64 : 2 * *capacity;
    if (larger > MOST_OPERATIONS * (size_t)2)
        return mg_fail(tf->error, MIDGE_LIMIT_EXCEEDED, "%s: more than %d operations", tf->file,
                       MOST_OPERATIONS);
    TRY(mg_tf_memory(tf, larger, bytes, &memory));
    if (count > 0) memcpy(memory, *items, count * bytes);
    *items = memory;
    *capacity = larger;
    return MIDGE_OK;
}

static midge_status make_operation(mg_tensorflow *tf, const mg_tf_source *source,
                                   mg_tf_operation **made)
{
    const Mg__NodeDef *node = source->frame->body->nodes[source->node];
    void *memory = NULL;
    char name[300];
    TRY(mg_tf_memory(tf, 1, sizeof(mg_tf_operation), &memory));
    mg_tf_operation *operation = memory;
    *operation = (mg_tf_operation){.node = node,
                                   .row = mg_tf_find_row(node->op),
                                   .frame = source->frame,
                                   .number = source->node};
    TRY(mg_network_text(tf->network, &operation->name, "%s",
                        mg_printable(node->name, name, sizeof name)));
    size_t count = 0;
    while (count < node->n_input && node->input[count][0] != '^') ++count;
    if (count > MOST_INPUTS)
        return mg_fail(tf->error, MIDGE_LIMIT_EXCEEDED, "%s: node %s has %zu inputs", tf->file,
                       operation->name, count);
    TRY(mg_tf_memory(tf, count, sizeof(mg_tf_source), &memory));
    operation->sources = memory;
    TRY(mg_tf_memory(tf, count, sizeof(mg_tf_value), &memory));
    operation->inputs = memory;
    operation->input_count = count;
    source->frame->uses[source->node].operation = operation;
    *made = operation;
    return MIDGE_OK;
}

static midge_status enter(mg_tensorflow *tf, walk *at, const mg_tf_source *source)
{
    if (source->node < 0) return MIDGE_OK;
    mg_tf_operation *operation = source->frame->uses[source->node].operation;
    if (operation == NULL) TRY(make_operation(tf, source, &operation));
    if (operation->state == MG_TF_OPEN)
        return mg_fail(tf->error, MIDGE_INVALID_MODEL,
                       "%s: node %s waits for its own result; loops of TensorFlow 1 are not "
                       "supported",
                       tf->file, operation->name);
    if (operation->state != MG_TF_NEW) return MIDGE_OK;
    operation->state = MG_TF_OPEN;
    void *items = at->visits;
    TRY(grow(tf, &items, at->count, &at->capacity, sizeof(visit)));
    at->visits = items;
    at->visits[at->count++] = (visit){operation, 0};
    return MIDGE_OK;
}

/* The graphs of the functions that a control operation runs. */
static midge_status order_function(mg_tensorflow *tf, const mg_tf_operation *operation,
                                   const char *attribute, mg_tf_part **made)
{
    const char *name = mg_attr_function(operation->node, attribute);
    const mg_tf_body *body = mg_tf_find_function(tf, name);
    mg_tf_frame *frame = NULL;
    void *memory = NULL;
    if (body == NULL)
        return mg_fail(tf->error, MIDGE_INVALID_MODEL, "%s: node %s: function %s is not there",
                       tf->file, operation->name, attribute);
    TRY(mg_tf_memory(tf, 1, sizeof(mg_tf_part), &memory));
    mg_tf_part *part = memory;
    /* The caller counts for the depth alone: arguments of a root end a search. */
    TRY(mg_tf_frame_make(tf, body, operation->frame, NULL, &frame));
    frame->caller = NULL;
    const Mg__OpDef *signature = body->function->signature;
    part->root = frame;
    part->argument_count = signature->n_input_arg;
    part->output_count = signature->n_output_arg;
    TRY(mg_tf_memory(tf, part->output_count, sizeof(mg_tf_source), &memory));
    part->outputs = memory;
    for (size_t i = 0; i < part->output_count; ++i)
        TRY(mg_tf_resolve_output(tf, frame, i, &part->outputs[i]));
    *made = part;
    return mg_tf_order(tf, part);
}

static midge_status order_functions(mg_tensorflow *tf, mg_tf_operation *operation)
{
    const char *op = operation->node->op;
    bool branch = strcmp(op, "If") == 0 || strcmp(op, "StatelessIf") == 0;
    bool loop = strcmp(op, "While") == 0 || strcmp(op, "StatelessWhile") == 0;
    if (!branch && !loop) return MIDGE_OK;
    TRY(order_function(tf, operation, branch ? "then_branch" : "cond", &operation->parts[0]));
    return order_function(tf, operation, branch ? "else_branch" : "body", &operation->parts[1]);
}

static midge_status leave(mg_tensorflow *tf, walk *at, mg_tf_operation *operation)
{
    mg_tf_part *part = at->part;
    void *items = part->operations;
    operation->state = MG_TF_ORDERED;
    TRY(order_functions(tf, operation));
    TRY(grow(tf, &items, part->operation_count, &part->operation_capacity,
             sizeof(mg_tf_operation *)));
    part->operations = items;
    part->operations[part->operation_count++] = operation;
    --at->count;
    return MIDGE_OK;
}

midge_status mg_tf_order(mg_tensorflow *tf, mg_tf_part *part)
{
    walk at = {.part = part};
    for (size_t i = 0; i < part->output_count; ++i) {
        TRY(enter(tf, &at, &part->outputs[i]));
        while (at.count > 0) {
            visit *top = &at.visits[at.count - 1];
            mg_tf_operation *operation = top->operation;
            if (top->next == operation->input_count) {
                TRY(leave(tf, &at, operation));
                continue;
            }
            mg_tf_source *source = &operation->sources[top->next];
            const char *text = operation->node->input[top->next++];
            TRY(mg_tf_resolve(tf, operation->frame, text, source));
            TRY(enter(tf, &at, source));
        }
    }
    return MIDGE_OK;
}

/* ---- Operations without a row ---- */

typedef struct missing {
    char text[360];
    size_t used;
    size_t count;
} missing;

static void name_missing(const mg_tf_part *part, missing *list)
{
    char op[60], name[120], quoted[80];
    for (size_t i = 0; i < part->operation_count; ++i) {
        const mg_tf_operation *operation = part->operations[i];
        for (int k = 0; k < 2; ++k)
            if (operation->parts[k] != NULL) name_missing(operation->parts[k], list);
        if (operation->row != NULL) continue;
        (void)mg_printable(operation->node->op, op, sizeof op);
        (void)snprintf(quoted, sizeof quoted, " %s (", op);
        if (strstr(list->text, quoted) != NULL) continue; /* each kind once */
        ++list->count;
        int length = snprintf(list->text + list->used, sizeof list->text - list->used,
                              "%s %s (node %s)", list->count > 1 ? "," : "", op,
                              mg_printable(operation->name, name, sizeof name));
        if (length > 0 && (size_t)length < sizeof list->text - list->used)
            list->used += (size_t)length;
        else
            list->text[list->used] = '\0';
    }
}

midge_status mg_tf_check_rows(mg_tensorflow *tf, const mg_tf_part *part)
{
    missing list = {.used = 0};
    name_missing(part, &list);
    if (list.count == 0) return MIDGE_OK;
    return mg_fail(
        tf->error, MIDGE_UNSUPPORTED,
        "%s: midge has no TensorFlow operation%s%s; if Keras made it, convert the .keras file; "
        "'docs/convert-tensorflow.md' lists all",
        tf->file, list.text, list.text[0] == '\0' ? " of this model" : "");
}
