/* SPDX-License-Identifier: Apache-2.0 */
/* Learned ranges of tensors, in the model's JSON by the names of layers (convert/keras_ranges.h).
 * Calls of one layer share a range that covers all of them. */
#include "convert/keras_ranges.h"
#include "train/train_build.h"
#include "train/train_fake.h"
#include "train/train_list.h"

midge_status mg_train_note_result(midge_trainer *trainer, const mg_keras_layer *layer,
                                  const char *part, int32_t tensor)
{
    void *item = NULL;
    TRY(mg_train_list_add(&trainer->heap, &trainer->results, sizeof(mg_train_result), &item,
                          trainer->keras.error));
    *(mg_train_result *)item = (mg_train_result){layer, part, tensor};
    return MIDGE_OK;
}

static void set_range(midge_trainer *trainer, int32_t number, const float range[2])
{
    mg_train_tensor *tensor = mg_train_tensor_at(trainer, number);
    tensor->least = range[0];
    tensor->most = range[1];
}

void mg_train_read_ranges(midge_trainer *trainer)
{
    const json_t *ranges = json_object_get(trainer->object, MG_KERAS_RANGES);
    float range[2];
    for (size_t i = 0; i < trainer->input_count; ++i)
        if (mg_keras_input_range(ranges, i, range)) set_range(trainer, trainer->inputs[i], range);
    for (size_t i = 0; i < trainer->results.count; ++i) {
        const mg_train_result *result = mg_train_result_at(trainer, i);
        if (mg_keras_layer_range(ranges, result->layer->path, result->part, range))
            set_range(trainer, result->tensor, range);
    }
}

void mg_train_forget_ranges(midge_trainer *trainer)
{
    for (size_t i = 0; i < trainer->tensors.count; ++i) {
        mg_train_tensor *tensor = mg_train_tensor_at(trainer, (int32_t)i);
        tensor->least = tensor->most = 0;
    }
}

/* ---- Writing ---- */

static json_t *pair_of(float least, float most)
{
    return json_pack("[f, f]", (double)least, (double)most);
}

/* A tensor that is not rounded has no range; one that begins a layer may end another. */
static bool was_learned(const mg_train_tensor *tensor)
{
    return tensor->least < tensor->most;
}

static int add_result(const midge_trainer *trainer, const mg_train_result *result, json_t *layers)
{
    char text[MG_KERAS_RANGE_KEY];
    float other[2];
    const mg_train_tensor *tensor = mg_train_tensor_at(trainer, result->tensor);
    const char *key = mg_keras_range_key(result->layer->path, result->part, text);
    if (key == NULL || !was_learned(tensor)) return 0;
    float least = tensor->least, most = tensor->most;
    const json_t *before = json_object_get(layers, key);
    if (before != NULL) {
        for (size_t i = 0; i < 2; ++i)
            other[i] = (float)json_number_value(json_array_get(before, i));
        least = fminf(least, other[0]);
        most = fmaxf(most, other[1]);
    }
    return json_object_set_new(layers, key, pair_of(least, most));
}

static int add_inputs(const midge_trainer *trainer, json_t *inputs, bool *any)
{
    for (size_t i = 0; i < trainer->input_count; ++i) {
        const mg_train_tensor *tensor = mg_train_tensor_at(trainer, trainer->inputs[i]);
        bool learned = was_learned(tensor);
        *any = *any || learned;
        if (json_array_append_new(inputs, learned ? pair_of(tensor->least, tensor->most)
                                                  : json_null()) != 0)
            return -1;
    }
    return 0;
}

midge_status mg_train_write_ranges(midge_trainer *trainer, midge_error *error)
{
    bool any = false;
    json_t *inputs = json_array(), *layers = json_object();
    json_t *ranges = json_pack("{s:o, s:o}", "inputs", inputs, "layers", layers);
    int failed = ranges == NULL ? -1 : add_inputs(trainer, inputs, &any);
    for (size_t i = 0; failed == 0 && i < trainer->results.count; ++i)
        failed = add_result(trainer, mg_train_result_at(trainer, i), layers);
    any = any || json_object_size(layers) > 0;
    (void)json_object_del(trainer->object, MG_KERAS_RANGES);
    if (failed == 0 && any)
        return json_object_set_new(trainer->object, MG_KERAS_RANGES, ranges) == 0
                   ? MIDGE_OK
                   : mg_fail_memory(error, 0);
    json_decref(ranges);
    return failed == 0 ? MIDGE_OK : mg_fail_memory(error, 0);
}
