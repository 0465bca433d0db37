/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a node makes, by asking the runtime: a model of this one node is made and prepared, and run
 * when all of its inputs are constants. So shapes and values are those that the file will have,
 * and no rule stands twice.
 */
#include "convert/tensorflow_operation.h"
#include "op/op.h"

/* Constants beyond this have no say in a shape, and are stood for by inputs. */
enum { MOST_BYTES = 1 << 16, MOST_PORTS = 4096 };

typedef struct trial {
    mg_tensorflow *tf;
    const mg_network_node *node;
    mg_network network;
    bool fold;
    size_t input_count;
    int32_t *inputs; /* of the trial's node */
    int32_t *open;   /* those of them that are inputs of the graph */
    size_t open_count;
    int32_t *outputs;
    void *bytes;
    midge_model *model;
    midge_session *session;
} trial;

static bool all_constant(const mg_tensorflow *tf, const mg_network_node *node)
{
    const mg_op *row = mg_op_find(node->op, node->custom_name);
    if (row == NULL || (row->flags & MG_OP_STATEFUL) != 0 || node->op == MG_BUILTIN_IF ||
        node->op == MG_BUILTIN_WHILE)
        return false;
    for (size_t i = 0; i < node->input_count; ++i)
        if (node->inputs[i] >= 0 && mg_tf_tensor(tf, node->inputs[i])->data == NULL) return false;
    return true;
}

static midge_status add_input(trial *at, size_t place)
{
    int32_t source = at->node->inputs[place];
    at->inputs[place] = -1;
    if (source < 0) return MIDGE_OK;
    for (size_t i = 0; i < place; ++i)
        if (at->node->inputs[i] == source) {
            at->inputs[place] = at->inputs[i];
            return MIDGE_OK;
        }
    const mg_network_tensor *tensor = mg_tf_tensor(at->tf, source);
    mg_network_graph *graph = &at->network.graphs[0];
    TRY(mg_network_add(&at->network, graph, "", tensor->type, tensor->rank, tensor->shape,
                       &at->inputs[place]));
    if (tensor->data != NULL && (at->fold || tensor->bytes <= MOST_BYTES)) {
        graph->tensors[at->inputs[place]].data = tensor->data;
        graph->tensors[at->inputs[place]].bytes = tensor->bytes;
        return MIDGE_OK;
    }
    at->open[at->open_count++] = at->inputs[place];
    return MIDGE_OK;
}

/* What the trial states as the rank of results: 0, since the runtime tells it, but for choices
 * between single elements, which take what the file states. */
static int32_t stated_rank(const trial *at)
{
    const mg_network_node *node = at->node;
    int32_t rank = 0;
    if (node->op != MG_BUILTIN_SELECT && node->op != MG_BUILTIN_SELECT_V2) return 0;
    for (size_t i = 0; i < node->input_count; ++i) {
        int32_t next = mg_tf_tensor(at->tf, node->inputs[i])->rank;
        if (next > rank) rank = next;
    }
    return rank;
}

static midge_status build(trial *at)
{
    static const int32_t single[MIDGE_MAX_RANK] = {1, 1, 1, 1, 1, 1, 1, 1};
    const mg_network_node *node = at->node;
    mg_network_graph *graph = &at->network.graphs[0];
    mg_network_node *made;
    void *memory = NULL;
    size_t size = 0;
    midge_model_options options = midge_model_options_default();
    TRY(mg_network_memory(&at->network,
                          (2 * node->input_count + node->output_count) * sizeof(int32_t), &memory));
    at->inputs = memory;
    at->open = at->inputs + node->input_count;
    at->outputs = at->open + node->input_count;
    for (size_t i = 0; i < node->input_count; ++i) TRY(add_input(at, i));
    for (size_t i = 0; i < node->output_count; ++i)
        TRY(mg_network_add(&at->network, graph, "", mg_tf_tensor(at->tf, node->outputs[i])->type,
                           stated_rank(at), single, &at->outputs[i]));
    TRY(mg_network_add_node(&at->network, graph, -1, node->op, "", node->input_count, at->inputs,
                            node->output_count, at->outputs, &made));
    made->options = node->options;
    made->options_2 = node->options_2;
    made->options_type = node->options_type;
    made->options_2_type = node->options_2_type;
    TRY(mg_network_set_inputs(&at->network, graph, at->open_count, at->open));
    TRY(mg_network_set_outputs(&at->network, graph, node->output_count, at->outputs));
    TRY(mg_network_write(&at->network, &at->bytes, &size));
    options.allocator = &at->tf->heap->allocator;
    return midge_model_load_memory(at->bytes, size, &options, &at->model, at->network.error);
}

static midge_status prepare(trial *at)
{
    midge_session_options options = midge_session_options_default();
    options.allocator = &at->tf->heap->allocator;
    TRY(midge_session_create(at->model, &options, &at->session, at->network.error));
    if (!at->fold) return MIDGE_OK;
    midge_status status = midge_session_invoke(at->session);
    if (status == MIDGE_OK) return MIDGE_OK;
    return mg_fail(at->network.error, status, "%s", midge_session_message(at->session));
}

static midge_status take_output(const trial *at, size_t place)
{
    const midge_tensor *made = midge_session_output(at->session, place);
    mg_network_tensor *tensor = &mg_tf_graph(at->tf)->tensors[at->node->outputs[place]];
    void *data = NULL;
    if (midge_tensor_is_dynamic(made) && !at->fold)
        return mg_fail(at->network.error, MIDGE_UNSUPPORTED,
                       "the size of its result depends on the data");
    tensor->rank = midge_tensor_rank(made);
    memcpy(tensor->shape, midge_tensor_shape(made), (size_t)tensor->rank * sizeof(int32_t));
    if (!at->fold) return MIDGE_OK;
    tensor->bytes = midge_tensor_bytes(made);
    TRY(mg_tf_count_made(at->tf, tensor->bytes));
    TRY(mg_network_memory(at->tf->network, tensor->bytes, &data));
    if (tensor->bytes > 0) memcpy(data, midge_tensor_data(made), tensor->bytes);
    tensor->data = data;
    return MIDGE_OK;
}

static midge_status run(trial *at)
{
    TRY(build(at));
    TRY(prepare(at));
    for (size_t i = 0; i < at->node->output_count; ++i) TRY(take_output(at, i));
    return MIDGE_OK;
}

midge_status mg_tf_infer(mg_tensorflow *tf, const mg_network_node *node, bool *folded)
{
    midge_error error = {MIDGE_OK, ""};
    trial at = {.tf = tf, .node = node, .fold = all_constant(tf, node)};
    if (node->input_count + node->output_count > MOST_PORTS)
        return mg_tf_refuse(tf, "has more than %d inputs and outputs", MOST_PORTS);
    midge_status status = mg_network_create(tf->heap, &error, &at.network);
    if (status == MIDGE_OK) status = run(&at);
    bool told = status != MIDGE_OK && error.message[0] == '\0'; /* by what run called */
    midge_session_free(at.session);
    midge_model_free(at.model);
    mg_heap_release(tf->heap, at.bytes);
    mg_network_free(&at.network);
    *folded = at.fold;
    if (told) return status;
    if (status == MIDGE_NO_MEMORY || status == MIDGE_LIMIT_EXCEEDED)
        return mg_fail(tf->error, status, "%s", error.message);
    return status == MIDGE_OK ? MIDGE_OK : mg_tf_refuse(tf, "%s", error.message);
}
