/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Masks: which steps of a sequence count. A mask is a bool tensor [batch, steps] that belongs to
 * another tensor. Embedding and Masking make one; layers that work on each step alone hand it on;
 * recurrent layers, attention and averages use it; all others lose it, as in Keras.
 */
#include "convert/keras_mask.h"

#include "convert/keras_layer.h"

struct mg_keras_mask {
    int32_t tensor, mask;
    const struct mg_keras_mask *before;
};

/* Layers that give their output the mask of their input. */
static const char *const passing[] = {"Activation",
                                      "ActivityRegularization",
                                      "AlphaDropout",
                                      "BatchNormalization",
                                      "BatchNormalizationV1",
                                      "Dense",
                                      "Dropout",
                                      "ELU",
                                      "GaussianDropout",
                                      "GaussianNoise",
                                      "GroupNormalization",
                                      "Identity",
                                      "LayerNormalization",
                                      "LeakyReLU",
                                      "Normalization",
                                      "PReLU",
                                      "ReLU",
                                      "Rescaling",
                                      "Softmax",
                                      "SpatialDropout1D",
                                      "SpatialDropout2D",
                                      "SpatialDropout3D",
                                      "SpectralNormalization",
                                      "TimeDistributed",
                                      "UnitNormalization",
                                      "MultiHeadAttention",
                                      "GroupedQueryAttention",
                                      "GroupQueryAttention",
                                      "AdditiveAttention",
                                      "Attention"};
static const char *const merging[] = {"Add",     "Subtract", "Multiply",
                                      "Average", "Maximum",  "Minimum"};

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; ++i)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

int32_t mg_keras_mask_of(const mg_keras *keras, int32_t tensor)
{
    for (const struct mg_keras_mask *at = keras->masks; at != NULL; at = at->before)
        if (at->tensor == tensor) return at->mask;
    return -1;
}

midge_status mg_keras_set_mask(mg_keras *keras, int32_t tensor, int32_t mask)
{
    void *memory = NULL;
    TRY(mg_region_get(&keras->region, sizeof(struct mg_keras_mask), &memory, keras->error));
    struct mg_keras_mask *made = memory;
    *made = (struct mg_keras_mask){tensor, mask, keras->masks};
    keras->masks = made;
    return MIDGE_OK;
}

int32_t mg_keras_call_mask(const mg_keras *keras, const mg_keras_call *call)
{
    if (call->has_mask) return call->mask;
    const json_t *given = mg_keras_argument_json(call, 100, "mask");
    int32_t tensor = given != NULL ? mg_keras_argument_tensor(call, given) : -1;
    return tensor >= 0 ? tensor : mg_keras_mask_of(keras, call->inputs[0]);
}

midge_status mg_keras_mask_choose(mg_keras *keras, int32_t mask, int32_t yes, int32_t no,
                                  int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, yes);
    return mg_keras_node(keras, MG_BUILTIN_SELECT_V2, 3, (int32_t[]){mask, yes, no}, source.type,
                         source.rank, source.shape, output, NULL);
}

midge_status mg_keras_mask_column(mg_keras *keras, int32_t mask, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, mask);
    int32_t shape[MIDGE_MAX_RANK];
    if (source.rank >= MIDGE_MAX_RANK)
        return mg_keras_refuse(keras, keras->layer, "a mask of too many dimensions");
    memcpy(shape, source.shape, sizeof shape);
    shape[source.rank] = 1;
    return mg_keras_reshape(keras, mask, source.rank + 1, shape, output);
}

midge_status mg_keras_mask_both(mg_keras *keras, int32_t a, int32_t b, int32_t *output)
{
    *output = a < 0 ? b : a;
    if (a < 0 || b < 0 || a == b) return MIDGE_OK;
    return mg_keras_binary(keras, MG_BUILTIN_LOGICAL_AND, a, b, output);
}

/* ---- What joins ---- */

/* Keras 3 keeps a step that one input has, if all have masks; before, all masks there are must have
 * it. */
static midge_status merge(mg_keras *keras, const mg_keras_call *call, int32_t *mask)
{
    *mask = -1;
    for (size_t i = 0; i < call->input_count; ++i) {
        int32_t next = mg_keras_mask_of(keras, call->inputs[i]);
        if (next < 0 && keras->version >= 3) {
            *mask = -1;
            return MIDGE_OK;
        }
        if (next < 0 || next == *mask) continue;
        if (*mask < 0)
            *mask = next;
        else
            TRY(mg_keras_binary(
                keras, keras->version >= 3 ? MG_BUILTIN_LOGICAL_OR : MG_BUILTIN_LOGICAL_AND, *mask,
                next, mask));
    }
    return MIDGE_OK;
}

static midge_status all_steps(mg_keras *keras, int32_t tensor, int32_t *mask)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, tensor);
    void *memory = NULL;
    size_t count = (size_t)source.shape[0] * (size_t)source.shape[1];
    TRY(mg_network_memory(keras->network, count, &memory));
    memset(memory, 1, count);
    return mg_network_add_constant(keras->network, mg_keras_graph(keras), "all", MIDGE_BOOL, 2,
                                   source.shape, memory, mask);
}

/* Behind one another in time the masks are so, too; beside one another in the last dimension a step
 * counts that one input has (Keras 3), or all (before). */
static midge_status concatenate(mg_keras *keras, const mg_keras_call *call, int32_t axis,
                                int32_t *mask)
{
    bool any = false, in_time = axis == 1;
    int32_t parts[MG_KERAS_OUTPUTS];
    *mask = -1;
    for (size_t i = 0; i < call->input_count; ++i)
        any = any || mg_keras_mask_of(keras, call->inputs[i]) >= 0;
    if (!any || call->input_count > MG_KERAS_OUTPUTS ||
        mg_keras_tensor(keras, call->inputs[0])->rank != 3)
        return MIDGE_OK;
    for (size_t i = 0; i < call->input_count; ++i) {
        parts[i] = mg_keras_mask_of(keras, call->inputs[i]);
        if (parts[i] < 0) TRY(all_steps(keras, call->inputs[i], &parts[i]));
    }
    if (in_time) return mg_keras_concatenate(keras, call->input_count, parts, 1, mask);
    *mask = parts[0];
    for (size_t i = 1; i < call->input_count; ++i)
        if (parts[i] != *mask)
            TRY(mg_keras_binary(
                keras, keras->version >= 3 ? MG_BUILTIN_LOGICAL_OR : MG_BUILTIN_LOGICAL_AND, *mask,
                parts[i], mask));
    return MIDGE_OK;
}

/* ---- After a call ---- */

static midge_status find_mask(mg_keras *keras, const mg_keras_layer *layer,
                              const mg_keras_call *call, int32_t *mask)
{
    const char *name = layer->class_name;
    *mask = -1;
    if (strncmp(layer->row->name, "ops.", 4) == 0) return MIDGE_OK;
    if (is_one_of(name, passing, sizeof passing / sizeof passing[0])) {
        *mask = mg_keras_call_mask(keras, call);
        return MIDGE_OK;
    }
    if (is_one_of(name, merging, sizeof merging / sizeof merging[0]))
        return merge(keras, call, mask);
    if (strcmp(name, "Concatenate") == 0) {
        int32_t axis = mg_json_int(layer->config, "axis", -1);
        return concatenate(keras, call, axis, mask);
    }
    /* Recurrent layers that give all steps. */
    const json_t *inner = json_object_get(json_object_get(layer->config, "layer"), "config");
    if (mg_json_flag(inner != NULL ? inner : layer->config, "return_sequences", false))
        *mask = mg_keras_call_mask(keras, call);
    return MIDGE_OK;
}

midge_status mg_keras_pass_mask(mg_keras *keras, const mg_keras_layer *layer,
                                const mg_keras_call *call)
{
    int32_t mask;
    if (keras->masks == NULL && mg_keras_argument_json(call, 100, "mask") == NULL) return MIDGE_OK;
    if (call->output_count < 1 || mg_keras_mask_of(keras, call->outputs[0]) >= 0) return MIDGE_OK;
    TRY(find_mask(keras, layer, call, &mask));
    return mask < 0 ? MIDGE_OK : mg_keras_set_mask(keras, call->outputs[0], mask);
}

/* ---- Masking ---- */

/* Steps all of whose values are `mask_value` do not count, and become 0. */
midge_status mg_keras_lower_masking(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t value, differs, mask, column, factor;
    if (source.rank < 2) return mg_keras_refuse(keras, layer, "its input has no steps");
    TRY(mg_keras_scalar(keras, (float)mg_json_number(layer->config, "mask_value", 0), &value));
    TRY(mg_keras_node(keras, MG_BUILTIN_NOT_EQUAL, 2, (int32_t[]){call->inputs[0], value},
                      MIDGE_BOOL, source.rank, source.shape, &differs, NULL));
    TRY(mg_keras_reduce(keras, MG_BUILTIN_REDUCE_ANY, differs, 1, (int32_t[]){source.rank - 1},
                        false, &mask));
    TRY(mg_keras_mask_column(keras, mask, &column));
    TRY(mg_keras_cast(keras, column, MIDGE_FLOAT32, &factor));
    TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, call->inputs[0], factor, &call->outputs[0]));
    return mg_keras_set_mask(keras, call->outputs[0], mask);
}
