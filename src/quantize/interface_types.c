/* SPDX-License-Identifier: Apache-2.0 */
/* The types of a quantised graph's inputs and outputs. */
#include "quantize/integer_graph.h"

/* Lets the graph's input or output, and the signatures' names for it, mean another tensor. */
static void redirect(mg_integer_graph *at, bool outputs, int32_t from, int32_t to)
{
    size_t count = outputs ? at->graph->output_count : at->graph->input_count;
    int32_t *tensors = outputs ? at->graph->outputs : at->graph->inputs;
    for (size_t k = 0; k < count; ++k)
        if (tensors[k] == from) tensors[k] = to;
    for (size_t s = 0; s < at->network->signature_count; ++s) {
        mg_network_signature *signature = &at->network->signatures[s];
        if (signature->graph != 0) continue;
        size_t bound = outputs ? signature->output_count : signature->input_count;
        mg_network_binding *bindings = outputs ? signature->outputs : signature->inputs;
        for (size_t k = 0; k < bound; ++k)
            if (bindings[k].tensor == from) bindings[k].tensor = to;
    }
}

/* The scale of an interface type for a tensor with this scale: uint8 has int8's, shifted. */
static mg_scale interface_scale(midge_type type, mg_scale scale)
{
    if (type == MIDGE_UINT8) scale.zero_point += 128;
    return scale;
}

/* A tensor of the float graph that is no constant and had values in the samples. */
static bool has_scale(const mg_integer_graph *at, int32_t tensor)
{
    return (size_t)tensor < at->scales->tensor_count &&
           at->graph->tensors[tensor].type == MIDGE_FLOAT32 &&
           at->graph->tensors[tensor].data == NULL && at->scales->groups[tensor].range.seen;
}

midge_status mg_set_input_types(mg_integer_graph *at)
{
    midge_type type = at->options->input_type;
    if (type == MIDGE_FLOAT32) return MIDGE_OK;
    for (size_t k = 0; k < at->graph->input_count; ++k) {
        int32_t tensor = at->graph->inputs[k], input;
        if (!has_scale(at, tensor)) continue;
        mg_scale scale = mg_scales_of(at->scales, tensor);
        bool direct = type == at->scales->type;
        TRY(mg_add_twin(at, tensor, "", type, interface_scale(type, scale), &input));
        at->twins[tensor] = input;
        if (!direct)
            TRY(mg_add_twin(at, tensor, "_int8", at->scales->type, scale, &at->twins[tensor]));
        redirect(at, false, tensor, input);
        TRY(mg_network_text(at->network, &at->graph->tensors[tensor].name, "%s_float",
                            at->graph->tensors[tensor].name));
        if (at->read_as_float[tensor])
            TRY(mg_add_conversion(at, 0, MG_BUILTIN_DEQUANTIZE, at->twins[tensor], tensor));
        if (!direct) TRY(mg_add_conversion(at, 0, MG_BUILTIN_QUANTIZE, input, at->twins[tensor]));
    }
    return MIDGE_OK;
}

midge_status mg_set_output_types(mg_integer_graph *at)
{
    midge_type type = at->options->output_type;
    if (type == MIDGE_FLOAT32) return MIDGE_OK;
    for (size_t k = 0; k < at->graph->output_count; ++k) {
        int32_t tensor = at->graph->outputs[k], output;
        if (!has_scale(at, tensor)) continue;
        int32_t twin = at->twins[tensor];
        if (twin >= 0 && type == at->scales->type) {
            redirect(at, true, tensor, twin);
            continue;
        }
        mg_scale scale = interface_scale(type, mg_scales_of(at->scales, tensor));
        TRY(mg_add_twin(at, tensor, "", type, scale, &output));
        TRY(mg_add_conversion(at, -1, MG_BUILTIN_QUANTIZE, twin >= 0 ? twin : tensor, output));
        redirect(at, true, tensor, output);
    }
    return MIDGE_OK;
}
