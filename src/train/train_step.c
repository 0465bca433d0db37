/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for batches, and the passes over the nodes: forward in order, backward in reverse. */
#include "train/train_fake.h"

/* ---- Memory ---- */

static midge_status get_floats(midge_trainer *trainer, uint64_t count, float **values,
                               midge_error *error)
{
    void *memory = NULL;
    if (count > SIZE_MAX / sizeof(float))
        return mg_fail(error, MIDGE_LIMIT_EXCEEDED, "a batch needs more memory than there can be");
    TRY(mg_region_get_array(&trainer->room, (size_t)count + 16, sizeof(float), &memory, error));
    /* Pieces of a region are aligned to 16 bytes; the kernels' panels want whole lines. */
    *values = (float *)(((uintptr_t)memory + MG_ALIGNMENT - 1) & ~(uintptr_t)(MG_ALIGNMENT - 1));
    return MIDGE_OK;
}

static midge_status reserve_tensor(midge_trainer *trainer, size_t index, size_t batch,
                                   midge_error *error)
{
    mg_train_tensor *tensor = mg_train_tensor_at(trainer, (int32_t)index);
    uint64_t count = (uint64_t)batch * tensor->elements;
    tensor->spare = NULL;
    tensor->gradient = NULL;
    if (tensor->differentiable && tensor->users > 1)
        TRY(get_floats(trainer, count, &tensor->spare, error));
    if (tensor->shown >= 0) {
        const mg_train_tensor *shown = mg_train_tensor_at(trainer, tensor->shown);
        tensor->values = shown->values;
        tensor->gradient = shown->gradient;
        return MIDGE_OK;
    }
    TRY(get_floats(trainer, count, &tensor->values, error));
    if (tensor->differentiable) TRY(get_floats(trainer, count, &tensor->gradient, error));
    return MIDGE_OK;
}

static midge_status reserve_nodes(midge_trainer *trainer, size_t batch, midge_error *error)
{
    uint64_t scratch = 0;
    uint64_t workers = (uint64_t)mg_pool_threads(trainer->pool);
    for (size_t i = 0; i < trainer->nodes.count; ++i) {
        mg_train_node *node = mg_train_node_at(trainer, i);
        mg_train_needs needs = {0};
        if (node->operation->needs != NULL) node->operation->needs(trainer, node, batch, &needs);
        needs.shared = (needs.shared + 15) / 16 * 16;
        needs.per_worker = (needs.per_worker + 15) / 16 * 16;
        uint64_t all = needs.shared + needs.per_worker * workers;
        if (all > scratch) scratch = all;
        if (all > SIZE_MAX / 8)
            return mg_fail(error, MIDGE_LIMIT_EXCEEDED,
                           "a batch of %zu needs more memory than there can be", batch);
        node->shared = (size_t)needs.shared;
        node->per_worker = (size_t)needs.per_worker;
        if (needs.saved > 0) TRY(get_floats(trainer, needs.saved, &node->saved, error));
    }
    return get_floats(trainer, scratch, &trainer->scratch, error);
}

static midge_status reserve(midge_trainer *trainer, size_t batch, midge_error *error)
{
    const mg_train_tensor *output = mg_train_tensor_at(trainer, trainer->output);
    for (size_t i = 0; i < trainer->tensors.count; ++i)
        TRY(reserve_tensor(trainer, i, batch, error));
    TRY(reserve_nodes(trainer, batch, error));
    uint64_t outputs = (uint64_t)batch * output->elements;
    TRY(get_floats(trainer, outputs, &trainer->targets, error));
    TRY(get_floats(trainer, outputs, &trainer->row_losses, error));
    return get_floats(trainer, batch, &trainer->target_weights, error);
}

midge_status mg_train_reserve(midge_trainer *trainer, size_t batch, midge_error *error)
{
    if (batch <= trainer->capacity) return MIDGE_OK;
    if (batch > MG_TRAIN_MOST_BATCH)
        return mg_fail(error, MIDGE_LIMIT_EXCEEDED, "a batch of %zu samples; at most %d are read",
                       batch, (int)MG_TRAIN_MOST_BATCH);
    mg_region_free(&trainer->room);
    mg_region_init(&trainer->room, &trainer->heap);
    trainer->capacity = 0;
    TRY(reserve(trainer, batch, error));
    trainer->capacity = batch;
    return MIDGE_OK;
}

/* ---- Passes ---- */

void mg_train_forward(midge_trainer *trainer, size_t batch, bool training)
{
    const mg_train_pass pass = {trainer, batch, training, trainer->steps, NULL};
    mg_pool_begin(trainer->pool);
    for (size_t i = 0; trainer->fake && i < trainer->input_count; ++i)
        mg_train_round_tensor(&pass, mg_train_tensor_at(trainer, trainer->inputs[i]));
    for (size_t i = 0; i < trainer->nodes.count; ++i) {
        mg_train_node *node = mg_train_node_at(trainer, i);
        if (!node->useful) continue;
        node->operation->forward(&pass, node);
        if (trainer->fake) mg_train_round_tensor(&pass, mg_train_output(&pass, node));
    }
}

typedef struct addition {
    float *to;
    const float *from;
} addition;

static void add_range(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const addition *at = argument;
    for (size_t i = begin; i < end; ++i) at->to[i] += at->from[i];
}

/* Gives the node the spare of what others have written already, and takes it back. Both change
 * places with the sum. */
static void swap_written(const mg_train_pass *pass, const mg_train_node *node, bool before)
{
    enum { LEAST_ELEMENTS = 16384 };
    for (size_t i = 0; i < node->input_count; ++i) {
        mg_train_tensor *tensor = mg_train_input(pass, node, i);
        if (tensor->written && tensor->gradient != NULL) {
            float *kept = tensor->gradient;
            tensor->gradient = tensor->spare;
            tensor->spare = kept;
            addition at = {tensor->gradient, tensor->spare};
            if (!before)
                mg_parallel_for(pass->trainer->pool, pass->batch * tensor->elements, LEAST_ELEMENTS,
                                add_range, &at);
        }
        if (!before) tensor->written = true;
    }
    for (size_t i = 0; i < MG_TRAIN_WEIGHTS; ++i) {
        if (node->weights[i] < 0) continue;
        mg_train_weight *weight = mg_train_weight_of(pass, node, i);
        if (weight->written && weight->trained) {
            float *kept = weight->gradient;
            weight->gradient = weight->spare;
            weight->spare = kept;
            addition at = {weight->gradient, weight->spare};
            if (!before)
                mg_parallel_for(pass->trainer->pool, weight->elements, LEAST_ELEMENTS, add_range,
                                &at);
        }
        if (!before) weight->written = true;
    }
}

void mg_train_backward(midge_trainer *trainer, size_t batch, const mg_train_update *update)
{
    const mg_train_pass pass = {trainer, batch, true, trainer->steps, update};
    for (size_t i = 0; i < trainer->tensors.count; ++i)
        mg_train_tensor_at(trainer, (int32_t)i)->written = false;
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        mg_train_weight_at(trainer, i)->written = false;
        mg_train_weight_at(trainer, i)->updated = false;
    }
    for (size_t i = trainer->nodes.count; i-- > 0;) {
        mg_train_node *node = mg_train_node_at(trainer, i);
        if (!node->useful || !node->learns || node->after_loss) continue;
        if (trainer->fake) mg_train_stop_gradient(&pass, mg_train_output(&pass, node));
        swap_written(&pass, node, true);
        node->operation->backward(&pass, node);
        swap_written(&pass, node, false);
    }
}
