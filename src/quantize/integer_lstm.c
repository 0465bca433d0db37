/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UNIDIRECTIONAL_SEQUENCE_LSTM with int8 input, state and weights and an int16 cell, as the integer
 * kernels of TensorFlow Lite have it:
 *
 *   weights, projection   int8, one scale each
 *   peepholes, norms      int16, symmetric
 *   biases                int32, of the scale of input times input weights; of norms: norm / 2^10
 *   projection bias       int32, of the scale of projection times hidden value
 *   output state          int8, of the output's scale
 *   cell state            int16, of a scale that is a power of two
 *   intermediates         int16 sums of the gates before a norm (else unused: 2^-12), and the int8
 *                         hidden value; without projection that is the output
 */
#include <math.h>

#include "quantize/constants.h"
#include "quantize/integer_graph.h"

/* Of the cell: what the kernels' tanh takes. */
enum { LEAST_CELL_EXPONENT = -15, MOST_CELL_EXPONENT = -9 };

/* A bias stays within 30 bits. */
#define MOST_BIAS 1073741824.0f

typedef struct lstm {
    mg_integer_graph *at;
    int32_t node;
    const mg_lstm_ranges *ranges;
    mg_scale input, output, hidden;
} lstm;

static const mg_network_tensor *tensor_at(const lstm *of, size_t index)
{
    return mg_lstm_tensor(of->at->graph, &of->at->graph->nodes[of->node], index);
}

static int32_t *slot(const lstm *of, size_t index)
{
    return &of->at->graph->nodes[of->node].inputs[index];
}

static float scale_at(const lstm *of, size_t index)
{
    return tensor_at(of, index)->quantization.scale[0];
}

/* int8 weights whose scale, times `factor`, lets the bias stay small. */
static midge_status make_weights(const lstm *of, size_t index, const mg_network_tensor *bias,
                                 float factor)
{
    if (tensor_at(of, index) == NULL) return MIDGE_OK;
    float least =
        bias != NULL ? mg_range_magnitude(mg_range_of_constant(bias)) / (factor * MOST_BIAS) : 0.0f;
    int32_t made;
    TRY(mg_add_int8_weights(of->at->network, of->at->graph, *slot(of, index), -1, &least, &made));
    *slot(of, index) = made;
    return MIDGE_OK;
}

static midge_status make_symmetric(const lstm *of, size_t index)
{
    const mg_network_tensor *source = tensor_at(of, index);
    if (source == NULL) return MIDGE_OK;
    mg_scale scale = mg_scale_of_range(MIDGE_INT16, mg_range_of_constant(source));
    int32_t made;
    TRY(mg_add_integers(of->at->network, of->at->graph, *slot(of, index), MIDGE_INT16, scale.scale,
                        0, &made));
    *slot(of, index) = made;
    return MIDGE_OK;
}

static midge_status make_bias(const lstm *of, size_t index, float scale)
{
    if (tensor_at(of, index) == NULL) return MIDGE_OK;
    void *scales = NULL;
    int32_t made;
    TRY(mg_network_memory(of->at->network, sizeof(float), &scales));
    *(float *)scales = scale;
    TRY(mg_add_bias(of->at->network, of->at->graph, *slot(of, index), MIDGE_INT32, 1, scales,
                    &made));
    *slot(of, index) = made;
    return MIDGE_OK;
}

static midge_status make_gate(const lstm *of, size_t gate)
{
    const mg_network_tensor *bias = tensor_at(of, MG_LSTM_BIASES + gate);
    bool normalised = tensor_at(of, MG_LSTM_NORMS + gate) != NULL;
    if (tensor_at(of, MG_LSTM_INPUT_WEIGHTS + gate) == NULL) return MIDGE_OK;
    TRY(make_weights(of, MG_LSTM_INPUT_WEIGHTS + gate, normalised ? NULL : bias, of->input.scale));
    TRY(make_weights(of, MG_LSTM_STATE_WEIGHTS + gate, NULL, 1.0f));
    TRY(make_symmetric(of, MG_LSTM_NORMS + gate));
    return make_bias(of, MG_LSTM_BIASES + gate,
                     normalised ? scale_at(of, MG_LSTM_NORMS + gate) / 1024.0f
                                : of->input.scale * scale_at(of, MG_LSTM_INPUT_WEIGHTS + gate));
}

static midge_status make_projection(const lstm *of)
{
    if (tensor_at(of, MG_LSTM_PROJECTION) == NULL) return MIDGE_OK;
    TRY(make_weights(of, MG_LSTM_PROJECTION, tensor_at(of, MG_LSTM_PROJECTION_BIAS),
                     of->hidden.scale));
    return make_bias(of, MG_LSTM_PROJECTION_BIAS,
                     scale_at(of, MG_LSTM_PROJECTION) * of->hidden.scale);
}

static midge_status make_state(const lstm *of, size_t index, midge_type type, mg_scale scale)
{
    int32_t made;
    TRY(mg_add_twin(of->at, *slot(of, index), "", type, scale, &made));
    of->at->graph->tensors[made].is_variable = true;
    *slot(of, index) = made;
    return MIDGE_OK;
}

static mg_scale cell_scale(mg_range range)
{
    float largest = mg_range_magnitude(range);
    int exponent = LEAST_CELL_EXPONENT;
    while (exponent < MOST_CELL_EXPONENT && ldexpf(32767.0f, exponent) < largest) ++exponent;
    return (mg_scale){ldexpf(1.0f, exponent), 0};
}

/* Of the hidden value: kernels disagree about the sign of its zero point, so that is 0. */
static mg_scale symmetric_scale(mg_range range)
{
    float largest = mg_range_magnitude(range);
    return (mg_scale){largest > 1e-20f ? largest / 127.0f : 1.0f, 0};
}

static midge_status make_intermediates(const lstm *of)
{
    void *memory = NULL;
    TRY(mg_network_memory(of->at->network, (MG_LSTM_GATES + 1) * sizeof(int32_t), &memory));
    int32_t *made = memory;
    const char *name = of->at->graph->tensors[of->ranges->output].name;
    for (size_t k = 0; k <= MG_LSTM_GATES; ++k) {
        bool hidden = k == MG_LSTM_GATES;
        midge_type type = hidden ? MIDGE_INT8 : MIDGE_INT16;
        mg_scale scale = {1.0f / 4096.0f, 0};
        if (hidden)
            scale = of->hidden;
        else if (tensor_at(of, MG_LSTM_NORMS + k) != NULL)
            scale = mg_scale_of_range(MIDGE_INT16, of->ranges->sums[k]);
        const char *own = NULL;
        TRY(mg_network_text(of->at->network, &own, "%s_intermediate_%zu", name, k));
        TRY(mg_network_add(of->at->network, of->at->graph, own, type, 0, NULL, &made[k]));
        TRY(mg_network_quantize(of->at->network, &of->at->graph->tensors[made[k]], scale.scale,
                                scale.zero_point));
    }
    of->at->graph->nodes[of->node].intermediates = made;
    of->at->graph->nodes[of->node].intermediate_count = MG_LSTM_GATES + 1;
    return MIDGE_OK;
}

midge_status mg_make_integer_lstm(mg_integer_graph *at, int32_t node, int32_t output)
{
    lstm of = {.at = at, .node = node};
    for (size_t i = 0; i < at->scales->lstm_count; ++i)
        if (at->scales->lstms[i].ranges.output == output) of.ranges = &at->scales->lstms[i].ranges;
    if (of.ranges == NULL)
        return mg_fail(at->network->error, MIDGE_INVALID_ARGUMENT,
                       "node %d was not calibrated: no sample reached it", (int)node);
    const midge_quantization *input = &tensor_at(&of, 0)->quantization;
    of.input = (mg_scale){input->scale[0], (int32_t)input->zero_point[0]};
    of.output = mg_scales_of(at->scales, output);
    of.hidden =
        tensor_at(&of, MG_LSTM_PROJECTION) != NULL ? symmetric_scale(of.ranges->hidden) : of.output;
    TRY(make_intermediates(&of));
    for (size_t gate = 0; gate < MG_LSTM_GATES; ++gate) TRY(make_gate(&of, gate));
    for (size_t k = 0; k < MG_LSTM_PEEPHOLE_COUNT; ++k)
        TRY(make_symmetric(&of, MG_LSTM_PEEPHOLES + k));
    TRY(make_projection(&of));
    TRY(make_state(&of, MG_LSTM_OUTPUT_STATE, MIDGE_INT8, of.output));
    return make_state(&of, MG_LSTM_CELL_STATE, MIDGE_INT16, cell_scale(of.ranges->cell));
}
