/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The float model that is calibrated: the one given, or that with its weights thinned, its
 * recurrent layers written out and its channels equalised, as a file that samples can run through.
 * Node numbers in keep_float mean nodes of the model given and are translated.
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

static bool is_integer(const midge_optimize_options *options)
{
    return options->mode == MIDGE_OPTIMIZE_INT8 || options->mode == MIDGE_OPTIMIZE_INT16X8;
}

typedef midge_status change(mg_network *network, midge_model *model,
                            const midge_optimize_options *options, bool *changed);

static midge_status thin_and_unroll(mg_network *network, midge_model *model,
                                    const midge_optimize_options *options, bool *changed)
{
    (void)model;
    if (options->clusters != 0 || options->sparsity != 0) {
        *changed = true;
        TRY(mg_thin_weights(network, options));
    }
    return is_integer(options) ? mg_unroll_recurrent(network, options, changed) : MIDGE_OK;
}

static midge_status run_step(mg_heap *heap, change *step, midge_error *error, mg_rework *work,
                             struct mg_rework_step *at)
{
    const int32_t **numbered = NULL;
    bool changed = false;
    size_t size = 0;
    midge_model_options loading = midge_model_options_default();
    TRY(mg_network_read(heap, work->model, error, &at->network));
    TRY(check_kept(&at->network, &work->options));
    TRY(find_numbered(&at->network, &work->options, &numbered));
    TRY(mg_widen_constants(&at->network));
    TRY(step(&at->network, work->model, &work->options, &changed));
    if (!changed) return MIDGE_OK;
    TRY(mg_network_write(&at->network, &at->file, &size));
    TRY(renumber(&at->network, numbered, &work->options));
    loading.allocator = work->options.allocator;
    TRY(midge_model_load_memory(at->file, size, &loading, &at->made, error));
    work->model = at->made;
    return MIDGE_OK;
}

midge_status mg_rework_model(mg_heap *heap, midge_model *model,
                             const midge_optimize_options *options, midge_error *error,
                             mg_rework *work)
{
    *work = (mg_rework){.model = model, .options = *options};
    TRY(run_step(heap, thin_and_unroll, error, work, &work->steps[0]));
    if (!options->equalize || !is_integer(options)) return MIDGE_OK;
    return run_step(heap, mg_equalize, error, work, &work->steps[1]);
}

void mg_rework_free(mg_heap *heap, mg_rework *work)
{
    for (size_t i = sizeof work->steps / sizeof work->steps[0]; i-- > 0;) {
        midge_model_free(work->steps[i].made);
        mg_heap_release(heap, work->steps[i].file);
        mg_network_free(&work->steps[i].network);
    }
}
