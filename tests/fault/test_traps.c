/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a few megabytes that refer to the same thing over and over, so that a reader who checks
 * each reference on its own takes hours, or copies until memory is gone. */
#include <stdlib.h>
#include <time.h>

#include "draft/draft.h"
#include "model/model.h"
#include "unit/expect.h"

/* Of processor time, with a sanitizer under an emulator; natively they take well under a second. */
static const double MOST_SECONDS = 20;

static void *get(size_t count, size_t bytes)
{
    void *memory = calloc(count, bytes);
    if (memory == NULL) exit(2);
    return memory;
}

/* ---- Raw FlatBuffers: a reference is the distance to what lies ahead of it */

static uint32_t word_at(const unsigned char *bytes, size_t position)
{
    uint32_t word;
    memcpy(&word, bytes + position, 4);
    return word;
}

static size_t follow(const unsigned char *bytes, size_t position)
{
    return position + word_at(bytes, position);
}

/* Where field `id` of the table at `table` lies. */
static size_t field(const unsigned char *bytes, size_t table, unsigned id)
{
    size_t vtable = table - (size_t)(int32_t)word_at(bytes, table);
    uint16_t offset;
    memcpy(&offset, bytes + vtable + 4 + 2 * id, 2);
    return table + offset;
}

/* Makes every element of a vector of tables refer to its last one. */
static void share_last(unsigned char *bytes, size_t vector)
{
    size_t count = word_at(bytes, vector);
    size_t last = follow(bytes, vector + 4 * count);
    for (size_t i = 0; i < count; ++i) {
        size_t position = vector + 4 + 4 * i;
        uint32_t distance = (uint32_t)(last - position);
        memcpy(bytes + position, &distance, 4);
    }
}

enum {
    MODEL_SUBGRAPHS = 2,
    SUBGRAPH_TENSORS = 0,
    SUBGRAPH_OPERATORS = 3,
};

/* The vector `id` of the only subgraph. */
static size_t graph_vector(const unsigned char *bytes, unsigned id)
{
    size_t graphs = follow(bytes, field(bytes, word_at(bytes, 0), MODEL_SUBGRAPHS));
    return follow(bytes, field(bytes, follow(bytes, graphs + 4), id));
}

/* ---- Trying */

typedef struct trial {
    midge_status status;
    midge_error error;
    double seconds;
    size_t peak;
} trial;

/* Loads, and if that works creates a session. */
static trial try_file(const unsigned char *bytes, size_t size)
{
    trial result = {0};
    midge_model *model = NULL;
    midge_session *session = NULL;
    midge_limits limits = {.memory_bytes = (uint64_t)256 << 20};
    midge_session_options options = midge_session_options_default();
    options.limits = &limits;
    clock_t start = clock();
    result.status = midge_model_load_memory(bytes, size, NULL, &model, &result.error);
    if (result.status == MIDGE_OK) {
        result.peak = model->heap.peak;
        result.status = midge_session_create(model, &options, &session, &result.error);
    }
    midge_session_free(session);
    midge_model_free(model);
    result.seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    return result;
}

static void expect_trial(const char *name, trial result, midge_status status, const char *message)
{
    EXPECT(result.status == status, "%s: status %d (%s)", name, result.status,
           result.error.message);
    EXPECT(strstr(result.error.message, message) != NULL, "%s: message '%s', need '%s'", name,
           result.error.message, message);
    EXPECT(result.seconds < MOST_SECONDS, "%s: %.1f s", name, result.seconds);
}

static const char too_often[] = "refers to the same vectors so often";

/* ---- Traps */

static void begin(draft *model, size_t tensors, size_t nodes)
{
    if (!draft_parse(model, "ABS x:f32[1] -> y:f32[1]")) exit(2);
    mg_SubGraph *graph = model->model.subgraphs.items;
    mg_Tensor *made_tensors = draft_get(model, tensors * sizeof *made_tensors);
    mg_Operator *made_nodes = draft_get(model, nodes * sizeof *made_nodes);
    for (size_t i = 0; i < tensors; ++i) made_tensors[i] = graph->tensors.items[i < 2 ? i : 1];
    for (size_t i = 0; i < nodes; ++i) made_nodes[i] = graph->operators.items[0];
    graph->tensors = (mg_Tensor_vector){made_tensors, tensors};
    graph->operators = (mg_Operator_vector){made_nodes, nodes};
}

static void test_shared_node_inputs(void)
{
    enum { NODES = 100000, INPUTS = 200000 };
    draft model;
    size_t size;
    begin(&model, 2, NODES);
    int32_t *zeros = get(INPUTS, sizeof *zeros);
    for (size_t i = 0; i < NODES; ++i) draft_node(&model, 0, i)->outputs.count = 0;
    draft_node(&model, 0, NODES - 1)->inputs = draft_int32s(&model, INPUTS, zeros);
    model.model.subgraphs.items[0].outputs.count = 0;
    unsigned char *bytes = draft_write(&model, &size);
    share_last(bytes, graph_vector(bytes, SUBGRAPH_OPERATORS));
    expect_trial("inputs", try_file(bytes, size), MIDGE_LIMIT_EXCEEDED, too_often);
    free(bytes);
    free(zeros);
    draft_free(&model);
}

static void test_shared_strings(void)
{
    enum { TENSORS = 100000, STRINGS = 100000 };
    draft model;
    size_t size;
    begin(&model, TENSORS, 1);
    int32_t *table = get(STRINGS + 2, sizeof *table), count = STRINGS;
    table[0] = count;
    for (size_t i = 1; i < STRINGS + 2; ++i) table[i] = 4 * (count + 2);
    uint32_t buffer = draft_buffer(&model, (STRINGS + 2) * sizeof *table, table);
    for (size_t i = 2; i < TENSORS; ++i) {
        draft_tensor(&model, 0, i)->type = MIDGE_STRING;
        draft_tensor(&model, 0, i)->buffer = buffer;
        draft_tensor(&model, 0, i)->shape = (mg_int32s){&count, 1};
    }
    unsigned char *bytes = draft_write(&model, &size);
    expect_trial("strings", try_file(bytes, size), MIDGE_LIMIT_EXCEEDED, too_often);
    free(bytes);
    free(table);
    draft_free(&model);
}

static void test_shared_sparsity(void)
{
    enum { TENSORS = 50000, INDICES = 100000 };
    draft model;
    size_t size;
    begin(&model, TENSORS, 1);
    int32_t *indices = get(INDICES, sizeof *indices), segments[2] = {0, INDICES}, zero = 0;
    for (int32_t i = 0; i < INDICES; ++i) indices[i] = i;
    mg_Int32Vector rows = {{segments, 2}}, columns = {{indices, INDICES}};
    mg_DimensionMetadata level = {.format = MG_DIMENSION_SPARSE_CSR,
                                  .array_segments_type = MG_INDEX_VECTOR_Int32Vector,
                                  .array_segments = &rows,
                                  .array_indices_type = MG_INDEX_VECTOR_Int32Vector,
                                  .array_indices = &columns};
    mg_SparsityParameters sparsity = {
        .traversal_order = {&zero, 1}, .block_map = {&zero, 0}, .dim_metadata = {&level, 1}};
    mg_Tensor *last = draft_tensor(&model, 0, TENSORS - 1);
    int32_t shape = INDICES;
    last->type = MIDGE_INT8;
    last->shape = (mg_int32s){&shape, 1};
    last->sparsity = &sparsity;
    last->buffer = draft_buffer(&model, INDICES, indices);
    unsigned char *bytes = draft_write(&model, &size);
    share_last(bytes, graph_vector(bytes, SUBGRAPH_TENSORS));
    expect_trial("sparsity", try_file(bytes, size), MIDGE_LIMIT_EXCEEDED, too_often);
    free(bytes);
    free(indices);
    draft_free(&model);
}

/* One buffer that lies unaligned, used by many tensors, is copied once. */
static void test_unaligned_buffer(void)
{
    enum { TENSORS = 20000, ELEMENTS = 50000 };
    draft model;
    size_t size;
    begin(&model, TENSORS, 1);
    float *values = get(ELEMENTS, sizeof *values);
    int32_t shape = ELEMENTS;
    uint32_t buffer = draft_buffer(&model, ELEMENTS * sizeof *values, values);
    for (size_t i = 2; i < TENSORS; ++i) {
        draft_tensor(&model, 0, i)->buffer = buffer;
        draft_tensor(&model, 0, i)->shape = (mg_int32s){&shape, 1};
    }
    unsigned char *bytes = draft_write(&model, &size);
    unsigned char *moved = get(size + 1, 1);
    memcpy(moved + 1, bytes, size);
    trial result = try_file(moved + 1, size);
    expect_trial("unaligned", result, MIDGE_OK, "");
    EXPECT(result.peak < 30 * size, "%zu bytes for a file of %zu", result.peak, size);
    free(moved);
    free(bytes);
    free(values);
    draft_free(&model);
}

/* Buffers that lie in each other, outside of the FlatBuffer, all unaligned. */
static void test_overlapping_buffers(void)
{
    enum { BUFFERS = 200, ELEMENTS = 100000, BYTES = 4 * ELEMENTS };
    draft model;
    size_t size;
    begin(&model, BUFFERS, 1);
    int32_t shape = ELEMENTS;
    for (size_t i = 2; i < BUFFERS; ++i) {
        uint32_t buffer = draft_buffer(&model, 0, NULL);
        model.model.buffers.items[buffer].data = (mg_bytes){NULL, 0};
        model.model.buffers.items[buffer].offset = 17;
        model.model.buffers.items[buffer].size = BYTES;
        draft_tensor(&model, 0, i)->buffer = buffer;
        draft_tensor(&model, 0, i)->shape = (mg_int32s){&shape, 1};
    }
    unsigned char *bytes = draft_write(&model, &size);
    unsigned char *longer = get(size + BYTES, 1);
    memcpy(longer, bytes, size);
    expect_trial("overlapping", try_file(longer, size + BYTES), MIDGE_LIMIT_EXCEEDED,
                 "buffers lie in each other and unaligned");
    free(longer);
    free(bytes);
    draft_free(&model);
}

static void test_many_bindings(void)
{
    enum { INPUTS = 100000, BINDINGS = 5000 };
    draft model;
    size_t size;
    begin(&model, 2, 1);
    int32_t *zeros = get(INPUTS, sizeof *zeros);
    for (size_t i = 0; i + 1 < INPUTS; ++i) zeros[i] = 1;
    model.model.subgraphs.items[0].inputs = draft_int32s(&model, INPUTS, zeros);
    model.model.subgraphs.items[0].operators.count = 0;
    mg_TensorMap *maps = get(BINDINGS, sizeof *maps);
    char(*names)[8] = get(BINDINGS, sizeof *names);
    for (size_t i = 0; i < BINDINGS; ++i) {
        (void)snprintf(names[i], sizeof names[i], "%zu", i);
        maps[i].name = names[i];
    }
    model.model.signature_defs.items[0] =
        (mg_SignatureDef){.signature_key = "s", .inputs = {maps, BINDINGS}};
    model.model.signature_defs.count = 1;
    unsigned char *bytes = draft_write(&model, &size);
    expect_trial("bindings", try_file(bytes, size), MIDGE_LIMIT_EXCEEDED, too_often);
    free(bytes);
    free(names);
    free(maps);
    free(zeros);
    draft_free(&model);
}

/* A node with as many outputs as inputs: comparing each with each would take 10^10 steps. */
static void test_wide_node(void)
{
    enum { WIDTH = 100000 };
    draft model;
    size_t size;
    begin(&model, WIDTH + 1, 1);
    int32_t *inputs = get(WIDTH, sizeof *inputs), *outputs = get(WIDTH, sizeof *outputs);
    for (int32_t i = 0; i < WIDTH; ++i) outputs[i] = i + 1;
    draft_node(&model, 0, 0)->inputs = draft_int32s(&model, WIDTH, inputs);
    draft_node(&model, 0, 0)->outputs = draft_int32s(&model, WIDTH, outputs);
    unsigned char *bytes = draft_write(&model, &size);
    expect_trial("wide node", try_file(bytes, size), MIDGE_INVALID_MODEL, "100000 inputs");
    free(bytes);
    free(outputs);
    free(inputs);
    draft_free(&model);
}

/* Placement compares each buffer with those before it. */
static void test_many_buffers(size_t nodes)
{
    draft model;
    size_t size;
    begin(&model, nodes + 1, nodes);
    int32_t *outputs = get(nodes, sizeof *outputs);
    for (size_t i = 0; i < nodes; ++i) {
        outputs[i] = (int32_t)i + 1;
        draft_node(&model, 0, i)->outputs = draft_int32s(&model, 1, &outputs[i]);
    }
    model.model.subgraphs.items[0].outputs = draft_int32s(&model, nodes, outputs);
    unsigned char *bytes = draft_write(&model, &size);
    expect_trial("buffers", try_file(bytes, size), MIDGE_OK, "");
    free(bytes);
    free(outputs);
    draft_free(&model);
}

int main(void)
{
    test_shared_node_inputs();
    test_shared_strings();
    test_shared_sparsity();
    test_unaligned_buffer();
    test_overlapping_buffers();
    test_many_bindings();
    test_wide_node();
    test_many_buffers(19000);
    test_many_buffers(100000);
    return expect_finish();
}
