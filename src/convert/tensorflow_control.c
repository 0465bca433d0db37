/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Branches and loops: their functions become graphs of their own. What a loop only hands on to
 * itself, and is a constant outside, becomes a constant inside: weights above all.
 */
#include "convert/tensorflow_operation.h"

midge_status mg_tf_add_graph(mg_tensorflow *tf, const char *name, int32_t *graph)
{
    mg_network *network = tf->network;
    void *memory = NULL;
    TRY(mg_region_get_array(&network->region, network->graph_count + 1, sizeof(mg_network_graph),
                            &memory, tf->error));
    memcpy(memory, network->graphs, network->graph_count * sizeof(mg_network_graph));
    network->graphs = memory;
    network->graphs[network->graph_count].name = name;
    *graph = (int32_t)network->graph_count++;
    return MIDGE_OK;
}

/* The graphs that a node runs, at most two. */
static size_t callees(const mg_network_node *node, int32_t **graphs)
{
    if (node->removed) return 0;
    if (node->op == MG_BUILTIN_CALL_ONCE) {
        graphs[0] = &((mg_CallOnceOptions *)node->options)->init_subgraph_index;
        return 1;
    }
    if (node->op == MG_BUILTIN_IF) {
        graphs[0] = &((mg_IfOptions *)node->options)->then_subgraph_index;
        graphs[1] = &((mg_IfOptions *)node->options)->else_subgraph_index;
        return 2;
    }
    if (node->op != MG_BUILTIN_WHILE) return 0;
    graphs[0] = &((mg_WhileOptions *)node->options)->cond_subgraph_index;
    graphs[1] = &((mg_WhileOptions *)node->options)->body_subgraph_index;
    return 2;
}

midge_status mg_tf_drop_graphs(mg_network *network)
{
    void *memory = NULL;
    int32_t *graphs[2], kept = 0;
    TRY(mg_region_get_array(&network->region, network->graph_count, sizeof(int32_t), &memory,
                            network->error));
    int32_t *numbers = memory; /* 1: a node runs it; then its new number */
    numbers[0] = 1;
    /* A function that calls others has a lower number than they. */
    for (size_t g = 0; g < network->graph_count; ++g)
        for (size_t n = 0; numbers[g] != 0 && n < network->graphs[g].node_count; ++n)
            for (size_t k = callees(&network->graphs[g].nodes[n], graphs); k-- > 0;)
                numbers[*graphs[k]] = 1;
    for (size_t g = 0; g < network->graph_count; ++g) {
        if (numbers[g] == 0) continue;
        numbers[g] = kept;
        network->graphs[kept++] = network->graphs[g];
    }
    network->graph_count = (size_t)kept;
    for (int32_t g = 0; g < kept; ++g)
        for (size_t n = 0; n < network->graphs[g].node_count; ++n)
            for (size_t k = callees(&network->graphs[g].nodes[n], graphs); k-- > 0;)
                *graphs[k] = numbers[*graphs[k]];
    return MIDGE_OK;
}

/* A tensor of this graph in another one: a constant there, too, or an input. */
static midge_status carry(mg_tensorflow *tf, int32_t tensor, int32_t graph, bool constant,
                          int32_t *made)
{
    const mg_network_tensor source = *mg_tf_tensor(tf, tensor);
    mg_network_graph *target = &tf->network->graphs[graph];
    if (constant)
        return mg_network_add_constant(tf->network, target, source.name, source.type, source.rank,
                                       source.shape, source.data, made);
    return mg_network_add(tf->network, target, source.name, source.type, source.rank, source.shape,
                          made);
}

typedef struct operands {
    size_t count; /* of the function's arguments */
    const mg_tf_value *values;
    bool *inside; /* those that are no inputs of the new graphs */
    size_t kept;  /* the others */
    int32_t *tensors;
} operands;

/* Makes the graph of a function. Its outputs are those of arguments that are inputs when `loop`. */
static midge_status make_graph(mg_tensorflow *tf, mg_tf_part *part, const operands *given,
                               bool loop)
{
    void *memory = NULL;
    size_t kept = 0, outputs = 0;
    int32_t before = tf->at_graph;
    if (part->argument_count != given->count)
        return mg_tf_refuse(tf, "calls a function of %zu arguments with %zu", part->argument_count,
                            given->count);
    TRY(mg_tf_add_graph(tf, tf->operation->name, &part->graph));
    TRY(mg_tf_memory(tf, given->count, sizeof(mg_tf_value), &memory));
    part->arguments = memory;
    TRY(mg_tf_memory(tf, given->count + part->output_count, sizeof(int32_t), &memory));
    int32_t *inputs = memory, *results = inputs + given->count;
    for (size_t i = 0; i < given->count; ++i) {
        part->arguments[i] = given->values[i];
        if (given->values[i].kind != MG_TF_TENSOR) continue;
        TRY(carry(tf, given->values[i].number, part->graph, given->inside[i],
                  &part->arguments[i].number));
        if (!given->inside[i]) inputs[kept++] = part->arguments[i].number;
    }
    TRY(mg_tf_lower_part(tf, part));
    for (size_t i = 0; i < part->output_count; ++i) {
        mg_tf_value value;
        TRY(mg_tf_value_of(tf, part, &part->outputs[i], &value));
        if (loop && given->inside[i]) continue;
        if (value.kind != MG_TF_TENSOR)
            return mg_tf_refuse(tf, "its function returns something that is no tensor");
        results[outputs++] = value.number;
    }
    tf->at_graph = part->graph;
    midge_status status = mg_network_set_inputs(tf->network, mg_tf_graph(tf), kept, inputs);
    if (status == MIDGE_OK)
        status = mg_network_set_outputs(tf->network, mg_tf_graph(tf), outputs, results);
    tf->at_graph = before;
    return status;
}

static midge_status make_operands(mg_tensorflow *tf, const mg_tf_operation *operation, size_t first,
                                  operands *made)
{
    void *memory = NULL;
    made->count = operation->input_count - first;
    made->values = operation->inputs + first;
    TRY(mg_tf_memory(tf, made->count, sizeof(bool), &memory));
    made->inside = memory;
    TRY(mg_tf_memory(tf, made->count + 1, sizeof(int32_t), &memory));
    made->tensors = memory;
    made->kept = 0;
    return MIDGE_OK;
}

static bool is_constant(const mg_tensorflow *tf, const mg_tf_value *value)
{
    return value->kind != MG_TF_TENSOR || mg_tf_tensor(tf, value->number)->data != NULL;
}

/* Adds outputs of a control node, as the tensors of a graph are. */
static midge_status add_outputs(mg_tensorflow *tf, int32_t graph, size_t count, int32_t *outputs)
{
    for (size_t i = 0; i < count; ++i) {
        const mg_network_graph *source = &tf->network->graphs[graph];
        const mg_network_tensor tensor = source->tensors[source->outputs[i]];
        TRY(mg_network_add(tf->network, mg_tf_graph(tf), tf->operation->name, tensor.type,
                           tensor.rank, tensor.shape, &outputs[i]));
    }
    return MIDGE_OK;
}

static bool same_tensors(const mg_network_graph *a, const int32_t *left, const mg_network_graph *b,
                         const int32_t *right, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const mg_network_tensor *x = &a->tensors[left[i]], *y = &b->tensors[right[i]];
        if (x->type != y->type || x->rank != y->rank ||
            memcmp(x->shape, y->shape, (size_t)x->rank * sizeof(int32_t)) != 0)
            return false;
    }
    return true;
}

midge_status mg_tf_lower_branch(mg_tensorflow *tf, mg_tf_operation *operation)
{
    operands given;
    mg_network_node *node;
    void *memory = NULL;
    mg_tf_part *parts[] = {operation->parts[0], operation->parts[1]};
    if (operation->input_count < 1) return mg_tf_refuse(tf, "has no condition");
    TRY(make_operands(tf, operation, 1, &given));
    TRY(mg_tf_input(tf, operation, 0, &given.tensors[given.kept++]));
    for (size_t i = 0; i < given.count; ++i) {
        given.inside[i] = is_constant(tf, &given.values[i]);
        if (!given.inside[i]) given.tensors[given.kept++] = given.values[i].number;
    }
    for (int k = 0; k < 2; ++k) TRY(make_graph(tf, parts[k], &given, false));
    const mg_network_graph *then = &tf->network->graphs[parts[0]->graph];
    const mg_network_graph *otherwise = &tf->network->graphs[parts[1]->graph];
    size_t count = then->output_count;
    if (count != otherwise->output_count ||
        !same_tensors(then, then->outputs, otherwise, otherwise->outputs, count))
        return mg_tf_refuse(tf, "its branches give results of different shapes");
    TRY(mg_tf_memory(tf, count, sizeof(int32_t), &memory));
    TRY(add_outputs(tf, parts[0]->graph, count, memory));
    TRY(mg_network_add_node(tf->network, mg_tf_graph(tf), -1, MG_BUILTIN_IF, operation->name,
                            given.kept, given.tensors, count, memory, &node));
    mg_IfOptions *options = node->options;
    options->then_subgraph_index = parts[0]->graph;
    options->else_subgraph_index = parts[1]->graph;
    return mg_tf_give(tf, operation, count, memory);
}

/* Whether the body returns argument i as it was. */
static bool is_invariant(const mg_tf_part *body, size_t i)
{
    const mg_tf_source *output = &body->outputs[i];
    return output->frame == body->root && output->node == -1 - (int32_t)i;
}

/* Results of a loop: of its node, or what went in where nothing changes it. */
static midge_status give_loop(mg_tensorflow *tf, mg_tf_operation *operation, const operands *given,
                              const int32_t *outputs)
{
    void *memory = NULL;
    size_t at = 0;
    TRY(mg_tf_memory(tf, given->count, sizeof(int32_t), &memory));
    TRY(mg_tf_give(tf, operation, given->count, memory));
    for (size_t i = 0; i < given->count; ++i)
        operation->outputs[i] =
            given->inside[i] ? given->values[i] : (mg_tf_value){MG_TF_TENSOR, outputs[at++]};
    return MIDGE_OK;
}

midge_status mg_tf_lower_loop(mg_tensorflow *tf, mg_tf_operation *operation)
{
    operands given;
    mg_network_node *node;
    void *memory = NULL;
    mg_tf_part *condition = operation->parts[0], *body = operation->parts[1];
    TRY(make_operands(tf, operation, 0, &given));
    if (body->output_count != given.count)
        return mg_tf_refuse(tf, "its body gives %zu values for %zu", body->output_count,
                            given.count);
    for (size_t i = 0; i < given.count; ++i) {
        given.inside[i] = is_invariant(body, i) && is_constant(tf, &given.values[i]);
        if (!given.inside[i] && given.values[i].kind != MG_TF_TENSOR)
            return mg_tf_refuse(tf, "changes a variable");
        if (!given.inside[i]) given.tensors[given.kept++] = given.values[i].number;
    }
    TRY(make_graph(tf, condition, &given, false));
    TRY(make_graph(tf, body, &given, true));
    const mg_network_graph *made = &tf->network->graphs[body->graph];
    if (!same_tensors(mg_tf_graph(tf), given.tensors, made, made->outputs, given.kept))
        return mg_tf_refuse(tf, "its values change their shape from one round to the next");
    TRY(mg_tf_memory(tf, given.kept, sizeof(int32_t), &memory));
    TRY(add_outputs(tf, body->graph, given.kept, memory));
    TRY(mg_network_add_node(tf->network, mg_tf_graph(tf), -1, MG_BUILTIN_WHILE, operation->name,
                            given.kept, given.tensors, given.kept, memory, &node));
    mg_WhileOptions *options = node->options;
    options->cond_subgraph_index = condition->graph;
    options->body_subgraph_index = body->graph;
    return give_loop(tf, operation, &given, memory);
}

/* ---- Lists of tensors of one shape, as a tensor with one dimension more ---- */

midge_status mg_tf_lower_list(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t list;
    TRY(mg_tf_input(tf, operation, 0, &list));
    return mg_tf_give_one(tf, operation, list);
}

/* An open size of the elements is the batch. */
midge_status mg_tf_lower_list_reserve(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t shape[MIDGE_MAX_RANK], sizes, zero, output, element;
    size_t rank = 0;
    midge_type type;
    TRY(mg_tf_input(tf, operation, 0, &element));
    if (mg_tf_tensor(tf, element)->rank != 1)
        return mg_tf_refuse(tf, "a list of tensors of unknown shape");
    TRY(mg_tf_input_ints(tf, operation, 0, MIDGE_MAX_RANK - 1, shape + 1, &rank));
    TRY(mg_tf_input_int(tf, operation, 1, &shape[0]));
    if (rank > 0 && shape[1] == -1) shape[1] = tf->batch > 0 ? tf->batch : 1;
    for (size_t i = 0; i <= rank; ++i)
        if (shape[i] < 0) return mg_tf_refuse(tf, "a list of tensors of unknown shape");
    TRY(mg_tf_type_attr(tf, operation, "element_dtype", 0, &type));
    TRY(mg_tf_int32s(tf, rank + 1, shape, &sizes));
    TRY(mg_tf_int32_scalar(tf, 0, &zero));
    TRY(mg_tf_cast(tf, zero, type, &zero));
    TRY(mg_tf_node(tf, MG_BUILTIN_FILL, 2, (int32_t[]){sizes, zero}, (int)type, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_list_get(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, output;
    TRY(mg_tf_inputs(tf, operation, 0, 2, &inputs));
    TRY(mg_tf_binary(tf, MG_BUILTIN_GATHER, inputs[0], inputs[1], &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_list_set(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, at, zeros[MIDGE_MAX_RANK] = {0}, rest, output, shape[MIDGE_MAX_RANK];
    mg_network_node *node;
    TRY(mg_tf_inputs(tf, operation, 0, 3, &inputs));
    const mg_network_tensor list = *mg_tf_tensor(tf, inputs[0]);
    if (list.rank < 1 || mg_tf_tensor(tf, inputs[2])->rank != list.rank - 1)
        return mg_tf_refuse(tf, "sets an element of another shape");
    memcpy(shape, list.shape, sizeof shape);
    shape[0] = 1;
    TRY(mg_tf_reshape(tf, inputs[2], list.rank, shape, &inputs[2]));
    TRY(mg_tf_as_int32(tf, inputs[1], &at));
    TRY(mg_tf_reshape(tf, at, 1, (int32_t[]){1}, &at));
    if (list.rank > 1) {
        TRY(mg_tf_int32s(tf, (size_t)list.rank - 1, zeros, &rest));
        TRY(mg_tf_begin(tf, MG_BUILTIN_CONCATENATION, 2, (int32_t[]){at, rest}, 1, -1, &node));
        TRY(mg_tf_finish(tf, &at));
    }
    TRY(mg_tf_node(tf, MG_BUILTIN_DYNAMIC_UPDATE_SLICE, 3, (int32_t[]){inputs[0], inputs[2], at},
                   -1, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_list_length(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t list, output;
    TRY(mg_tf_input(tf, operation, 0, &list));
    const mg_network_tensor *tensor = mg_tf_tensor(tf, list);
    TRY(mg_tf_int32_scalar(tf, tensor->rank > 0 ? tensor->shape[0] : 0, &output));
    return mg_tf_give_one(tf, operation, output);
}
