/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Losses and their gradients by what the model gives, or by what goes into its last softmax or
 * sigmoid. A loss is the mean over all rows of the batch (cross-entropy: rows of the last axis; the
 * others: all elements), each times the factor of its sample.
 */
#include "train/trainer.h"

/* What Keras keeps probabilities away from 0 and 1. */
static const float least_probability = 1e-7f;

typedef struct loss_work {
    const mg_train_compiled *compiled;
    const float *outputs;
    const float *targets;
    const float *factors; /* of samples */
    float *gradients;     /* NULL: only the loss */
    float *losses;        /* of rows */
    size_t length;        /* of a row */
    size_t rows_per_sample;
    bool logits;
    float share; /* 1 / rows of the batch */
} loss_work;

/* ---- Cross-entropy of classes ---- */

/* What the target says of class i, smoothed. */
static float wanted(const loss_work *at, size_t row, size_t i)
{
    float smoothing = (float)at->compiled->options.label_smoothing;
    float target = at->compiled->loss == MG_LOSS_SPARSE ? (float)((size_t)at->targets[row] == i)
                                                        : at->targets[row * at->length + i];
    return target * (1 - smoothing) + smoothing / (float)at->length;
}

static void entropy_of_logits(const loss_work *at, size_t row)
{
    const float *x = at->outputs + row * at->length;
    const float factor = at->factors[row / at->rows_per_sample];
    float *slopes = at->gradients != NULL ? at->gradients + row * at->length : NULL;
    float most = x[0], sum = 0, all = 0, loss = 0;
    for (size_t i = 1; i < at->length; ++i) most = x[i] > most ? x[i] : most;
    for (size_t i = 0; i < at->length; ++i) {
        float power = expf(x[i] - most);
        if (slopes != NULL) slopes[i] = power;
        sum += power;
    }
    float last = logf(sum);
    for (size_t i = 0; i < at->length; ++i) {
        float target = wanted(at, row, i);
        if (target != 0) loss += target * (last - (x[i] - most));
        all += target;
    }
    at->losses[row] = loss * factor;
    if (slopes == NULL) return;
    const float share = factor * at->share;
    for (size_t i = 0; i < at->length; ++i)
        slopes[i] = (all * slopes[i] / sum - wanted(at, row, i)) * share;
}

static float clipped(float p)
{
    return p < least_probability       ? least_probability
           : p > 1 - least_probability ? 1 - least_probability
                                       : p;
}

/* Sparse targets: the logarithms of the clipped probabilities are logits once more. Others: rows
 * are divided by their sum, then clipped. */
static void entropy_of_probabilities(const loss_work *at, size_t row)
{
    const float *p = at->outputs + row * at->length;
    const float factor = at->factors[row / at->rows_per_sample];
    const bool sparse = at->compiled->loss == MG_LOSS_SPARSE;
    float sum = 0, loss = 0, mean = 0, all = 0;
    for (size_t i = 0; i < at->length; ++i) sum += sparse ? clipped(p[i]) : p[i];
    for (size_t i = 0; i < at->length; ++i) {
        float target = wanted(at, row, i);
        float q = sparse ? clipped(p[i]) / sum : clipped(p[i] / sum);
        bool inside = sparse || q == p[i] / sum;
        loss -= target * logf(q);
        all += target;
        if (inside && !sparse) mean += target;
    }
    at->losses[row] = loss * factor;
    if (at->gradients == NULL) return;
    for (size_t i = 0; i < at->length; ++i) {
        float q = sparse ? clipped(p[i]) / sum : clipped(p[i] / sum);
        float target = wanted(at, row, i), slope;
        if (sparse)
            slope = clipped(p[i]) == p[i] ? (all * q - target) / p[i] : 0;
        else
            slope = (q == p[i] / sum ? -target / p[i] : 0) + mean / sum;
        at->gradients[row * at->length + i] = slope * factor * at->share;
    }
}

/* ---- Losses of elements ---- */

static float binary(const loss_work *at, float x, float target, float *slope)
{
    float smoothing = (float)at->compiled->options.label_smoothing;
    target = target * (1 - smoothing) + 0.5f * smoothing;
    if (at->logits) {
        float e = expf(-fabsf(x));
        *slope = (x >= 0 ? 1 : e) / (1 + e) - target;
        return (x > 0 ? x : 0) - x * target + log1pf(e);
    }
    float p = clipped(x);
    *slope = p == x ? (p - target) / (p * (1 - p)) : 0;
    return -(target * logf(p) + (1 - target) * logf(1 - p));
}

static float element_loss(const loss_work *at, float x, float target, float *slope)
{
    float difference = x - target, delta = (float)at->compiled->options.huber_delta;
    switch (at->compiled->loss) {
    case MG_LOSS_BINARY: return binary(at, x, target, slope);
    case MG_LOSS_ABSOLUTE:
        *slope = (float)((difference > 0) - (difference < 0));
        return fabsf(difference);
    case MG_LOSS_HUBER:
        if (fabsf(difference) <= delta) {
            *slope = difference;
            return 0.5f * difference * difference;
        }
        *slope = difference > 0 ? delta : -delta;
        return delta * fabsf(difference) - 0.5f * delta * delta;
    default: *slope = 2 * difference; return difference * difference;
    }
}

static void run_rows(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const loss_work *at = argument;
    bool classes =
        at->compiled->loss == MG_LOSS_SPARSE || at->compiled->loss == MG_LOSS_CATEGORICAL;
    for (size_t row = begin; row < end; ++row) {
        if (classes && at->logits) {
            entropy_of_logits(at, row);
        } else if (classes) {
            entropy_of_probabilities(at, row);
        } else {
            float slope, factor = at->factors[row / at->rows_per_sample];
            at->losses[row] = factor * element_loss(at, at->outputs[row], at->targets[row], &slope);
            if (at->gradients != NULL) at->gradients[row] = slope * factor * at->share;
        }
    }
}

double mg_train_loss(midge_trainer *trainer, size_t batch, bool learn)
{
    enum { LEAST_ELEMENTS = 2048 };
    const mg_train_compiled *compiled = &trainer->compiled;
    bool classes = compiled->loss == MG_LOSS_SPARSE || compiled->loss == MG_LOSS_CATEGORICAL;
    bool squash = classes || compiled->loss == MG_LOSS_BINARY;
    const mg_train_tensor *tensor =
        mg_train_tensor_at(trainer, squash ? trainer->loss_tensor : trainer->output);
    size_t length = classes ? (size_t)tensor->shape[tensor->rank - 1] : 1;
    size_t rows = batch * tensor->elements / length;
    loss_work at = {.compiled = compiled,
                    .outputs = tensor->values,
                    .targets = trainer->targets,
                    .factors = trainer->target_weights,
                    .gradients = learn ? tensor->gradient : NULL,
                    .losses = trainer->row_losses,
                    .length = length,
                    .rows_per_sample = tensor->elements / length,
                    .logits =
                        compiled->options.from_logits || trainer->loss_tensor != trainer->output,
                    .share = 1 / (float)rows};
    mg_parallel_for(trainer->pool, rows, 1 + LEAST_ELEMENTS / length, run_rows, &at);
    double sum = 0;
    for (size_t i = 0; i < rows; ++i) sum += (double)trainer->row_losses[i];
    return sum / (double)rows;
}

double mg_train_penalty(const midge_trainer *trainer)
{
    double penalty = 0;
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        const mg_train_weight *weight = mg_train_weight_at(trainer, i);
        double first = 0, second = 0;
        if (weight->l1 == 0 && weight->l2 == 0) continue;
        for (size_t k = 0; k < weight->elements; ++k) {
            double value = (double)weight->values[k];
            first += fabs(value);
            second += value * value;
        }
        penalty += (double)weight->l1 * first + (double)weight->l2 * second;
    }
    return penalty;
}
