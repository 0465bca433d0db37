/* SPDX-License-Identifier: Apache-2.0 */
/* Views of subgraphs: TfLiteTensors that mirror the tensors of the session. */
#include <stdlib.h>
#include <string.h>

#include "objects.h"

/* Operators of the program may add this many tensors to a view, and as many more as it has. */
enum { ROOM_FOR_TEMPORARIES = 128 };

/* An array where the model leaves sizes open, an empty one elsewhere. */
static TfLiteIntArray *open_sizes(const midge_tensor_info *about)
{
    for (int i = 0; i < about->signature_rank; ++i)
        if (about->signature[i] < 0)
            return tfl_int_array((size_t)about->signature_rank, about->signature);
    return TfLiteIntArrayCreate(0);
}

static bool set_quantization(TfLiteTensor *tensor, const midge_quantization *from)
{
    if (from->count == 0 || from->count > INT32_MAX) return true;
    TfLiteAffineQuantization *made = calloc(1, sizeof *made);
    if (made == NULL) return false;
    tensor->quantization = (TfLiteQuantization){kTfLiteAffineQuantization, made};
    made->scale = TfLiteFloatArrayCreate((int)from->count);
    made->zero_point = TfLiteIntArrayCreate((int)from->count);
    made->quantized_dimension = from->axis;
    if (made->scale == NULL || made->zero_point == NULL) return false;
    for (size_t i = 0; i < from->count; ++i) {
        made->scale->data[i] = from->scale[i];
        made->zero_point->data[i] = (int)from->zero_point[i];
    }
    if (from->count == 1)
        tensor->params =
            (TfLiteQuantizationParams){made->scale->data[0], made->zero_point->data[0]};
    return true;
}

static bool make_tensor(tfl_graph *graph, size_t index)
{
    TfLiteTensor *tensor = &graph->context.tensors[index];
    midge_tensor_info about;
    if (!midge_inspect_tensor(graph->interpreter->model, graph->index, index, &about)) return false;
    graph->sources[index] =
        midge_session_graph_tensor(graph->interpreter->session, graph->index, index);
    tensor->type = tfl_type(about.type);
    tensor->name = about.name;
    tensor->buffer_handle = kTfLiteNullBufferHandle;
    tensor->is_variable = about.variable;
    tensor->dims = tfl_int_array((size_t)about.rank, about.shape);
    tensor->dims_signature = open_sizes(&about);
    bool dynamic =
        about.type == MIDGE_STRING || about.type == MIDGE_RESOURCE || about.type == MIDGE_VARIANT;
    tensor->allocation_type = about.constant != NULL ? kTfLiteMmapRo
                              : about.variable       ? kTfLiteArenaRwPersistent
                              : dynamic              ? kTfLiteDynamic
                                                     : kTfLiteArenaRw;
    if (about.variable) ++graph->variable_count;
    if (tensor->dims == NULL || tensor->dims_signature == NULL ||
        !set_quantization(tensor, &about.quantization))
        return false;
    tfl_graph_update(graph, index);
    return true;
}

static bool list_variables(tfl_graph *graph)
{
    graph->variables = malloc((graph->variable_count + 1) * sizeof *graph->variables);
    if (graph->variables == NULL) return false;
    size_t count = 0;
    for (size_t i = 0; i < graph->shape.tensor_count; ++i)
        if (graph->context.tensors[i].is_variable) graph->variables[count++] = (int)i;
    return true;
}

static bool fill(tfl_graph *graph)
{
    size_t count = graph->shape.tensor_count;
    graph->tensor_capacity = 2 * count + ROOM_FOR_TEMPORARIES;
    graph->context.tensors = calloc(graph->tensor_capacity, sizeof *graph->context.tensors);
    graph->sources = calloc(count + 1, sizeof(midge_tensor *));
    if (graph->context.tensors == NULL || graph->sources == NULL || !tfl_lent_make(graph))
        return false;
    for (size_t i = 0; i < count; ++i) {
        ++graph->context.tensors_size;
        if (!make_tensor(graph, i)) return false;
    }
    return list_variables(graph);
}

tfl_graph *tfl_graph_get(TfLiteInterpreter *interpreter, size_t index)
{
    if (index >= interpreter->graph_count) return NULL;
    if (interpreter->graphs[index] != NULL) return interpreter->graphs[index];
    tfl_graph *made = calloc(1, sizeof *made);
    if (made == NULL) return NULL;
    made->interpreter = interpreter;
    made->index = index;
    tfl_context_begin(made);
    if (!midge_inspect_graph(interpreter->model, index, &made->shape) || !fill(made)) {
        tfl_graph_free(made);
        return NULL;
    }
    interpreter->graphs[index] = made;
    return made;
}

void tfl_graph_free(tfl_graph *graph)
{
    if (graph == NULL) return;
    tfl_nodes_free(graph);
    for (size_t i = 0; i < graph->context.tensors_size; ++i) {
        TfLiteTensor *tensor = &graph->context.tensors[i];
        bool ours = i >= graph->shape.tensor_count && tensor->allocation_type != kTfLiteDynamic;
        if (ours) free(tensor->data.raw);
        TfLiteTensorFree(tensor);
    }
    free(graph->context.tensors);
    free(graph->sources);
    free(graph->variables);
    free(graph->bound_bytes);
    free(graph->lent);
    free(graph->shown);
    free(graph->group_nodes);
    tfl_preview_free(graph);
    TfLiteIntArrayFree(graph->given_plan);
    free(graph);
}

TfLiteTensor *tfl_graph_tensor(const tfl_graph *graph, int32_t index)
{
    if (index < 0 || (size_t)index >= graph->context.tensors_size) return NULL;
    return &graph->context.tensors[index];
}

static bool is_input(const tfl_graph *graph, size_t index)
{
    for (size_t i = 0; i < graph->shape.input_count; ++i)
        if (graph->shape.inputs[i] == (int32_t)index) return true;
    return false;
}

static void update_dims(TfLiteTensor *tensor, const midge_tensor *source)
{
    int rank = midge_tensor_rank(source);
    const int32_t *shape = midge_tensor_shape(source);
    if (tensor->dims != NULL && tensor->dims->size == rank) {
        if (rank > 0) memcpy(tensor->dims->data, shape, (size_t)rank * sizeof *shape);
        return;
    }
    TfLiteIntArray *dims = tfl_int_array((size_t)rank, shape);
    if (dims == NULL) return;
    TfLiteIntArrayFree(tensor->dims);
    tensor->dims = dims;
}

void tfl_graph_update(tfl_graph *graph, size_t index)
{
    TfLiteTensor *tensor = &graph->context.tensors[index];
    const midge_tensor *source = graph->sources[index];
    update_dims(tensor, source);
    if (tensor->allocation_type == kTfLiteMmapRo) {
        tensor->bytes = midge_tensor_bytes(source);
        tensor->data.data = midge_tensor_data(source);
        return;
    }
    if (tensor->allocation_type == kTfLiteArenaRw && midge_tensor_is_dynamic(source))
        tensor->allocation_type = kTfLiteDynamic;
    /* What the program wrote stays its own until the next invocation takes it over. */
    if (tensor->type == kTfLiteString && !midge_tensor_is_constant(source) &&
        is_input(graph, index))
        return;
    if (tensor->allocation_type == kTfLiteDynamic) {
        TfLiteTensorDataFree(tensor);
        tensor->allocation = &tfl_borrowed;
    }
    tensor->bytes = midge_tensor_bytes(source);
    if (tensor->type == kTfLiteResource) tensor->bytes = 4 * midge_tensor_elements(source);
    bool empty = tensor->type == kTfLiteString && tensor->bytes == 0;
    tensor->data.data = empty ? NULL : midge_tensor_data(source);
    graph->shown[index] = tensor->data.data;
}

void tfl_graph_update_all(tfl_graph *graph)
{
    for (size_t i = 0; i < graph->shape.tensor_count; ++i) tfl_graph_update(graph, i);
}

/* After an invocation: what may have moved or changed its shape. */
static void update_moving(tfl_graph *graph)
{
    for (size_t i = 0; i < graph->shape.tensor_count; ++i)
        if (graph->context.tensors[i].allocation_type == kTfLiteDynamic) tfl_graph_update(graph, i);
}

/* ---- Resize, allocate, invoke ---- */

static TfLiteStatus fail(tfl_graph *graph, midge_status status)
{
    tfl_report(&graph->interpreter->reporter, "%s",
               midge_session_message(graph->interpreter->session));
    return tfl_status(status);
}

static bool only_open_sizes(const tfl_graph *graph, const TfLiteTensor *tensor, int rank,
                            const int *shape)
{
    const TfLiteIntArray *may = TfLiteTensorGetDimsSignature(tensor);
    int have = tensor->dims->size != rank ? tensor->dims->size : may->size;
    if (have != rank) {
        tfl_report(&graph->interpreter->reporter, "tensor %s has %d dimensions, got %d",
                   tensor->name, have, rank);
        return false;
    }
    for (int i = 0; i < rank; ++i)
        if (may->data[i] != -1 && may->data[i] != shape[i]) {
            tfl_report(&graph->interpreter->reporter,
                       "dimension %d of tensor %s is %d and cannot become %d: the model leaves "
                       "open only sizes of -1",
                       i, tensor->name, tensor->dims->data[i], shape[i]);
            return false;
        }
    return true;
}

/* Not kept: delegates change the session of an interpreter. */
static midge_signature *signature_of(const tfl_graph *graph, const char *key)
{
    return key == NULL ? NULL : midge_session_signature(graph->interpreter->session, key);
}

/* The session knows inputs by position, a signature by name. */
static const char *name_of(const tfl_graph *graph, const midge_signature *signature, int32_t index)
{
    for (size_t i = 0; i < midge_signature_input_count(signature); ++i) {
        const char *name = midge_signature_input_name(signature, i);
        if (midge_signature_input(signature, name) == graph->sources[index]) return name;
    }
    return NULL;
}

static size_t position_of(const tfl_graph *graph, int32_t index)
{
    size_t at = 0;
    while (at < graph->shape.input_count && graph->shape.inputs[at] != index) ++at;
    return at;
}

TfLiteStatus tfl_graph_resize(tfl_graph *graph, const char *key, int32_t index, int rank,
                              const int *shape, bool strict)
{
    TfLiteInterpreter *interpreter = graph->interpreter;
    const TfLiteTensor *tensor = tfl_graph_tensor(graph, index);
    if (tensor == NULL || rank < 0 || (shape == NULL && rank > 0)) {
        tfl_report(&interpreter->reporter, "resize: %s",
                   tensor == NULL ? "there is no such input" : "the shape is missing");
        return kTfLiteError;
    }
    if (strict && !only_open_sizes(graph, tensor, rank, shape)) return kTfLiteError;
    if (graph->allocated && tensor->dims->size == rank &&
        TfLiteIntArrayEqualsArray(tensor->dims, rank, shape))
        return kTfLiteOk;
    if (graph->immutable && tfl_delegates_undo(interpreter) != kTfLiteOk) return kTfLiteError;
    midge_signature *signature = signature_of(graph, key);
    midge_status status =
        signature != NULL
            ? midge_signature_resize_input(signature, name_of(graph, signature, index), rank, shape)
            : midge_session_resize_input(interpreter->session, position_of(graph, index), rank,
                                         shape);
    if (status != MIDGE_OK) return fail(graph, status);
    graph->allocated = false;
    tfl_graph_update_all(graph);
    return kTfLiteOk;
}

/* Custom operators that nobody brings have a status of their own. */
static bool lacks_operators(const tfl_graph *graph)
{
    return strncmp(midge_session_message(graph->interpreter->session), "missing operators",
                   sizeof "missing operators" - 1) == 0;
}

TfLiteStatus tfl_graph_allocate(tfl_graph *graph, const char *key)
{
    if (graph->interpreter->undone && tfl_delegates_redo(graph->interpreter) != kTfLiteOk)
        return kTfLiteError;
    if (graph->allocated) return kTfLiteOk;
    if (tfl_threads_renew(graph->interpreter) != kTfLiteOk) return kTfLiteError;
    midge_session *session = graph->interpreter->session;
    midge_signature *signature = signature_of(graph, key);
    midge_status status =
        signature != NULL ? midge_signature_prepare(signature) : midge_session_prepare(session);
    tfl_graph_update_all(graph);
    if (status == MIDGE_OK) {
        graph->allocated = true;
        return kTfLiteOk;
    }
    TfLiteStatus failed = fail(graph, status);
    return status == MIDGE_UNSUPPORTED && lacks_operators(graph) ? kTfLiteUnresolvedOps : failed;
}

/* Strings that the program wrote into input tensors. */
static midge_status give_strings(const tfl_graph *graph, midge_signature *signature)
{
    midge_status status = MIDGE_OK;
    for (size_t i = 0; i < graph->shape.input_count && status == MIDGE_OK; ++i) {
        int32_t index = graph->shape.inputs[i];
        const TfLiteTensor *tensor = &graph->context.tensors[index];
        if (tensor->type == kTfLiteString && tensor->data.raw != NULL &&
            tensor->allocation_type == kTfLiteDynamic)
            status = signature != NULL
                         ? midge_signature_write_input(signature, name_of(graph, signature, index),
                                                       tensor->data.raw, tensor->bytes)
                         : midge_session_write_input(graph->interpreter->session, i,
                                                     tensor->data.raw, tensor->bytes);
    }
    return status;
}

TfLiteStatus tfl_graph_invoke(tfl_graph *graph, const char *key)
{
    TfLiteInterpreter *interpreter = graph->interpreter;
    midge_signature *signature = signature_of(graph, key);
    if (!graph->allocated) {
        tfl_report(&interpreter->reporter,
                   "Invoke called on model that is not ready: allocate tensors first");
        return kTfLiteError;
    }
    tfl_lent_take(graph);
    midge_status status = give_strings(graph, signature);
    if (status == MIDGE_OK)
        status = signature != NULL ? midge_signature_invoke(signature)
                                   : midge_session_invoke(interpreter->session);
    update_moving(graph);
    tfl_lent_return(graph);
    return status == MIDGE_OK ? kTfLiteOk : fail(graph, status);
}
