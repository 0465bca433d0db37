/* SPDX-License-Identifier: Apache-2.0 */
/* The calls of a model, in an order in which each has its inputs. A layer may be called before
 * another call of the same layer exists, so rounds over all calls go on while one succeeds. */
#include <stdio.h>
#include <string.h>

#include "convert/keras.h"
#include "convert/keras_layer.h"
#include "convert/keras_mask.h"
#include "convert/keras_ranges.h"
#include "convert/keras_references.h"

enum { MOST_DEPTH = 12, MOST_CALLS = 20000, MOST_INPUTS = 4096, MOST_ROUNDS = 100 };

typedef struct made_call {
    bool done;
    size_t output_count;
    int32_t *outputs;
} made_call;

/* One run of a model: what the calls of its layers have given so far. */
typedef struct mg_keras_scope {
    mg_keras *keras;
    const mg_keras_model *model;
    size_t *call_counts; /* by layer */
    made_call **calls;   /* by layer and number */
    int depth;
} mg_keras_scope;

static size_t count_calls(const mg_keras_layer *layer)
{
    size_t count = json_array_size(layer->calls);
    return count == 0 && layer->calls == NULL ? 1 : count;
}

static midge_status begin_run(mg_keras *keras, const mg_keras_model *model, int depth,
                              mg_keras_scope *run)
{
    void *memory = NULL;
    *run = (mg_keras_scope){keras, model, NULL, NULL, depth};
    TRY(mg_region_get_array(&keras->region, model->layer_count, sizeof(size_t), &memory,
                            keras->error));
    run->call_counts = memory;
    TRY(mg_region_get_array(&keras->region, model->layer_count, sizeof(made_call *), &memory,
                            keras->error));
    run->calls = memory;
    size_t all = 0;
    for (size_t i = 0; i < model->layer_count; ++i) {
        /* An input has no callers, and one output. */
        size_t count = count_calls(&model->layers[i]);
        run->call_counts[i] = count == 0 ? 1 : count;
        all += run->call_counts[i];
        if (all > MOST_CALLS)
            return mg_fail(keras->error, MIDGE_LIMIT_EXCEEDED, "%s: more than %d calls of layers",
                           keras->file, MOST_CALLS);
        TRY(mg_region_get_array(&keras->region, run->call_counts[i], sizeof(made_call), &memory,
                                keras->error));
        run->calls[i] = memory;
    }
    return MIDGE_OK;
}

/* ---- Arguments ---- */

static int32_t tensor_of(const mg_keras_scope *run, const mg_keras_reference *reference)
{
    if (reference->call < 0 || (size_t)reference->call >= run->call_counts[reference->layer])
        return -1;
    const made_call *call = &run->calls[reference->layer][reference->call];
    if (!call->done || reference->output < 0 || (size_t)reference->output >= call->output_count)
        return -1;
    return call->outputs[reference->output];
}

static int32_t resolve(const mg_keras_scope *run, const mg_keras_mention *mention)
{
    for (size_t i = 0; i < run->model->layer_count; ++i) {
        const mg_keras_layer *layer = &run->model->layers[i];
        if (strcmp(layer->name, mention->layer) != 0) continue;
        mg_keras_reference reference = {i, mention->call - layer->shift, mention->output};
        return tensor_of(run, &reference);
    }
    return -1;
}

typedef struct gathering {
    const mg_keras_scope *run;
    size_t count;
    int32_t *inputs; /* NULL: only count */
    bool silent;     /* only wait for the tensors */
} gathering;

static bool gather(void *context, const mg_keras_mention *mention)
{
    gathering *at = context;
    int32_t tensor = resolve(at->run, mention);
    if (tensor < 0 || at->count >= MOST_INPUTS) return false;
    if (at->silent) return true;
    if (at->inputs != NULL) at->inputs[at->count] = tensor;
    ++at->count;
    return true;
}

/* Masks must be there before the call, but are no inputs of it. */
static bool gather_named(const json_t *arguments, gathering *at)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)arguments, key, value)
    {
        size_t length = strlen(key);
        at->silent = length >= 4 && strcmp(key + length - 4, "mask") == 0;
        bool good = mg_keras_each_mention(value, 0, gather, at);
        at->silent = false;
        if (!good) return false;
    }
    return true;
}

/* Keras 3 writes a node as an object, Keras 2 as a list of its first argument's parts. */
static bool gather_inputs(const json_t *node, gathering *at)
{
    if (!json_is_object(node) || json_object_get(node, "args") == NULL)
        return mg_keras_each_mention(node, 0, gather, at);
    return mg_keras_each_mention(json_object_get(node, "args"), 0, gather, at) &&
           gather_named(json_object_get(node, "kwargs"), at);
}

int32_t mg_keras_argument_tensor(const mg_keras_call *call, const json_t *value)
{
    mg_keras_mention mention;
    if (call->run == NULL || !mg_keras_is_mention(value, &mention)) return -1;
    return resolve(call->run, &mention);
}

const json_t *mg_keras_argument_json(const mg_keras_call *call, size_t place, const char *name)
{
    const json_t *node = call->arguments;
    if (json_is_object(node)) {
        const json_t *named = json_object_get(json_object_get(node, "kwargs"), name);
        return named != NULL ? named : json_array_get(json_object_get(node, "args"), place);
    }
    if (!json_is_array(node) || json_array_size(node) == 0) return NULL;
    const json_t *first = json_array_get(node, 0);
    const json_t *named = json_object_get(json_array_get(first, 3), name);
    return named != NULL                   ? named
           : place < json_array_size(node) ? json_array_get(node, place)
                                           : NULL;
}

int32_t mg_keras_argument(const mg_keras_call *call, size_t place, const char *name)
{
    const json_t *value = mg_keras_argument_json(call, place, name);
    if (value != NULL) return mg_keras_argument_tensor(call, value);
    return call->arguments == NULL && place < call->input_count ? call->inputs[place] : -1;
}

/* ---- Calls ---- */

static void report(const mg_keras *keras, const mg_keras_layer *layer, size_t nodes_before)
{
    const midge_convert_options *options = keras->options;
    if (options == NULL || options->report == NULL) return;
    const mg_network_graph *graph = mg_keras_graph(keras);
    char text[200];
    size_t used = 0;
    text[0] = '\0';
    for (size_t n = nodes_before; n < graph->node_count && used + 40 < sizeof text; ++n)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used > 0 ? ", " : "",
                                 mg_builtin_name(graph->nodes[n].op));
    options->report(options->context, layer->path, layer->class_name, text);
}

midge_status mg_keras_apply(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call)
{
    const mg_keras_layer *before = keras->layer;
    mg_network_graph *graph = mg_keras_graph(keras);
    size_t tensors = graph->tensor_count, nodes = graph->node_count;
    if (layer->row == NULL)
        return mg_keras_refuse(keras, layer,
                               "midge has no such layer; 'docs/convert.md' lists them");
    if (call->input_count == 0) return mg_keras_refuse(keras, layer, "is called without an input");
    keras->layer = layer;
    call->output_count = 1;
    bool turned =
        mg_keras_is_channels_first(layer) && strcmp(layer->class_name, "STFTSpectrogram") != 0;
    midge_status status =
        turned ? mg_keras_lower_turned(keras, layer, call) : layer->row->lower(keras, layer, call);
    if (status == MIDGE_OK) status = mg_keras_pass_mask(keras, layer, call);
    keras->layer = before;
    TRY(status);
    if (call->output_count == 1 && (size_t)call->outputs[0] >= tensors) {
        graph->tensors[call->outputs[0]].name = layer->path;
        mg_keras_take_range(keras, layer, NULL, call->outputs[0]);
    }
    if (before == NULL) {
        report(keras, layer, nodes);
        mg_region_free(&keras->call_region);
        mg_region_init(&keras->call_region, keras->heap);
    }
    return MIDGE_OK;
}

/* A layer, or a model as a layer. */
static midge_status perform(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call,
                            int depth)
{
    if (layer->model == NULL && keras->perform != NULL) return keras->perform(keras, layer, call);
    if (layer->model == NULL) return mg_keras_apply(keras, layer, call);
    call->output_count = layer->model->sequence ? 1 : layer->model->output_count;
    if (call->output_count > MG_KERAS_OUTPUTS)
        return mg_keras_refuse(keras, layer, "has more than %d outputs", MG_KERAS_OUTPUTS);
    return mg_keras_run_model(keras, layer->model, call->input_count, call->inputs,
                              call->output_count, call->outputs, depth + 1);
}

static midge_status keep_outputs(mg_keras *keras, const mg_keras_call *call, made_call *made)
{
    void *memory = NULL;
    TRY(mg_region_get_array(&keras->region, call->output_count, sizeof(int32_t), &memory,
                            keras->error));
    memcpy(memory, call->outputs, call->output_count * sizeof(int32_t));
    *made = (made_call){true, call->output_count, memory};
    return MIDGE_OK;
}

/* Performs call `number` of a layer if its inputs are known. */
static midge_status try_call(mg_keras_scope *run, size_t index, size_t number, bool *progress)
{
    const mg_keras_layer *layer = &run->model->layers[index];
    const json_t *node = json_array_get(layer->calls, number);
    gathering at = {.run = run};
    void *memory = NULL;
    if (!gather_inputs(node, &at)) return MIDGE_OK;
    TRY(mg_region_get_array(&run->keras->region, at.count, sizeof(int32_t), &memory,
                            run->keras->error));
    at.inputs = memory;
    at.count = 0;
    (void)gather_inputs(node, &at);
    mg_keras_call call = {
        .input_count = at.count, .inputs = at.inputs, .arguments = node, .run = run};
    TRY(perform(run->keras, layer, &call, run->depth));
    *progress = true;
    return keep_outputs(run->keras, &call, &run->calls[index][number]);
}

static midge_status perform_round(mg_keras_scope *run, bool *progress, const mg_keras_layer **stuck)
{
    *progress = false;
    *stuck = NULL;
    for (size_t i = 0; i < run->model->layer_count; ++i)
        for (size_t n = 0; n < run->call_counts[i]; ++n) {
            if (run->calls[i][n].done) continue;
            TRY(try_call(run, i, n, progress));
            if (!run->calls[i][n].done && *stuck == NULL) *stuck = &run->model->layers[i];
        }
    return MIDGE_OK;
}

static midge_status run_functional(mg_keras_scope *run, size_t input_count, const int32_t *inputs,
                                   size_t output_count, int32_t *outputs)
{
    mg_keras *keras = run->keras;
    const mg_keras_model *model = run->model;
    const mg_keras_layer *stuck = NULL;
    if (input_count != model->input_count)
        return mg_fail(keras->error, MIDGE_INVALID_MODEL,
                       "%s: a model with %zu inputs is called with %zu", keras->file,
                       model->input_count, input_count);
    for (size_t i = 0; i < input_count; ++i) {
        mg_keras_call call = {.output_count = 1, .outputs = {inputs[i]}};
        TRY(keep_outputs(keras, &call, &run->calls[model->inputs[i].layer][0]));
    }
    bool progress = true;
    for (int round = 0; progress && round < MOST_ROUNDS; ++round)
        TRY(perform_round(run, &progress, &stuck));
    if (stuck != NULL)
        return mg_keras_refuse(keras, stuck, "waits for an input that nothing gives");
    for (size_t i = 0; i < output_count; ++i) {
        outputs[i] = tensor_of(run, &model->outputs[i]);
        if (outputs[i] < 0)
            return mg_keras_refuse(keras, &model->layers[model->outputs[i].layer],
                                   "does not give output %d of the model", (int)i);
    }
    return MIDGE_OK;
}

static midge_status run_sequence(mg_keras_scope *run, int32_t input, int32_t *output)
{
    *output = input;
    for (size_t i = 0; i < run->model->layer_count; ++i) {
        const mg_keras_layer *layer = &run->model->layers[i];
        int32_t at = *output;
        if (strcmp(layer->class_name, "InputLayer") == 0) continue;
        mg_keras_call call = {.input_count = 1, .inputs = &at};
        TRY(perform(run->keras, layer, &call, run->depth));
        if (call.output_count != 1)
            return mg_keras_refuse(run->keras, layer, "has several outputs inside a sequence");
        *output = call.outputs[0];
    }
    return MIDGE_OK;
}

midge_status mg_keras_run_model(mg_keras *keras, const mg_keras_model *model, size_t input_count,
                                const int32_t *inputs, size_t output_count, int32_t *outputs,
                                int depth)
{
    mg_keras_scope run;
    if (depth > MOST_DEPTH)
        return mg_fail(keras->error, MIDGE_LIMIT_EXCEEDED, "%s: models too deep in one another",
                       keras->file);
    TRY(begin_run(keras, model, depth, &run));
    if (!model->sequence) return run_functional(&run, input_count, inputs, output_count, outputs);
    if (input_count != 1)
        return mg_fail(keras->error, MIDGE_INVALID_MODEL, "%s: a sequence with %zu inputs",
                       keras->file, input_count);
    return run_sequence(&run, inputs[0], outputs);
}
