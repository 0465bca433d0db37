/* SPDX-License-Identifier: Apache-2.0 */
#include "quantize/constants.h"

#include <math.h>

#include "kernel/ref/half.h"

bool mg_is_float_constant(const mg_network_tensor *tensor)
{
    return tensor->type == MIDGE_FLOAT32 && tensor->data != NULL && tensor->sparsity == NULL;
}

bool mg_all_finite(const mg_network_tensor *tensor)
{
    const float *values = tensor->data;
    for (size_t i = 0; i < tensor->bytes / sizeof *values; ++i)
        if (!isfinite(values[i])) return false;
    return true;
}

/* How many slices an axis has, and where element `index` belongs: (index / inner) % slices. */
typedef struct slices {
    size_t count;
    size_t inner;
} slices;

static slices slices_of(const mg_network_tensor *tensor, int32_t axis)
{
    slices made = {1, tensor->bytes / sizeof(float)};
    if (made.inner == 0) made.inner = 1;
    if (axis < 0 || axis >= tensor->rank) return made;
    made.count = (size_t)tensor->shape[axis];
    made.inner = 1;
    for (int32_t i = axis + 1; i < tensor->rank; ++i) made.inner *= (size_t)tensor->shape[i];
    if (made.inner == 0) made.inner = 1;
    return made;
}

static midge_status add_like(mg_network *network, mg_network_graph *graph, int32_t source,
                             midge_type type, const void *data, int32_t *made)
{
    const mg_network_tensor *like = &graph->tensors[source];
    return mg_network_add_constant(network, graph, like->name, type, like->rank, like->shape, data,
                                   made);
}

/* The scales by which each slice's largest magnitude becomes MG_WEIGHT_LIMIT. */
static void find_scales(const float *values, size_t elements, slices all, const float *least_scales,
                        float *scales)
{
    for (size_t i = 0; i < elements; ++i) {
        float *largest = &scales[i / all.inner % all.count];
        float magnitude = fabsf(values[i]);
        if (magnitude > *largest) *largest = magnitude;
    }
    for (size_t k = 0; k < all.count; ++k) {
        scales[k] /= (float)MG_WEIGHT_LIMIT;
        if (least_scales != NULL && scales[k] < least_scales[k]) scales[k] = least_scales[k];
        /* A slice of zeros, or of numbers too small to divide by. */
        if (scales[k] < 1e-30f) scales[k] = 1.0f / (float)MG_WEIGHT_LIMIT;
    }
}

midge_status mg_add_int8_weights(mg_network *network, mg_network_graph *graph, int32_t source,
                                 int32_t axis, const float *least_scales, int32_t *made)
{
    const mg_network_tensor *weights = &graph->tensors[source];
    const float *values = weights->data;
    size_t elements = weights->bytes / sizeof *values;
    const slices all = slices_of(weights, axis);
    void *scales_memory, *zeros, *data;
    TRY(mg_network_memory(network, all.count * sizeof(float), &scales_memory));
    TRY(mg_network_memory(network, all.count * sizeof(int64_t), &zeros));
    TRY(mg_network_memory(network, elements, &data));
    float *scales = scales_memory;
    int8_t *integers = data;
    find_scales(values, elements, all, least_scales, scales);
    for (size_t i = 0; i < elements; ++i) {
        float rounded = roundf(values[i] / scales[i / all.inner % all.count]);
        integers[i] = (int8_t)fmaxf(-MG_WEIGHT_LIMIT, fminf(MG_WEIGHT_LIMIT, rounded));
    }
    TRY(add_like(network, graph, source, MIDGE_INT8, data, made));
    graph->tensors[*made].quantization =
        (midge_quantization){all.count, scales, zeros, axis < 0 ? 0 : axis};
    return MIDGE_OK;
}

void mg_store_integers(const float *values, size_t count, midge_type type, float scale,
                       int64_t zero_point, void *integers)
{
    double least = type == MIDGE_INT16 ? -32767.0 : type == MIDGE_UINT8 ? 0.0 : -128.0;
    double most = type == MIDGE_INT16 ? 32767.0 : type == MIDGE_UINT8 ? 255.0 : 127.0;
    for (size_t i = 0; i < count; ++i) {
        double integer = round((double)values[i] / (double)scale) + (double)zero_point;
        integer = fmax(least, fmin(most, integer));
        if (type == MIDGE_INT16)
            ((int16_t *)integers)[i] = (int16_t)integer;
        else if (type == MIDGE_UINT8)
            ((uint8_t *)integers)[i] = (uint8_t)integer;
        else
            ((int8_t *)integers)[i] = (int8_t)integer;
    }
}

midge_status mg_add_integers(mg_network *network, mg_network_graph *graph, int32_t source,
                             midge_type type, float scale, int64_t zero_point, int32_t *made)
{
    const float *values = graph->tensors[source].data;
    size_t elements = graph->tensors[source].bytes / sizeof *values;
    void *data;
    TRY(mg_network_memory(network, elements * (type == MIDGE_INT16 ? 2 : 1), &data));
    mg_store_integers(values, elements, type, scale, zero_point, data);
    TRY(add_like(network, graph, source, type, data, made));
    return mg_network_quantize(network, &graph->tensors[*made], scale, zero_point);
}

midge_status mg_add_bias(mg_network *network, mg_network_graph *graph, int32_t source,
                         midge_type type, size_t count, const float *scales, int32_t *made)
{
    const float *values = graph->tensors[source].data;
    size_t elements = graph->tensors[source].bytes / sizeof *values;
    size_t width = type == MIDGE_INT64 ? sizeof(int64_t) : sizeof(int32_t);
    void *data, *zeros;
    TRY(mg_network_memory(network, elements * width, &data));
    TRY(mg_network_memory(network, count * sizeof(int64_t), &zeros));
    /* int16 kernels add 40 bits or so; a bias beyond int32's range is of no use to either. */
    const double most = 2147483647.0;
    for (size_t i = 0; i < elements; ++i) {
        double integer = round((double)values[i] / (double)scales[count > 1 ? i : 0]);
        integer = fmax(-most, fmin(most, integer));
        if (type == MIDGE_INT64)
            ((int64_t *)data)[i] = (int64_t)integer;
        else
            ((int32_t *)data)[i] = (int32_t)integer;
    }
    TRY(add_like(network, graph, source, type, data, made));
    graph->tensors[*made].quantization = (midge_quantization){count, scales, zeros, 0};
    return MIDGE_OK;
}

midge_status mg_add_halves(mg_network *network, mg_network_graph *graph, int32_t source,
                           int32_t *made)
{
    const float *values = graph->tensors[source].data;
    size_t elements = graph->tensors[source].bytes / sizeof *values;
    void *data;
    TRY(mg_network_memory(network, elements * sizeof(uint16_t), &data));
    for (size_t i = 0; i < elements; ++i) ((uint16_t *)data)[i] = mg_float_to_half(values[i]);
    return add_like(network, graph, source, MIDGE_FLOAT16, data, made);
}
