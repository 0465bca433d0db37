/* SPDX-License-Identifier: Apache-2.0 */
/* From a path to a network: which graph of the file, which signature, which inputs and outputs. */
#include <stdio.h>
#include <stdlib.h>

#include "convert/tensorflow_operation.h"

enum { MOST_BINDINGS = 4096, RESOURCE = 20 /* TensorFlow's number of the type */ };

bool mg_tensorflow_is_saved_model(const unsigned char *bytes, size_t size)
{
    return size >= 3 && memcmp(bytes, "\x08\x01\x12", 3) == 0; /* version 1, a graph */
}

/* A list of nodes, the first of which has its name and operation. */
bool mg_tensorflow_is_graph(const unsigned char *bytes, size_t size)
{
    size_t at = 1;
    if (size < 4 || bytes[0] != 0x0a) return false;
    while (at < size && at < 6 && bytes[at] >= 0x80) ++at;
    return at + 1 < size && bytes[at + 1] == 0x0a;
}

/* ---- Choosing ---- */

static midge_status choose_graph(mg_tensorflow *tf, const Mg__SavedModel *model,
                                 const Mg__MetaGraphDef **chosen)
{
    for (size_t i = 0; i < model->n_meta_graphs; ++i) {
        const Mg__MetaGraphDef *meta = model->meta_graphs[i];
        for (size_t k = 0; meta->meta_info_def != NULL && k < meta->meta_info_def->n_tags; ++k)
            if (strcmp(meta->meta_info_def->tags[k], "serve") == 0) *chosen = meta;
        if (*chosen != NULL) break;
    }
    if (*chosen == NULL && model->n_meta_graphs == 1) *chosen = model->meta_graphs[0];
    if (*chosen != NULL && (*chosen)->graph_def != NULL) return MIDGE_OK;
    return mg_fail(tf->error, MIDGE_INVALID_MODEL, "%s: has no graph for serving", tf->file);
}

static bool is_usable(const Mg__NamedSignature *signature)
{
    return strncmp(signature->key, "__saved_model_", 14) != 0 && signature->value != NULL &&
           signature->value->n_outputs > 0;
}

static midge_status refuse_signatures(mg_tensorflow *tf, const Mg__MetaGraphDef *meta)
{
    char list[300] = "", name[60];
    size_t used = 0;
    for (size_t i = 0; i < meta->n_signature_def && used + 70 < sizeof list; ++i)
        if (is_usable(meta->signature_def[i]))
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? ", " : "",
                                     mg_printable(meta->signature_def[i]->key, name, sizeof name));
    if (used == 0)
        return mg_fail(tf->error, MIDGE_UNSUPPORTED,
                       "%s: has no signature; save the model with model.export(), or with "
                       "tf.saved_model.save(module, folder, signatures=…)",
                       tf->file);
    if (tf->signature != NULL)
        return mg_fail(tf->error, MIDGE_INVALID_ARGUMENT, "%s: has no signature %s; it has: %s",
                       tf->file, mg_printable(tf->signature, name, sizeof name), list);
    return mg_fail(tf->error, MIDGE_UNSUPPORTED,
                   "%s: has several signatures and none is called serving_default: %s; name one "
                   "with --signature",
                   tf->file, list);
}

static midge_status choose_signature(mg_tensorflow *tf, const Mg__MetaGraphDef *meta,
                                     const Mg__SignatureDef **chosen)
{
    const char *wanted = tf->signature != NULL ? tf->signature : "serving_default";
    const Mg__NamedSignature *only = NULL;
    size_t usable = 0;
    *chosen = NULL;
    for (size_t i = 0; i < meta->n_signature_def; ++i) {
        if (!is_usable(meta->signature_def[i])) continue;
        ++usable;
        only = meta->signature_def[i];
        if (strcmp(only->key, wanted) != 0) continue;
        tf->signature = only->key;
        *chosen = only->value;
        return MIDGE_OK;
    }
    if (usable != 1 || tf->signature != NULL) return refuse_signatures(tf, meta);
    tf->signature = only->key;
    *chosen = only->value;
    return MIDGE_OK;
}

/* ---- Inputs and outputs ---- */

static int by_key(const void *a, const void *b)
{
    return strcmp(((const mg_tf_binding *)a)->key, ((const mg_tf_binding *)b)->key);
}

static midge_status bind_list(mg_tensorflow *tf, size_t count, Mg__NamedTensor **list,
                              mg_tf_binding **bindings)
{
    void *memory = NULL;
    if (count > MOST_BINDINGS)
        return mg_fail(tf->error, MIDGE_LIMIT_EXCEEDED, "%s: %zu inputs or outputs", tf->file,
                       count);
    TRY(mg_tf_memory(tf, count, sizeof(mg_tf_binding), &memory));
    *bindings = memory;
    for (size_t i = 0; i < count; ++i) {
        const Mg__TensorBinding *value = list[i]->value;
        if (value == NULL || value->name[0] == '\0')
            return mg_fail(tf->error, MIDGE_UNSUPPORTED,
                           "%s: a sparse or composite input or output in its signature", tf->file);
        (*bindings)[i] = (mg_tf_binding){.key = list[i]->key,
                                         .tensor = value->name,
                                         .shape = value->tensor_shape,
                                         .dtype = value->dtype,
                                         .number = -1};
    }
    if (count > 0) qsort(*bindings, count, sizeof **bindings, by_key);
    return MIDGE_OK;
}

static midge_status bind_signature(mg_tensorflow *tf, const Mg__SignatureDef *signature)
{
    tf->input_count = signature->n_inputs;
    tf->output_count = signature->n_outputs;
    TRY(bind_list(tf, signature->n_inputs, signature->inputs, &tf->inputs));
    return bind_list(tf, signature->n_outputs, signature->outputs, &tf->outputs);
}

/* Marks what some node reads, in a frozen graph. */
static midge_status find_read(mg_tensorflow *tf, bool **read)
{
    const mg_tf_body *body = tf->main->body;
    void *memory = NULL;
    TRY(mg_tf_memory(tf, body->node_count, sizeof(bool), &memory));
    *read = memory;
    for (size_t i = 0; i < body->node_count; ++i)
        for (size_t k = 0; k < body->nodes[i]->n_input; ++k) {
            const char *text = body->nodes[i]->input[k];
            if (text[0] == '^') ++text;
            int32_t node = mg_tf_find_node(body, text, strcspn(text, ":"));
            if (node >= 0) (*read)[node] = true;
        }
    return MIDGE_OK;
}

static bool is_output(const Mg__NodeDef *node)
{
    static const char *const never[] = {"NoOp",
                                        "Assert",
                                        "Const",
                                        "Placeholder",
                                        "LookupTableImportV2",
                                        "LookupTableImport",
                                        "InitializeTableV2",
                                        "InitializeTable"};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; ++i)
        if (strcmp(node->op, never[i]) == 0) return false;
    return true;
}

/* A frozen graph has no signature: its placeholders are inputs, what nobody reads are outputs. */
static midge_status bind_graph(mg_tensorflow *tf)
{
    const mg_tf_body *body = tf->main->body;
    bool *read = NULL;
    void *memory = NULL;
    TRY(find_read(tf, &read));
    TRY(mg_tf_memory(tf, body->node_count, 2 * sizeof(mg_tf_binding), &memory));
    tf->inputs = memory;
    tf->outputs = tf->inputs + body->node_count;
    for (size_t i = 0; i < body->node_count; ++i) {
        const Mg__NodeDef *node = body->nodes[i];
        const Mg__AttrValue *shape = mg_attr(node, "shape");
        mg_tf_binding made = {.key = node->name,
                              .tensor = node->name,
                              .shape = shape != NULL ? shape->shape : NULL,
                              .dtype = mg_attr_type(node, "dtype", 1),
                              .number = -1};
        if (strcmp(node->op, "Placeholder") == 0 && read[i])
            tf->inputs[tf->input_count++] = made;
        else if (!read[i] && is_output(node))
            tf->outputs[tf->output_count++] = made;
    }
    tf->signature = "serving_default";
    if (tf->output_count > 0 && tf->output_count <= MOST_BINDINGS) return MIDGE_OK;
    return mg_fail(tf->error, MIDGE_INVALID_MODEL, "%s: a graph with %zu outputs", tf->file,
                   tf->output_count);
}

static midge_status input_shape(mg_tensorflow *tf, const mg_tf_binding *input, const char *name,
                                int32_t *rank, int32_t *shape)
{
    const Mg__TensorShape *given = input->shape;
    *rank = 0;
    if (given == NULL) return MIDGE_OK;
    if (given->unknown_rank || given->n_dim > MIDGE_MAX_RANK)
        return mg_fail(tf->error, MIDGE_UNSUPPORTED,
                       "%s: input %s has a shape of unknown rank; save the model with a fixed one",
                       tf->file, name);
    *rank = (int32_t)given->n_dim;
    for (int32_t i = 0; i < *rank; ++i) {
        int64_t size = given->dim[i]->size;
        if (i == 0 && (size < 0 || tf->batch > 0)) size = tf->batch > 0 ? tf->batch : 1;
        if (size < 1 || size > INT32_MAX)
            return mg_fail(tf->error, MIDGE_UNSUPPORTED,
                           "%s: input %s leaves size %d open; only the batch may be open: save the "
                           "model with an input_signature of fixed sizes",
                           tf->file, name, (int)i);
        shape[i] = (int32_t)size;
    }
    return MIDGE_OK;
}

static const mg_tf_row input_row = {"", NULL, -1, ""};

/* Stands for the node that an input of the signature feeds. */
static midge_status feed(mg_tensorflow *tf, mg_tf_binding *input, const char *name)
{
    size_t colon = strcspn(input->tensor, ":");
    int32_t node = mg_tf_find_node(tf->main->body, input->tensor, colon);
    long output = input->tensor[colon] == ':' ? strtol(input->tensor + colon + 1, NULL, 10) : 0;
    void *memory = NULL;
    if (node < 0 || output != 0)
        return mg_fail(tf->error, MIDGE_INVALID_MODEL,
                       "%s: input %s feeds a node that is not there", tf->file, name);
    TRY(mg_tf_memory(tf, 1, sizeof(mg_tf_operation), &memory));
    mg_tf_operation *operation = memory;
    *operation = (mg_tf_operation){.node = tf->main->body->nodes[node],
                                   .row = &input_row,
                                   .frame = tf->main,
                                   .number = node,
                                   .name = name,
                                   .state = MG_TF_DONE};
    tf->main->uses[node].operation = operation;
    return mg_tf_give_one(tf, operation, input->number);
}

static midge_status add_inputs(mg_tensorflow *tf)
{
    void *memory = NULL;
    TRY(mg_tf_memory(tf, tf->input_count, sizeof(int32_t), &memory));
    int32_t *numbers = memory;
    for (size_t i = 0; i < tf->input_count; ++i) {
        mg_tf_binding *input = &tf->inputs[i];
        int32_t rank, shape[MIDGE_MAX_RANK];
        const char *name = NULL, *tensor = NULL;
        char printable[200];
        midge_type type;
        TRY(mg_network_text(tf->network, &name, "%s",
                            mg_printable(input->key, printable, sizeof printable)));
        if (input->dtype == RESOURCE)
            return mg_fail(tf->error, MIDGE_UNSUPPORTED,
                           "%s: input %s is a table or variable that freezing left out; convert "
                           "the SavedModel",
                           tf->file, name);
        if (!mg_tf_type(input->dtype, &type))
            return mg_fail(tf->error, MIDGE_UNSUPPORTED,
                           "%s: input %s has a type that .tflite lacks here (%d)", tf->file, name,
                           (int)input->dtype);
        TRY(input_shape(tf, input, name, &rank, shape));
        TRY(mg_network_text(tf->network, &tensor, "%s",
                            mg_printable(input->tensor, printable, sizeof printable)));
        TRY(mg_network_add(tf->network, mg_tf_graph(tf), tensor, type, rank, shape,
                           &input->number));
        numbers[i] = input->number;
        TRY(feed(tf, input, name));
    }
    return mg_network_set_inputs(tf->network, mg_tf_graph(tf), tf->input_count, numbers);
}

/* As the file calls it, which is what Google's converter does. */
static midge_status name_output(mg_tensorflow *tf, const mg_tf_binding *output)
{
    char printable[200];
    const mg_network_graph *graph = mg_tf_graph(tf);
    mg_network_tensor *tensor = &graph->tensors[output->number];
    for (size_t i = 0; i < graph->input_count; ++i)
        if (graph->inputs[i] == output->number) return MIDGE_OK;
    return mg_network_text(tf->network, &tensor->name, "%s",
                           mg_printable(output->tensor, printable, sizeof printable));
}

static midge_status add_outputs(mg_tensorflow *tf, const mg_tf_part *part)
{
    void *memory = NULL;
    TRY(mg_tf_memory(tf, tf->output_count, sizeof(int32_t), &memory));
    int32_t *numbers = memory;
    for (size_t i = 0; i < tf->output_count; ++i) {
        mg_tf_value value;
        char name[200];
        TRY(mg_tf_value_of(tf, part, &part->outputs[i], &value));
        if (value.kind != MG_TF_TENSOR)
            return mg_fail(tf->error, MIDGE_UNSUPPORTED, "%s: output %s is no tensor", tf->file,
                           mg_printable(tf->outputs[i].key, name, sizeof name));
        numbers[i] = tf->outputs[i].number = value.number;
        TRY(name_output(tf, &tf->outputs[i]));
    }
    return mg_network_set_outputs(tf->network, mg_tf_graph(tf), tf->output_count, numbers);
}

static midge_status add_signature(mg_tensorflow *tf)
{
    mg_network_signature *signature;
    TRY(mg_network_add_signature(tf->network, tf->signature, tf->input_count, tf->output_count,
                                 &signature));
    for (size_t i = 0; i < tf->input_count; ++i)
        signature->inputs[i] = (mg_network_binding){tf->inputs[i].key, tf->inputs[i].number};
    for (size_t i = 0; i < tf->output_count; ++i)
        signature->outputs[i] = (mg_network_binding){tf->outputs[i].key, tf->outputs[i].number};
    return MIDGE_OK;
}

static midge_status make_network(mg_tensorflow *tf)
{
    mg_tf_part part = {.root = tf->main, .output_count = tf->output_count};
    void *memory = NULL;
    TRY(mg_tf_memory(tf, tf->output_count, sizeof(mg_tf_source), &memory));
    part.outputs = memory;
    TRY(add_inputs(tf));
    for (size_t i = 0; i < tf->output_count; ++i)
        TRY(mg_tf_resolve(tf, tf->main, tf->outputs[i].tensor, &part.outputs[i]));
    TRY(mg_tf_order(tf, &part));
    TRY(mg_tf_check_rows(tf, &part));
    TRY(mg_tf_variables_mark(tf));
    TRY(mg_tf_variables_find(tf));
    TRY(mg_tf_lower_part(tf, &part));
    TRY(add_outputs(tf, &part));
    return add_signature(tf);
}

/* ---- Files ---- */

/* A model without variables may lack their files. */
static midge_status open_bundle(mg_tensorflow *tf, const char *variables)
{
    midge_error *error = tf->error, ignored = {MIDGE_OK, ""};
    midge_status status = mg_bundle_open(tf->heap, variables, tf->file, &ignored, &tf->bundle);
    tf->has_bundle = status == MIDGE_OK;
    tf->bundle.error = error;
    if (status == MIDGE_IO_ERROR)
        return mg_network_text(tf->network, &tf->no_bundle, "%s", ignored.message);
    return status == MIDGE_OK ? MIDGE_OK : mg_fail(error, status, "%s", ignored.message);
}

midge_status mg_tensorflow_convert_bytes(mg_tensorflow *tf, const unsigned char *bytes, size_t size,
                                         const char *variables)
{
    Mg__SavedModel *model = NULL;
    Mg__GraphDef *graph = NULL;
    const Mg__MetaGraphDef *meta = NULL;
    const Mg__SignatureDef *signature = NULL;
    if (!mg_tensorflow_is_saved_model(bytes, size)) {
        TRY(mg_message_read(&tf->region, tf->error, tf->file, "the graph",
                            &mg__graph_def__descriptor, bytes, size, (void **)&graph));
        tf->graph = graph;
        TRY(mg_tf_graph_open(tf));
        TRY(bind_graph(tf));
        return make_network(tf);
    }
    TRY(mg_message_read(&tf->region, tf->error, tf->file, "saved_model.pb",
                        &mg__saved_model__descriptor, bytes, size, (void **)&model));
    TRY(choose_graph(tf, model, &meta));
    TRY(choose_signature(tf, meta, &signature));
    TRY(bind_signature(tf, signature));
    tf->graph = meta->graph_def;
    tf->saver = meta->saver_def;
    if (variables != NULL) TRY(open_bundle(tf, variables));
    TRY(mg_tf_graph_open(tf));
    return make_network(tf);
}
