/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which nodes a delegate can run together.
 *
 * Subsets are filled one after the other. The first node whose inputs are all there decides whether
 * the subset is the delegate's; then every node of the same side goes in whose inputs are there or
 * come from the subset itself, until there is none. What has an effect beyond its outputs keeps its
 * order.
 */
#include <stdlib.h>
#include <string.h>

#include "objects.h"
#include "tensorflow/lite/builtin_ops.h"

enum { NO_SUBSET = -1 };

typedef struct partition {
    tfl_graph *graph;
    const TfLiteIntArray *plan;
    bool *taken;   /* of each plan entry: the delegate wants it */
    bool *ordered; /* of each plan entry: has effects beyond its outputs */
    bool *ready;   /* of each tensor */
    int *subset;
} partition;

static const TfLiteNode *node_of(const tfl_graph *graph, const TfLiteIntArray *plan, int entry)
{
    return &graph->nodes[plan->data[entry]].node;
}

static bool touches_state(const tfl_graph *graph, const TfLiteIntArray *tensors)
{
    for (int i = 0; i < tensors->size; ++i) {
        const TfLiteTensor *tensor = tfl_graph_tensor(graph, tensors->data[i]);
        if (tensor != NULL && (tensor->is_variable || tensor->type == kTfLiteResource)) return true;
    }
    return false;
}

static bool has_effects(const tfl_graph *graph, const tfl_node *node)
{
    int code = node->registration.builtin_code;
    return code == kTfLiteBuiltinCallOnce || code == kTfLiteBuiltinIf ||
           code == kTfLiteBuiltinWhile || touches_state(graph, node->node.inputs) ||
           touches_state(graph, node->node.outputs);
}

static bool may_run(const partition *cut, int entry)
{
    const TfLiteIntArray *inputs = node_of(cut->graph, cut->plan, entry)->inputs;
    for (int i = 0; i < inputs->size; ++i)
        if (inputs->data[i] >= 0 && !cut->ready[inputs->data[i]]) return false;
    for (int before = 0; cut->ordered[entry] && before < entry; ++before)
        if (cut->ordered[before] && cut->subset[before] == NO_SUBSET) return false;
    return true;
}

/* Fills one subset; false when nothing is left. */
static bool fill_subset(const partition *cut, int number)
{
    bool any = false, side = false, more = true;
    while (more) {
        more = false;
        for (int i = 0; i < cut->plan->size; ++i) {
            if (cut->subset[i] != NO_SUBSET || (any && cut->taken[i] != side) || !may_run(cut, i))
                continue;
            side = cut->taken[i];
            any = more = true;
            cut->subset[i] = number;
            const TfLiteIntArray *outputs = node_of(cut->graph, cut->plan, i)->outputs;
            for (int k = 0; k < outputs->size; ++k)
                if (outputs->data[k] >= 0) cut->ready[outputs->data[k]] = true;
        }
    }
    return any;
}

static void begin(partition *cut, const TfLiteIntArray *chosen)
{
    memset(cut->ready, true, cut->graph->context.tensors_size);
    for (int i = 0; i < cut->plan->size; ++i) {
        const tfl_node *node = &cut->graph->nodes[cut->plan->data[i]];
        cut->subset[i] = NO_SUBSET;
        cut->ordered[i] = has_effects(cut->graph, node);
        for (int k = 0; k < chosen->size; ++k)
            cut->taken[i] = cut->taken[i] || chosen->data[k] == cut->plan->data[i];
        for (int k = 0; k < node->node.outputs->size; ++k)
            if (node->node.outputs->data[k] >= 0) cut->ready[node->node.outputs->data[k]] = false;
    }
}

bool tfl_partition(tfl_graph *graph, const TfLiteIntArray *plan, const TfLiteIntArray *chosen,
                   int *subset, int *subset_count)
{
    size_t entries = (size_t)plan->size + 1;
    partition cut = {.graph = graph,
                     .plan = plan,
                     .taken = calloc(entries, sizeof(bool)),
                     .ordered = calloc(entries, sizeof(bool)),
                     .ready = calloc(graph->context.tensors_size + 1, sizeof(bool)),
                     .subset = subset};
    bool made = cut.taken != NULL && cut.ordered != NULL && cut.ready != NULL;
    *subset_count = 0;
    if (made) {
        begin(&cut, chosen);
        while (fill_subset(&cut, *subset_count)) ++*subset_count;
    }
    free(cut.taken);
    free(cut.ordered);
    free(cut.ready);
    return made;
}

/* The set tensors of `marks`, in order. */
static TfLiteIntArray *list_marked(const tfl_graph *graph, bool *marks)
{
    int count = 0;
    for (size_t i = 0; i < graph->context.tensors_size; ++i) count += marks[i];
    TfLiteIntArray *made = TfLiteIntArrayCreate(count);
    count = 0;
    for (size_t i = 0; made != NULL && i < graph->context.tensors_size; ++i)
        if (marks[i]) made->data[count++] = (int)i;
    free(marks);
    return made;
}

static void mark(bool *marks, const TfLiteIntArray *tensors, bool value)
{
    for (int i = 0; i < tensors->size; ++i)
        if (tensors->data[i] >= 0) marks[tensors->data[i]] = value;
}

TfLiteIntArray *tfl_subset_inputs(const tfl_graph *graph, const TfLiteIntArray *plan,
                                  const int *subset, int number)
{
    bool *marks = calloc(graph->context.tensors_size + 1, sizeof(bool));
    if (marks == NULL) return NULL;
    for (int i = 0; i < plan->size; ++i)
        if (subset[i] == number) mark(marks, node_of(graph, plan, i)->inputs, true);
    for (int i = 0; i < plan->size; ++i)
        if (subset[i] == number) mark(marks, node_of(graph, plan, i)->outputs, false);
    return list_marked(graph, marks);
}

TfLiteIntArray *tfl_subset_outputs(const tfl_graph *graph, const TfLiteIntArray *plan,
                                   const int *subset, int number)
{
    bool *wanted = calloc(graph->context.tensors_size + 1, sizeof(bool));
    bool *marks = calloc(graph->context.tensors_size + 1, sizeof(bool));
    if (wanted == NULL || marks == NULL) {
        free(wanted);
        free(marks);
        return NULL;
    }
    for (size_t i = 0; i < graph->shape.output_count; ++i)
        if (graph->shape.outputs[i] >= 0) wanted[graph->shape.outputs[i]] = true;
    for (int i = 0; i < plan->size; ++i)
        if (subset[i] != number) mark(wanted, node_of(graph, plan, i)->inputs, true);
    for (int i = 0; i < plan->size; ++i)
        if (subset[i] == number) mark(marks, node_of(graph, plan, i)->outputs, true);
    for (size_t i = 0; i < graph->context.tensors_size; ++i) marks[i] = marks[i] && wanted[i];
    free(wanted);
    return list_marked(graph, marks);
}
