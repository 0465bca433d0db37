/* SPDX-License-Identifier: Apache-2.0 */
/* Statements, and the way from a draft to a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draft/draft_parts.h"
#include "op/op.h"

bool draft_fail(drafting *state, const char *what)
{
    if (!state->failed)
        (void)mg_fail(&state->made->error, MIDGE_INVALID_ARGUMENT, "%s at \"%.60s\"", what,
                      state->at);
    state->failed = true;
    return false;
}

void draft_skip_spaces(drafting *state)
{
    while (*state->at == ' ') ++state->at;
}

bool draft_take(drafting *state, char c)
{
    if (*state->at != c) return false;
    ++state->at;
    return true;
}

bool draft_word(drafting *state, const char *end, char *word, size_t capacity)
{
    size_t length = strcspn(state->at, end);
    if (length == 0 || length >= capacity) return draft_fail(state, "no word, or a long one");
    memcpy(word, state->at, length);
    word[length] = '\0';
    state->at += length;
    return true;
}

void *draft_get(draft *of, size_t bytes)
{
    void *memory = NULL;
    if (mg_region_get(&of->region, bytes, &memory, NULL) != MIDGE_OK) {
        (void)printf("draft: out of memory\n");
        exit(2);
    }
    return memory;
}

mg_int32s draft_int32s(draft *of, size_t count, const int32_t *values)
{
    int32_t *items = draft_get(of, (count + 1) * sizeof *items);
    if (count > 0) memcpy(items, values, count * sizeof *items);
    return (mg_int32s){items, count};
}

mg_floats draft_floats(draft *of, size_t count, float value)
{
    float *items = draft_get(of, (count + 1) * sizeof *items);
    for (size_t i = 0; i < count; ++i) items[i] = value;
    return (mg_floats){items, count};
}

mg_int64s draft_int64s(draft *of, size_t count, int64_t value)
{
    int64_t *items = draft_get(of, (count + 1) * sizeof *items);
    for (size_t i = 0; i < count; ++i) items[i] = value;
    return (mg_int64s){items, count};
}

uint32_t draft_buffer(draft *of, size_t bytes, const void *content)
{
    if (of->model.buffers.count >= DRAFT_BUFFERS) exit(2);
    mg_Buffer *buffer = &of->model.buffers.items[of->model.buffers.count];
    uint8_t *items = draft_get(of, bytes + 1);
    if (bytes > 0) memcpy(items, content, bytes);
    *buffer = (mg_Buffer){.data = {items, bytes}};
    return (uint32_t)of->model.buffers.count++;
}

void *draft_data(const draft *of, const mg_Tensor *tensor, size_t *bytes)
{
    *bytes = 0;
    if (tensor->buffer >= of->model.buffers.count) return NULL;
    const mg_Buffer *buffer = &of->model.buffers.items[tensor->buffer];
    *bytes = buffer->data.count;
    return (void *)(uintptr_t)buffer->data.items;
}

static void begin_graph(drafting *state, const char *name)
{
    draft *made = state->made;
    mg_SubGraph *graph = &made->model.subgraphs.items[made->model.subgraphs.count++];
    mg_schema_defaults(MG_TABLE_SubGraph, graph);
    graph->tensors.items = draft_get(made, DRAFT_TENSORS * sizeof(mg_Tensor));
    graph->operators.items = draft_get(made, DRAFT_NODES * sizeof(mg_Operator));
    char *copy = draft_get(made, strlen(name) + 1);
    memcpy(copy, name, strlen(name) + 1);
    graph->name = copy;
    state->graph = graph;
}

/* Mentions up to '{', '+', "->" or the end of the statement. */
static bool read_mentions(drafting *state, mg_int32s *mentions)
{
    int32_t indices[DRAFT_ENDS];
    size_t count = 0;
    for (;;) {
        draft_skip_spaces(state);
        if (strchr(";\n{+", *state->at) != NULL || strncmp(state->at, "->", 2) == 0) break;
        if (count == DRAFT_ENDS) return draft_fail(state, "too many tensors");
        if (!draft_mention(state, &indices[count++])) return false;
    }
    *mentions = draft_int32s(state->made, count, indices);
    return true;
}

static uint32_t add_code(drafting *state, int32_t code, const char *custom, int32_t version)
{
    mg_OperatorCode_vector *codes = &state->made->model.operator_codes;
    mg_OperatorCode *added = &codes->items[codes->count];
    mg_schema_defaults(MG_TABLE_OperatorCode, added);
    added->builtin_code = code;
    added->deprecated_builtin_code = (int8_t)(code < 127 ? code : 127);
    added->version = version;
    if (custom != NULL) {
        char *copy = draft_get(state->made, strlen(custom) + 1);
        memcpy(copy, custom, strlen(custom) + 1);
        added->custom_code = copy;
    }
    return (uint32_t)codes->count++;
}

static int32_t find_code(const char *name)
{
    for (int32_t code = 0; code < MG_BUILTIN_COUNT; ++code)
        if (strcmp(mg_builtin_name(code), name) == 0) return code;
    return -1;
}

static bool read_node(drafting *state, char *op)
{
    static const char custom_mark[] = "custom:";
    const char *custom = NULL;
    int32_t code, version = 1;
    if (strncmp(op, custom_mark, sizeof custom_mark - 1) == 0) {
        code = MG_BUILTIN_CUSTOM;
        custom = op + sizeof custom_mark - 1;
    } else {
        char *dot = strchr(op, '.');
        if (dot != NULL) version = (int32_t)strtol(dot + 1, NULL, 10);
        if (dot != NULL) *dot = '\0';
        code = find_code(op);
        if (code < 0) return draft_fail(state, "no such operator");
    }
    if (state->graph->operators.count == DRAFT_NODES) return draft_fail(state, "too many nodes");
    mg_Operator *node = &state->graph->operators.items[state->graph->operators.count++];
    mg_schema_defaults(MG_TABLE_Operator, node);
    node->opcode_index = add_code(state, code, custom, version);
    if (!read_mentions(state, &node->inputs)) return false;
    if (strncmp(state->at, "->", 2) != 0) return draft_fail(state, "no ->");
    state->at += 2;
    if (!read_mentions(state, &node->outputs)) return false;
    if (draft_take(state, '+') && !read_mentions(state, &node->intermediates)) return false;
    return draft_options(state, node, code);
}

static bool read_bindings(drafting *state, mg_TensorMap_vector *bindings)
{
    bindings->items = draft_get(state->made, DRAFT_ENDS * sizeof(mg_TensorMap));
    for (;;) {
        char name[40];
        int32_t index;
        draft_skip_spaces(state);
        if (strchr(";\n", *state->at) != NULL || strncmp(state->at, "->", 2) == 0) return true;
        if (bindings->count == DRAFT_ENDS || !draft_word(state, "=; \n", name, sizeof name) ||
            !draft_take(state, '=') || !draft_mention(state, &index))
            return draft_fail(state, "no binding");
        char *copy = draft_get(state->made, strlen(name) + 1);
        memcpy(copy, name, strlen(name) + 1);
        bindings->items[bindings->count++] = (mg_TensorMap){copy, (uint32_t)index};
    }
}

static bool read_signature(drafting *state)
{
    mg_Model *model = &state->made->model;
    mg_SignatureDef *signature = &model->signature_defs.items[model->signature_defs.count++];
    char key[40];
    draft_skip_spaces(state);
    if (!draft_word(state, "; \n", key, sizeof key)) return false;
    char *copy = draft_get(state->made, strlen(key) + 1);
    memcpy(copy, key, strlen(key) + 1);
    signature->signature_key = copy;
    signature->subgraph_index = (uint32_t)(model->subgraphs.count - 1);
    if (!read_bindings(state, &signature->inputs)) return false;
    if (strncmp(state->at, "->", 2) != 0) return draft_fail(state, "no ->");
    state->at += 2;
    return read_bindings(state, &signature->outputs);
}

static bool lists(const mg_int32s *list, int32_t tensor)
{
    for (size_t i = 0; i < list->count; ++i)
        if (list->items[i] == tensor) return true;
    return false;
}

static bool is_read(const mg_SubGraph *graph, int32_t tensor)
{
    for (size_t n = 0; n < graph->operators.count; ++n)
        if (lists(&graph->operators.items[n].inputs, tensor)) return true;
    return false;
}

static bool is_made(const mg_SubGraph *graph, int32_t tensor)
{
    for (size_t n = 0; n < graph->operators.count; ++n)
        if (lists(&graph->operators.items[n].outputs, tensor)) return true;
    return false;
}

static bool is_intermediate(const mg_SubGraph *graph, int32_t tensor)
{
    for (size_t n = 0; n < graph->operators.count; ++n)
        if (lists(&graph->operators.items[n].intermediates, tensor)) return true;
    return false;
}

/* Inputs and outputs that the text left out. */
static void end_graph(drafting *state)
{
    mg_SubGraph *graph = state->graph;
    int32_t inputs[DRAFT_TENSORS], outputs[DRAFT_TENSORS];
    size_t input_count = 0, output_count = 0;
    for (int32_t i = 0; i < (int32_t)graph->tensors.count; ++i) {
        const mg_Tensor *tensor = &graph->tensors.items[i];
        bool made = is_made(graph, i);
        if (!made && tensor->buffer == 0 && !tensor->is_variable && !is_intermediate(graph, i))
            inputs[input_count++] = i;
        if (made && !is_read(graph, i)) outputs[output_count++] = i;
    }
    if (graph->inputs.items == NULL) graph->inputs = draft_int32s(state->made, input_count, inputs);
    if (graph->outputs.items == NULL)
        graph->outputs = draft_int32s(state->made, output_count, outputs);
}

static bool read_statement(drafting *state)
{
    char word[64];
    if (!draft_word(state, " ;\n", word, sizeof word)) return false;
    if (strcmp(word, "in") == 0) return read_mentions(state, &state->graph->inputs);
    if (strcmp(word, "out") == 0) return read_mentions(state, &state->graph->outputs);
    if (strcmp(word, "signature") == 0) return read_signature(state);
    if (strcmp(word, "graph") != 0) return read_node(state, word);
    draft_skip_spaces(state);
    if (state->made->model.subgraphs.count == DRAFT_GRAPHS ||
        !draft_word(state, " ;\n", word, sizeof word))
        return draft_fail(state, "no graph name, or too many graphs");
    end_graph(state);
    begin_graph(state, word);
    return true;
}

bool draft_parse(draft *made, const char *text)
{
    *made = (draft){0};
    mg_heap_init(&made->heap, NULL, SIZE_MAX);
    mg_region_init(&made->region, &made->heap);
    mg_Model *model = &made->model;
    mg_schema_defaults(MG_TABLE_Model, model);
    model->version = 3;
    model->description = "draft";
    model->operator_codes.items =
        draft_get(made, (size_t)DRAFT_GRAPHS * DRAFT_NODES * sizeof(mg_OperatorCode));
    model->subgraphs.items = draft_get(made, DRAFT_GRAPHS * sizeof(mg_SubGraph));
    model->signature_defs.items = draft_get(made, DRAFT_GRAPHS * sizeof(mg_SignatureDef));
    model->buffers.items = draft_get(made, DRAFT_BUFFERS * sizeof(mg_Buffer));
    model->buffers.count = 1; /* number 0 is the empty one */
    drafting state = {made, text, NULL, false};
    begin_graph(&state, "main");
    for (;;) {
        while (*state.at == ' ' || *state.at == ';' || *state.at == '\n') ++state.at;
        if (*state.at == '\0') break;
        if (!read_statement(&state)) return draft_fail(&state, "wrong");
        draft_skip_spaces(&state);
        if (*state.at != '\0' && *state.at != ';' && *state.at != '\n')
            return draft_fail(&state, "no end of the statement");
    }
    end_graph(&state);
    return !state.failed;
}

void draft_free(draft *made)
{
    mg_region_free(&made->region);
}

unsigned char *draft_write(const draft *from, size_t *size)
{
    mg_heap heap;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    void *bytes = NULL;
    midge_error error = {0};
    if (mg_schema_write(&from->model, &heap, &bytes, size, &error) != MIDGE_OK) {
        (void)printf("draft: %s\n", error.message);
        exit(2);
    }
    unsigned char *copy = malloc(*size);
    if (copy == NULL) exit(2);
    memcpy(copy, bytes, *size);
    mg_heap_release(&heap, bytes);
    return copy;
}

unsigned char *draft_file(const char *text, size_t *size)
{
    draft made;
    if (!draft_parse(&made, text)) {
        (void)printf("draft: %s\n", made.error.message);
        exit(2);
    }
    unsigned char *bytes = draft_write(&made, size);
    draft_free(&made);
    return bytes;
}
