/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ranges that quantisation-aware training has learned, beside "config" in the model's JSON:
 *
 *   "quantization_ranges": {"inputs": [[0, 1]], "layers": {"conv2d": [0, 4.2], …}}
 *
 * by the paths of layers, what a layer gives after its activation; "PATH:PART" is a result within
 * the layer. Keras passes over the member.
 */
#ifndef MG_KERAS_RANGES_H
#define MG_KERAS_RANGES_H

#include "convert/keras.h"

#define MG_KERAS_RANGES "quantization_ranges"

/* Parts of layers. */
#define MG_KERAS_BEFORE_ACTIVATION "before_activation"
#define MG_KERAS_DEPTHWISE "depthwise"

/* `part` may be NULL. False where there is none, or none that can be. */
bool mg_keras_layer_range(const json_t *ranges, const char *path, const char *part, float range[2]);
bool mg_keras_input_range(const json_t *ranges, size_t input, float range[2]);

/* Gives a float tensor of the network the range that was learned for it, if any. */
void mg_keras_take_range(mg_keras *keras, const mg_keras_layer *layer, const char *part,
                         int32_t tensor);
void mg_keras_take_input_range(mg_keras *keras, size_t input, int32_t tensor);

/* The key of a part, NULL where it is too long. */
enum { MG_KERAS_RANGE_KEY = 400 };
const char *mg_keras_range_key(const char *path, const char *part, char key[MG_KERAS_RANGE_KEY]);

#endif
