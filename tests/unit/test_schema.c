/* SPDX-License-Identifier: Apache-2.0 */
/* Models of the .tflite schema: one written by the reference library, every table filled by its
 * description, malformed ones made from the first, and published files where they are at hand. */
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "counting_allocator.h"
#include "flatbuf/encode.h"
#include "schema/dump.h"

/*
 * As the reference library writes it: CONV_2D from "in" [1, 4, 4, 1] and "filter" [2, 3, 3, 1] to
 * "out", VALID, strides 2 and 2, dilations 1 and 3, RELU6, no bias; then the custom operator "Odd"
 * with the options 01 02 03; signature "serve" from x to y.
 */
static const unsigned char reference[960] = {
    0x20, 0x00, 0x00, 0x00, 0x54, 0x46, 0x4c, 0x33, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x1c, 0x00,
    0x18, 0x00, 0x14, 0x00, 0x10, 0x00, 0x0c, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00,
    0x14, 0x00, 0x00, 0x00, 0x18, 0x00, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00, 0xb8, 0x00, 0x00, 0x00,
    0xc0, 0x00, 0x00, 0x00, 0x40, 0x03, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
    0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0a, 0x00, 0x10, 0x00, 0x0c, 0x00, 0x08, 0x00, 0x04, 0x00,
    0x0a, 0x00, 0x00, 0x00, 0x0c, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x34, 0x00, 0x00, 0x00,
    0x05, 0x00, 0x00, 0x00, 0x73, 0x65, 0x72, 0x76, 0x65, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
    0x0c, 0x00, 0x00, 0x00, 0x08, 0x00, 0x0c, 0x00, 0x08, 0x00, 0x04, 0x00, 0x08, 0x00, 0x00, 0x00,
    0x02, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x79, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0xe2, 0xff, 0xff, 0xff, 0x04, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x78, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x34, 0x00, 0x00, 0x00,
    0x0c, 0x00, 0x00, 0x00, 0x00, 0x00, 0x06, 0x00, 0x08, 0x00, 0x04, 0x00, 0x06, 0x00, 0x00, 0x00,
    0x04, 0x00, 0x00, 0x00, 0x12, 0x00, 0x00, 0x00, 0x00, 0x07, 0x0e, 0x15, 0x1c, 0x23, 0x2a, 0x31,
    0x38, 0x3f, 0x46, 0x4d, 0x54, 0x5b, 0x62, 0x69, 0x70, 0x77, 0x00, 0x00, 0x04, 0x00, 0x04, 0x00,
    0x04, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x73, 0x6d, 0x61, 0x6c, 0x6c, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0e, 0x00, 0x18, 0x00, 0x14, 0x00,
    0x10, 0x00, 0x0c, 0x00, 0x08, 0x00, 0x04, 0x00, 0x0e, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00,
    0x1c, 0x00, 0x00, 0x00, 0xc4, 0x00, 0x00, 0x00, 0xc8, 0x00, 0x00, 0x00, 0xcc, 0x00, 0x00, 0x00,
    0x04, 0x00, 0x00, 0x00, 0x6d, 0x61, 0x69, 0x6e, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00,
    0x54, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x10, 0x00, 0x14, 0x00, 0x10, 0x00, 0x0c, 0x00,
    0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x10, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00,
    0x14, 0x00, 0x00, 0x00, 0x18, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00,
    0x01, 0x02, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
    0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0e, 0x00, 0x14, 0x00, 0x00, 0x00, 0x10, 0x00, 0x0c, 0x00,
    0x0b, 0x00, 0x04, 0x00, 0x0e, 0x00, 0x00, 0x00, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
    0x30, 0x00, 0x00, 0x00, 0x34, 0x00, 0x00, 0x00, 0x10, 0x00, 0x18, 0x00, 0x17, 0x00, 0x10, 0x00,
    0x0c, 0x00, 0x0b, 0x00, 0x00, 0x00, 0x04, 0x00, 0x10, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x03, 0x02, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
    0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x10, 0x01, 0x00, 0x00,
    0x8c, 0x00, 0x00, 0x00, 0x1c, 0x00, 0x00, 0x00, 0x00, 0x00, 0x16, 0x00, 0x18, 0x00, 0x14, 0x00,
    0x13, 0x00, 0x00, 0x00, 0x0c, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x07, 0x00,
    0x16, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x10, 0x00, 0x00, 0x00, 0x2c, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x09, 0x2c, 0x00, 0x00, 0x00, 0xfc, 0xfe, 0xff, 0xff, 0x08, 0x00, 0x00, 0x00,
    0x10, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x3f, 0x03, 0x00, 0x00, 0x00, 0x6f, 0x75, 0x74, 0x00,
    0x04, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00,
    0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x16, 0x00, 0x1c, 0x00, 0x18, 0x00, 0x17, 0x00, 0x10, 0x00,
    0x0c, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x07, 0x00, 0x16, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x01, 0x14, 0x00, 0x00, 0x00, 0x3c, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x09, 0x3c, 0x00, 0x00, 0x00, 0x6c, 0xff, 0xff, 0xff, 0x08, 0x00, 0x00, 0x00,
    0x18, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0x3e,
    0x00, 0x00, 0x00, 0x3e, 0x06, 0x00, 0x00, 0x00, 0x66, 0x69, 0x6c, 0x74, 0x65, 0x72, 0x00, 0x00,
    0x04, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x16, 0x00, 0x1c, 0x00, 0x18, 0x00, 0x17, 0x00, 0x00, 0x00,
    0x10, 0x00, 0x0c, 0x00, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x07, 0x00, 0x16, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x01, 0x14, 0x00, 0x00, 0x00, 0x30, 0x00, 0x00, 0x00, 0x4c, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x09, 0x4c, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff,
    0x04, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x0c, 0x00, 0x0c, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x04, 0x00, 0x0c, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00,
    0x10, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x3f, 0x02, 0x00, 0x00, 0x00, 0x69, 0x6e, 0x00, 0x00,
    0x04, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x38, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00,
    0x0c, 0x00, 0x10, 0x00, 0x0f, 0x00, 0x08, 0x00, 0x00, 0x00, 0x04, 0x00, 0x0c, 0x00, 0x00, 0x00,
    0x20, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x20, 0x03, 0x00, 0x00, 0x00,
    0x4f, 0x64, 0x64, 0x00, 0x0c, 0x00, 0x10, 0x00, 0x0f, 0x00, 0x00, 0x00, 0x08, 0x00, 0x04, 0x00,
    0x0c, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03,
};

/* ---- Dumps as text in memory */

typedef struct text {
    char *bytes;
    size_t length;
    size_t capacity;
} text;

static midge_status append(void *context, const char *bytes, size_t length)
{
    text *to = context;
    if (to->capacity - to->length <= length) {
        to->capacity = 2 * to->capacity + length + 1;
        to->bytes = realloc(to->bytes, to->capacity);
        assert_non_null(to->bytes);
    }
    memcpy(to->bytes + to->length, bytes, length);
    to->length += length;
    to->bytes[to->length] = '\0';
    return MIDGE_OK;
}

static text dump_table(unsigned table, const void *value)
{
    text result = {NULL, 0, 0};
    assert_int_equal(mg_schema_dump_table(table, value, append, &result), MIDGE_OK);
    return result;
}

/* A heap and a region for one test. */
typedef struct heap_and_region {
    mg_heap heap;
    mg_region region;
} heap_and_region;

static void open_memory(heap_and_region *memory)
{
    mg_heap_init(&memory->heap, NULL, SIZE_MAX);
    mg_region_init(&memory->region, &memory->heap);
}

static void close_memory(heap_and_region *memory)
{
    mg_region_free(&memory->region);
    assert_int_equal(memory->heap.live, 0);
}

/* ---- A model written by others */

static void reads_a_model_written_by_the_reference(void **state)
{
    (void)state;
    heap_and_region memory;
    open_memory(&memory);
    mg_Model *model = NULL;
    assert_int_equal(
        mg_schema_read(reference, sizeof reference, NULL, &memory.region, &model, NULL), MIDGE_OK);
    assert_int_equal(model->version, 3);
    assert_string_equal(model->description, "small");
    assert_int_equal(model->operator_codes.count, 2);
    assert_int_equal(model->operator_codes.items[0].builtin_code, MG_BUILTIN_CONV_2D);
    assert_int_equal(model->operator_codes.items[0].version, 2);
    assert_string_equal(model->operator_codes.items[1].custom_code, "Odd");
    assert_int_equal(model->operator_codes.items[1].version, 1);
    assert_int_equal(model->buffers.count, 2);
    assert_null(model->buffers.items[0].data.items);
    assert_int_equal(model->buffers.items[1].data.count, 18);
    assert_int_equal(model->buffers.items[1].data.items[17], 119);
    assert_null(model->metadata.items);
    const mg_SubGraph *graph = model->subgraphs.items;
    assert_int_equal(graph->debug_metadata_index, -1);
    const mg_Tensor *filter = &graph->tensors.items[1];
    assert_string_equal(filter->name, "filter");
    assert_int_equal(filter->type, MG_TENSOR_TYPE_INT8);
    assert_int_equal(filter->shape.count, 4);
    assert_int_equal(filter->shape.items[0], 2);
    assert_int_equal(filter->quantization->scale.count, 2);
    assert_true(filter->quantization->scale.items[1] == 0.125f);
    assert_int_equal(graph->tensors.items[0].quantization->zero_point.items[0], -3);
    assert_int_equal(graph->tensors.items[0].shape_signature.items[0], -1);
    const mg_Operator *conv = &graph->operators.items[0];
    assert_int_equal(conv->inputs.items[2], -1);
    assert_int_equal(conv->builtin_options_type, MG_OPTIONS_Conv2DOptions);
    const mg_Conv2DOptions *options = conv->builtin_options;
    assert_int_equal(options->padding, MG_PADDING_VALID);
    assert_int_equal(options->stride_h, 2);
    assert_int_equal(options->fused_activation_function, MG_ACTIVATION_RELU6);
    assert_int_equal(options->dilation_w_factor, 1);
    assert_int_equal(options->dilation_h_factor, 3);
    assert_int_equal(graph->operators.items[1].custom_options.count, 3);
    assert_int_equal(graph->operators.items[1].builtin_options_type, MG_OPTIONS_NONE);
    assert_string_equal(model->signature_defs.items[0].outputs.items[0].name, "y");
    close_memory(&memory);
}

static void knows_names_and_defaults(void **state)
{
    (void)state;
    assert_string_equal(mg_builtin_name(0), "ADD");
    assert_string_equal(mg_builtin_name(MG_BUILTIN_STABLEHLO_CASE), "STABLEHLO_CASE");
    assert_string_equal(mg_builtin_name(209), "STABLEHLO_CASE");
    assert_string_equal(mg_builtin_name(210), "UNKNOWN");
    assert_string_equal(mg_builtin_name(-1), "UNKNOWN");
    mg_Conv2DOptions conv;
    mg_schema_defaults(MG_TABLE_Conv2DOptions, &conv);
    assert_int_equal(conv.dilation_h_factor, 1);
    assert_int_equal(conv.stride_h, 0);
    mg_AddOptions add;
    mg_schema_defaults(MG_TABLE_AddOptions, &add);
    assert_true(add.pot_scale_int16);
    mg_UniqueOptions unique;
    mg_schema_defaults(MG_TABLE_UniqueOptions, &unique);
    assert_int_equal(unique.idx_out_type, MG_TENSOR_TYPE_INT32);
    mg_Operator node;
    mg_schema_defaults(MG_TABLE_Operator, &node);
    assert_int_equal(node.debug_metadata_index, -1);
}

/* ---- Every table, every field */

static void *get(mg_region *region, size_t bytes)
{
    void *result = NULL;
    assert_int_equal(mg_region_get(region, bytes, &result, NULL), MIDGE_OK);
    return result;
}

static void set_scalar(unsigned char *member, const mg_field *field, unsigned seed)
{
    float real = 0.5f + (float)seed;
    int64_t whole = field->initial + 1 + seed % 100;
    if (field->scalar == MG_SCALAR_bool)
        *member = field->initial == 0;
    else if (field->scalar == MG_SCALAR_float)
        memcpy(member, &real, sizeof real);
    else
        memcpy(member, &whole, mg_scalar_bytes(field->scalar));
}

static mg_vector make_vector(mg_region *region, const mg_field *field, unsigned seed)
{
    size_t bytes = mg_scalar_bytes(field->scalar);
    size_t count = 1 + seed % 5;
    unsigned char *items = get(region, count * bytes);
    for (size_t i = 0; i < count; ++i) set_scalar(items + i * bytes, field, seed + (unsigned)i);
    return (mg_vector){items, count};
}

/* A struct of `table` with everything present and no scalar at its default. */
static void fill(mg_region *region, unsigned table, unsigned char *value, unsigned *seed)
{
    const mg_layout *layout = &mg_schema_layout;
    const mg_field *field = &layout->fields[layout->tables[table].first];
    for (unsigned i = 0; i < layout->tables[table].count; ++i, ++field) {
        unsigned char *member = value + field->offset;
        unsigned target = field->target;
        mg_vector vector = {NULL, 1};
        ++*seed;
        switch ((mg_field_kind)field->kind) {
        case MG_FIELD_SCALAR:
        case MG_FIELD_CHOICE: set_scalar(member, field, *seed); continue;
        case MG_FIELD_TAG: *member = (uint8_t)(1 + *seed % layout->unions[target].count); continue;
        case MG_FIELD_STRING: memcpy(member, &field->name, sizeof field->name); continue;
        case MG_FIELD_VECTOR: vector = make_vector(region, field, *seed); break;
        case MG_FIELD_UNION: target = layout->unions[target].members[value[field[-1].offset] - 1];
        /* fall through */
        case MG_FIELD_TABLE:
        case MG_FIELD_TABLES:
            vector.items = get(region, layout->tables[target].size);
            fill(region, target, (unsigned char *)(uintptr_t)vector.items, seed);
        }
        if (field->kind == MG_FIELD_VECTOR || field->kind == MG_FIELD_TABLES)
            memcpy(member, &vector, sizeof vector);
        else
            memcpy(member, &vector.items, sizeof vector.items);
    }
}

static void check_table(unsigned table, unsigned seed, size_t misalignment)
{
    heap_and_region memory;
    open_memory(&memory);
    void *value = get(&memory.region, mg_schema_layout.tables[table].size);
    fill(&memory.region, table, value, &seed);
    text before = dump_table(table, value);
    void *bytes = NULL, *read = NULL;
    size_t size = 0;
    assert_int_equal(
        mg_encode(value, &mg_schema_layout, table, "TFL3", &memory.heap, &bytes, &size, NULL),
        MIDGE_OK);
    unsigned char *moved = malloc(size + misalignment);
    assert_non_null(moved);
    memcpy(moved + misalignment, bytes, size);
    assert_int_equal(mg_decode(moved + misalignment, size, "TFL3", &mg_schema_layout, table, NULL,
                               &memory.region, &read, NULL),
                     MIDGE_OK);
    text after = dump_table(table, read);
    assert_string_equal(before.bytes, after.bytes);
    const mg_field *field = &mg_schema_layout.fields[mg_schema_layout.tables[table].first];
    for (unsigned i = 0; i < mg_schema_layout.tables[table].count; ++i)
        assert_non_null(strstr(after.bytes, field[i].name));
    free(before.bytes);
    free(after.bytes);
    free(moved);
    mg_heap_release(&memory.heap, bytes);
    close_memory(&memory);
}

static void keeps_every_field_of_every_table(void **state)
{
    (void)state;
    assert_int_equal(MG_TABLE_COUNT, 170);
    for (unsigned table = 0; table < MG_TABLE_COUNT; ++table) {
        check_table(table, table, 0);
        check_table(table, table + 7, 1);
    }
    /* A seed for each member of the widest union. */
    for (unsigned seed = 0; seed < 126; ++seed) check_table(MG_TABLE_Operator, seed, 3);
}

/* ---- Malformed models */

/* Reads `size` bytes from memory of that size. What is accepted must be sound through and through:
 * it can be printed, written, and read again as the same. Returns whether it was accepted. */
static bool examine(const unsigned char *from, size_t size)
{
    heap_and_region memory;
    open_memory(&memory);
    unsigned char *bytes = malloc(size + (size == 0));
    assert_non_null(bytes);
    if (size != 0) memcpy(bytes, from, size);
    mg_Model *model = NULL, *again = NULL;
    midge_error error = {MIDGE_OK, ""};
    midge_status status = mg_schema_read(bytes, size, NULL, &memory.region, &model, &error);
    if (status == MIDGE_OK) {
        void *written = NULL;
        size_t written_size = 0;
        assert_int_equal(mg_schema_write(model, &memory.heap, &written, &written_size, NULL),
                         MIDGE_OK);
        assert_int_equal(mg_schema_read(written, written_size, NULL, &memory.region, &again, NULL),
                         MIDGE_OK);
        text before = dump_table(MG_TABLE_Model, model), after = dump_table(MG_TABLE_Model, again);
        assert_string_equal(before.bytes, after.bytes);
        free(before.bytes);
        free(after.bytes);
        mg_heap_release(&memory.heap, written);
    } else {
        assert_true(status == MIDGE_INVALID_MODEL || status == MIDGE_LIMIT_EXCEEDED);
        assert_true(error.message[0] != '\0');
    }
    free(bytes);
    close_memory(&memory);
    return status == MIDGE_OK;
}

static void survives_every_truncation(void **state)
{
    (void)state;
    assert_true(examine(reference, sizeof reference));
    size_t accepted = 0;
    for (size_t size = 0; size < sizeof reference; ++size) accepted += examine(reference, size);
    /* The file ends with a string, its NUL and up to three bytes of padding. */
    assert_true(accepted <= 3);
}

static void ignores_appended_bytes(void **state)
{
    (void)state;
    unsigned char longer[sizeof reference + 100];
    memcpy(longer, reference, sizeof reference);
    memset(longer + sizeof reference, 0xa5, 100);
    for (size_t extra = 1; extra <= 100; ++extra)
        assert_true(examine(longer, sizeof reference + extra));
}

static uint32_t next_random(uint32_t *random)
{
    *random = *random * 1664525u + 1013904223u;
    return *random >> 8;
}

static void survives_changed_bytes(void **state)
{
    (void)state;
    unsigned char changed[sizeof reference];
    uint32_t random = 20;
    size_t refused = 0;
    for (unsigned i = 0; i < 6000; ++i) {
        memcpy(changed, reference, sizeof reference);
        for (unsigned changes = 0; changes <= i % 4; ++changes) {
            size_t at = next_random(&random) % sizeof reference;
            changed[at] = i % 2 == 0 ? (unsigned char)(changed[at] ^ 1u << next_random(&random) % 8)
                                     : (unsigned char)next_random(&random);
        }
        refused += !examine(changed, sizeof changed);
    }
    assert_in_range(refused, 300, 5700);
}

static void survives_blanks_and_splices(void **state)
{
    (void)state;
    unsigned char changed[sizeof reference];
    for (size_t at = 0; at < sizeof reference; at += 3) {
        size_t span = sizeof reference - at < 64 ? sizeof reference - at : 64;
        memcpy(changed, reference, sizeof reference);
        memset(changed + at, 0, span);
        (void)examine(changed, sizeof changed);
        memset(changed + at, 0xff, span);
        (void)examine(changed, sizeof changed);
        /* The front of the file before its own middle. */
        memcpy(changed, reference, sizeof reference);
        memmove(changed + at, changed + sizeof reference / 3, (sizeof reference - at) * 2 / 3);
        (void)examine(changed, sizeof changed);
    }
}

static void names_the_identifier_found(void **state)
{
    (void)state;
    heap_and_region memory;
    open_memory(&memory);
    mg_Model *model = NULL;
    midge_error error = {MIDGE_OK, ""};
    assert_int_equal(mg_schema_read("<!DOCTYPE html>", 15, NULL, &memory.region, &model, &error),
                     MIDGE_INVALID_MODEL);
    assert_string_equal(error.message,
                        "bytes 4 to 7 are \"CTYP\", but those of a model are \"TFL3\"");
    assert_int_equal(mg_schema_read("TFL3", 4, NULL, &memory.region, &model, &error),
                     MIDGE_INVALID_MODEL);
    assert_string_equal(error.message, "4 bytes are too few: a model begins with 8");
    mg_read_limits limits = {.tables = 10};
    assert_int_equal(
        mg_schema_read(reference, sizeof reference, &limits, &memory.region, &model, &error),
        MIDGE_LIMIT_EXCEEDED);
    assert_null(model);
    close_memory(&memory);
}

/* ---- Refused allocations */

static bool survives_refusals(size_t from, size_t count)
{
    counting_allocator counter;
    mg_heap heap = counting_heap(&counter, from, count);
    mg_region region;
    mg_region_init(&region, &heap);
    mg_Model *model = NULL;
    void *bytes = NULL;
    size_t size = 0;
    /* From an odd address, so that vectors are copied. */
    unsigned char *moved = malloc(sizeof reference + 1);
    assert_non_null(moved);
    memcpy(moved + 1, reference, sizeof reference);
    midge_status status = mg_schema_read(moved + 1, sizeof reference, NULL, &region, &model, NULL);
    if (status == MIDGE_OK) status = mg_schema_write(model, &heap, &bytes, &size, NULL);
    if (status != MIDGE_OK) {
        assert_int_equal(status, MIDGE_NO_MEMORY);
        assert_null(bytes);
    }
    mg_heap_release(&heap, bytes);
    mg_region_free(&region);
    free(moved);
    assert_int_equal(counter.live, 0);
    return status == MIDGE_OK;
}

static void survives_every_refused_allocation(void **state)
{
    (void)state;
    size_t once = 0, always = 0;
    while (!survives_refusals(once, 1)) ++once;
    while (!survives_refusals(always, SIZE_MAX)) ++always;
    assert_true(once >= 3);
    assert_int_equal(once, always);
}

/* ---- Dumps */

static void dumps_json(void **state)
{
    (void)state;
    static const float reals[] = {0.1f, -1e30f};
    mg_StableHLOCompositeOptions composite;
    mg_schema_defaults(MG_TABLE_StableHLOCompositeOptions, &composite);
    composite.name = "a\"b\\c\n\xc3\xa9";
    uint8_t bytes[100] = {0};
    composite.composite_attributes = (mg_bytes){bytes, 0};
    text first = dump_table(MG_TABLE_StableHLOCompositeOptions, &composite);
    assert_string_equal(first.bytes, "{\n"
                                     "  \"name\": \"a\\\"b\\\\c\\u000a\\u00c3\\u00a9\",\n"
                                     "  \"decomposition_subgraph_index\": 0,\n"
                                     "  \"composite_attributes\": [],\n"
                                     "  \"composite_attributes_format\": \"FLEXBUFFERS\",\n"
                                     "  \"version\": 0\n"
                                     "}\n");
    composite.composite_attributes.count = 64;
    text second = dump_table(MG_TABLE_StableHLOCompositeOptions, &composite);
    assert_non_null(strstr(second.bytes, "[0, 0, 0"));
    /* 65 zeros: the offset basis times the prime to the 65th, modulo 2^64. */
    composite.composite_attributes.count = 65;
    text third = dump_table(MG_TABLE_StableHLOCompositeOptions, &composite);
    assert_non_null(strstr(third.bytes, "{\"bytes\": 65, \"fnv1a\": \"86e995069ff4d6df\"}"));
    mg_BucketizeOptions bucketize = {{reals, 2}};
    text fourth = dump_table(MG_TABLE_BucketizeOptions, &bucketize);
    assert_string_equal(fourth.bytes, "{\n  \"boundaries\": [0.100000001, -1.00000002e+30]\n}\n");
    mg_PadOptions pad = {0};
    text fifth = dump_table(MG_TABLE_PadOptions, &pad);
    assert_string_equal(fifth.bytes, "{}\n");
    free(first.bytes);
    free(second.bytes);
    free(third.bytes);
    free(fourth.bytes);
    free(fifth.bytes);
}

static midge_status refuse_second(void *context, const char *bytes, size_t length)
{
    unsigned *calls = context;
    (void)bytes;
    (void)length;
    return ++*calls == 2 ? MIDGE_IO_ERROR : MIDGE_OK;
}

static void ends_a_dump_that_cannot_be_written(void **state)
{
    (void)state;
    heap_and_region memory;
    open_memory(&memory);
    mg_Model *model = NULL;
    unsigned calls = 0;
    assert_int_equal(
        mg_schema_read(reference, sizeof reference, NULL, &memory.region, &model, NULL), MIDGE_OK);
    assert_int_equal(mg_schema_dump(model, refuse_second, &calls), MIDGE_IO_ERROR);
    assert_int_equal(calls, 2);
    close_memory(&memory);
}

/* ---- Published models */

static unsigned char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *size = (size_t)ftell(file);
    rewind(file);
    unsigned char *bytes = malloc(*size + (*size == 0));
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

static size_t examine_folder(const char *folder, unsigned depth)
{
    size_t models = 0;
    DIR *directory = opendir(folder);
    if (directory == NULL) return 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char path[1024];
        const char *name = entry->d_name;
        size_t length = strlen(name);
        if (name[0] == '.' || snprintf(path, sizeof path, "%s/%s", folder, name) >= 1024) continue;
        if (depth > 0) models += examine_folder(path, depth - 1);
        if (length < 7 || strcmp(name + length - 7, ".tflite") != 0) continue;
        size_t size = 0;
        unsigned char *bytes = read_file(path, &size);
        if (!examine(bytes, size)) fail_msg("%s is refused", path);
        free(bytes);
        ++models;
    }
    closedir(directory);
    return models;
}

static void keeps_published_models(void **state)
{
    (void)state;
    char folder[1024];
    const char *in_tree = strstr(__FILE__, "tests/unit/");
    int root = in_tree != NULL ? (int)(in_tree - __FILE__) : 0;
    (void)snprintf(folder, sizeof folder, "%.*s../shared/models", root, __FILE__);
    if (examine_folder(folder, 1) == 0) skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_model_written_by_the_reference),
        cmocka_unit_test(knows_names_and_defaults),
        cmocka_unit_test(keeps_every_field_of_every_table),
        cmocka_unit_test(survives_every_truncation),
        cmocka_unit_test(ignores_appended_bytes),
        cmocka_unit_test(survives_changed_bytes),
        cmocka_unit_test(survives_blanks_and_splices),
        cmocka_unit_test(names_the_identifier_found),
        cmocka_unit_test(survives_every_refused_allocation),
        cmocka_unit_test(dumps_json),
        cmocka_unit_test(ends_a_dump_that_cannot_be_written),
        cmocka_unit_test(keeps_published_models),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
