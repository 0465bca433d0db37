/* SPDX-License-Identifier: Apache-2.0 */
/* Embedding: numbers of rows become rows. */
#include "train/train_build.h"

typedef struct embedding_plan {
    size_t rows;
    size_t width;
} embedding_plan;

/* Numbers are checked where samples come in; what a node makes is held within the rows. */
static size_t row_of(const embedding_plan *plan, float number)
{
    if (!(number > 0)) return 0;
    return number >= (float)plan->rows ? plan->rows - 1 : (size_t)number;
}

static void embedding_forward(const mg_train_pass *pass, mg_train_node *node)
{
    const embedding_plan *plan = node->plan;
    const mg_train_tensor *x = mg_train_input(pass, node, 0);
    const float *rows = mg_train_weight_of(pass, node, 0)->values;
    float *y = mg_train_output(pass, node)->values;
    for (size_t i = 0; i < pass->batch * x->elements; ++i)
        memcpy(y + i * plan->width, rows + row_of(plan, x->values[i]) * plan->width,
               plan->width * sizeof(float));
}

static void embedding_backward(const mg_train_pass *pass, mg_train_node *node)
{
    const embedding_plan *plan = node->plan;
    mg_train_tensor *x = mg_train_input(pass, node, 0);
    const float *dy = mg_train_output(pass, node)->gradient;
    mg_train_weight *weight = mg_train_weight_of(pass, node, 0);
    if (x->gradient != NULL) memset(x->gradient, 0, pass->batch * x->elements * sizeof(float));
    if (!weight->trained) return;
    memset(weight->gradient, 0, weight->elements * sizeof(float));
    for (size_t i = 0; i < pass->batch * x->elements; ++i) {
        float *to = weight->gradient + row_of(plan, x->values[i]) * plan->width;
        for (size_t c = 0; c < plan->width; ++c) to[c] += dy[i * plan->width + c];
    }
}

static const mg_train_operation embedding_operation = {"embedding", embedding_forward,
                                                       embedding_backward, NULL, false};

midge_status mg_train_build_embedding(midge_trainer *trainer, const mg_keras_layer *layer,
                                      mg_keras_call *call)
{
    int32_t rows, width, weight, shape[MIDGE_MAX_RANK];
    void *memory = NULL;
    mg_train_node *node;
    TRY(mg_train_check_rank(trainer, layer, call, -1));
    TRY(mg_train_count(trainer, layer, "input_dim", &rows));
    TRY(mg_train_count(trainer, layer, "output_dim", &width));
    if (mg_json_flag(layer->config, "mask_zero", false))
        return mg_keras_refuse(&trainer->keras, layer, "mask_zero: midge trains without masks");
    mg_train_tensor *input = mg_train_tensor_at(trainer, call->inputs[0]);
    int32_t rank = input->rank + 1;
    if (rank > MIDGE_MAX_RANK - 1)
        return mg_keras_refuse(&trainer->keras, layer, "too many dimensions");
    memcpy(shape, input->shape, sizeof shape);
    shape[rank - 1] = width;
    input->limit = rows;
    TRY(mg_train_add_weight(trainer, layer,
                            &(mg_train_weight_form){"embeddings",
                                                    "embeddings_initializer",
                                                    "uniform",
                                                    "embeddings_regularizer",
                                                    false,
                                                    2,
                                                    {rows, width}},
                            &weight));
    TRY(mg_train_plan(trainer, sizeof(embedding_plan), &memory));
    embedding_plan *plan = memory;
    *plan = (embedding_plan){(size_t)rows, (size_t)width};
    TRY(mg_train_add_node(trainer, layer, &embedding_operation, 1, call->inputs, rank, shape,
                          &call->outputs[0], &node));
    node->weights[0] = weight;
    node->plan = plan;
    return MIDGE_OK;
}
