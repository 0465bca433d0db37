/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sound as spectra. STFTSpectrogram is a convolution with the kernels of the file; MelSpectrogram
 * has no weights: frames are picked, windowed, transformed, and summed in triangles of the mel
 * scale.
 */
#include "convert/keras_convolution.h"

static midge_status with_number(mg_keras *keras, int32_t op, int32_t input, double number,
                                int32_t *output)
{
    int32_t constant;
    TRY(mg_keras_scalar(keras, (float)number, &constant));
    return mg_keras_binary(keras, op, input, constant, output);
}

/* ---- STFTSpectrogram ---- */

/* [batch, steps, channels] as [batch, channels, frames, frequencies]. */
static midge_status transform(mg_keras *keras, const mg_keras_layer *layer, const char *weight,
                              int32_t input, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t batch = source.shape[0], steps = source.shape[1], channels = source.shape[2];
    int32_t made, bias;
    float *zeros = NULL;
    mg_keras_weight kernel;
    mg_keras_geometry at = {.dimensions = 1, .stride = {1, 1}, .dilation = {1, 1}};
    at.same = strcmp(mg_json_text(layer->config, "padding", "valid"), "same") == 0;
    at.stride[1] = mg_json_int(layer->config, "frame_step", 0);
    if (at.stride[1] < 1) return mg_keras_refuse(keras, layer, "frame_step is no size");
    TRY(mg_keras_read_kernel(keras, layer, weight, &at, &kernel));
    TRY(mg_keras_room(keras, "no_bias", 1, &kernel.shape[3], &zeros, &bias));
    TRY(mg_keras_transpose(keras, input, (int32_t[]){0, 2, 1}, &made));
    TRY(mg_keras_reshape(keras, made, 4, (int32_t[]){batch * channels, 1, steps, 1}, &made));
    TRY(mg_keras_convolve(keras, layer, &at, &kernel, bias, made, &made));
    int32_t frames = mg_keras_tensor(keras, made)->shape[2];
    return mg_keras_reshape(keras, made, 4, (int32_t[]){batch, channels, frames, kernel.shape[3]},
                            output);
}

/* Frequencies of all channels side by side, or channels last in a dimension of their own. */
static midge_status arrange(mg_keras *keras, const mg_keras_layer *layer, int32_t input,
                            int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t made;
    if (mg_json_flag(layer->config, "expand_dims", false))
        return mg_keras_transpose(keras, input, (int32_t[]){0, 2, 3, 1}, output);
    TRY(mg_keras_transpose(keras, input, (int32_t[]){0, 2, 1, 3}, &made));
    return mg_keras_reshape(
        keras, made, 3,
        (int32_t[]){source.shape[0], source.shape[2], source.shape[1] * source.shape[3]}, output);
}

/* All but the first and last frequency stand for two. */
static midge_status density(mg_keras *keras, int32_t power, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, power);
    const int32_t *shape = source.shape;
    int32_t inner;
    TRY(mg_keras_slice(keras, power, (int32_t[]){0, 0, 0, 1},
                       (int32_t[]){shape[0], shape[1], shape[2], shape[3] - 2}, &inner));
    TRY(mg_keras_pad(keras, inner, (int32_t[]){0, 0, 0, 0, 0, 0, 1, 1}, &inner));
    return mg_keras_binary(keras, MG_BUILTIN_ADD, power, inner, output);
}

midge_status mg_keras_lower_stft(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call)
{
    const char *mode = mg_json_text(layer->config, "mode", "log");
    int32_t real, imaginary, made;
    TRY(mg_keras_rank(keras, layer, call, 3));
    TRY(mg_keras_channels_last(keras, layer));
    if (strcmp(mode, "real") == 0 || strcmp(mode, "imag") == 0)
        return mg_keras_refuse(keras, layer, "mode '%s'; take mode 'stft' and cut", mode);
    TRY(transform(keras, layer, "real_kernel", call->inputs[0], &real));
    TRY(transform(keras, layer, "imag_kernel", call->inputs[0], &imaginary));
    if (strcmp(mode, "angle") == 0 || strcmp(mode, "stft") == 0) {
        TRY(mode[0] == 'a'
                ? mg_keras_binary(keras, MG_BUILTIN_ATAN2, imaginary, real, &made)
                : mg_keras_concatenate(keras, 2, (int32_t[]){real, imaginary}, 3, &made));
        return arrange(keras, layer, made, &call->outputs[0]);
    }
    TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, real, real, &real));
    TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, imaginary, imaginary, &imaginary));
    TRY(mg_keras_binary(keras, MG_BUILTIN_ADD, real, imaginary, &made));
    if (strcmp(mode, "psd") == 0) {
        TRY(density(keras, made, &made));
        return arrange(keras, layer, made, &call->outputs[0]);
    }
    TRY(with_number(keras, MG_BUILTIN_MAXIMUM, made, 1e-7, &made));
    TRY(mg_keras_unary(keras, MG_BUILTIN_SQRT, made, &made));
    if (strcmp(mode, "magnitude") != 0) {
        TRY(with_number(keras, MG_BUILTIN_MAXIMUM, made, 1e-7, &made));
        TRY(mg_keras_unary(keras, MG_BUILTIN_LOG, made, &made));
    }
    return arrange(keras, layer, made, &call->outputs[0]);
}

/* ---- MelSpectrogram ---- */

typedef struct mel {
    int32_t size, step, window, frames, bins, bands; /* size: of the transform */
    double rate, low, high;
} mel;

static midge_status read_mel(mg_keras *keras, const mg_keras_layer *layer, int32_t samples, mel *at)
{
    at->size = mg_json_int(layer->config, "fft_length", 2048);
    at->step = mg_json_int(layer->config, "sequence_stride", 512);
    at->window = mg_json_int(layer->config, "sequence_length", at->size);
    at->bands = mg_json_int(layer->config, "num_mel_bins", 128);
    at->rate = mg_json_number(layer->config, "sampling_rate", 16000);
    at->low = mg_json_number(layer->config, "min_freq", 20);
    at->high = mg_json_number(layer->config, "max_freq", at->rate / 2);
    bool two = at->size > 1 && (at->size & (at->size - 1)) == 0;
    if (!two || at->size > 1 << 20 || at->step < 1 || at->window < 1 || at->window > at->size ||
        at->bands < 1 || at->bands > 4096 || !(at->rate > 0))
        return mg_keras_refuse(keras, layer,
                               "its sizes; fft_length must be a power of two, at least "
                               "sequence_length");
    if (samples <= at->size / 2)
        return mg_keras_refuse(keras, layer, "its input is shorter than half of fft_length");
    at->bins = at->size / 2 + 1;
    at->frames = 1 + (samples + 2 * (at->size / 2) - at->size) / at->step;
    return MIDGE_OK;
}

/* [batch, samples], mirrored at its ends, as [batch, frames, size] under the window. */
static midge_status make_frames(mg_keras *keras, const mg_keras_layer *layer, const mel *at,
                                int32_t input, int32_t *output)
{
    const char *kind = mg_json_text(layer->config, "window", NULL);
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t half = at->size / 2, pads, padded, picks, window, made;
    const int32_t pairs[] = {2, 2}, shape[] = {at->frames, at->size};
    double offset = kind != NULL && strcmp(kind, "hamming") == 0 ? 0.54 : 0.5;
    float *values = NULL;
    void *memory = NULL;
    mg_network_node *node;
    mg_network_graph *graph = mg_keras_graph(keras);
    if (kind == NULL || (strcmp(kind, "hann") != 0 && offset == 0.5))
        return mg_keras_refuse(keras, layer, "a window other than hann and hamming");
    TRY(mg_network_memory(keras->network, 4 * sizeof(int32_t), &memory));
    memcpy(memory, (int32_t[]){0, 0, half, half}, 4 * sizeof(int32_t));
    TRY(mg_network_add_constant(keras->network, graph, "paddings", MIDGE_INT32, 2, pairs, memory,
                                &pads));
    TRY(mg_keras_node(keras, MG_BUILTIN_MIRROR_PAD, 2, (int32_t[]){input, pads}, MIDGE_FLOAT32, 2,
                      (int32_t[]){source.shape[0], source.shape[1] + 2 * half}, &padded, &node));
    ((mg_MirrorPadOptions *)node->options)->mode = 0; /* without the edge itself */
    size_t count = (size_t)at->frames * (size_t)at->size;
    TRY(mg_network_memory(keras->network, count * sizeof(int32_t), &memory));
    int32_t *places = memory;
    for (size_t i = 0; i < count; ++i)
        places[i] = (int32_t)(i / (size_t)at->size) * at->step + (int32_t)(i % (size_t)at->size);
    TRY(mg_network_add_constant(keras->network, graph, "places", MIDGE_INT32, 2, shape, memory,
                                &picks));
    TRY(mg_keras_node(keras, MG_BUILTIN_GATHER, 2, (int32_t[]){padded, picks}, MIDGE_FLOAT32, 3,
                      (int32_t[]){source.shape[0], at->frames, at->size}, &made, &node));
    ((mg_GatherOptions *)node->options)->axis = 1;
    TRY(mg_keras_room(keras, "window", 1, &at->size, &values, &window));
    int32_t before = (at->size - at->window) / 2;
    for (int32_t i = 0; i < at->window; ++i)
        values[before + i] =
            (float)(offset - (1 - offset) * cos(2 * 3.14159265358979323846 * i / at->window));
    return mg_keras_binary(keras, MG_BUILTIN_MUL, made, window, output);
}

static double to_mel(double hertz)
{
    return 1127 * log(1 + hertz / 700);
}

/* Bins x bands: triangles between neighbouring edges; the bin of frequency 0 counts nowhere. */
static void fill_triangles(const mel *at, float *values)
{
    double low = to_mel(at->low), high = to_mel(at->high), width = (high - low) / (at->bands + 1);
    for (int32_t k = 1; k < at->bins; ++k) {
        double place = to_mel(at->rate / 2 * k / (at->bins - 1));
        for (int32_t b = 0; b < at->bands; ++b) {
            double left = low + width * b, rise = (place - left) / width;
            double fall = (left + 2 * width - place) / width, least = rise < fall ? rise : fall;
            values[(size_t)k * (size_t)at->bands + (size_t)b] = (float)(least > 0 ? least : 0);
        }
    }
}

/* 10 log10 of the values, relative to the reference, and no more than top_db below the largest. */
static midge_status decibels(mg_keras *keras, const mg_keras_layer *layer, int32_t input,
                             int32_t *output)
{
    double least = mg_json_number(layer->config, "min_power", 1e-10);
    double reference = fmax(fabs(mg_json_number(layer->config, "ref_power", 1)), least);
    int32_t made, most;
    TRY(with_number(keras, MG_BUILTIN_MAXIMUM, input, least, &made));
    TRY(mg_keras_unary(keras, MG_BUILTIN_LOG, made, &made));
    TRY(with_number(keras, MG_BUILTIN_MUL, made, 10 / log(10), &made));
    if (reference != 1) TRY(with_number(keras, MG_BUILTIN_SUB, made, 10 * log10(reference), &made));
    TRY(mg_keras_reduce(keras, MG_BUILTIN_REDUCE_MAX, made, 3, (int32_t[]){0, 1, 2}, true, &most));
    TRY(with_number(keras, MG_BUILTIN_SUB, most, mg_json_number(layer->config, "top_db", 80),
                    &most));
    return mg_keras_binary(keras, MG_BUILTIN_MAXIMUM, made, most, output);
}

midge_status mg_keras_lower_mel(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call)
{
    mel at;
    int32_t made, lengths, sizes;
    void *memory = NULL;
    double power = mg_json_number(layer->config, "mag_exp", 2);
    TRY(mg_keras_rank(keras, layer, call, 2));
    int32_t batch = mg_keras_tensor(keras, call->inputs[0])->shape[0];
    TRY(read_mel(keras, layer, mg_keras_tensor(keras, call->inputs[0])->shape[1], &at));
    TRY(make_frames(keras, layer, &at, call->inputs[0], &made));
    TRY(mg_keras_reshape(keras, made, 4, (int32_t[]){batch, at.frames, 1, at.size}, &made));
    TRY(mg_network_add_int32s(keras->network, mg_keras_graph(keras), "lengths", 2,
                              (int32_t[]){1, at.size}, &lengths));
    const int32_t bins[] = {batch, at.frames, 1, at.bins};
    TRY(mg_keras_node(keras, MG_BUILTIN_RFFT2D, 2, (int32_t[]){made, lengths}, MIDGE_COMPLEX64, 4,
                      bins, &made, NULL));
    TRY(mg_keras_node(keras, MG_BUILTIN_COMPLEX_ABS, 1, &made, MIDGE_FLOAT32, 4, bins, &sizes,
                      NULL));
    TRY(mg_keras_reshape(keras, sizes, 3, (int32_t[]){batch, at.frames, at.bins}, &made));
    if (power == 2)
        TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, made, made, &made));
    else if (power != 1)
        TRY(with_number(keras, MG_BUILTIN_POW, made, power, &made));
    TRY(mg_region_get_array(&keras->call_region, (size_t)at.bins * (size_t)at.bands, sizeof(float),
                            &memory, keras->error));
    fill_triangles(&at, memory);
    TRY(mg_keras_product(keras, made, memory, at.bins, at.bands, -1, &made));
    if (mg_json_flag(layer->config, "power_to_db", true)) TRY(decibels(keras, layer, made, &made));
    return mg_keras_transpose(keras, made, (int32_t[]){0, 2, 1}, &call->outputs[0]);
}
