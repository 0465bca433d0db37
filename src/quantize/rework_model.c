/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The float model that is calibrated: the one given, or that with its weights thinned and its
 * recurrent layers written out, as a file that samples can run through. Node numbers in keep_float
 * mean nodes of the model given and are translated.
 */
#include <stdlib.h>

#include "quantize/quantize.h"

/* ---- Nodes to keep float ---- */

static bool names_a_node(const mg_network *network, const char *const *name)
{
    const midge_optimize_options one = {.keep_float = name, .keep_float_count = 1};
    for (size_t g = 0; g < network->graph_count; ++g)
        for (size_t n = 0; n < network->graphs[g].node_count; ++n)
            if (mg_is_kept_float(network, &network->graphs[g], n, &one)) return true;
    return false;
}

static midge_status check_kept(const mg_network *network, const midge_optimize_options *options)
{
    char shown[200];
    for (size_t i = 0; i < options->keep_float_count; ++i)
        if (!names_a_node(network, &options->keep_float[i]))
            return mg_fail(network->error, MIDGE_INVALID_ARGUMENT,
                           "no node to keep float has the number, operator or output '%s'",
                           mg_printable(options->keep_float[i], shown, sizeof shown));
    return MIDGE_OK;
}

/* The outputs of the node that keep_float[i] names by its number, by which the node is known while
 * others are put before it; NULL where it is no number. */
static midge_status find_numbered(mg_network *network, const midge_optimize_options *options,
                                  const int32_t ***found)
{
    const mg_network_graph *graph = &network->graphs[0];
    void *memory = NULL;
    TRY(mg_network_memory(network, options->keep_float_count * sizeof(int32_t *), &memory));
    *found = memory;
    for (size_t i = 0; i < options->keep_float_count; ++i) {
        char *end = NULL;
        unsigned long long number = strtoull(options->keep_float[i], &end, 10);
        if (end != options->keep_float[i] && *end == '\0' && number < graph->node_count)
            (*found)[i] = graph->nodes[number].outputs;
    }
    return MIDGE_OK;
}

/* The same nodes by their numbers in the file written, from which some were left out. */
static midge_status renumber(mg_network *network, const int32_t *const *found,
                             midge_optimize_options *options)
{
    const mg_network_graph *graph = &network->graphs[0];
    size_t count = 0;
    void *memory = NULL;
    TRY(mg_network_memory(network, options->keep_float_count * sizeof(char *), &memory));
    const char **names = memory;
    for (size_t i = 0; i < options->keep_float_count; ++i) {
        size_t number = 0, n = 0;
        for (; found[i] != NULL && graph->nodes[n].outputs != found[i]; ++n)
            number += !graph->nodes[n].removed;
        if (found[i] == NULL)
            names[count++] = options->keep_float[i];
        else if (!graph->nodes[n].removed)
            TRY(mg_network_text(network, &names[count++], "%zu", number));
    }
    options->keep_float = names;
    options->keep_float_count = count;
    return MIDGE_OK;
}

/* ---- The model ---- */

static midge_status change(mg_network *network, const midge_optimize_options *options,
                           bool *changed)
{
    TRY(mg_widen_constants(network));
    if (options->clusters != 0 || options->sparsity != 0) {
        *changed = true;
        TRY(mg_thin_weights(network, options));
    }
    if (options->mode == MIDGE_OPTIMIZE_INT8 || options->mode == MIDGE_OPTIMIZE_INT16X8)
        TRY(mg_unroll_recurrent(network, options, changed));
    return MIDGE_OK;
}

midge_status mg_rework_model(mg_heap *heap, midge_model *model,
                             const midge_optimize_options *options, midge_error *error,
                             mg_rework *work)
{
    const int32_t **numbered = NULL;
    bool changed = false;
    size_t size = 0;
    midge_model_options loading = midge_model_options_default();
    *work = (mg_rework){.model = model, .options = *options};
    TRY(mg_network_read(heap, model, error, &work->network));
    TRY(check_kept(&work->network, options));
    TRY(find_numbered(&work->network, options, &numbered));
    TRY(change(&work->network, options, &changed));
    if (!changed) return MIDGE_OK;
    TRY(mg_network_write(&work->network, &work->file, &size));
    TRY(renumber(&work->network, numbered, &work->options));
    loading.allocator = options->allocator;
    TRY(midge_model_load_memory(work->file, size, &loading, &work->made, error));
    work->model = work->made;
    return MIDGE_OK;
}

void mg_rework_free(mg_heap *heap, mg_rework *work)
{
    midge_model_free(work->made);
    mg_heap_release(heap, work->file);
    mg_network_free(&work->network);
}
