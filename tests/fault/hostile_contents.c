/* SPDX-License-Identifier: Apache-2.0 */
/* Element types, the data of constants, and the operands that decide shapes. */
#include <string.h>

#include "hostile.h"

/* H44, H53: another element type, with or without data to match. */
static bool mutate_type(hostile_case *at)
{
    enum { TYPES = MIDGE_FLOAT8_E5M2 + 3 };
    size_t variant = at->variant;
    hostile_place place;
    size_t number = hostile_pick(&variant, hostile_tensor_count(at->model));
    int type = (int)hostile_pick(&variant, TYPES) - 1;
    if (variant > 0 || !hostile_tensor(at->model, number, &place)) return false;
    mg_Tensor *tensor = draft_tensor(at->model, place.graph, place.index);
    tensor->type = (int8_t)type;
    bool unknown = type < 0 || type > MIDGE_FLOAT8_E5M2;
    hostile_note(at, unknown ? DRIVE_REJECT_LOAD : DRIVE_ANY, "tensor %zu.%zu has type %d",
                 place.graph, place.index, type);
    return true;
}

/* H53: all tensors of one type become those of another. */
static bool mutate_types_together(hostile_case *at)
{
    enum { TYPES = MIDGE_FLOAT8_E5M2 + 1 };
    size_t variant = at->variant;
    hostile_place place;
    int to = (int)hostile_pick(&variant, TYPES);
    if (variant > 0 || !hostile_tensor(at->model, 0, &place)) return false;
    int from = draft_tensor(at->model, 0, 0)->type;
    for (size_t i = 0; hostile_tensor(at->model, i, &place); ++i) {
        mg_Tensor *tensor = draft_tensor(at->model, place.graph, place.index);
        if (tensor->type == from) tensor->type = (int8_t)to;
    }
    hostile_note(at, DRIVE_ANY, "type %d is type %d", from, to);
    return true;
}

static bool is_index_type(int32_t type)
{
    return type == MIDGE_INT32 || type == MIDGE_INT64;
}

/* H10, H15, H21, H26, H31: one element of a constant of indices. */
static bool mutate_index(hostile_case *at)
{
    static const int64_t values[] = {0,         -1,        1,         2,
                                     -9,        9,         1000,      65536,
                                     1 << 30,   INT32_MAX, INT32_MIN, INT32_MIN + 1,
                                     INT64_MAX, INT64_MIN, -2,        3};
    size_t variant = at->variant;
    hostile_place place;
    int64_t value = values[hostile_pick(&variant, sizeof values / sizeof values[0])];
    for (size_t i = 0; hostile_tensor(at->model, i, &place); ++i) {
        const mg_Tensor *tensor = draft_tensor(at->model, place.graph, place.index);
        size_t bytes;
        unsigned char *data = draft_data(at->model, tensor, &bytes);
        size_t width = draft_bytes(tensor->type, 1);
        if (!is_index_type(tensor->type) || bytes == 0) continue;
        if (variant >= bytes / width) {
            variant -= bytes / width;
            continue;
        }
        memcpy(data + variant * width, &value, width);
        hostile_note(at, DRIVE_ANY, "element %zu of tensor %zu.%zu is %lld", variant, place.graph,
                     place.index, (long long)value);
        return true;
    }
    return false;
}

/* The same with all elements at once. */
static bool mutate_all_indices(hostile_case *at)
{
    static const int64_t values[] = {0,         -1,        1,         46341,     65536,
                                     INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, 2};
    size_t variant = at->variant;
    hostile_place place;
    int64_t value = values[hostile_pick(&variant, sizeof values / sizeof values[0])];
    size_t number = hostile_pick(&variant, hostile_tensor_count(at->model));
    if (variant > 0 || !hostile_tensor(at->model, number, &place)) return false;
    const mg_Tensor *tensor = draft_tensor(at->model, place.graph, place.index);
    size_t bytes, width = draft_bytes(tensor->type, 1);
    unsigned char *data = draft_data(at->model, tensor, &bytes);
    if (!is_index_type(tensor->type)) bytes = 0;
    for (size_t i = 0; i < bytes; i += width) memcpy(data + i, &value, width);
    hostile_note(at, DRIVE_ANY, "all elements of tensor %zu.%zu are %lld", place.graph, place.index,
                 (long long)value);
    return true;
}

/* A constant of indices becomes an input, whose data comes with the run: all fills are tried. */
static bool mutate_known_late(hostile_case *at)
{
    size_t variant = at->variant;
    hostile_place place;
    size_t number = hostile_pick(&variant, hostile_tensor_count(at->model));
    if (variant > 0 || !hostile_tensor(at->model, number, &place)) return false;
    mg_Tensor *tensor = draft_tensor(at->model, place.graph, place.index);
    mg_SubGraph *graph = &at->model->model.subgraphs.items[place.graph];
    hostile_note(at, DRIVE_ANY, "tensor %zu.%zu becomes an input", place.graph, place.index);
    if (!hostile_is_constant(at->model, tensor) || place.graph > 0) return true;
    int32_t inputs[128];
    size_t count = graph->inputs.count;
    if (count + 1 > 128) return true;
    if (count > 0) memcpy(inputs, graph->inputs.items, count * sizeof *inputs);
    inputs[count] = (int32_t)place.index;
    graph->inputs = draft_int32s(at->model, count + 1, inputs);
    tensor->buffer = 0;
    return true;
}

/* H44: buffers of other lengths. */
static bool mutate_buffer_length(hostile_case *at)
{
    size_t variant = at->variant;
    mg_Buffer_vector *buffers = &at->model->model.buffers;
    mg_Buffer *buffer = &buffers->items[hostile_pick(&variant, buffers->count)];
    size_t change = hostile_pick(&variant, 5);
    if (variant > 0) return false;
    size_t old = buffer->data.count;
    hostile_note(at, old > 0 && change < 2 ? DRIVE_REJECT : DRIVE_ANY,
                 "change %zu of a buffer of %zu bytes", change, old);
    switch (change) {
    case 0: buffer->data.count = old > 0 ? old - 1 : 0; break;
    case 1: buffer->data.count = 0; break;
    case 2: buffer->data.count = old / 2; break;
    case 3: buffer->offset = 8, buffer->size = UINT64_MAX - 4; break;
    default: *buffer = (mg_Buffer){.offset = 3, .size = old};
    }
    return true;
}

/* H02: custom options and attributes with one byte changed, or cut. */
static bool mutate_custom_options(hostile_case *at)
{
    static const uint8_t bytes[] = {0, 1, 0x7f, 0x80, 0xff};
    size_t variant = at->variant;
    hostile_place place;
    size_t change = hostile_pick(&variant, 6);
    for (size_t i = 0; hostile_node(at->model, i, &place); ++i) {
        mg_bytes *options = &draft_node(at->model, place.graph, place.index)->custom_options;
        if (variant >= options->count) {
            variant -= options->count;
            continue;
        }
        if (change == 5)
            options->count = variant;
        else
            ((uint8_t *)(uintptr_t)options->items)[variant] = bytes[change];
        hostile_note(at, DRIVE_ANY, "change %zu at byte %zu of custom options", change, variant);
        return true;
    }
    return false;
}

const hostile_class hostile_contents[] = {
    {"H44 H53 type", mutate_type},
    {"H53 types", mutate_types_together},
    {"H10 H21 H26 index", mutate_index},
    {"H10 H40 indices", mutate_all_indices},
    {"H26 late", mutate_known_late},
    {"H44 length", mutate_buffer_length},
    {"H02 custom options", mutate_custom_options},
    {NULL, NULL},
};
