/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clustering: towards the end of a run the elements of each kernel take the few values that k-means
 * finds, and elements of one cluster move together, by the mean of their gradients. They have equal
 * values, gradients and optimiser's memory from then on, so which cluster an element is of follows
 * from its value, and a state need not keep it. Clusters that meet are one.
 */
#include <stdlib.h>

#include "quantize/cluster_weights.h"
#include "train/train_fit.h"

enum { MOST_CLUSTERS = 256 };

int32_t mg_train_cluster_epoch(const midge_fit_options *options)
{
    int32_t last = options->cluster_epochs > 0 ? options->cluster_epochs : options->epochs / 2;
    if (last < 1) last = 1;
    return options->epochs > last ? options->epochs - last : 0;
}

static bool is_clustered(const mg_train_weight *weight, const midge_fit_options *options)
{
    return weight->trained && weight->rank >= 2 && weight->elements > (size_t)options->clusters;
}

void mg_train_drop_clusters(midge_trainer *trainer)
{
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        mg_train_weight *weight = mg_train_weight_at(trainer, i);
        mg_heap_release(&trainer->heap, weight->cluster);
        weight->cluster = NULL;
        weight->clusters = 0;
    }
}

/* ---- Which element is of which cluster ---- */

static int smaller_first(const void *x, const void *y)
{
    float a = *(const float *)x, b = *(const float *)y;
    return (a > b) - (a < b);
}

/* The place of a value among sorted ones. */
static uint8_t place_of(float value, const float *sorted, int32_t count)
{
    int32_t low = 0, high = count - 1;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (sorted[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return (uint8_t)low;
}

/* Finds the different values; returns their number, MOST_CLUSTERS + 1 for more. */
static int32_t find_values(const mg_train_weight *weight, float *room, float *values)
{
    int32_t count = 0;
    memcpy(room, weight->values, weight->elements * sizeof *room);
    qsort(room, weight->elements, sizeof *room, smaller_first);
    for (size_t k = 0; k < weight->elements; ++k) {
        if (count > 0 && room[k] == values[count - 1]) continue;
        if (count == MOST_CLUSTERS) return MOST_CLUSTERS + 1;
        values[count++] = room[k];
    }
    return count;
}

static void drop_slots(const mg_train_weight *weight)
{
    for (int slot = 0; slot < 3; ++slot)
        if (weight->slots[slot] != NULL)
            memset(weight->slots[slot], 0, weight->elements * sizeof(float));
}

/* `first`: the run begins to share values now, and does not go on with that. */
static midge_status make_clusters(midge_trainer *trainer, mg_train_weight *weight, int32_t most,
                                  bool first, midge_error *error)
{
    float values[MOST_CLUSTERS];
    void *memory = NULL;
    TRY(mg_heap_get_array(&trainer->heap, weight->elements, sizeof(float), &memory, error));
    midge_status status = MIDGE_OK;
    weight->clusters = find_values(weight, memory, values);
    if (weight->clusters > most) {
        status = mg_cluster_weights(&trainer->heap, weight->values, weight->elements, (size_t)most,
                                    error);
        weight->clusters = find_values(weight, memory, values);
    }
    mg_heap_release(&trainer->heap, memory);
    TRY(status);
    if (first) drop_slots(weight);
    TRY(mg_heap_get_array(&trainer->heap, weight->elements, 1, &memory, error));
    weight->cluster = memory;
    for (size_t k = 0; k < weight->elements; ++k)
        weight->cluster[k] = place_of(weight->values[k], values, weight->clusters);
    return MIDGE_OK;
}

midge_status mg_train_cluster_step(mg_fitting *fitting, midge_error *error)
{
    midge_trainer *trainer = fitting->trainer;
    const midge_fit_options *options = fitting->options;
    const mg_train_run *run = &trainer->run;
    int32_t epoch = mg_train_cluster_epoch(options);
    if (options->clusters == 0 || run->epoch < epoch) return MIDGE_OK;
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        mg_train_weight *weight = mg_train_weight_at(trainer, i);
        if (weight->cluster == NULL && is_clustered(weight, options))
            TRY(make_clusters(trainer, weight, options->clusters,
                              run->epoch == epoch && run->step == 0, error));
    }
    return MIDGE_OK;
}

/* ---- Moving together ---- */

static void share_gradient(const mg_train_weight *weight)
{
    double sums[MOST_CLUSTERS] = {0};
    uint32_t counts[MOST_CLUSTERS] = {0};
    for (size_t k = 0; k < weight->elements; ++k) {
        sums[weight->cluster[k]] += (double)weight->gradient[k];
        ++counts[weight->cluster[k]];
    }
    for (int32_t c = 0; c < weight->clusters; ++c)
        if (counts[c] > 0) sums[c] /= (double)counts[c];
    for (size_t k = 0; k < weight->elements; ++k)
        weight->gradient[k] = (float)sums[weight->cluster[k]];
}

void mg_train_share_gradients(midge_trainer *trainer)
{
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        const mg_train_weight *weight = mg_train_weight_at(trainer, i);
        if (weight->cluster != NULL && weight->trained) share_gradient(weight);
    }
}

/* Elements of clusters that have met are of the one with the lower number, with its memory. */
static void merge(const mg_train_weight *weight)
{
    size_t first[MOST_CLUSTERS];
    uint8_t same[MOST_CLUSTERS];
    bool met = false;
    for (int32_t c = 0; c < weight->clusters; ++c) {
        first[c] = SIZE_MAX;
        same[c] = (uint8_t)c;
    }
    for (size_t k = weight->elements; k-- > 0;) first[weight->cluster[k]] = k;
    for (int32_t c = 1; c < weight->clusters; ++c)
        for (int32_t b = 0; b < c; ++b) {
            if (first[b] == SIZE_MAX || first[c] == SIZE_MAX ||
                weight->values[first[b]] != weight->values[first[c]])
                continue;
            same[c] = (uint8_t)b;
            met = true;
            break;
        }
    for (size_t k = 0; met && k < weight->elements; ++k) {
        if (same[weight->cluster[k]] == weight->cluster[k]) continue;
        weight->cluster[k] = same[weight->cluster[k]];
        for (int slot = 0; slot < 3; ++slot)
            if (weight->slots[slot] != NULL)
                weight->slots[slot][k] = weight->slots[slot][first[weight->cluster[k]]];
    }
}

void mg_train_merge_clusters(midge_trainer *trainer)
{
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        const mg_train_weight *weight = mg_train_weight_at(trainer, i);
        if (weight->cluster != NULL) merge(weight);
    }
}
