/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/lifetime.h"

#include <string.h>

/* Before the first node. */
enum { START = -1 };

typedef struct finding {
    const mg_graph *graph;
    midge_tensor *tensors;
    const mg_planned_node *nodes;
    mg_lifetimes *lifetimes;
} finding;

static bool in_arena(const midge_tensor *tensor)
{
    return tensor->storage == MG_STORAGE_ARENA;
}

static void read_at(midge_tensor *tensor, size_t node)
{
    if (tensor->last_node < (int32_t)node) tensor->last_node = (int32_t)node;
}

static void find_uses(const finding *find)
{
    const mg_graph *graph = find->graph;
    int32_t end = (int32_t)graph->node_count;
    for (size_t i = 0; i < graph->tensor_count; ++i)
        find->tensors[i].first_node = find->tensors[i].last_node = START;
    for (size_t n = 0; n < graph->node_count; ++n) {
        const mg_node *node = &graph->nodes[n];
        for (size_t k = 0; k < node->output_count; ++k) {
            midge_tensor *tensor = &find->tensors[node->outputs[k]];
            tensor->first_node = (int32_t)n;
            if (tensor->last_node < (int32_t)n) tensor->last_node = (int32_t)n;
        }
        for (size_t k = 0; k < node->input_count; ++k)
            if (node->inputs[k] >= 0)
                read_at(&find->tensors[node->inputs[k]], n + find->nodes[n].delay);
    }
    for (size_t i = 0; i < graph->input_count; ++i) {
        find->tensors[graph->inputs[i]].first_node = START;
        find->tensors[graph->inputs[i]].last_node = end;
    }
    for (size_t i = 0; i < graph->output_count; ++i)
        find->tensors[graph->outputs[i]].last_node = end;
}

static int32_t add_buffer(mg_lifetimes *lifetimes, size_t bytes, int32_t first, int32_t last)
{
    lifetimes->buffers[lifetimes->count] = (mg_buffer){bytes, first, last, 0};
    return (int32_t)lifetimes->count++;
}

/* The buffer of input `k` if output 0 of the node may lie there, else -1. */
static int32_t shareable(const finding *find, size_t n, size_t k, bool unchanged)
{
    const mg_node *node = &find->graph->nodes[n];
    if (k >= node->input_count || node->inputs[k] < 0) return -1;
    const midge_tensor *input = &find->tensors[node->inputs[k]];
    const midge_tensor *output = &find->tensors[node->outputs[0]];
    int32_t buffer = find->lifetimes->buffer_of_tensor[node->inputs[k]];
    if (!in_arena(input) || buffer < 0 || input->bytes != output->bytes) return -1;
    if (unchanged) return buffer;
    /* Equal bytes of larger elements are a stretched operand, read again after it was overwritten.
     */
    if (input->elements != output->elements) return -1;
    /* Another operand in the same bytes would be read after it was overwritten. */
    for (size_t other = 0; other < node->input_count; ++other)
        if (other != k && node->inputs[other] >= 0 &&
            find->lifetimes->buffer_of_tensor[node->inputs[other]] == buffer)
            return -1;
    return find->lifetimes->buffers[buffer].last == (int32_t)n ? buffer : -1;
}

static int32_t share(const finding *find, size_t n)
{
    uint32_t flags = find->nodes[n].flags;
    int32_t buffer = -1;
    if ((flags & (MG_OP_IN_PLACE | MG_OP_IN_PLACE_ANY | MG_OP_ALIAS)) == 0) return -1;
    buffer = shareable(find, n, 0, (flags & MG_OP_ALIAS) != 0);
    if (buffer < 0 && (flags & MG_OP_IN_PLACE_ANY) != 0) buffer = shareable(find, n, 1, false);
    return buffer;
}

static void assign_node(const finding *find, size_t n, bool preserve_all)
{
    const mg_node *node = &find->graph->nodes[n];
    mg_lifetimes *lifetimes = find->lifetimes;
    if (!find->nodes[n].counts) return;
    for (size_t k = 0; k < node->output_count; ++k) {
        midge_tensor *output = &find->tensors[node->outputs[k]];
        if (!in_arena(output)) continue;
        int32_t buffer = k == 0 && !preserve_all ? share(find, n) : -1;
        if (buffer < 0) {
            buffer = add_buffer(lifetimes, output->bytes, (int32_t)n, output->last_node);
        } else if (lifetimes->buffers[buffer].last < output->last_node) {
            lifetimes->buffers[buffer].last = output->last_node;
        }
        lifetimes->buffer_of_tensor[node->outputs[k]] = buffer;
    }
    if (find->nodes[n].scratch_bytes > 0)
        lifetimes->buffer_of_node[n] =
            add_buffer(lifetimes, find->nodes[n].scratch_bytes, (int32_t)n, (int32_t)n);
}

/* What no node makes: inputs, and tensors that nobody fills. */
static void assign_given(const finding *find)
{
    for (size_t i = 0; i < find->graph->tensor_count; ++i) {
        midge_tensor *tensor = &find->tensors[i];
        if (!in_arena(tensor) || tensor->first_node != START) continue;
        find->lifetimes->buffer_of_tensor[i] =
            add_buffer(find->lifetimes, tensor->bytes, START, (int32_t)find->graph->node_count);
    }
}

midge_status mg_find_lifetimes(mg_heap *heap, const mg_graph *graph, midge_tensor *tensors,
                               const mg_planned_node *nodes, bool preserve_all,
                               mg_lifetimes *lifetimes, midge_error *error)
{
    *lifetimes = (mg_lifetimes){0};
    void *memory = NULL;
    size_t most = graph->tensor_count + graph->node_count;
    TRY(mg_heap_get_array(heap, most, sizeof(mg_buffer), &memory, error));
    lifetimes->buffers = memory;
    TRY(mg_heap_get_array(heap, most, sizeof(int32_t), &memory, error));
    lifetimes->buffer_of_tensor = memory;
    lifetimes->buffer_of_node = lifetimes->buffer_of_tensor + graph->tensor_count;
    memset(memory, 0xff, most * sizeof(int32_t));

    finding find = {graph, tensors, nodes, lifetimes};
    find_uses(&find);
    if (preserve_all)
        for (size_t i = 0; i < graph->tensor_count; ++i)
            tensors[i].last_node = (int32_t)graph->node_count;
    assign_given(&find);
    for (size_t n = 0; n < graph->node_count; ++n) assign_node(&find, n, preserve_all);
    return MIDGE_OK;
}

void mg_lifetimes_free(mg_heap *heap, mg_lifetimes *lifetimes)
{
    mg_heap_release(heap, lifetimes->buffers);
    mg_heap_release(heap, lifetimes->buffer_of_tensor);
    *lifetimes = (mg_lifetimes){0};
}
