/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics of a batch, as Keras': sums over rows (accuracies: of the last axis; errors: of samples'
 * elements), each with its sample's part in the mean. */
#include "train/trainer.h"

typedef struct measuring {
    const float *outputs;
    const float *targets;
    size_t rows;
    size_t length;
} measuring;

static size_t largest(const float *values, size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; ++i)
        if (values[i] > values[best]) best = i;
    return best;
}

/* Classes before `wanted` in the order of values; equal ones do not stand before it. */
static size_t rank_of(const float *values, size_t count, size_t wanted)
{
    size_t larger = 0;
    for (size_t i = 0; i < count; ++i) larger += values[i] > values[wanted];
    return larger;
}

static double measure_row(mg_train_metric_kind kind, const measuring *at, size_t row)
{
    const float *outputs = at->outputs + row * at->length;
    const float *targets = at->targets + row * at->length;
    double sum = 0;
    switch (kind) {
    case MG_METRIC_SPARSE_ACCURACY: return largest(outputs, at->length) == (size_t)at->targets[row];
    case MG_METRIC_CATEGORICAL_ACCURACY:
        return largest(outputs, at->length) == largest(targets, at->length);
    case MG_METRIC_SPARSE_TOP_5: return rank_of(outputs, at->length, (size_t)at->targets[row]) < 5;
    case MG_METRIC_TOP_5: return rank_of(outputs, at->length, largest(targets, at->length)) < 5;
    case MG_METRIC_BINARY_ACCURACY:
        for (size_t i = 0; i < at->length; ++i) sum += (outputs[i] > 0.5f) == (targets[i] != 0);
        return sum / (double)at->length;
    case MG_METRIC_ABSOLUTE_ERROR:
        for (size_t i = 0; i < at->length; ++i) sum += (double)fabsf(outputs[i] - targets[i]);
        return sum / (double)at->length;
    default:
        for (size_t i = 0; i < at->length; ++i) {
            double difference = (double)outputs[i] - (double)targets[i];
            sum += difference * difference;
        }
        return sum / (double)at->length;
    }
}

void mg_train_measure(const midge_trainer *trainer, size_t batch, mg_metric_sum *sums)
{
    const mg_train_tensor *output = mg_train_tensor_at(trainer, trainer->output);
    size_t length = output->rank > 0 ? (size_t)output->shape[output->rank - 1] : 1;
    const measuring at = {output->values, trainer->targets, batch * output->elements / length,
                          length};
    for (size_t m = 0; m < trainer->compiled.options.metric_count; ++m) {
        for (size_t row = 0; row < at.rows; ++row)
            sums[m].sum += measure_row(trainer->compiled.metrics[m], &at, row);
        sums[m].weight += (double)at.rows;
    }
}

double mg_train_metric(const midge_trainer *trainer, size_t metric, const mg_metric_sum *sum)
{
    double mean = sum->weight > 0 ? sum->sum / sum->weight : 0;
    return trainer->compiled.metrics[metric] == MG_METRIC_ROOT_SQUARED_ERROR ? sqrt(mean) : mean;
}
