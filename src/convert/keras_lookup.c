/* SPDX-License-Identifier: Apache-2.0 */
/* Embedding: rows of a table. */
#include "convert/keras_layer.h"
#include "convert/keras_mask.h"

/* Index 0 stands for no word. */
static midge_status mask_zeros(mg_keras *keras, int32_t indices, int32_t tensor)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, indices);
    int32_t zero, mask;
    void *memory = NULL;
    TRY(mg_network_memory(keras->network, sizeof(int64_t), &memory));
    TRY(mg_network_add_constant(keras->network, mg_keras_graph(keras), "zero", source.type, 0, NULL,
                                memory, &zero));
    TRY(mg_keras_node(keras, MG_BUILTIN_NOT_EQUAL, 2, (int32_t[]){indices, zero}, MIDGE_BOOL,
                      source.rank, source.shape, &mask, NULL));
    return mg_keras_set_mask(keras, tensor, mask);
}

midge_status mg_keras_lower_embedding(mg_keras *keras, const mg_keras_layer *layer,
                                      mg_keras_call *call)
{
    mg_keras_weight table;
    int32_t rows, indices, shape[MIDGE_MAX_RANK];
    TRY(mg_keras_weights(keras, layer, "embeddings", 2, NULL, &table));
    TRY(mg_keras_constant(keras, "embeddings", 2, table.shape, table.values, &rows));
    midge_type type = mg_keras_tensor(keras, call->inputs[0])->type;
    indices = call->inputs[0];
    if (type != MIDGE_INT32 && type != MIDGE_INT64)
        TRY(mg_keras_cast(keras, indices, MIDGE_INT32, &indices));
    const mg_network_tensor source = *mg_keras_tensor(keras, indices);
    if (source.rank >= MIDGE_MAX_RANK) return mg_keras_refuse(keras, layer, "too many dimensions");
    memcpy(shape, source.shape, sizeof shape);
    shape[source.rank] = table.shape[1];
    TRY(mg_keras_node(keras, MG_BUILTIN_GATHER, 2, (int32_t[]){rows, indices}, MIDGE_FLOAT32,
                      source.rank + 1, shape, &call->outputs[0], NULL));
    if (!mg_json_flag(layer->config, "mask_zero", false)) return MIDGE_OK;
    return mask_zeros(keras, indices, call->outputs[0]);
}

/* Backwards it is a product with the same table, turned around, or with one of its own. */
midge_status mg_keras_lower_reversible_embedding(mg_keras *keras, const mg_keras_layer *layer,
                                                 mg_keras_call *call)
{
    const json_t *backwards = mg_keras_argument_json(call, 1, "reverse");
    double cap = mg_json_number(layer->config, "logit_soft_cap", 0);
    mg_keras_weight table;
    void *memory = NULL;
    int32_t factor;
    if (!json_is_true(backwards)) return mg_keras_lower_embedding(keras, layer, call);
    bool tied = !mg_keras_has_weight(layer, "reverse_embeddings");
    TRY(mg_keras_weights(keras, layer, tied ? "embeddings" : "reverse_embeddings", 2, NULL,
                         &table));
    int32_t rows = table.shape[tied ? 1 : 0], columns = table.shape[tied ? 0 : 1];
    const float *kernel = table.values;
    if (tied) {
        TRY(mg_region_get_array(&keras->call_region, table.count, sizeof(float), &memory,
                                keras->error));
        mg_keras_transpose_matrix(table.values, (size_t)columns, (size_t)rows, memory);
        kernel = memory;
    }
    TRY(mg_keras_product(keras, call->inputs[0], kernel, rows, columns, -1, &call->outputs[0]));
    if (cap == 0) return MIDGE_OK;
    TRY(mg_keras_scalar(keras, (float)(1 / cap), &factor));
    TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, call->outputs[0], factor, &call->outputs[0]));
    TRY(mg_keras_unary(keras, MG_BUILTIN_TANH, call->outputs[0], &call->outputs[0]));
    TRY(mg_keras_scalar(keras, (float)cap, &factor));
    return mg_keras_binary(keras, MG_BUILTIN_MUL, call->outputs[0], factor, &call->outputs[0]);
}
