/* SPDX-License-Identifier: Apache-2.0 */
/* Options tables: every field at its extremes, tables that are missing or of another operator. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "hostile.h"
#include "op/op.h"

/* The options table of a node by its description. */
typedef struct node_options {
    const mg_table *table;
    unsigned char *value;
} node_options;

static bool find_options(mg_Operator *node, node_options *options)
{
    bool second = node->builtin_options == NULL;
    unsigned tag = second ? node->builtin_options_2_type : node->builtin_options_type;
    options->value = second ? node->builtin_options_2 : node->builtin_options;
    if (options->value == NULL || tag == 0) return false;
    const mg_union *members =
        &mg_schema_layout.unions[second ? MG_UNION_BuiltinOptions2 : MG_UNION_BuiltinOptions];
    options->table = &mg_schema_layout.tables[members->members[tag - 1]];
    return true;
}

static int32_t node_code(const draft *model, const mg_Operator *node)
{
    return model->model.operator_codes.items[node->opcode_index].builtin_code;
}

static const int64_t whole_numbers[] = {
    0,     -1,      1,         2,         127,       -128,      3,
    65536, 1 << 30, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, INT32_MAX - 1};
static const float real_numbers[] = {0,         -1,      1,      NAN,   INFINITY,
                                     -INFINITY, FLT_MAX, 1e-40f, -0.5f, 1e9f};

enum {
    WHOLE_COUNT = sizeof whole_numbers / sizeof whole_numbers[0],
    REAL_COUNT = sizeof real_numbers / sizeof real_numbers[0],
    CHANGES = WHOLE_COUNT
};

static void put_number(unsigned scalar, unsigned char *member, size_t change)
{
    if (scalar == MG_SCALAR_float)
        memcpy(member, &real_numbers[change % REAL_COUNT], sizeof(float));
    else if (scalar == MG_SCALAR_bool)
        *member = (unsigned char)(change % 2);
    else
        memcpy(member, &whole_numbers[change], mg_scalar_bytes(scalar));
}

/* What must be refused whatever the operator: the rest depends on it. */
typedef struct sure_refusal {
    const char *table, *field;
    int64_t least, most; /* accepted at all */
} sure_refusal;

static const sure_refusal sure_refusals[] = {
    {"Conv2DOptions", "stride_w", 1, INT32_MAX},
    {"Conv2DOptions", "stride_h", 1, INT32_MAX},
    {"Conv2DOptions", "dilation_w_factor", 1, INT32_MAX},
    {"Conv2DOptions", "dilation_h_factor", 1, INT32_MAX},
    {"Conv2DOptions", "padding", 0, 1},
    {"DepthwiseConv2DOptions", "stride_w", 1, INT32_MAX},
    {"DepthwiseConv2DOptions", "stride_h", 1, INT32_MAX},
    {"DepthwiseConv2DOptions", "dilation_h_factor", 1, INT32_MAX},
    {"Pool2DOptions", "stride_w", 1, INT32_MAX},
    {"Pool2DOptions", "stride_h", 1, INT32_MAX},
    {"Pool2DOptions", "filter_width", 1, INT32_MAX},
    {"Pool2DOptions", "filter_height", 1, INT32_MAX},
    {"Pool2DOptions", "padding", 0, 1},
    {"TransposeConvOptions", "stride_w", 1, INT32_MAX},
    {"TransposeConvOptions", "stride_h", 1, INT32_MAX},
    {"Conv3DOptions", "stride_d", 1, INT32_MAX},
    {"Conv3DOptions", "dilation_d_factor", 1, INT32_MAX},
    {"SpaceToDepthOptions", "block_size", 1, INT32_MAX},
    {"DepthToSpaceOptions", "block_size", 1, INT32_MAX},
    {"ConcatenationOptions", "axis", -8, 7},
    {"PackOptions", "axis", -9, 8},
    {"UnpackOptions", "axis", -8, 7},
    {"GatherOptions", "axis", -8, 7},
    {"GatherOptions", "batch_dims", -8, 7},
    {"OneHotOptions", "axis", -1, 8},
    {"SplitOptions", "num_splits", 1, INT32_MAX},
    {"SplitVOptions", "num_splits", 1, INT32_MAX},
    {"SVDFOptions", "rank", 1, INT32_MAX},
    {"SkipGramOptions", "ngram_size", 1, INT32_MAX},
    {"ReverseSequenceOptions", "seq_dim", -8, 7},
    {"ReverseSequenceOptions", "batch_dim", -8, 7},
    {"IfOptions", "then_subgraph_index", 1, 2},
    {"IfOptions", "else_subgraph_index", 1, 2},
    {"WhileOptions", "cond_subgraph_index", 1, 2},
    {"WhileOptions", "body_subgraph_index", 1, 2},
    {"CallOnceOptions", "init_subgraph_index", 1, 1},
    {"StableHLOCompositeOptions", "decomposition_subgraph_index", 1, 1},
};

static bool surely_refused(const mg_table *table, const mg_field *field,
                           const unsigned char *member)
{
    int32_t number = 0;
    if (field->scalar == MG_SCALAR_int8)
        number = *(const int8_t *)member;
    else if (field->scalar == MG_SCALAR_int32)
        memcpy(&number, member, 4);
    for (size_t i = 0; i < sizeof sure_refusals / sizeof sure_refusals[0]; ++i) {
        const sure_refusal *at = &sure_refusals[i];
        if (strcmp(at->table, table->name) == 0 && strcmp(at->field, field->name) == 0)
            return number < at->least || number > at->most;
    }
    return false;
}

/* H10, H20, H21, H30, H42: one scalar of the options. */
static bool mutate_scalar(hostile_case *at)
{
    size_t variant = at->variant;
    hostile_place place;
    node_options options;
    size_t change = hostile_pick(&variant, CHANGES);
    for (size_t n = 0; hostile_node(at->model, n, &place); ++n) {
        if (!find_options(draft_node(at->model, place.graph, place.index), &options)) continue;
        const mg_field *field = &mg_schema_layout.fields[options.table->first];
        for (size_t i = 0; i < options.table->count; ++i, ++field) {
            if (field->kind != MG_FIELD_SCALAR && field->kind != MG_FIELD_CHOICE) continue;
            if (variant-- > 0) continue;
            put_number(field->scalar, options.value + field->offset, change);
            bool sure = surely_refused(options.table, field, options.value + field->offset);
            hostile_note(at, sure ? DRIVE_REJECT : DRIVE_ANY, "%s.%s of node %zu.%zu: change %zu",
                         options.table->name, field->name, place.graph, place.index, change);
            return true;
        }
    }
    return false;
}

static void change_vector(draft *model, const mg_field *field, mg_vector *vector, size_t change)
{
    size_t width = mg_scalar_bytes(field->scalar), count = vector->count;
    unsigned char *items = draft_get(model, (count + 300) * width);
    if (count > 0) memcpy(items, vector->items, count * width);
    switch (change) {
    case 0: *vector = (mg_vector){NULL, 0}; return;
    case 1: *vector = (mg_vector){items, 0}; return;
    case 2: *vector = (mg_vector){items, count > 0 ? count - 1 : 0}; return;
    case 3: *vector = (mg_vector){items, count + 1}; return;
    case 4: *vector = (mg_vector){items, 9}; return;
    case 5: *vector = (mg_vector){items, 300}; return;
    default: break;
    }
    /* One element after the other, at each number. */
    change -= 6;
    size_t element = change / CHANGES;
    if (element < count) put_number(field->scalar, items + element * width, change % CHANGES);
    *vector = (mg_vector){items, count};
}

/* H10, H31, H42: vectors of the options. */
static bool mutate_vector(hostile_case *at)
{
    enum { MOST_ELEMENTS = 6, VECTOR_CHANGES = 6 + MOST_ELEMENTS * CHANGES };
    size_t variant = at->variant;
    hostile_place place;
    node_options options;
    size_t change = hostile_pick(&variant, VECTOR_CHANGES);
    for (size_t n = 0; hostile_node(at->model, n, &place); ++n) {
        if (!find_options(draft_node(at->model, place.graph, place.index), &options)) continue;
        const mg_field *field = &mg_schema_layout.fields[options.table->first];
        for (size_t i = 0; i < options.table->count; ++i, ++field) {
            if (field->kind != MG_FIELD_VECTOR || variant-- > 0) continue;
            mg_vector vector;
            memcpy(&vector, options.value + field->offset, sizeof vector);
            change_vector(at->model, field, &vector, change);
            memcpy(options.value + field->offset, &vector, sizeof vector);
            hostile_note(at, DRIVE_ANY, "%s.%s of node %zu.%zu: change %zu", options.table->name,
                         field->name, place.graph, place.index, change);
            return true;
        }
    }
    return false;
}

/* H24: no options, or those of another operator. */
static bool mutate_table(hostile_case *at)
{
    size_t variant = at->variant;
    hostile_place place;
    size_t number = hostile_pick(&variant, hostile_node_count(at->model));
    size_t change = hostile_pick(&variant, 6);
    if (variant > 0 || !hostile_node(at->model, number, &place)) return false;
    mg_Operator *node = draft_node(at->model, place.graph, place.index);
    const mg_op *row = mg_op_find(node_code(at->model, node), "");
    mg_Conv2DOptions *other = draft_get(at->model, sizeof *other);
    mg_StablehloCaseOptions *other_2 = draft_get(at->model, sizeof *other_2);
    int32_t self = 0;
    other_2->branch_subgraph_indices = draft_int32s(at->model, 1, &self);
    hostile_note(at, DRIVE_ANY, "change %zu of the options of node %zu.%zu", change, place.graph,
                 place.index);
    bool first = row != NULL && row->options_type != 0;
    bool second = row != NULL && row->options_2_type != 0;
    switch (change) {
    case 0: node->builtin_options_type = node->builtin_options_2_type = 0; break;
    case 1: node->builtin_options = node->builtin_options_2 = NULL; break;
    case 2:
        node->builtin_options_type = MG_OPTIONS_Conv2DOptions;
        node->builtin_options = other;
        if (first && row->options_type != MG_OPTIONS_Conv2DOptions)
            at->allowed = DRIVE_REJECT_PREPARE | DRIVE_REJECT_LOAD;
        break;
    case 3:
        node->builtin_options_2_type = MG_OPTIONS_StablehloCaseOptions;
        node->builtin_options_2 = other_2;
        if (second) at->allowed = DRIVE_REJECT_PREPARE | DRIVE_REJECT_LOAD;
        break;
    case 4:
        node->builtin_options_type = 250;
        node->builtin_options = NULL;
        if (first) at->allowed = DRIVE_REJECT_PREPARE;
        break;
    default:
        node->builtin_options_2_type = 250;
        node->builtin_options_2 = NULL;
        if (second) at->allowed = DRIVE_REJECT_PREPARE;
    }
    return true;
}

/* H31: all masks of STRIDED_SLICE with extreme begins, ends and strides. */
static bool mutate_masks(hostile_case *at)
{
    static const int32_t rows[][3] = {{0, 1, 1},
                                      {INT32_MIN, INT32_MAX, 1},
                                      {INT32_MAX, INT32_MIN, -1},
                                      {INT32_MAX, INT32_MIN, INT32_MIN},
                                      {0, 0, 0},
                                      {-1, -1, INT32_MAX},
                                      {1, 0, -1}};
    size_t variant = at->variant;
    const mg_Operator *node = draft_node(at->model, 0, 0);
    if (at->model->model.subgraphs.items[0].operators.count == 0 || node->builtin_options == NULL ||
        node->builtin_options_type != MG_OPTIONS_StridedSliceOptions ||
        node_code(at->model, node) != MG_BUILTIN_STRIDED_SLICE || node->inputs.count < 4)
        return false;
    const int32_t *row = rows[hostile_pick(&variant, sizeof rows / sizeof rows[0])];
    size_t masks = hostile_pick(&variant, 32), mask = hostile_pick(&variant, 4);
    if (variant > 0) return false;
    static const int32_t values[] = {1, 2, 7, -1};
    mg_StridedSliceOptions *options = node->builtin_options;
    int32_t chosen = values[mask];
    options->begin_mask = (masks & 1) != 0 ? chosen : 0;
    options->end_mask = (masks & 2) != 0 ? chosen : 0;
    options->ellipsis_mask = (masks & 4) != 0 ? chosen : 0;
    options->new_axis_mask = (masks & 8) != 0 ? chosen : 0;
    options->shrink_axis_mask = (masks & 16) != 0 ? chosen : 0;
    for (size_t i = 0; i < 3; ++i) {
        size_t index = (size_t)node->inputs.items[1 + i];
        if (index >= at->model->model.subgraphs.items[0].tensors.count) continue;
        const mg_Tensor *tensor = draft_tensor(at->model, 0, index);
        size_t bytes;
        int32_t *values_of = draft_data(at->model, tensor, &bytes);
        for (size_t k = 0; tensor->type == MIDGE_INT32 && k < bytes / 4; ++k) values_of[k] = row[i];
    }
    hostile_note(at, DRIVE_ANY, "masks %zu with value %d from %d to %d by %d", masks, (int)chosen,
                 (int)row[0], (int)row[1], (int)row[2]);
    return true;
}

const hostile_class hostile_options[] = {
    {"H10 H20 H21 H30 H42 scalar", mutate_scalar},
    {"H10 H31 H42 vector", mutate_vector},
    {"H24 table", mutate_table},
    {"H31 masks", mutate_masks},
    {NULL, NULL},
};
