/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pruning by magnitude: while a run goes on, a growing share of each kernel's elements, the
 * smallest, becomes 0. An element that is 0 stays so: its gradient and what the optimiser keeps of
 * it are 0 as well, so that nothing else has to be remembered.
 */
#include "train/train_fit.h"

enum { STEPS_BETWEEN = 50 };

int32_t mg_train_prune_epochs(const midge_fit_options *options)
{
    return options->prune_epochs > 0 ? options->prune_epochs : (options->epochs + 1) / 2;
}

static bool is_pruned(const mg_train_weight *weight)
{
    return weight->trained && weight->rank >= 2;
}

void mg_train_hold_zeros(midge_trainer *trainer)
{
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        const mg_train_weight *weight = mg_train_weight_at(trainer, i);
        for (size_t k = 0; is_pruned(weight) && k < weight->elements; ++k) {
            if (weight->values[k] != 0) continue;
            weight->gradient[k] = 0;
            for (int slot = 0; slot < 3; ++slot)
                if (weight->slots[slot] != NULL) weight->slots[slot][k] = 0;
        }
    }
}

/* The element of rank `rank` from below, by parting around a pivot again and again. */
static float select_rank(float *values, size_t count, size_t rank)
{
    size_t first = 0, last = count - 1;
    while (first < last) {
        float pivot = values[first + (last - first) / 2];
        size_t low = first, high = last;
        for (;;) {
            while (values[low] < pivot) ++low;
            while (values[high] > pivot) --high;
            if (low >= high) break;
            float kept = values[low];
            values[low++] = values[high];
            values[high--] = kept;
        }
        if (rank <= high)
            last = high;
        else
            first = high + 1;
    }
    return values[rank];
}

static midge_status prune(midge_trainer *trainer, mg_train_weight *weight, double share,
                          midge_error *error)
{
    void *memory = NULL;
    size_t count = (size_t)(share * (double)weight->elements);
    if (count == 0) return MIDGE_OK;
    TRY(mg_heap_get_array(&trainer->heap, weight->elements, sizeof(float), &memory, error));
    float *sizes = memory;
    for (size_t k = 0; k < weight->elements; ++k) sizes[k] = fabsf(weight->values[k]);
    float most = select_rank(sizes, weight->elements, count - 1);
    mg_heap_release(&trainer->heap, memory);
    for (size_t k = 0; k < weight->elements; ++k)
        if (fabsf(weight->values[k]) <= most) weight->values[k] = 0;
    return MIDGE_OK;
}

/* The share grows fast at first, then slowly: 1 - (1 - t)^3 of the last. */
midge_status mg_train_prune_step(mg_fitting *fitting, midge_error *error)
{
    midge_trainer *trainer = fitting->trainer;
    const midge_fit_options *options = fitting->options;
    const mg_train_run *run = &trainer->run;
    uint64_t all = (uint64_t)mg_train_prune_epochs(options) * fitting->steps;
    uint64_t done = (uint64_t)run->epoch * fitting->steps + run->step;
    if (options->prune_share <= 0 || done > all || (done % STEPS_BETWEEN != 0 && done != all))
        return MIDGE_OK;
    double rest = 1 - (double)done / (double)all;
    double share = options->prune_share * (1 - rest * rest * rest);
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        mg_train_weight *weight = mg_train_weight_at(trainer, i);
        if (is_pruned(weight)) TRY(prune(trainer, weight, share, error));
    }
    return MIDGE_OK;
}
