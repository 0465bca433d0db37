/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What names mean. In the main graph an input reads "node" or "node:k"; in a function "argument" or
 * "node:name:k", k counting from the first output called `name`. "^node" only orders.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/size.h"
#include "convert/tensorflow.h"

enum { MOST_DEPTH = 64, MOST_FRAMES = 20000, MOST_STEPS = 20000 };
static const size_t most_uses = (size_t)1 << 23; /* nodes of all frames */

static uint32_t hash(const char *text, size_t size)
{
    uint32_t sum = UINT32_C(2166136261);
    for (size_t i = 0; i < size; ++i) sum = (sum ^ (unsigned char)text[i]) * UINT32_C(16777619);
    return sum;
}

static midge_status make_slots(mg_tensorflow *tf, size_t count, size_t *slot_count,
                               uint32_t **slots)
{
    void *memory = NULL;
    size_t size = 4;
    while (size < 2 * count) size *= 2;
    TRY(mg_tf_memory(tf, size, sizeof(uint32_t), &memory));
    *slot_count = size;
    *slots = memory;
    return MIDGE_OK;
}

int32_t mg_tf_find_node(const mg_tf_body *body, const char *name, size_t size)
{
    size_t mask = body->slot_count - 1;
    for (size_t at = hash(name, size) & mask; body->slots[at] != 0; at = (at + 1) & mask) {
        const char *have = body->nodes[body->slots[at] - 1]->name;
        if (strncmp(have, name, size) == 0 && have[size] == '\0')
            return (int32_t)body->slots[at] - 1;
    }
    return -1;
}

static midge_status open_body(mg_tensorflow *tf, mg_tf_body *body, size_t count,
                              Mg__NodeDef **nodes)
{
    body->node_count = count;
    body->nodes = nodes;
    if (count > INT32_MAX / 4)
        return mg_fail(tf->error, MIDGE_LIMIT_EXCEEDED, "%s: too many nodes", tf->file);
    TRY(make_slots(tf, count, &body->slot_count, &body->slots));
    for (size_t i = 0; i < count; ++i) {
        const char *name = nodes[i]->name;
        char printable[200];
        size_t size = strlen(name), mask = body->slot_count - 1;
        if (mg_tf_find_node(body, name, size) >= 0)
            return mg_fail(tf->error, MIDGE_INVALID_MODEL, "%s: two nodes are called %s", tf->file,
                           mg_printable(name, printable, sizeof printable));
        size_t at = hash(name, size) & mask;
        while (body->slots[at] != 0) at = (at + 1) & mask;
        body->slots[at] = (uint32_t)i + 1;
    }
    return MIDGE_OK;
}

static midge_status open_functions(mg_tensorflow *tf, const Mg__FunctionLibrary *library)
{
    size_t count = library != NULL ? library->n_function : 0, mask;
    TRY(make_slots(tf, count, &tf->function_slots, &tf->function_table));
    mask = tf->function_slots - 1;
    for (size_t i = 0; i < count; ++i) {
        const Mg__FunctionDef *function = library->function[i];
        mg_tf_body *body = &tf->bodies[1 + i];
        body->function = function;
        body->name = function->signature != NULL ? function->signature->name : "";
        if (mg_tf_find_function(tf, body->name) == NULL) {
            size_t at = hash(body->name, strlen(body->name)) & mask;
            while (tf->function_table[at] != 0) at = (at + 1) & mask;
            tf->function_table[at] = (uint32_t)(1 + i);
        }
        tf->body_count = 2 + i;
    }
    return MIDGE_OK;
}

const mg_tf_body *mg_tf_find_function(const mg_tensorflow *tf, const char *name)
{
    size_t mask = tf->function_slots - 1;
    for (size_t at = hash(name, strlen(name)) & mask; tf->function_table[at] != 0;
         at = (at + 1) & mask)
        if (strcmp(tf->bodies[tf->function_table[at]].name, name) == 0)
            return &tf->bodies[tf->function_table[at]];
    return NULL;
}

midge_status mg_tf_graph_open(mg_tensorflow *tf)
{
    const Mg__FunctionLibrary *library = tf->graph->library;
    void *memory = NULL;
    TRY(mg_tf_memory(tf, 1 + (library != NULL ? library->n_function : 0), sizeof(mg_tf_body),
                     &memory));
    tf->bodies = memory;
    tf->bodies[0].name = "";
    tf->body_count = 1;
    TRY(open_body(tf, &tf->bodies[0], tf->graph->n_node, tf->graph->node));
    TRY(open_functions(tf, library));
    return mg_tf_frame_make(tf, &tf->bodies[0], NULL, NULL, &tf->main);
}

midge_status mg_tf_frame_make(mg_tensorflow *tf, const mg_tf_body *body, mg_tf_frame *caller,
                              const Mg__NodeDef *call, mg_tf_frame **frame)
{
    void *memory = NULL;
    char name[200];
    int32_t depth = caller != NULL ? caller->depth + 1 : 0;
    (void)mg_printable(body->name, name, sizeof name);
    size_t count = body->function != NULL ? body->function->n_node_def : body->node_count;
    if (depth > MOST_DEPTH || tf->frame_count >= MOST_FRAMES || count > most_uses - tf->use_count)
        return mg_fail(tf->error, MIDGE_LIMIT_EXCEEDED,
                       "%s: functions call each other too often; does %s call itself?", tf->file,
                       name);
    if (body->slots == NULL) /* a function that nobody called yet */
        TRY(open_body(tf, &tf->bodies[body - tf->bodies], body->function->n_node_def,
                      body->function->node_def));
    TRY(mg_tf_memory(tf, 1, sizeof(mg_tf_frame), &memory));
    *frame = memory;
    TRY(mg_tf_memory(tf, body->node_count, sizeof(mg_tf_use), &memory));
    **frame = (mg_tf_frame){body, caller, call, depth, memory, tf->frames};
    tf->frames = *frame;
    ++tf->frame_count;
    tf->use_count += count;
    return MIDGE_OK;
}

/* ---- Names ---- */

static midge_status unknown(const mg_tensorflow *tf, const mg_tf_frame *frame, const char *text)
{
    char name[200], body[150];
    return mg_fail(tf->error, MIDGE_INVALID_MODEL, "%s: %s%s is used but not defined%s%s", tf->file,
                   frame->body->function != NULL ? "in a function " : "",
                   mg_printable(text, name, sizeof name), frame->body->function != NULL ? ": " : "",
                   mg_printable(frame->body->name, body, sizeof body));
}

static int32_t find_argument(const mg_tf_frame *frame, const char *text)
{
    const Mg__FunctionDef *function = frame->body->function;
    if (function == NULL || function->signature == NULL || strchr(text, ':') != NULL) return -1;
    for (size_t i = 0; i < function->signature->n_input_arg && i < INT32_MAX; ++i) {
        if (strcmp(function->signature->input_arg[i]->name, text) == 0) return (int32_t)i;
    }
    return -1;
}

/* Place of a word in words with spaces between; -1 for none. */
static int32_t find_word(const char *words, const char *word, size_t size)
{
    for (int32_t place = 0; *words != '\0'; ++place) {
        size_t length = strcspn(words, " ");
        if (length == size && strncmp(words, word, size) == 0) return place;
        words += length;
        while (*words == ' ') ++words;
    }
    return -1;
}

static int32_t find_output_argument(const mg_tf_body *body, const char *name, size_t size)
{
    const Mg__OpDef *signature = body->function->signature;
    for (size_t i = 0; signature != NULL && i < signature->n_output_arg && i < INT32_MAX; ++i)
        if (strncmp(signature->output_arg[i]->name, name, size) == 0 &&
            signature->output_arg[i]->name[size] == '\0')
            return (int32_t)i;
    return -1;
}

const mg_tf_body *mg_tf_called_body(const mg_tensorflow *tf, const Mg__NodeDef *node)
{
    if (strcmp(node->op, "PartitionedCall") == 0 ||
        strcmp(node->op, "StatefulPartitionedCall") == 0)
        return mg_tf_find_function(tf, mg_attr_function(node, "f"));
    return mg_tf_find_function(tf, node->op);
}

/* Which output of the node "node:2" or "node:name:2" is. */
static int32_t output_number(const mg_tensorflow *tf, const Mg__NodeDef *node, const char *text)
{
    const char *colon = strchr(text, ':');
    const mg_tf_row *row = mg_tf_find_row(node->op);
    const mg_tf_body *called = mg_tf_called_body(tf, node);
    int32_t first = 0;
    if (colon == NULL) return 0;
    const char *last = strrchr(text, ':');
    if (last != colon || (colon[1] < '0' || colon[1] > '9')) {
        size_t size = strcspn(colon + 1, ":");
        if (called != NULL && row == NULL) first = find_output_argument(called, colon + 1, size);
        if (row != NULL) first = find_word(row->outputs, colon + 1, size);
        if (first < 0) first = 0;
    }
    long number = last[1] >= '0' && last[1] <= '9' ? strtol(last + 1, NULL, 10) : 0;
    return number > 1000000 ? -1 : first + (int32_t)number;
}

static const char *input_of(const Mg__NodeDef *node, size_t place)
{
    return place < node->n_input && node->input[place][0] != '^' ? node->input[place] : NULL;
}

/* Nodes whose output k is their input k. */
static bool hands_on(const char *op)
{
    static const char *const names[] = {
        "Identity", "IdentityN",   "StopGradient", "PreventGradient",     "CheckNumerics",
        "Snapshot", "EnsureShape", "XlaSharding",  "OptimizationBarrier", "DebugGradientIdentity"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i)
        if (strcmp(op, names[i]) == 0) return true;
    return false;
}

midge_status mg_tf_enter(mg_tensorflow *tf, mg_tf_frame **frame, int32_t node,
                         const mg_tf_body *body)
{
    mg_tf_use *use = &(*frame)->uses[node];
    if (use->called == NULL)
        TRY(mg_tf_frame_make(tf, body, *frame, (*frame)->body->nodes[node], &use->called));
    *frame = use->called;
    return MIDGE_OK;
}

/* What a function's frame returns, as text in that frame; NULL when it has no such output. */
static const char *returned(const mg_tf_frame *frame, size_t output)
{
    const Mg__FunctionDef *function = frame->body->function;
    if (function->signature == NULL || output >= function->signature->n_output_arg) return NULL;
    const char *name = function->signature->output_arg[output]->name;
    for (size_t i = 0; i < function->n_ret; ++i)
        if (strcmp(function->ret[i]->key, name) == 0) return function->ret[i]->value;
    return NULL;
}

/* One step towards the source: true when (*frame, *text) is to be looked at next. */
static midge_status step(mg_tensorflow *tf, mg_tf_frame **frame, const char **text,
                         mg_tf_source *source, bool *again)
{
    const char *next = NULL;
    int32_t argument = find_argument(*frame, *text);
    *again = true;
    if (argument >= 0) {
        *again = (*frame)->caller != NULL;
        *source = (mg_tf_source){*frame, -1 - argument, 0};
        if (!*again) return MIDGE_OK;
        next = input_of((*frame)->call, (size_t)argument);
        if (next == NULL) return unknown(tf, *frame, *text);
        *frame = (*frame)->caller;
        *text = next;
        return MIDGE_OK;
    }
    int32_t node = mg_tf_find_node((*frame)->body, *text, strcspn(*text, ":"));
    if (node < 0) return unknown(tf, *frame, *text);
    const Mg__NodeDef *found = (*frame)->body->nodes[node];
    int32_t output = output_number(tf, found, *text);
    if (output < 0) return unknown(tf, *frame, *text);
    const mg_tf_body *body = mg_tf_called_body(tf, found);
    *again = hands_on(found->op) || body != NULL;
    *source = (mg_tf_source){*frame, node, output};
    if (!*again) return MIDGE_OK;
    if (body != NULL) TRY(mg_tf_enter(tf, frame, node, body));
    next = body != NULL ? returned(*frame, (size_t)output) : input_of(found, (size_t)output);
    if (next == NULL) return unknown(tf, *frame, *text);
    *text = next;
    return MIDGE_OK;
}

midge_status mg_tf_resolve(mg_tensorflow *tf, mg_tf_frame *frame, const char *text,
                           mg_tf_source *source)
{
    char name[200];
    bool again = true;
    const char *start = text;
    for (int steps = 0; steps < MOST_STEPS; ++steps) {
        TRY(step(tf, &frame, &text, source, &again));
        if (!again) return MIDGE_OK;
    }
    return mg_fail(tf->error, MIDGE_INVALID_MODEL, "%s: %s is made of itself", tf->file,
                   mg_printable(start, name, sizeof name));
}

midge_status mg_tf_resolve_output(mg_tensorflow *tf, mg_tf_frame *frame, size_t output,
                                  mg_tf_source *source)
{
    const char *text = returned(frame, output);
    if (text == NULL) return unknown(tf, frame, "an output of the function");
    return mg_tf_resolve(tf, frame, text, source);
}
