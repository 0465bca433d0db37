/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a model: load, look at everything, make a session. */
#include "fuzz.h"

#include "drive.h"
#include "midge_tools.h"

static void look_at_graph(const midge_model *model, size_t number, const midge_graph_info *graph)
{
    midge_tensor_info tensor;
    midge_node_info node;
    int known;
    for (size_t i = 0; i < graph->tensor_count; ++i)
        (void)midge_inspect_tensor(model, number, i, &tensor);
    for (size_t i = 0; i < graph->node_count; ++i) {
        (void)midge_inspect_node(model, number, i, &node);
        (void)midge_inspect_support(model, number, i, &known);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    midge_model *model = NULL;
    midge_error error = {0};
    if (midge_model_load_memory(data, size, NULL, &model, &error) != MIDGE_OK) {
        fuzz_require(error.message[0] == '\0' ? "a failure without a message" : NULL);
        return 0;
    }
    midge_graph_info graph;
    for (size_t i = 0; midge_inspect_graph(model, i, &graph); ++i) look_at_graph(model, i, &graph);
    midge_metadata *metadata = NULL;
    if (midge_metadata_create(model, &metadata, NULL) == MIDGE_OK) midge_metadata_free(metadata);
    midge_limits limits = {.memory_bytes = (uint64_t)64 << 20};
    midge_session_options options = midge_session_options_default();
    options.limits = &limits;
    midge_session *session = NULL;
    if (midge_session_create(model, &options, &session, &error) != MIDGE_OK)
        fuzz_require(error.message[0] == '\0' ? "a failure without a message" : NULL);
    midge_session_free(session);
    midge_model_free(model);
    return 0;
}
