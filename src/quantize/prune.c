/* SPDX-License-Identifier: Apache-2.0 */
/* What a file carries for readers and for the optimiser, not for runtimes. Constants that are there
 * twice are left out by every writing. */
#include <string.h>

#include "quantize/quantize.h"

static void bare_tensors(mg_network_graph *graph, bool *named)
{
    for (size_t k = 0; k < graph->input_count; ++k) named[graph->inputs[k]] = true;
    for (size_t k = 0; k < graph->output_count; ++k) named[graph->outputs[k]] = true;
    for (size_t i = 0; i < graph->tensor_count; ++i) {
        if (!named[i]) graph->tensors[i].name = "";
        graph->tensors[i].ranged = false;
    }
}

midge_status mg_prune(mg_network *network)
{
    for (size_t g = 0; g < network->graph_count; ++g) {
        void *named = NULL;
        TRY(mg_network_memory(network, network->graphs[g].tensor_count * sizeof(bool), &named));
        bare_tensors(&network->graphs[g], named);
    }
    /* How pictures must be prepared is read by programs; all other blocks are notes. */
    size_t kept = 0;
    for (size_t i = 0; i < network->metadata_count; ++i)
        if (strcmp(network->metadata[i].name, "TFLITE_METADATA") == 0)
            network->metadata[kept++] = network->metadata[i];
    network->metadata_count = kept;
    network->description = "";
    return MIDGE_OK;
}
