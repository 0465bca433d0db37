/* SPDX-License-Identifier: Apache-2.0 */
#include "network/network.h"

static midge_status add_state(mg_network *network, mg_network_graph *graph, const char *origin,
                              const char *name, const int32_t *shape, int32_t *tensor)
{
    const char *full = NULL;
    TRY(mg_network_text(network, &full, "%s/%s", origin, name));
    TRY(mg_network_add(network, graph, full, MIDGE_FLOAT32, 2, shape, tensor));
    graph->tensors[*tensor].is_variable = true;
    return MIDGE_OK;
}

midge_status mg_network_add_lstm(mg_network *network, mg_network_graph *graph, int32_t before,
                                 const char *origin, int32_t *inputs, int32_t *output)
{
    const mg_network_tensor source = graph->tensors[inputs[0]];
    int32_t units = graph->tensors[inputs[1]].shape[0];
    const char *name = NULL;
    mg_network_node *node;
    const int32_t state[] = {source.shape[0], units};
    TRY(add_state(network, graph, origin, "output_state", state, &inputs[18]));
    TRY(add_state(network, graph, origin, "cell_state", state, &inputs[19]));
    TRY(mg_network_text(network, &name, "%s/%s", origin,
                        mg_builtin_name(MG_BUILTIN_UNIDIRECTIONAL_SEQUENCE_LSTM)));
    TRY(mg_network_add(network, graph, name, MIDGE_FLOAT32, 3,
                       (const int32_t[]){source.shape[0], source.shape[1], units}, output));
    TRY(mg_network_add_node(network, graph, before, MG_BUILTIN_UNIDIRECTIONAL_SEQUENCE_LSTM, origin,
                            MG_LSTM_INPUTS, inputs, 1, output, &node));
    ((mg_UnidirectionalSequenceLSTMOptions *)node->options)->fused_activation_function =
        MG_ACTIVATION_TANH;
    return MIDGE_OK;
}
