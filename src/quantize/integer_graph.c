/* SPDX-License-Identifier: Apache-2.0 */
#include "quantize/integer_graph.h"

#include <math.h>
#include <string.h>

#include "quantize/constants.h"

midge_status mg_add_twin(mg_integer_graph *at, int32_t like, const char *suffix, midge_type type,
                         mg_scale scale, int32_t *made)
{
    const char *name = at->graph->tensors[like].name;
    if (suffix[0] != '\0') TRY(mg_network_text(at->network, &name, "%s%s", name, suffix));
    TRY(mg_network_add(at->network, at->graph, name, type, at->graph->tensors[like].rank,
                       at->graph->tensors[like].shape, made));
    mg_network_tensor *twin = &at->graph->tensors[*made];
    memcpy(twin->open, at->graph->tensors[like].open, sizeof twin->open);
    return mg_network_quantize(at->network, twin, scale.scale, scale.zero_point);
}

midge_status mg_add_conversion(mg_integer_graph *at, int32_t before, int32_t op, int32_t from,
                               int32_t to)
{
    return mg_network_add_node(at->network, at->graph, before, op, "", 1, &from, 1, &to, NULL);
}

/* The type whose name stands behind an integer tensor's name. */
static const char *suffix_of(midge_type type)
{
    return type == MIDGE_INT16 ? "_int16" : "_int8";
}

/* ---- Who reads a tensor as float ---- */

static bool is_output(const mg_network_graph *graph, int32_t tensor)
{
    for (size_t k = 0; k < graph->output_count; ++k)
        if (graph->outputs[k] == tensor) return true;
    return false;
}

/* Before anything is rewritten. */
static midge_status find_float_readers(mg_integer_graph *at)
{
    const mg_network_graph *graph = at->graph;
    void *memory = NULL;
    TRY(mg_network_memory(at->network, at->scales->tensor_count * sizeof(bool), &memory));
    at->read_as_float = memory;
    for (size_t n = 0; n < graph->node_count; ++n) {
        if (at->scales->schemes[n] != NULL || graph->nodes[n].removed) continue;
        for (size_t k = 0; k < graph->nodes[n].input_count; ++k)
            if (graph->nodes[n].inputs[k] >= 0) at->read_as_float[graph->nodes[n].inputs[k]] = true;
    }
    for (size_t k = 0; k < graph->output_count; ++k)
        if (at->options->output_type == MIDGE_FLOAT32) at->read_as_float[graph->outputs[k]] = true;
    return MIDGE_OK;
}

/* ---- Operands ---- */

static bool same_scale(const midge_quantization *have, mg_scale wanted)
{
    return have->scale[0] == wanted.scale && have->zero_point[0] == wanted.zero_point;
}

/* The integer twin of an activation that node *n reads, made in front of it where there is none.
 * `wanted` NULL: any scale will do. */
static midge_status integer_input(mg_integer_graph *at, int32_t *n, int32_t tensor,
                                  const mg_scale *wanted, int32_t *twin)
{
    midge_type type = at->scales->type;
    const mg_network_tensor *source = &at->graph->tensors[tensor];
    if (source->data != NULL) {
        mg_scale scale =
            wanted != NULL
                ? *wanted
                : mg_scale_of_range(type, mg_scales_of_constant_range(at->scales, tensor));
        return mg_add_integers(at->network, at->graph, tensor, type, scale.scale, scale.zero_point,
                               twin);
    }
    if (at->twins[tensor] < 0) {
        TRY(mg_add_twin(at, tensor, suffix_of(type), type, mg_scales_of(at->scales, tensor),
                        &at->twins[tensor]));
        TRY(mg_add_conversion(at, (*n)++, MG_BUILTIN_QUANTIZE, tensor, at->twins[tensor]));
    }
    *twin = at->twins[tensor];
    if (wanted == NULL || same_scale(&at->graph->tensors[*twin].quantization, *wanted))
        return MIDGE_OK;
    TRY(mg_add_twin(at, tensor, "_requantized", type, *wanted, twin));
    return mg_add_conversion(at, (*n)++, MG_BUILTIN_QUANTIZE, at->twins[tensor], *twin);
}

/* A bias must stay within 30 bits, or sums that begin with it overflow: the scales of the weights,
 * of which it has multiples, have a lower bound. */
static midge_status least_scales(mg_integer_graph *at, const mg_network_tensor *bias,
                                 float input_scale, float **least)
{
    size_t count = bias->bytes / sizeof(float);
    void *memory = NULL;
    TRY(mg_network_memory(at->network, count * sizeof(float), &memory));
    *least = memory;
    for (size_t i = 0; i < count; ++i)
        (*least)[i] = fabsf(((const float *)bias->data)[i]) / (input_scale * 1073741824.0f);
    return MIDGE_OK;
}

/* `source` is the float tensor that the weights multiply. */
static midge_status make_weights(mg_integer_graph *at, int32_t n, const mg_scheme *scheme,
                                 int32_t source)
{
    mg_network_node *node = &at->graph->nodes[n];
    int32_t input = scheme->op == MG_BUILTIN_TRANSPOSE_CONV ? 2 : 0;
    float input_scale = at->graph->tensors[node->inputs[input]].quantization.scale[0];
    size_t slot = (size_t)scheme->bias;
    bool biased = slot < node->input_count && node->inputs[slot] >= 0;
    float *least = NULL;
    int32_t weights, bias;
    if (biased && at->scales->type == MIDGE_INT8)
        TRY(least_scales(at, &at->graph->tensors[node->inputs[slot]], input_scale, &least));
    TRY(mg_add_int8_weights(at->network, at->graph, node->inputs[scheme->weights], scheme->axis,
                            least, &weights));
    if (!biased) {
        node->inputs[scheme->weights] = weights;
        return MIDGE_OK;
    }
    int32_t given = node->inputs[slot];
    TRY(mg_without_shift(at->network, at->graph, scheme->op, &at->scales->means[source],
                         node->inputs[scheme->weights], weights, &given));
    node->inputs[scheme->weights] = weights;
    midge_quantization of = at->graph->tensors[weights].quantization;
    void *memory = NULL;
    TRY(mg_network_memory(at->network, of.count * sizeof(float), &memory));
    float *scales = memory;
    for (size_t i = 0; i < of.count; ++i) scales[i] = input_scale * of.scale[i];
    TRY(mg_add_bias(at->network, at->graph, given,
                    at->scales->type == MIDGE_INT8 ? MIDGE_INT32 : MIDGE_INT64, of.count, scales,
                    &bias));
    node->inputs[slot] = bias;
    return MIDGE_OK;
}

/* ---- Nodes ---- */

static midge_status make_outputs(mg_integer_graph *at, int32_t *n)
{
    midge_type type = at->scales->type;
    int32_t node = *n;
    for (size_t k = 0; k < at->graph->nodes[node].output_count; ++k) {
        int32_t tensor = at->graph->nodes[node].outputs[k];
        if (at->graph->tensors[tensor].type != MIDGE_FLOAT32) continue;
        bool needed = at->read_as_float[tensor];
        bool exported = needed && is_output(at->graph, tensor);
        int32_t twin;
        TRY(mg_add_twin(at, tensor, exported ? suffix_of(type) : "", type,
                        mg_scales_of(at->scales, tensor), &twin));
        at->twins[tensor] = twin;
        at->graph->nodes[node].outputs[k] = twin;
        if (needed && !exported)
            TRY(mg_network_text(at->network, &at->graph->tensors[tensor].name, "%s_float",
                                at->graph->tensors[tensor].name));
        if (needed) TRY(mg_add_conversion(at, ++*n, MG_BUILTIN_DEQUANTIZE, twin, tensor));
    }
    return MIDGE_OK;
}

/* int16 sums need the general form: their scales are no powers of two. */
static void set_options(mg_network_node *node)
{
    if (node->op == MG_BUILTIN_ADD && node->options != NULL)
        ((mg_AddOptions *)node->options)->pot_scale_int16 = false;
    if (node->op == MG_BUILTIN_SUB && node->options != NULL)
        ((mg_SubOptions *)node->options)->pot_scale_int16 = false;
}

/* Rewrites node *n; *n becomes the number of the last node that stands for it. */
static midge_status make_node(mg_integer_graph *at, int32_t *n, const mg_scheme *scheme)
{
    mg_scale shared = mg_scales_of(at->scales, at->graph->nodes[*n].outputs[0]);
    bool same = scheme->rule == MG_SCALES_SAME;
    int32_t multiplied =
        at->graph->nodes[*n].inputs[scheme->op == MG_BUILTIN_TRANSPOSE_CONV ? 2 : 0];
    for (size_t k = 0; k < at->graph->nodes[*n].input_count; ++k) {
        int32_t tensor = at->graph->nodes[*n].inputs[k], twin;
        if (!mg_scheme_activation(scheme, k) || tensor < 0) continue;
        TRY(integer_input(at, n, tensor, same ? &shared : NULL, &twin));
        at->graph->nodes[*n].inputs[k] = twin;
    }
    if (scheme->weights >= 0) TRY(make_weights(at, *n, scheme, multiplied));
    if (scheme->op == MG_BUILTIN_UNIDIRECTIONAL_SEQUENCE_LSTM)
        TRY(mg_make_integer_lstm(at, *n, at->graph->nodes[*n].outputs[0]));
    if (at->scales->type == MIDGE_INT16) set_options(&at->graph->nodes[*n]);
    return make_outputs(at, n);
}

midge_status mg_make_integer(mg_network *network, const midge_optimize_options *options,
                             mg_scales *scales)
{
    mg_integer_graph at = {network, &network->graphs[0], scales, options, NULL, NULL};
    void *memory = NULL;
    TRY(mg_network_memory(network, scales->tensor_count * sizeof(int32_t), &memory));
    at.twins = scales->twins = memory;
    for (size_t i = 0; i < scales->tensor_count; ++i) at.twins[i] = -1;
    TRY(find_float_readers(&at));
    TRY(mg_set_input_types(&at));
    int32_t n = (int32_t)(at.graph->node_count - scales->node_count);
    for (size_t original = 0; original < scales->node_count; ++original, ++n)
        if (scales->schemes[original] != NULL) TRY(make_node(&at, &n, scales->schemes[original]));
    return mg_set_output_types(&at);
}
