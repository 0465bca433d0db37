/* SPDX-License-Identifier: Apache-2.0 */
/* Operator codes, and the lists by which nodes, tensors and buffers refer to each other. */
#include "hostile.h"

/* H03: versions and codes that nobody has. */
static bool mutate_code(hostile_case *at)
{
    static const int32_t versions[] = {INT32_MAX, 1000, 0, -1, INT32_MIN};
    static const int32_t codes[] = {127, 300, 1000, INT32_MAX, -1};
    mg_OperatorCode_vector *list = &at->model->model.operator_codes;
    size_t variant = at->variant;
    mg_OperatorCode *code = &list->items[hostile_pick(&variant, list->count)];
    size_t change = hostile_pick(&variant, 12);
    if (variant > 0 || list->count == 0) return false;
    if (change < 5) {
        code->version = versions[change];
        bool newer = change < 2 && code->builtin_code != MG_BUILTIN_CUSTOM;
        hostile_note(at, newer ? DRIVE_REJECT_PREPARE : DRIVE_ANY, "version %d",
                     (int)versions[change]);
    } else if (change < 10) {
        code->builtin_code = codes[change - 5];
        code->deprecated_builtin_code = (int8_t)(change == 9 ? -1 : 0);
        hostile_note(at, DRIVE_REJECT, "code %d", (int)codes[change - 5]);
    } else if (change == 10) {
        code->builtin_code = code->deprecated_builtin_code = MG_BUILTIN_CUSTOM;
        code->custom_code = "\x01%s%n\xff";
        hostile_note(at, DRIVE_REJECT_PREPARE, "custom operator with a bad name");
    } else {
        list->count = 0;
        hostile_note(at, DRIVE_REJECT_LOAD, "no operator codes");
    }
    return true;
}

/* H12: what was a constant is none, and the reverse. */
static bool mutate_constness(hostile_case *at)
{
    size_t variant = at->variant;
    hostile_place place;
    size_t number = hostile_pick(&variant, hostile_tensor_count(at->model));
    size_t change = hostile_pick(&variant, 4);
    if (variant > 0 || !hostile_tensor(at->model, number, &place)) return false;
    mg_Tensor *tensor = draft_tensor(at->model, place.graph, place.index);
    static const uint8_t some[64] = {2, 0, 0, 0, 16, 0, 0, 0, 17, 0, 0, 0, 18, 0, 0, 0, 7, 7};
    switch (change) {
    case 0:
        hostile_note(at, hostile_is_constant(at->model, tensor) ? DRIVE_REJECT : DRIVE_ANY,
                     "tensor %zu.%zu has no data", place.graph, place.index);
        tensor->buffer = 0;
        break;
    case 1:
        hostile_note(at, DRIVE_ANY, "tensor %zu.%zu has 64 bytes of data", place.graph,
                     place.index);
        tensor->buffer = draft_buffer(at->model, sizeof some, some);
        break;
    case 2:
        hostile_note(at, hostile_is_constant(at->model, tensor) ? DRIVE_REJECT_LOAD : DRIVE_ANY,
                     "tensor %zu.%zu is %sa variable", place.graph, place.index,
                     tensor->is_variable ? "no longer " : "");
        tensor->is_variable = !tensor->is_variable;
        break;
    default:
        tensor->buffer = INT32_MAX;
        hostile_note(at, DRIVE_REJECT_LOAD, "tensor %zu.%zu has a buffer that is not there",
                     place.graph, place.index);
    }
    return true;
}

/* All inputs known: everything is folded in prepare. */
static bool mutate_all_constant(hostile_case *at)
{
    if (at->variant >= DRIVE_FILLS) return false;
    for (size_t i = 0; i < at->model->model.subgraphs.items[0].inputs.count; ++i) {
        int32_t index = at->model->model.subgraphs.items[0].inputs.items[i];
        if (index < 0 || (size_t)index >= at->model->model.subgraphs.items[0].tensors.count)
            return false;
        mg_Tensor *tensor = draft_tensor(at->model, 0, (size_t)index);
        size_t bytes = draft_bytes(tensor->type, hostile_elements(tensor));
        if (bytes == 0) return false;
        void *data = draft_get(at->model, bytes);
        drive_fill_elements((midge_type)tensor->type, data, bytes, (drive_fill)at->variant);
        tensor->buffer = draft_buffer(at->model, bytes, data);
    }
    at->model->model.subgraphs.items[0].inputs.count = 0;
    hostile_note(at, DRIVE_ANY, "all inputs are constants of fill %zu", at->variant);
    return true;
}

/* H13: a tensor made twice, or read and made at once. */
static bool mutate_makers(hostile_case *at)
{
    size_t variant = at->variant;
    hostile_place place;
    size_t number = hostile_pick(&variant, hostile_node_count(at->model));
    size_t change = hostile_pick(&variant, 4);
    if (variant > 0 || !hostile_node(at->model, number, &place)) return false;
    mg_Operator *node = draft_node(at->model, place.graph, place.index);
    mg_SubGraph *graph = &at->model->model.subgraphs.items[place.graph];
    hostile_note(at, DRIVE_ANY, "node %zu.%zu", place.graph, place.index);
    if (node->outputs.count == 0) return true;
    int32_t output = node->outputs.items[0];
    if (change == 0 && node->inputs.count > 0) {
        hostile_set(&node->inputs, 0, output);
        hostile_note(at, DRIVE_REJECT_LOAD, "node %zu.%zu reads its output", place.graph,
                     place.index);
    } else if (change == 1) {
        int32_t twice[] = {output, output};
        node->outputs = draft_int32s(at->model, 2, twice);
        hostile_note(at, DRIVE_REJECT_LOAD, "node %zu.%zu makes its output twice", place.graph,
                     place.index);
    } else if (change == 2) {
        graph->inputs = draft_int32s(at->model, 1, &output);
        hostile_note(at, DRIVE_REJECT_LOAD, "an output of node %zu.%zu is the input", place.graph,
                     place.index);
    } else if (change == 3 && graph->operators.count < 40) {
        mg_Operator again = *node;
        graph->operators.items[graph->operators.count++] = again;
        hostile_note(at, DRIVE_REJECT_LOAD, "node %zu.%zu is there twice", place.graph,
                     place.index);
    }
    return true;
}

/* The list `number` of a node: inputs, outputs, intermediates. */
static mg_int32s *node_list(mg_Operator *node, size_t number)
{
    return number == 0 ? &node->inputs : number == 1 ? &node->outputs : &node->intermediates;
}

/* H14: indices that lead nowhere. */
static bool mutate_indices(hostile_case *at)
{
    static const int32_t indices[] = {-1, -2, INT32_MIN, INT32_MAX, DRIVE_ANY};
    size_t variant = at->variant;
    hostile_place place;
    size_t change = hostile_pick(&variant, sizeof indices / sizeof indices[0]);
    for (size_t number = 0; hostile_node(at->model, number, &place); ++number) {
        mg_Operator *node = draft_node(at->model, place.graph, place.index);
        size_t tensors = at->model->model.subgraphs.items[place.graph].tensors.count;
        for (size_t list = 0; list < 3; ++list) {
            mg_int32s *entries = node_list(node, list);
            if (variant >= entries->count) {
                variant -= entries->count;
                continue;
            }
            int32_t index = change == 4 ? (int32_t)tensors : indices[change];
            hostile_set(entries, variant, index);
            hostile_note(at, change == 0 && list == 0 ? DRIVE_ANY : DRIVE_REJECT_LOAD,
                         "entry %zu of list %zu of node %zu.%zu is %d", variant, list, place.graph,
                         place.index, (int)index);
            return true;
        }
    }
    return false;
}

/* H14: too few and too many. */
static bool mutate_arity(hostile_case *at)
{
    size_t variant = at->variant;
    hostile_place place;
    size_t number = hostile_pick(&variant, hostile_node_count(at->model));
    size_t list = hostile_pick(&variant, 3), change = hostile_pick(&variant, 5);
    if (variant > 0 || !hostile_node(at->model, number, &place)) return false;
    mg_int32s *entries = node_list(draft_node(at->model, place.graph, place.index), list);
    int32_t longer[400];
    size_t count = entries->count < 399 ? entries->count : 399;
    hostile_note(at, DRIVE_ANY, "change %zu of the length of list %zu of node %zu.%zu", change,
                 list, place.graph, place.index);
    if (count == 0) return true;
    for (size_t i = 0; i < 400; ++i) longer[i] = entries->items[i < count ? i : count - 1];
    switch (change) {
    case 0: entries->count = 0; break;
    case 1: entries->count = count - 1; break;
    case 2: *entries = draft_int32s(at->model, count + 1, longer); break;
    case 3: *entries = draft_int32s(at->model, 400, longer); break;
    default: *entries = (mg_int32s){NULL, 0};
    }
    return true;
}

/* Inputs and outputs of the graphs. */
static bool mutate_ends(hostile_case *at)
{
    size_t variant = at->variant;
    mg_SubGraph_vector *graphs = &at->model->model.subgraphs;
    size_t number = hostile_pick(&variant, graphs->count);
    bool inputs = hostile_pick(&variant, 2) == 0;
    size_t change = hostile_pick(&variant, 6);
    if (variant > 0) return false;
    mg_SubGraph *graph = &graphs->items[number];
    mg_int32s *ends = inputs ? &graph->inputs : &graph->outputs;
    hostile_note(at, DRIVE_ANY, "change %zu of the %s of graph %zu", change,
                 inputs ? "inputs" : "outputs", number);
    int32_t twice[2] = {ends->count > 0 ? ends->items[0] : 0, ends->count > 0 ? ends->items[0] : 0};
    int32_t bad = change == 3 ? -1 : change == 4 ? (int32_t)graph->tensors.count : INT32_MIN;
    switch (change) {
    case 0: ends->count = 0; break;
    case 1: *ends = draft_int32s(at->model, 2, twice); break;
    case 2: *ends = (mg_int32s){NULL, 0}; break;
    default: *ends = draft_int32s(at->model, 1, &bad); at->allowed = DRIVE_REJECT_LOAD;
    }
    return true;
}

const hostile_class hostile_links[] = {
    {"H03 codes", mutate_code},          {"H12 constants", mutate_constness},
    {"H12 folded", mutate_all_constant}, {"H13 makers", mutate_makers},
    {"H14 indices", mutate_indices},     {"H14 arity", mutate_arity},
    {"H14 ends", mutate_ends},           {NULL, NULL},
};
