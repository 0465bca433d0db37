/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lloyd's algorithm on sorted values: a cluster is an interval of them, so that a step needs only
 * its borders and sums of all values before each place. First means lie at equal distances between
 * the least and the largest value, which keeps the rare large weights.
 */
#include "quantize/cluster_weights.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_STEPS = 100 };

typedef struct clustering {
    size_t count; /* of sorted values, none of them 0 */
    float *sorted;
    double *sums; /* sums[i]: of the values before i */
    size_t clusters;
    double *means;
    size_t *ends; /* of each cluster in `sorted` */
} clustering;

static int smaller_first(const void *x, const void *y)
{
    float a = *(const float *)x, b = *(const float *)y;
    return (a > b) - (a < b);
}

/* How many sorted values are below `bound`. */
static size_t count_below(const clustering *at, double bound)
{
    size_t low = 0, high = at->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((double)at->sorted[middle] < bound)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* One step; false when nothing has changed. */
static bool improve(clustering *at)
{
    bool changed = false;
    size_t begin = 0;
    for (size_t k = 0; k < at->clusters; ++k) {
        size_t end = k + 1 < at->clusters ? count_below(at, (at->means[k] + at->means[k + 1]) / 2)
                                          : at->count;
        changed = changed || end != at->ends[k];
        at->ends[k] = end;
        /* The next border is found with the old mean of the next cluster. */
        if (end > begin) at->means[k] = (at->sums[end] - at->sums[begin]) / (double)(end - begin);
        begin = end;
    }
    return changed;
}

static void replace(const clustering *at, float *weights, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        size_t low = 0, high = at->clusters - 1;
        if (weights[i] == 0) continue;
        size_t place = count_below(at, (double)weights[i]);
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (at->ends[middle] <= place)
                low = middle + 1;
            else
                high = middle;
        }
        weights[i] = (float)at->means[low];
    }
}

static void run(clustering *at)
{
    double low = (double)at->sorted[0], high = (double)at->sorted[at->count - 1];
    for (size_t i = 0; i < at->count; ++i) at->sums[i + 1] = at->sums[i] + (double)at->sorted[i];
    for (size_t k = 0; k < at->clusters; ++k) {
        double share = at->clusters > 1 ? (double)k / (double)(at->clusters - 1) : 0.5;
        at->means[k] = low + (high - low) * share;
    }
    for (int step = 0; step < MOST_STEPS && improve(at); ++step) continue;
}

midge_status mg_cluster_weights(mg_heap *heap, float *weights, size_t count, size_t clusters,
                                midge_error *error)
{
    mg_region region;
    void *memory = NULL;
    clustering at = {0};
    for (size_t i = 0; i < count; ++i) at.count += weights[i] != 0;
    if (at.count == 0) return MIDGE_OK;
    at.clusters = at.count < count && clusters > 1 ? clusters - 1 : clusters;
    mg_region_init(&region, heap);
    midge_status status = mg_region_get_array(&region, at.count, sizeof(float), &memory, error);
    at.sorted = memory;
    if (status == MIDGE_OK)
        status = mg_region_get_array(&region, at.count + 1, sizeof(double), &memory, error);
    at.sums = memory;
    if (status == MIDGE_OK)
        status = mg_region_get_array(&region, at.clusters, sizeof(double), &memory, error);
    at.means = memory;
    if (status == MIDGE_OK)
        status = mg_region_get_array(&region, at.clusters, sizeof(size_t), &memory, error);
    at.ends = memory;
    if (status == MIDGE_OK) {
        for (size_t i = 0, k = 0; i < count; ++i)
            if (weights[i] != 0) at.sorted[k++] = weights[i];
        qsort(at.sorted, at.count, sizeof *at.sorted, smaller_first);
        run(&at);
        replace(&at, weights, count);
    }
    mg_region_free(&region);
    return status;
}
