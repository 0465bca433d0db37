/* SPDX-License-Identifier: Apache-2.0 */
/* Embedding: rows of a table. */
#include "convert/keras_layer.h"

midge_status mg_keras_lower_embedding(mg_keras *keras, const mg_keras_layer *layer,
                                      mg_keras_call *call)
{
    mg_keras_weight table;
    int32_t rows, indices, shape[MIDGE_MAX_RANK];
    if (mg_json_flag(layer->config, "mask_zero", false))
        return mg_keras_refuse(keras, layer,
                               "mask_zero; make it with mask_zero=False, since masks "
                               "do not convert");
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
    return mg_keras_node(keras, MG_BUILTIN_GATHER, 2, (int32_t[]){rows, indices}, MIDGE_FLOAT32,
                         source.rank + 1, shape, &call->outputs[0], NULL);
}
