/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The version of an operator that a node needs: the smallest that older runtimes must know to run
 * it right. Source: the version rules of TensorFlow Lite's writer (op_version.cc), as facts.
 */
#include "network/network.h"

/* What the rules look at. Absent tensors have type NONE. */
enum { NONE = -1 };

typedef struct facts {
    const mg_network_graph *graph;
    const mg_network_node *node;
    int input, second, third, output; /* types of inputs 0, 1, 2 and output 0 */
} facts;

static const mg_network_tensor *input_at(const facts *at, size_t index)
{
    if (index >= at->node->input_count || at->node->inputs[index] < 0) return NULL;
    return &at->graph->tensors[at->node->inputs[index]];
}

static int type_of(const mg_network_tensor *tensor)
{
    return tensor != NULL ? (int)tensor->type : NONE;
}

static int32_t rank_of(const facts *at, size_t index)
{
    const mg_network_tensor *tensor = input_at(at, index);
    return tensor != NULL ? tensor->rank : 0;
}

static bool per_channel(const facts *at, size_t index)
{
    const mg_network_tensor *tensor = input_at(at, index);
    return tensor != NULL && tensor->quantization.count > 1;
}

static bool is_quantized(const facts *at)
{
    const mg_network_tensor *tensor = input_at(at, 0);
    return tensor != NULL && tensor->quantization.count > 0;
}

static bool broadcasts(const facts *at)
{
    const mg_network_tensor *a = input_at(at, 0), *b = input_at(at, 1);
    if (a == NULL || b == NULL || a->rank != b->rank) return true;
    for (int32_t i = 0; i < a->rank; ++i)
        if (a->shape[i] != b->shape[i]) return true;
    return false;
}

static bool eight_bits(int type)
{
    return type == MIDGE_INT8 || type == MIDGE_UINT8;
}

/* By the type of the tensor that decides: int8 2, int16 3, else 1. */
static int32_t plain(int type)
{
    return type == MIDGE_INT16 ? 3 : type == MIDGE_INT8 ? 2 : 1;
}

static int32_t convolution(const facts *at)
{
    const mg_Conv2DOptions *options = at->node->options;
    const mg_network_tensor *input = input_at(at, 0), *filter = input_at(at, 1);
    bool grouped = input != NULL && filter != NULL && input->rank == 4 && filter->rank == 4 &&
                   filter->shape[3] != 0 && input->shape[3] != filter->shape[3];
    if (at->input == MIDGE_INT16 && options != NULL && options->quantized_bias_type != 0) return 8;
    if (grouped) return 6;
    if (at->input == MIDGE_INT16) return 4;
    if (at->input == MIDGE_INT8) return at->second == MIDGE_INT4 ? 7 : 3;
    if (at->input == MIDGE_FLOAT32 && at->second == MIDGE_INT8) return per_channel(at, 1) ? 5 : 2;
    return 1;
}

static int32_t depthwise(const facts *at)
{
    const mg_DepthwiseConv2DOptions *options = at->node->options;
    if (at->input == MIDGE_INT16) return 5;
    if (at->input == MIDGE_INT8) return at->second == MIDGE_INT4 ? 7 : 3;
    if (at->input == MIDGE_FLOAT32 && at->second == MIDGE_INT8) return per_channel(at, 1) ? 6 : 4;
    bool dilated =
        options != NULL && (options->dilation_h_factor != 1 || options->dilation_w_factor != 1);
    return dilated ? 2 : 1;
}

static int32_t fully_connected(const facts *at)
{
    const mg_FullyConnectedOptions *options = at->node->options;
    bool asymmetric = options != NULL && options->asymmetric_quantize_inputs;
    const mg_network_tensor *weights = input_at(at, 1);
    if (at->second == MIDGE_INT2) return 14;
    if (at->input == MIDGE_INT16 && at->second == MIDGE_INT4) return 13;
    if (at->input == MIDGE_FLOAT32 && at->second == MIDGE_INT8 && per_channel(at, 1)) return 12;
    if (at->input == MIDGE_INT16 && at->second == MIDGE_INT8 && options != NULL &&
        options->quantized_bias_type != 0)
        return 11;
    if (weights != NULL && weights->sparsity != NULL) return 8;
    if (at->input == MIDGE_INT16) return 7;
    if (at->input == MIDGE_INT8 && at->second == MIDGE_INT4) return 10;
    if (at->input == MIDGE_FLOAT32 && at->second == MIDGE_INT8 && asymmetric) return 9;
    if (at->node->input_count == 2 || input_at(at, 2) == NULL) return 6;
    if (options != NULL && options->keep_num_dims) return 5;
    if (at->input == MIDGE_INT8) return 4;
    if (at->input == MIDGE_FLOAT32 && at->second == MIDGE_INT8) return 3;
    return options != NULL && options->weights_format != 0 ? 2 : 1;
}

/* ADD and SUB differ only in which version an int16 form without powers of two has. */
static int32_t sum(const facts *at)
{
    const mg_AddOptions *options = at->node->options;
    bool add = at->node->op == MG_BUILTIN_ADD;
    bool general = options != NULL && !options->pot_scale_int16;
    if (at->input == MIDGE_FLOAT16) return 6;
    if (at->input == MIDGE_INT16 && !is_quantized(at) && add) return 5;
    if (at->input == MIDGE_INT16 && general) return add ? 3 : 5;
    if (at->input == MIDGE_INT64) return 4;
    if (!add && broadcasts(at) && (rank_of(at, 0) > 4 || rank_of(at, 1) > 4)) return 3;
    return at->input == MIDGE_INT8 ? 2 : 1;
}

static int32_t product(const facts *at)
{
    const mg_network_tensor *a = input_at(at, 0), *b = input_at(at, 1);
    const mg_network_tensor *y = &at->graph->tensors[at->node->outputs[0]];
    if (at->input == MIDGE_FLOAT16) return 8;
    if ((at->input == MIDGE_INT16 && !is_quantized(at)) || at->input == MIDGE_UINT32) return 7;
    if (at->input == MIDGE_COMPLEX64) return 6;
    if (at->input == MIDGE_INT64) return 5;
    if (at->input == MIDGE_INT16) return 4;
    if (at->input == MIDGE_INT8 && a != NULL && b != NULL && a->quantization.count == 1 &&
        b->quantization.count == 1 && y->quantization.count == 1 &&
        a->quantization.scale[0] * b->quantization.scale[0] / y->quantization.scale[0] >= 1)
        return 3;
    return at->input == MIDGE_INT8 ? 2 : 1;
}

static int32_t recurrent(const facts *at)
{
    bool hybrid = at->second == MIDGE_INT8 || at->second == MIDGE_UINT8;
    bool asymmetric = false, diagonal = false;
    if (at->node->options_type == MG_OPTIONS_UnidirectionalSequenceLSTMOptions) {
        const mg_UnidirectionalSequenceLSTMOptions *options = at->node->options;
        asymmetric = options->asymmetric_quantize_inputs;
        diagonal = options->diagonal_recurrent_tensors;
    } else if (at->node->options_type == MG_OPTIONS_SequenceRNNOptions) {
        asymmetric = ((const mg_SequenceRNNOptions *)at->node->options)->asymmetric_quantize_inputs;
    }
    if (at->input == MIDGE_INT16 && at->third == MIDGE_INT8) return 5;
    if (diagonal) return 4;
    return at->output == MIDGE_FLOAT32 && hybrid ? asymmetric ? 3 : 2 : 1;
}

static int32_t transposed_convolution(const facts *at)
{
    const mg_TransposeConvOptions *options = at->node->options;
    bool activated = options != NULL && options->fused_activation_function != MG_ACTIVATION_NONE;
    if (at->third == MIDGE_INT16 && options != NULL && options->quantized_bias_type != 0) return 5;
    if (activated) return 4;
    if (at->node->input_count == 4 && input_at(at, 3) != NULL) return 3;
    return at->second == MIDGE_INT8 ? 2 : 1;
}

static int32_t strided_slice(const facts *at)
{
    const mg_StridedSliceOptions *options = at->node->options;
    if (options != NULL && options->offset) return 8;
    if (at->input == MIDGE_UINT32) return 7;
    if (options != NULL && (options->ellipsis_mask != 0 || options->new_axis_mask != 0)) return 6;
    if (at->input == MIDGE_STRING) return 5;
    if (rank_of(at, 0) > 4) return 4;
    return at->input == MIDGE_BOOL ? 3 : at->input == MIDGE_INT8 ? 2 : 1;
}

static int32_t dequantize(const facts *at)
{
    switch (at->input) {
    case MIDGE_UINT4: return 8;
    case MIDGE_INT2: return 7;
    case MIDGE_INT4: return 6;
    case MIDGE_INT16:
    case MIDGE_FLOAT16: return 3;
    case MIDGE_INT8: return per_channel(at, 0) ? 5 : 2;
    default: return 1;
    }
}

static int32_t quantize(const facts *at)
{
    if (at->output == MIDGE_UINT4) return 5;
    if (at->output == MIDGE_INT4) return 4;
    const mg_network_tensor *y = &at->graph->tensors[at->node->outputs[0]];
    if (y->quantization.count > 1) return 3;
    return at->output == MIDGE_INT16 ? 2 : 1;
}

static int32_t cast(const facts *at)
{
    int a = at->input, b = at->output;
    if (a == MIDGE_INT2 || b == MIDGE_INT2 || a == MIDGE_UINT4 || b == MIDGE_UINT4) return 8;
    if (a == MIDGE_BFLOAT16 || b == MIDGE_BFLOAT16) return 7;
    if (a == MIDGE_INT4 && b == MIDGE_FLOAT32) return 6;
    if (a == MIDGE_FLOAT64 || b == MIDGE_FLOAT64 || a == MIDGE_FLOAT16 || b == MIDGE_FLOAT16)
        return 5;
    if (a == MIDGE_UINT16 || b == MIDGE_UINT16) return 4;
    if (a == MIDGE_INT8 || b == MIDGE_INT8) return 3;
    return a == MIDGE_UINT32 || b == MIDGE_UINT32 ? 2 : 1;
}

static int32_t gather(const facts *at)
{
    const mg_GatherOptions *options = at->node->options;
    if (at->input == MIDGE_INT4) return 7;
    if (at->second == MIDGE_INT16) return 6;
    if (options != NULL && options->batch_dims != 0) return 5;
    if (at->input == MIDGE_INT16) return 4;
    return at->input == MIDGE_BOOL ? 3 : at->input == MIDGE_INT8 ? 2 : 1;
}

static int32_t resize(const facts *at)
{
    bool half_pixel, corners = false;
    if (at->node->op == MG_BUILTIN_RESIZE_BILINEAR) {
        half_pixel = ((const mg_ResizeBilinearOptions *)at->node->options)->half_pixel_centers;
    } else {
        const mg_ResizeNearestNeighborOptions *options = at->node->options;
        half_pixel = options->half_pixel_centers;
        corners = options->align_corners;
    }
    if (at->input == MIDGE_INT16) return 4;
    return half_pixel || corners ? 3 : at->input == MIDGE_INT8 ? 2 : 1;
}

static int32_t movement(const facts *at)
{
    int type = at->input;
    int32_t rank = rank_of(at, 0);
    switch (at->node->op) {
    case MG_BUILTIN_TRANSPOSE:
        if (type == MIDGE_FLOAT16) return 9;
        if (rank > 6 || type == MIDGE_BFLOAT16) return 8;
        if (type == MIDGE_INT4) return 7;
        if (rank > 5) return 6;
        if (type == MIDGE_INT16) return 5;
        return rank > 4 ? 4 : type == MIDGE_BOOL ? 3 : type == MIDGE_INT8 ? 2 : 1;
    case MG_BUILTIN_SLICE:
        if (type == MIDGE_UINT32) return 6;
        if (rank > 4) return 5;
        return type == MIDGE_INT16 ? 4 : type == MIDGE_STRING ? 3 : type == MIDGE_INT8 ? 2 : 1;
    case MG_BUILTIN_SPLIT: {
        int value = at->second;
        return value == MIDGE_INT16 ? 4 : value == MIDGE_INT32 ? 3 : value == MIDGE_INT8 ? 2 : 1;
    }
    case MG_BUILTIN_PAD:
    case MG_BUILTIN_PADV2:
        if (type == MIDGE_BOOL) return 5;
        return rank > 4 ? 4 : plain(type);
    case MG_BUILTIN_CONCATENATION:
        return type == MIDGE_FLOAT16 ? 6 : type == MIDGE_UINT32 ? 4 : plain(type);
    case MG_BUILTIN_SPACE_TO_BATCH_ND:
    case MG_BUILTIN_BATCH_TO_SPACE_ND:
        return type == MIDGE_INT16 ? 4 : rank != 4 ? 3 : type == MIDGE_INT8 ? 2 : 1;
    case MG_BUILTIN_PACK: return type == MIDGE_UINT32 ? 4 : plain(type);
    case MG_BUILTIN_UNPACK:
        return type == MIDGE_INT16 ? 4 : type == MIDGE_BOOL ? 3 : eight_bits(type) ? 2 : 1;
    case MG_BUILTIN_TILE: return type == MIDGE_INT8 ? 3 : type == MIDGE_STRING ? 2 : 1;
    case MG_BUILTIN_SQUEEZE: return type == MIDGE_STRING ? 2 : 1;
    case MG_BUILTIN_REVERSE_V2: return type == MIDGE_INT8 ? 3 : type == MIDGE_BOOL ? 2 : 1;
    case MG_BUILTIN_GATHER_ND: return type == MIDGE_INT16 ? 3 : type == MIDGE_STRING ? 2 : 1;
    default: return 0;
    }
}

static int32_t comparison(const facts *at)
{
    int type = at->input;
    switch (at->node->op) {
    case MG_BUILTIN_EQUAL:
        return type == MIDGE_INT16 ? 5 : type == MIDGE_STRING ? 3 : type == MIDGE_INT8 ? 2 : 1;
    case MG_BUILTIN_NOT_EQUAL:
        return type == MIDGE_INT16 ? 4 : type == MIDGE_STRING ? 3 : type == MIDGE_INT8 ? 2 : 1;
    case MG_BUILTIN_LESS:
    case MG_BUILTIN_GREATER_EQUAL: return plain(type);
    case MG_BUILTIN_GREATER:
    case MG_BUILTIN_LESS_EQUAL: return type == MIDGE_INT8 ? 2 : 1;
    case MG_BUILTIN_MAXIMUM:
    case MG_BUILTIN_MINIMUM:
        if (type == MIDGE_INT16) return 4;
        if (broadcasts(at) && (rank_of(at, 0) > 4 || rank_of(at, 1) > 4)) return 3;
        return type == MIDGE_INT8 ? 2 : 1;
    case MG_BUILTIN_ARG_MAX:
    case MG_BUILTIN_ARG_MIN: return type == MIDGE_BOOL ? 3 : type == MIDGE_INT8 ? 2 : 1;
    case MG_BUILTIN_SELECT:
        return rank_of(at, 0) == 5 || rank_of(at, 1) == 5 || rank_of(at, 2) == 5 ? 3
               : at->second == MIDGE_INT8                                        ? 2
                                                                                 : 1;
    default: return 0;
    }
}

static int32_t arithmetic(const facts *at)
{
    int type = at->input;
    switch (at->node->op) {
    case MG_BUILTIN_DIV:
        return broadcasts(at) && (rank_of(at, 0) > 4 || rank_of(at, 1) > 4) ? 2 : 1;
    case MG_BUILTIN_ABS:
        if (type == MIDGE_INT32) return 5;
        if (type == MIDGE_INT16) return is_quantized(at) ? 3 : 4;
        return eight_bits(type) ? 2 : 1;
    case MG_BUILTIN_RELU: return type == MIDGE_INT16 ? 3 : eight_bits(type) ? 2 : 1;
    case MG_BUILTIN_FLOOR_DIV:
        return type == MIDGE_INT16 || type == MIDGE_INT8 ? 3 : type == MIDGE_FLOAT32 ? 2 : 1;
    case MG_BUILTIN_LEAKY_RELU: return type == MIDGE_INT16 ? 2 : 1;
    case MG_BUILTIN_EXP:
    case MG_BUILTIN_LOG:
    case MG_BUILTIN_SQRT:
    case MG_BUILTIN_FLOOR_MOD:
    case MG_BUILTIN_REDUCE_PROD: return type == MIDGE_INT8 || type == MIDGE_INT16 ? 2 : 1;
    case MG_BUILTIN_GELU: return eight_bits(type) ? 2 : 1;
    case MG_BUILTIN_SPACE_TO_DEPTH:
    case MG_BUILTIN_DEPTH_TO_SPACE:
    case MG_BUILTIN_SUM:
    case MG_BUILTIN_LOG_SOFTMAX:
    case MG_BUILTIN_SQUARED_DIFFERENCE: return type == MIDGE_INT8 ? 2 : 1;
    case MG_BUILTIN_L2_NORMALIZATION: return at->output == MIDGE_INT8 ? 2 : 1;
    case MG_BUILTIN_BROADCAST_TO: return type == MIDGE_INT8 || type == MIDGE_INT16 ? 3 : 2;
    case MG_BUILTIN_RANGE: return type == MIDGE_INT64 ? 2 : 1;
    case MG_BUILTIN_WHERE: return type != MIDGE_BOOL ? 2 : 1;
    case MG_BUILTIN_MAX_POOL_2D:
    case MG_BUILTIN_AVERAGE_POOL_2D:
    case MG_BUILTIN_TANH:
    case MG_BUILTIN_LOGISTIC:
    case MG_BUILTIN_SOFTMAX:
    case MG_BUILTIN_MEAN:
    case MG_BUILTIN_MIRROR_PAD:
    case MG_BUILTIN_REDUCE_MAX:
    case MG_BUILTIN_REDUCE_MIN:
    case MG_BUILTIN_RELU6:
    case MG_BUILTIN_RSQRT:
    case MG_BUILTIN_TOPK_V2: return plain(type);
    default: return 1;
    }
}

int32_t mg_network_version(const mg_network_graph *graph, const mg_network_node *node)
{
    facts at = {.graph = graph, .node = node};
    at.input = type_of(input_at(&at, 0));
    at.second = type_of(input_at(&at, 1));
    at.third = type_of(input_at(&at, 2));
    at.output = node->output_count > 0 ? (int)graph->tensors[node->outputs[0]].type : NONE;
    switch (node->op) {
    case MG_BUILTIN_CUSTOM: return 1;
    case MG_BUILTIN_CONV_2D: return convolution(&at);
    case MG_BUILTIN_DEPTHWISE_CONV_2D: return depthwise(&at);
    case MG_BUILTIN_FULLY_CONNECTED: return fully_connected(&at);
    case MG_BUILTIN_TRANSPOSE_CONV: return transposed_convolution(&at);
    case MG_BUILTIN_ADD:
    case MG_BUILTIN_SUB: return sum(&at);
    case MG_BUILTIN_MUL: return product(&at);
    case MG_BUILTIN_UNIDIRECTIONAL_SEQUENCE_LSTM:
    case MG_BUILTIN_UNIDIRECTIONAL_SEQUENCE_RNN: return recurrent(&at);
    case MG_BUILTIN_SVDF: return at.input == MIDGE_INT8 ? 3 : at.second == MIDGE_INT8 ? 2 : 1;
    case MG_BUILTIN_BATCH_MATMUL:
        return at.input == MIDGE_INT16                             ? 3
               : at.input == MIDGE_INT8 || at.second == MIDGE_INT8 ? 2
                                                                   : 1;
    case MG_BUILTIN_STRIDED_SLICE: return strided_slice(&at);
    case MG_BUILTIN_DEQUANTIZE: return dequantize(&at);
    case MG_BUILTIN_QUANTIZE: return quantize(&at);
    case MG_BUILTIN_CAST: return cast(&at);
    case MG_BUILTIN_GATHER: return gather(&at);
    case MG_BUILTIN_RESIZE_BILINEAR:
    case MG_BUILTIN_RESIZE_NEAREST_NEIGHBOR: return resize(&at);
    case MG_BUILTIN_FILL: {
        int value = at.second;
        return value == MIDGE_FLOAT16                         ? 4
               : value == MIDGE_INT8 || value == MIDGE_INT16  ? 3
               : value == MIDGE_BOOL || value == MIDGE_STRING ? 2
                                                              : 1;
    }
    default: break;
    }
    int32_t version = movement(&at);
    if (version == 0) version = comparison(&at);
    return version != 0 ? version : arithmetic(&at);
}
