/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loops that are an LSTM layer as Keras writes it become one UNIDIRECTIONAL_SEQUENCE_LSTM. The body
 * of such a loop, with its values in any order:
 *
 *   x = sequence[time]                                     sequence: [steps, batch, features]
 *   z = x * kernel + h * recurrent + bias                  parts i, f, g, o of equal size
 *   c' = logistic(f) * c + logistic(i) * tanh(g)
 *   h' = logistic(o) * tanh(c')
 *   list[time] = h', or list[0] = h' of a list of one      time' = time + 1
 *
 * It starts with zeros and runs as often as the sequence has steps. What differs in anything stays
 * a loop: masks, other activations, first states, and where the last c is asked for.
 */
#include "convert/tensorflow_operation.h"
#include "network/passes.h"

typedef struct match {
    mg_network *network;
    mg_network_graph *main;
    int32_t loop; /* node of the main graph */
    const mg_network_graph *condition, *body;
    mg_links links;                       /* of the body */
    int32_t sequence, hidden, cell, list; /* places among the values of the loop */
    int32_t batch, steps, features, units;
    bool whole;                      /* the list has all steps */
    int32_t gates[4];                /* which part of z is i, f, g, o */
    const float *kernel, *recurrent; /* [4 * units, …] */
    float *bias;                     /* [4 * units] */
} match;

/* ---- Looking at the body ---- */

static const mg_network_node *maker(const match *at, int32_t tensor, int32_t op)
{
    int32_t node = tensor >= 0 ? at->links.producer[tensor] : -1;
    return node >= 0 && at->body->nodes[node].op == op ? &at->body->nodes[node] : NULL;
}

/* The place of a tensor among the values that come into a graph; -1 for none. */
static int32_t place_of(const mg_network_graph *graph, int32_t tensor)
{
    for (size_t i = 0; i < graph->input_count; ++i)
        if (graph->inputs[i] == tensor) return (int32_t)i;
    return -1;
}

static bool is_invariant(const match *at, int32_t place)
{
    return place >= 0 && at->body->inputs[place] == at->body->outputs[place];
}

static bool has_shape(const mg_network_tensor *tensor, int32_t rank, const int32_t *shape)
{
    return tensor->rank == rank && memcmp(tensor->shape, shape, (size_t)rank * sizeof *shape) == 0;
}

static bool is_int(const mg_network_graph *graph, int32_t tensor, int32_t *value)
{
    const mg_network_tensor *source = tensor >= 0 ? &graph->tensors[tensor] : NULL;
    if (source == NULL || source->data == NULL || source->type != MIDGE_INT32 ||
        source->bytes != sizeof *value)
        return false;
    memcpy(value, source->data, sizeof *value);
    return true;
}

static bool all_zero(const mg_network_tensor *tensor)
{
    const unsigned char *bytes = tensor->data;
    if (bytes == NULL) return false;
    for (size_t i = 0; i < tensor->bytes; ++i)
        if (bytes[i] != 0) return false;
    return true;
}

static int32_t start_of(const match *at, int32_t place)
{
    return at->main->nodes[at->loop].inputs[place];
}

/* 0, 1, 2, … */
static bool is_counter(const match *at, int32_t place)
{
    int32_t by = 0, start = 0;
    if (place < 0 || !is_int(at->main, start_of(at, place), &start) || start != 0) return false;
    const mg_network_node *node = maker(at, at->body->outputs[place], MG_BUILTIN_ADD);
    if (node == NULL) return false;
    for (int i = 0; i < 2; ++i)
        if (node->inputs[i] == at->body->inputs[place] &&
            is_int(at->body, node->inputs[1 - i], &by) && by == 1)
            return true;
    return false;
}

/* The inputs of a node of two, the first of which is made by `first` and the second by `second`. */
static bool is_pair(const match *at, const mg_network_node *node, int32_t first, int32_t second,
                    int32_t *a, int32_t *b)
{
    for (int i = 0; node != NULL && i < 2; ++i) {
        const mg_network_node *left = maker(at, node->inputs[i], first);
        const mg_network_node *right = maker(at, node->inputs[1 - i], second);
        if (left == NULL || right == NULL) continue;
        *a = left->inputs[0];
        *b = right->inputs[0];
        return true;
    }
    return false;
}

/* ---- The cell ---- */

/* Which part of z a tensor is; all are of one SPLIT. */
static bool is_gate(const match *at, int32_t tensor, const mg_network_node **split, int32_t *gate)
{
    const mg_network_node *node = maker(at, tensor, MG_BUILTIN_SPLIT);
    if (node == NULL || node->output_count != 4 || (*split != NULL && node != *split)) return false;
    *split = node;
    for (int32_t i = 0; i < 4; ++i)
        if (node->outputs[i] == tensor) *gate = i;
    return true;
}

/* c' = logistic(f) * c + logistic(i) * tanh(g), the sum's sides in any order. */
static bool match_cell(match *at, int32_t tensor, const mg_network_node **split)
{
    const mg_network_node *sum = maker(at, tensor, MG_BUILTIN_ADD);
    for (int side = 0; sum != NULL && side < 2; ++side) {
        const mg_network_node *old = maker(at, sum->inputs[side], MG_BUILTIN_MUL);
        const mg_network_node *added = maker(at, sum->inputs[1 - side], MG_BUILTIN_MUL);
        int32_t i = -1, g = -1;
        if (old == NULL || !is_pair(at, added, MG_BUILTIN_LOGISTIC, MG_BUILTIN_TANH, &i, &g))
            continue;
        for (int k = 0; k < 2; ++k) {
            const mg_network_node *forget = maker(at, old->inputs[k], MG_BUILTIN_LOGISTIC);
            int32_t cell = place_of(at->body, old->inputs[1 - k]);
            if (forget == NULL || cell < 0 || at->body->outputs[cell] != tensor) continue;
            at->cell = cell;
            return is_gate(at, i, split, &at->gates[0]) &&
                   is_gate(at, forget->inputs[0], split, &at->gates[1]) &&
                   is_gate(at, g, split, &at->gates[2]);
        }
    }
    return false;
}

/* x * kernel or h * recurrent, without the bias. */
static bool match_product(match *at, const mg_network_node *node)
{
    const mg_FullyConnectedOptions *options = node->options;
    const mg_network_tensor *weights = &at->body->tensors[node->inputs[1]];
    const mg_network_node *step = maker(at, node->inputs[0], MG_BUILTIN_GATHER);
    if (node->input_count < 2 || options->fused_activation_function != MG_ACTIVATION_NONE ||
        !mg_holds_floats(at->body, node->inputs[1]) || weights->rank != 2)
        return false;
    if (node->inputs[0] == at->body->inputs[at->hidden] && at->recurrent == NULL) {
        at->recurrent = weights->data;
        return has_shape(weights, 2, (const int32_t[]){4 * at->units, at->units});
    }
    if (step == NULL || at->kernel != NULL) return false;
    const mg_GatherOptions *gather = step->options;
    at->kernel = weights->data;
    at->sequence = place_of(at->body, step->inputs[0]);
    at->features = weights->shape[1];
    return gather->axis == 0 && gather->batch_dims == 0 && is_invariant(at, at->sequence) &&
           is_counter(at, place_of(at->body, step->inputs[1])) &&
           weights->shape[0] == 4 * at->units;
}

/* Adds a constant to the bias. */
static bool add_bias(match *at, int32_t tensor)
{
    const mg_network_tensor *source = &at->body->tensors[tensor];
    if (!mg_holds_floats(at->body, tensor) ||
        source->bytes != 4 * (size_t)at->units * sizeof(float))
        return false;
    for (int32_t i = 0; i < 4 * at->units; ++i) at->bias[i] += ((const float *)source->data)[i];
    return true;
}

/* z is a sum of two products and of constants, in any order. */
static bool match_sum(match *at, int32_t tensor)
{
    int32_t open[8] = {tensor};
    for (size_t count = 1; count > 0;) {
        int32_t term = open[--count];
        const mg_network_node *sum = maker(at, term, MG_BUILTIN_ADD);
        const mg_network_node *product = maker(at, term, MG_BUILTIN_FULLY_CONNECTED);
        if (sum != NULL) {
            if (count + 2 > sizeof open / sizeof open[0]) return false;
            open[count++] = sum->inputs[0];
            open[count++] = sum->inputs[1];
        } else if (product != NULL) {
            if (!match_product(at, product)) return false;
            if (product->input_count > 2 && product->inputs[2] >= 0)
                open[count++] = product->inputs[2];
        } else if (!add_bias(at, term)) {
            return false;
        }
    }
    return at->kernel != NULL && at->recurrent != NULL;
}

static midge_status match_body(match *at, bool *same)
{
    const mg_network_node *split = NULL;
    int32_t out = -1, squashed = -1, axis = 0;
    void *memory = NULL;
    *same = false;
    const int32_t hidden = at->body->outputs[at->hidden];
    if (!is_pair(at, maker(at, hidden, MG_BUILTIN_MUL), MG_BUILTIN_LOGISTIC, MG_BUILTIN_TANH, &out,
                 &squashed) ||
        !match_cell(at, squashed, &split) || !is_gate(at, out, &split, &at->gates[3]))
        return MIDGE_OK;
    for (int a = 0; a < 4; ++a)
        for (int b = 0; b < a; ++b)
            if (at->gates[a] == at->gates[b]) return MIDGE_OK;
    const mg_network_tensor *state = &at->body->tensors[hidden];
    const mg_network_tensor *sum = &at->body->tensors[split->inputs[1]];
    if (state->rank != 2 || sum->rank != 2 || sum->shape[1] / 4 != state->shape[1] ||
        !is_int(at->body, split->inputs[0], &axis) || (axis != 1 && axis != -1))
        return MIDGE_OK;
    at->batch = state->shape[0];
    at->units = state->shape[1];
    TRY(mg_network_memory(at->network, 4 * (size_t)at->units * sizeof(float), &memory));
    at->bias = memory;
    *same = match_sum(at, split->inputs[1]);
    return MIDGE_OK;
}

/* ---- The loop ---- */

/* Where h' goes: to place time of a list, or to place 0 of a list of one. */
static bool match_list(match *at, const mg_network_node *update)
{
    const mg_network_node *shaped = maker(at, update->inputs[1], MG_BUILTIN_RESHAPE);
    const mg_network_node *joined = maker(at, update->inputs[2], MG_BUILTIN_CONCATENATION);
    const mg_network_tensor *list = &at->body->tensors[update->inputs[0]];
    if (shaped == NULL || list->rank != 3 || update->inputs[0] != at->body->inputs[at->list])
        return false;
    at->hidden = -1;
    for (size_t i = 0; i < at->body->output_count; ++i)
        if (at->body->outputs[i] == shaped->inputs[0]) at->hidden = (int32_t)i;
    at->whole = joined != NULL;
    if (at->hidden < 0) return false;
    if (!at->whole) return list->shape[0] == 1 && all_zero(&at->body->tensors[update->inputs[2]]);
    const mg_network_node *time = maker(at, joined->inputs[0], MG_BUILTIN_RESHAPE);
    return joined->input_count == 2 && all_zero(&at->body->tensors[joined->inputs[1]]) &&
           is_counter(at, place_of(at->body, time != NULL ? time->inputs[0] : joined->inputs[0]));
}

/* LESS(counter, bound), or two of them; the least bound is how often the loop runs. */
static bool match_condition(match *at)
{
    mg_links links;
    const mg_network_graph *graph = at->condition;
    int32_t open[4], bound = 0, least = INT32_MAX;
    if (graph->output_count != 1 || mg_links_find(at->network, graph, &links) != MIDGE_OK)
        return false;
    open[0] = graph->outputs[0];
    for (size_t count = 1; count > 0;) {
        int32_t number = links.producer[open[--count]];
        const mg_network_node *node = number >= 0 ? &graph->nodes[number] : NULL;
        if (node == NULL) return false;
        if (node->op == MG_BUILTIN_LOGICAL_AND && count == 0) {
            open[count++] = node->inputs[0];
            open[count++] = node->inputs[1];
            continue;
        }
        if (node->op != MG_BUILTIN_LESS || !is_int(graph, node->inputs[1], &bound) ||
            !is_counter(at, place_of(graph, node->inputs[0])))
            return false;
        least = bound < least ? bound : least;
    }
    at->steps = least;
    return true;
}

/* Shapes, first values, and that nothing else is asked for. */
static bool match_main(const match *at, const mg_links *links)
{
    const mg_network_node *loop = &at->main->nodes[at->loop];
    const mg_network_tensor *sequence = &at->main->tensors[start_of(at, at->sequence)];
    const mg_network_tensor *list = &at->main->tensors[start_of(at, at->list)];
    const int32_t state[] = {at->batch, at->units};
    int32_t given[] = {at->hidden, at->cell};
    for (int i = 0; i < 2; ++i) {
        const mg_network_tensor *first = &at->main->tensors[start_of(at, given[i])];
        if (!all_zero(first) || !has_shape(first, 2, state)) return false;
    }
    for (size_t i = 0; i < loop->output_count; ++i)
        if ((int32_t)i != at->hidden && (int32_t)i != at->list && (int32_t)i != at->sequence &&
            links->uses[loop->outputs[i]] != 0)
            return false;
    return at->steps >= 1 && (!at->whole || list->shape[0] == at->steps) &&
           has_shape(list, 3, (const int32_t[]){list->shape[0], at->batch, at->units}) &&
           sequence->type == MIDGE_FLOAT32 &&
           has_shape(sequence, 3, (const int32_t[]){at->steps, at->batch, at->features});
}

static midge_status match_loop(match *at, const mg_links *links, bool *same)
{
    const mg_network_node *loop = &at->main->nodes[at->loop];
    const mg_WhileOptions *options = loop->options;
    *same = false;
    at->condition = &at->network->graphs[options->cond_subgraph_index];
    at->body = &at->network->graphs[options->body_subgraph_index];
    if (at->body->input_count != loop->input_count || at->body->output_count != loop->input_count)
        return MIDGE_OK;
    TRY(mg_links_find(at->network, at->body, &at->links));
    const mg_network_node *update = NULL;
    for (size_t i = 0; i < at->body->output_count && update == NULL; ++i) {
        at->list = (int32_t)i;
        update = maker(at, at->body->outputs[i], MG_BUILTIN_DYNAMIC_UPDATE_SLICE);
    }
    if (update == NULL || !match_list(at, update)) return MIDGE_OK;
    TRY(match_body(at, same));
    *same = *same && match_condition(at) && match_main(at, links);
    return MIDGE_OK;
}

/* ---- The operator ---- */

/* Puts a node before the loop, which then has the next number. */
static midge_status put(match *at, int32_t op, size_t input_count, const int32_t *inputs,
                        int32_t rank, const int32_t *shape, int32_t *output)
{
    const char *origin = at->main->nodes[at->loop].origin;
    mg_network_node *node;
    if (*output < 0)
        TRY(mg_network_add(at->network, at->main, origin, MIDGE_FLOAT32, rank, shape, output));
    TRY(mg_network_add_node(at->network, at->main, at->loop, op, origin, input_count, inputs, 1,
                            output, &node));
    ++at->loop;
    return MIDGE_OK;
}

/* From [a, b, n] to [b, a, n]. */
static midge_status turn(match *at, int32_t input, int32_t *output)
{
    const mg_network_tensor source = at->main->tensors[input];
    const int32_t shape[] = {source.shape[1], source.shape[0], source.shape[2]};
    const int32_t order[] = {1, 0, 2};
    bool moves = shape[0] != 1 && shape[1] != 1;
    int32_t list;
    TRY(mg_network_add_int32s(at->network, at->main, "constant", 3, moves ? order : shape, &list));
    return put(at, moves ? MG_BUILTIN_TRANSPOSE : MG_BUILTIN_RESHAPE, 2, (int32_t[]){input, list},
               3, shape, output);
}

static midge_status add_weights(match *at, int32_t *inputs)
{
    const int32_t kernel[] = {at->units, at->features}, recurrent[] = {at->units, at->units};
    for (int i = 0; i < 4; ++i) {
        size_t first = (size_t)at->gates[i] * (size_t)at->units;
        TRY(mg_network_add_constant(at->network, at->main, "kernel", MIDGE_FLOAT32, 2, kernel,
                                    at->kernel + first * (size_t)at->features, &inputs[1 + i]));
        TRY(mg_network_add_constant(at->network, at->main, "recurrent_kernel", MIDGE_FLOAT32, 2,
                                    recurrent, at->recurrent + first * (size_t)at->units,
                                    &inputs[5 + i]));
        TRY(mg_network_add_constant(at->network, at->main, "bias", MIDGE_FLOAT32, 1, &at->units,
                                    at->bias + first, &inputs[12 + i]));
    }
    return MIDGE_OK;
}

/* The last step, in the shape that the loop gave it. */
static midge_status give_last(match *at, int32_t whole, int32_t output)
{
    int32_t inputs[] = {whole, -1, -1}, last = -1, list;
    const mg_network_tensor target = at->main->tensors[output];
    const int32_t shape[] = {at->batch, 1, at->units};
    TRY(mg_network_add_int32s(at->network, at->main, "constant", 3,
                              (const int32_t[]){0, at->steps - 1, 0}, &inputs[1]));
    TRY(mg_network_add_int32s(at->network, at->main, "constant", 3, shape, &inputs[2]));
    TRY(put(at, MG_BUILTIN_SLICE, 3, inputs, 3, shape, &last));
    TRY(mg_network_add_int32s(at->network, at->main, "constant", (size_t)target.rank, target.shape,
                              &list));
    return put(at, MG_BUILTIN_RESHAPE, 2, (int32_t[]){last, list}, target.rank, target.shape,
               &output);
}

static midge_status write(match *at, const mg_links *links)
{
    const mg_network_node loop = at->main->nodes[at->loop];
    int32_t inputs[MG_LSTM_INPUTS], whole = -1;
    for (int i = 0; i < MG_LSTM_INPUTS; ++i) inputs[i] = -1;
    TRY(turn(at, loop.inputs[at->sequence], &inputs[0]));
    TRY(add_weights(at, inputs));
    TRY(mg_network_add_lstm(at->network, at->main, at->loop, loop.origin, inputs, &whole));
    ++at->loop;
    int32_t list = loop.outputs[at->list], hidden = loop.outputs[at->hidden];
    if (links->uses[list] != 0)
        TRY(at->whole ? turn(at, whole, &list) : give_last(at, whole, list));
    if (links->uses[hidden] != 0) TRY(give_last(at, whole, hidden));
    mg_network_replace(at->main, loop.outputs[at->sequence], loop.inputs[at->sequence]);
    at->main->nodes[at->loop].removed = true;
    return MIDGE_OK;
}

midge_status mg_tf_fuse_lstm(mg_network *network)
{
    mg_network_graph *main = &network->graphs[0];
    for (size_t n = 0; n < main->node_count; ++n) {
        match at = {.network = network, .main = main, .loop = (int32_t)n};
        mg_links links;
        bool same = false;
        if (main->nodes[n].op != MG_BUILTIN_WHILE || main->nodes[n].removed) continue;
        TRY(mg_links_find(network, main, &links));
        TRY(match_loop(&at, &links, &same));
        if (!same) continue;
        TRY(write(&at, &links));
        n = (size_t)at.loop;
    }
    return mg_tf_drop_graphs(network);
}
