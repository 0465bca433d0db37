/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of src/model, one by one: each breaks a sound model in one place, and the message must
 * name what and where. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "counting_allocator.h"
#include "draft/draft.h"
#include "expect.h"
#include "model/model.h"

/* Two nodes and a second subgraph that the first calls. */
static const char sound[] = "ADD x:f32[2,3] w:f32[3]= -> a:f32[2,3];"
                            "IF c:bool[1] a -> y:f32[2,3] {then_subgraph_index=1 "
                            "else_subgraph_index=2};"
                            "in x c; out y;"
                            "signature serve in=x flag=c -> out=y;"
                            "graph half; MUL p:f32[2,3] h:f32[1]={0.5} -> q:f32[2,3];"
                            "graph same; ADD p:f32[2,3] z:f32[1]={0} -> q:f32[2,3]";

typedef struct rule {
    const char *name;
    void (*change)(draft *model);
    midge_status status;
    const char *message; /* a part of it */
} rule;

static midge_status load(const draft *model, const midge_limits *limits, midge_error *error)
{
    size_t size;
    unsigned char *bytes = draft_write(model, &size);
    counting_allocator counter = {.refuse_from = SIZE_MAX};
    midge_allocator allocator = {&counter, counting_allocate, counting_release};
    midge_model_options options = midge_model_options_default();
    options.allocator = &allocator;
    options.limits = limits;
    midge_model *loaded = NULL;
    midge_status status = midge_model_load_memory(bytes, size, &options, &loaded, error);
    EXPECT((status == MIDGE_OK) == (loaded != NULL), "status %d", status);
    midge_model_free(loaded);
    EXPECT(counter.live == 0, "%zu allocations were kept", counter.live);
    free(bytes);
    return status;
}

static void check_rule(const char *text, const rule *at)
{
    draft model;
    bool parsed = draft_parse(&model, text);
    EXPECT(parsed, "%s", model.error.message);
    if (parsed) {
        midge_error error = {0};
        at->change(&model);
        midge_status status = load(&model, NULL, &error);
        EXPECT(status == at->status, "%s: status %d (%s), need %d", at->name, status, error.message,
               at->status);
        EXPECT(strstr(error.message, at->message) != NULL, "%s: message '%s', need '%s'", at->name,
               error.message, at->message);
    }
    draft_free(&model);
}

static mg_SubGraph *graph(const draft *model, size_t index)
{
    return &model->model.subgraphs.items[index];
}

static void set_index(const mg_int32s *list, size_t at, int32_t value)
{
    ((int32_t *)(uintptr_t)list->items)[at] = value;
}

static mg_QuantizationParameters *quantize(draft *model, mg_Tensor *tensor, size_t scales,
                                           size_t zero_points, int32_t dimension)
{
    mg_QuantizationParameters *made = draft_get(model, sizeof *made);
    made->scale = draft_floats(model, scales, 0.5f);
    made->zero_point = draft_int64s(model, zero_points, 0);
    made->quantized_dimension = dimension;
    tensor->quantization = made;
    return made;
}

/* ---- The head of the file */

static void change_nothing(draft *model)
{
    (void)model;
}

static void old_version(draft *model)
{
    model->model.version = 2;
}

static void no_subgraphs(draft *model)
{
    model->model.subgraphs.count = 0;
}

static void no_buffers(draft *model)
{
    model->model.buffers = (mg_Buffer_vector){NULL, 0};
}

static void add_metadata(draft *model, uint32_t buffer)
{
    mg_Metadata *made = draft_get(model, sizeof *made);
    *made = (mg_Metadata){"note", buffer};
    model->model.metadata = (mg_Metadata_vector){made, 1};
}

static void metadata_without_buffer(draft *model)
{
    add_metadata(model, 77);
}

static void buffer_past_end(draft *model)
{
    uint32_t buffer = draft_buffer(model, 0, NULL);
    model->model.buffers.items[buffer].offset = 1u << 20;
    model->model.buffers.items[buffer].size = 4;
    add_metadata(model, buffer);
}

static void buffer_wraps(draft *model)
{
    uint32_t buffer = draft_buffer(model, 0, NULL);
    model->model.buffers.items[buffer].offset = 8;
    model->model.buffers.items[buffer].size = UINT64_MAX;
    add_metadata(model, buffer);
}

static const rule head_rules[] = {
    {"sound", change_nothing, MIDGE_OK, ""},
    {"version", old_version, MIDGE_INVALID_MODEL, "schema version 2, need 3"},
    {"no subgraph", no_subgraphs, MIDGE_INVALID_MODEL, "the model has no subgraph"},
    {"no buffers", no_buffers, MIDGE_INVALID_MODEL, "the model has no buffers"},
    {"metadata", metadata_without_buffer, MIDGE_INVALID_MODEL, "buffer 77 does not exist"},
    {"far buffer", buffer_past_end, MIDGE_INVALID_MODEL, "(4 bytes at 1048576) passes the end"},
    {"huge buffer", buffer_wraps, MIDGE_INVALID_MODEL, "passes the end of the file"},
};

/* ---- Tensors */

static void unknown_type(draft *model)
{
    draft_tensor(model, 0, 0)->type = 23;
}

static void negative_type(draft *model)
{
    draft_tensor(model, 1, 0)->type = -1;
}

static void external_buffer(draft *model)
{
    draft_tensor(model, 0, 1)->external_buffer = 1;
}

static void nine_dimensions(draft *model)
{
    int32_t ones[] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    draft_tensor(model, 0, 0)->shape = draft_int32s(model, 9, ones);
}

static void nine_open_dimensions(draft *model)
{
    int32_t any[] = {-1, -1, -1, -1, -1, -1, -1, -1, -1};
    draft_tensor(model, 0, 0)->shape_signature = draft_int32s(model, 9, any);
}

static void negative_size(draft *model)
{
    set_index(&draft_tensor(model, 0, 0)->shape, 1, -3);
}

static void huge_shape(draft *model)
{
    int32_t sizes[] = {65536, 32768};
    draft_tensor(model, 0, 0)->shape = draft_int32s(model, 2, sizes);
}

static void wrapping_shape(draft *model)
{
    int32_t sizes[] = {65536, 65536, 65536, 65536};
    draft_tensor(model, 0, 0)->shape = draft_int32s(model, 4, sizes);
}

static void no_such_buffer(draft *model)
{
    draft_tensor(model, 0, 1)->buffer = 1000;
}

static void short_constant(draft *model)
{
    const mg_Tensor *tensor = draft_tensor(model, 0, 1);
    model->model.buffers.items[tensor->buffer].data.count = 11;
}

static void constant_variable(draft *model)
{
    draft_tensor(model, 0, 1)->is_variable = true;
}

static void constant_resource(draft *model)
{
    draft_tensor(model, 0, 1)->type = MIDGE_RESOURCE;
}

static const rule tensor_rules[] = {
    {"type", unknown_type, MIDGE_INVALID_MODEL,
     "subgraph 0 tensor 0 (x): element type 23 is unknown"},
    {"type below", negative_type, MIDGE_INVALID_MODEL, "subgraph 1 tensor 0 (p): element type -1"},
    {"external", external_buffer, MIDGE_INVALID_MODEL, "tensor 1 (w): keeps its data in another"},
    {"rank", nine_dimensions, MIDGE_INVALID_MODEL, "(x): 9 dimensions are more than the 8"},
    {"open rank", nine_open_dimensions, MIDGE_INVALID_MODEL, "(x): 9 dimensions are more"},
    {"negative size", negative_size, MIDGE_INVALID_MODEL, "(x): a size is negative"},
    {"2^31 elements", huge_shape, MIDGE_INVALID_MODEL, "their product passes 2^31 - 1"},
    {"2^64 elements", wrapping_shape, MIDGE_INVALID_MODEL, "their product passes 2^31 - 1"},
    {"buffer", no_such_buffer, MIDGE_INVALID_MODEL, "buffer 1000 does not exist"},
    {"short", short_constant, MIDGE_INVALID_MODEL, "has 11 bytes, 3 elements of float32 need 12"},
    {"variable", constant_variable, MIDGE_INVALID_MODEL, "is a variable, but has constant data"},
    {"resource", constant_resource, MIDGE_INVALID_MODEL, "a resource cannot be a constant"},
};

/* ---- Strings: "x" has two constants, "ab" and "cde" */

static const char strings[] = "GATHER s:str[2]={ab,cde} i:i32[1]={1} -> y:str[1]";

static int32_t *string_table(const draft *model, size_t *bytes)
{
    return draft_data(model, draft_tensor(model, 0, 0), bytes);
}

static void string_count(draft *model)
{
    size_t bytes;
    string_table(model, &bytes)[0] = 3;
}

static void string_count_negative(draft *model)
{
    size_t bytes;
    string_table(model, &bytes)[0] = -2;
}

static void first_string_early(draft *model)
{
    size_t bytes;
    string_table(model, &bytes)[1] = 12;
}

static void strings_backwards(draft *model)
{
    size_t bytes;
    string_table(model, &bytes)[2] = 15;
}

static void strings_past_end(draft *model)
{
    size_t bytes;
    string_table(model, &bytes)[3] = 1000;
}

static void string_table_cut(draft *model)
{
    model->model.buffers.items[draft_tensor(model, 0, 0)->buffer].data.count = 14;
}

static void string_table_tiny(draft *model)
{
    model->model.buffers.items[draft_tensor(model, 0, 0)->buffer].data.count = 3;
}

static const rule string_rules[] = {
    {"sound", change_nothing, MIDGE_OK, ""},
    {"count", string_count, MIDGE_INVALID_MODEL, "(s): string data of 21 bytes holds 3 strings"},
    {"count below", string_count_negative, MIDGE_INVALID_MODEL, "holds -2 strings, need 2"},
    {"first", first_string_early, MIDGE_INVALID_MODEL, "string 0 starts at 12"},
    {"backwards", strings_backwards, MIDGE_INVALID_MODEL, "string 1 starts at 15"},
    {"end", strings_past_end, MIDGE_INVALID_MODEL, "strings end at byte 1000 of 21"},
    {"cut", string_table_cut, MIDGE_INVALID_MODEL, "string data of 14 bytes"},
    {"tiny", string_table_tiny, MIDGE_INVALID_MODEL, "string data of 3 bytes"},
};

/* ---- Quantisation */

static void missing_zero_points(draft *model)
{
    (void)quantize(model, draft_tensor(model, 0, 0), 1, 0, 0);
}

static void dimension_above(draft *model)
{
    (void)quantize(model, draft_tensor(model, 0, 0), 2, 2, 2);
}

static void dimension_below(draft *model)
{
    (void)quantize(model, draft_tensor(model, 0, 0), 2, 2, -1);
}

static void scales_do_not_fit(draft *model)
{
    (void)quantize(model, draft_tensor(model, 0, 0), 3, 3, 0);
}

static void scales_of_one_dimension(draft *model)
{
    (void)quantize(model, draft_tensor(model, 0, 1), 3, 3, 3);
}

static void block_scales(draft *model, int32_t scales, int32_t zero_points, int32_t block)
{
    mg_BlockwiseQuantization *details = draft_get(model, sizeof *details);
    *details = (mg_BlockwiseQuantization){
        .scales = scales, .zero_points = zero_points, .block_size = block};
    mg_QuantizationParameters *made = quantize(model, draft_tensor(model, 0, 0), 0, 0, 0);
    made->details_type = MG_DETAILS_BlockwiseQuantization;
    made->details = details;
}

static void block_scales_sound(draft *model)
{
    block_scales(model, 1, -1, 4);
}

static void block_scales_missing(draft *model)
{
    block_scales(model, 99, -1, 4);
}

static void block_zero_points_missing(draft *model)
{
    block_scales(model, 1, -2, 4);
}

static void block_negative(draft *model)
{
    block_scales(model, 1, -1, -4);
}

static void axes_scales_missing(draft *model)
{
    mg_MultiAxisQuantization *details = draft_get(model, sizeof *details);
    *details = (mg_MultiAxisQuantization){.scales = -1, .block_size = 2};
    mg_QuantizationParameters *made = quantize(model, draft_tensor(model, 0, 0), 0, 0, 0);
    made->details_type = MG_DETAILS_MultiAxisQuantization;
    made->details = details;
}

static const rule quantization_rules[] = {
    {"zero points", missing_zero_points, MIDGE_INVALID_MODEL, "(x): has 1 scales, but 0 zero"},
    {"dimension", dimension_above, MIDGE_INVALID_MODEL, "is quantised along dimension 2 of 2"},
    {"dimension below", dimension_below, MIDGE_INVALID_MODEL, "along dimension -1 of 2"},
    {"scales", scales_do_not_fit, MIDGE_INVALID_MODEL,
     "has 3 scales, need 1 or 2, the size of dimension 0"},
    {"vector", scales_of_one_dimension, MIDGE_OK, ""},
    {"blocks", block_scales_sound, MIDGE_OK, ""},
    {"block scales", block_scales_missing, MIDGE_INVALID_MODEL, "names scales in tensor 99"},
    {"block zeros", block_zero_points_missing, MIDGE_INVALID_MODEL, "zero points in tensor -2"},
    {"block size", block_negative, MIDGE_INVALID_MODEL, "blocks of -4"},
    {"axes", axes_scales_missing, MIDGE_INVALID_MODEL, "names scales in tensor -1"},
};

/* ---- Nodes */

static void no_such_code(draft *model)
{
    draft_node(model, 0, 1)->opcode_index = 500;
}

static void code_placeholder(draft *model)
{
    model->model.operator_codes.items[0].builtin_code = 127;
}

static void code_negative(draft *model)
{
    model->model.operator_codes.items[0].builtin_code = -7;
    model->model.operator_codes.items[0].deprecated_builtin_code = -7;
}

static void code_delegate(draft *model)
{
    model->model.operator_codes.items[0].builtin_code = MG_BUILTIN_DELEGATE;
}

static void input_past_end(draft *model)
{
    set_index(&draft_node(model, 0, 0)->inputs, 1, 5);
}

static void input_below(draft *model)
{
    set_index(&draft_node(model, 0, 0)->inputs, 1, -2);
}

static void output_absent(draft *model)
{
    set_index(&draft_node(model, 0, 0)->outputs, 0, -1);
}

static void intermediate_past_end(draft *model)
{
    int32_t index = 50;
    draft_node(model, 0, 0)->intermediates = draft_int32s(model, 1, &index);
}

static void read_before_made(draft *model)
{
    set_index(&draft_node(model, 0, 0)->inputs, 0, 4);
}

static void read_own_output(draft *model)
{
    set_index(&draft_node(model, 0, 0)->outputs, 0, 0);
}

static void write_constant(draft *model)
{
    set_index(&draft_node(model, 0, 1)->outputs, 0, 1);
}

static void write_variable(draft *model)
{
    draft_tensor(model, 0, 4)->is_variable = true;
}

static void write_twice(draft *model)
{
    int32_t twice[] = {4, 4};
    draft_node(model, 0, 1)->outputs = draft_int32s(model, 2, twice);
}

static void write_input(draft *model)
{
    set_index(&draft_node(model, 0, 0)->outputs, 0, 3);
}

static void custom_options_past_end(draft *model)
{
    mg_Operator *node = draft_node(model, 0, 0);
    model->model.operator_codes.items[0].builtin_code = MG_BUILTIN_CUSTOM;
    model->model.operator_codes.items[0].deprecated_builtin_code = MG_BUILTIN_CUSTOM;
    node->large_custom_options_offset = 100;
    node->large_custom_options_size = UINT64_MAX - 50;
}

static const rule node_rules[] = {
    {"code", no_such_code, MIDGE_INVALID_MODEL, "subgraph 0 node 1: operator code 500, the file"},
    {"placeholder", code_placeholder, MIDGE_INVALID_MODEL, "127 is no operator code"},
    {"negative code", code_negative, MIDGE_INVALID_MODEL, "-7 is no operator code"},
    {"delegate", code_delegate, MIDGE_INVALID_MODEL, "51 is no operator code"},
    {"input", input_past_end, MIDGE_INVALID_MODEL,
     "subgraph 0 node 0: input 1 is tensor 5, the subgraph has 5"},
    {"input below", input_below, MIDGE_INVALID_MODEL, "input 1 is tensor -2"},
    {"output", output_absent, MIDGE_INVALID_MODEL, "output 0 is tensor -1"},
    {"intermediate", intermediate_past_end, MIDGE_INVALID_MODEL, "intermediate 0 is tensor 50"},
    {"order", read_before_made, MIDGE_INVALID_MODEL,
     "subgraph 0 node 0 ADD: tensor 4 (y) is read, but has no data"},
    {"in place", read_own_output, MIDGE_INVALID_MODEL, "tensor 0 (x) is both input and output"},
    {"constant", write_constant, MIDGE_INVALID_MODEL, "node 1 IF: tensor 1 (w) is written, but is"},
    {"variable", write_variable, MIDGE_INVALID_MODEL, "is a constant or a variable"},
    {"twice", write_twice, MIDGE_INVALID_MODEL, "tensor 4 (y) is written, but is an input or"},
    {"graph input", write_input, MIDGE_INVALID_MODEL, "tensor 3 (c) is written, but is an input"},
    {"custom options", custom_options_past_end, MIDGE_INVALID_MODEL, "custom options pass the end"},
};

/* ---- Subgraphs, calls and signatures */

static void graph_input_past_end(draft *model)
{
    set_index(&graph(model, 0)->inputs, 1, 5);
}

static void graph_output_absent(draft *model)
{
    set_index(&graph(model, 0)->outputs, 0, -1);
}

static void graph_input_constant(draft *model)
{
    model->model.signature_defs.count = 0;
    set_index(&graph(model, 0)->inputs, 1, 1);
}

static void graph_output_not_made(draft *model)
{
    graph(model, 2)->operators.count = 0;
}

static mg_IfOptions *branches(const draft *model)
{
    return draft_node(model, 0, 1)->builtin_options;
}

static void branch_missing(draft *model)
{
    branches(model)->then_subgraph_index = 3;
}

static void branch_negative(draft *model)
{
    branches(model)->else_subgraph_index = -1;
}

static void branch_self(draft *model)
{
    branches(model)->else_subgraph_index = 0;
}

static void branch_without_options(draft *model)
{
    draft_node(model, 0, 1)->builtin_options_type = 0;
}

/* The table of another operator beside the one that counts must not hide the call. */
static void branch_behind_composite(draft *model)
{
    mg_StableHLOCompositeOptions *options = draft_get(model, sizeof *options);
    mg_Operator *node = draft_node(model, 0, 1);
    model->model.operator_codes.items[1].builtin_code = MG_BUILTIN_STABLEHLO_COMPOSITE;
    options->decomposition_subgraph_index = 0;
    node->builtin_options_2_type = MG_OPTIONS_StableHLOCompositeOptions;
    node->builtin_options_2 = options;
}

static void signature_graph(draft *model)
{
    model->model.signature_defs.items[0].subgraph_index = 3;
}

static void signature_key(draft *model)
{
    model->model.signature_defs.items[0].signature_key = NULL;
}

static void signature_tensor(draft *model)
{
    model->model.signature_defs.items[0].outputs.items[0].tensor_index = UINT32_MAX;
}

static void signature_input(draft *model)
{
    model->model.signature_defs.items[0].inputs.items[0].tensor_index = 2;
}

static const rule graph_rules[] = {
    {"input", graph_input_past_end, MIDGE_INVALID_MODEL,
     "subgraph 0: input 1 is tensor 5, the subgraph has 5"},
    {"output", graph_output_absent, MIDGE_INVALID_MODEL, "subgraph 0: output 0 is tensor -1"},
    {"constant input", graph_input_constant, MIDGE_INVALID_MODEL,
     "subgraph 0: input 1 (tensor 1) is a constant"},
    {"output not made", graph_output_not_made, MIDGE_INVALID_MODEL,
     "subgraph 2: no node makes output 0 (tensor 2)"},
    {"branch", branch_missing, MIDGE_INVALID_MODEL,
     "subgraph 0 node 1 IF: subgraph 3 does not exist, the file has 3"},
    {"branch below", branch_negative, MIDGE_INVALID_MODEL, "subgraph -1 does not exist"},
    {"cycle", branch_self, MIDGE_INVALID_MODEL, "is called in a cycle or more than 8 calls deep"},
    {"no options", branch_without_options, MIDGE_INVALID_MODEL,
     "is called in a cycle or more than 8 calls deep"},
    {"two options", branch_behind_composite, MIDGE_INVALID_MODEL,
     "is called in a cycle or more than 8 calls deep"},
    {"signature graph", signature_graph, MIDGE_INVALID_MODEL,
     "signature 0 belongs to subgraph 3 of 3"},
    {"signature key", signature_key, MIDGE_INVALID_MODEL, "signature 0 has no key"},
    {"signature tensor", signature_tensor, MIDGE_INVALID_MODEL,
     "signature serve: tensor 4294967295 does not exist"},
    {"signature input", signature_input, MIDGE_INVALID_MODEL,
     "signature serve: tensor 2 is named as an input, but is none"},
};

static void check_rules(const char *text, const rule *rules, size_t count)
{
    for (size_t i = 0; i < count; ++i) check_rule(text, &rules[i]);
}

#define CHECK_RULES(text, rules) check_rules(text, rules, sizeof(rules) / sizeof(rules)[0])

int main(void)
{
    CHECK_RULES(sound, head_rules);
    CHECK_RULES(sound, tensor_rules);
    CHECK_RULES(strings, string_rules);
    CHECK_RULES(sound, quantization_rules);
    CHECK_RULES(sound, node_rules);
    CHECK_RULES(sound, graph_rules);
    return expect_finish();
}
