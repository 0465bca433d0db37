/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Normalisation of channels by the statistics of the batch, or of rows by their own.
 *   x' = (x - mean) / sqrt(variance + epsilon)      y = x' gamma + beta
 *   dbeta = sum dy      dgamma = sum dy x'
 *   dx = gamma / sqrt(…) * (dy - mean of dy - x' * mean of dy x')
 * The means are over what the statistics are over; where the statistics are given, dx has only the
 * first term. Sums over rows are made in PARTS parts, added in order.
 */
#include "convert/keras_layer.h"
#include "kernel/compiler.h"
#include "train/train_build.h"

enum { PARTS = 16 };

typedef struct normalization_plan {
    size_t rows; /* of a sample */
    size_t channels;
    float momentum;
    float epsilon;
} normalization_plan;

typedef struct normalization_work {
    const normalization_plan *plan;
    size_t rows; /* of the batch */
    const float *x, *dy, *gamma, *beta;
    float *y, *dx;
    float *mean, *inverse; /* of channels, or of rows */
    float *scale, *shift;  /* y or dx = x * scale + shift, of channels */
    double *sums;          /* PARTS * 2 * channels */
} normalization_work;

static void part_of_rows(const normalization_work *at, size_t part, size_t *first, size_t *end)
{
    *first = part * at->rows / PARTS;
    *end = (part + 1) * at->rows / PARTS;
}

/* ---- Sums of channels ---- */

static void sum_values(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const normalization_work *at = argument;
    size_t channels = at->plan->channels;
    for (size_t part = begin; part < end; ++part) {
        double *sums = at->sums + part * 2 * channels;
        size_t first, last;
        part_of_rows(at, part, &first, &last);
        memset(sums, 0, 2 * channels * sizeof(double));
        for (size_t r = first; r < last; ++r)
            for (size_t c = 0; c < channels; ++c) sums[c] += (double)at->x[r * channels + c];
    }
}

static void sum_squares(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const normalization_work *at = argument;
    size_t channels = at->plan->channels;
    for (size_t part = begin; part < end; ++part) {
        double *sums = at->sums + part * 2 * channels;
        size_t first, last;
        part_of_rows(at, part, &first, &last);
        memset(sums, 0, channels * sizeof(double));
        for (size_t r = first; r < last; ++r)
            for (size_t c = 0; c < channels; ++c) {
                float difference = at->x[r * channels + c] - at->mean[c];
                sums[c] += (double)(difference * difference);
            }
    }
}

/* dy, and dy x'. */
static MG_ALWAYS_INLINE void sum_parts(const normalization_work *at, size_t begin, size_t end,
                                       bool of_rows)
{
    size_t channels = at->plan->channels;
    for (size_t part = begin; part < end; ++part) {
        double *sums = at->sums + part * 2 * channels;
        size_t first, last;
        part_of_rows(at, part, &first, &last);
        memset(sums, 0, 2 * channels * sizeof(double));
        for (size_t r = first; r < last; ++r)
            for (size_t c = 0; c < channels; ++c) {
                size_t group = of_rows ? r : c;
                float dy = at->dy[r * channels + c];
                float centred = at->x[r * channels + c] - at->mean[group];
                sums[c] += (double)dy;
                sums[channels + c] += (double)(dy * centred * at->inverse[group]);
            }
    }
}

/* The statistics are of channels. */
static void sum_gradients(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    sum_parts(argument, begin, end, false);
}

/* They are of rows. */
static void sum_row_gradients(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    sum_parts(argument, begin, end, true);
}

static double total(const normalization_work *at, size_t column)
{
    double sum = 0;
    for (size_t part = 0; part < PARTS; ++part)
        sum += at->sums[part * 2 * at->plan->channels + column];
    return sum;
}

static void give_gradients(const normalization_work *at, mg_train_weight *gamma,
                           mg_train_weight *beta)
{
    size_t channels = at->plan->channels;
    for (size_t c = 0; c < channels; ++c) {
        if (beta != NULL && beta->trained) beta->gradient[c] = (float)total(at, c);
        if (gamma != NULL && gamma->trained) gamma->gradient[c] = (float)total(at, channels + c);
    }
}

/* ---- Batch normalisation: saved are mean, inverse, scale and shift of the channels ---- */

static void scale_rows(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const normalization_work *at = argument;
    size_t channels = at->plan->channels;
    for (size_t r = begin; r < end; ++r)
        for (size_t c = 0; c < channels; ++c)
            at->y[r * channels + c] = at->x[r * channels + c] * at->scale[c] + at->shift[c];
}

static normalization_work batch_work(const mg_train_pass *pass, const mg_train_node *node)
{
    const normalization_plan *plan = node->plan;
    const mg_train_weight *gamma = mg_train_weight_of(pass, node, 0);
    const mg_train_weight *beta = mg_train_weight_of(pass, node, 1);
    size_t channels = plan->channels;
    return (normalization_work){.plan = plan,
                                .rows = pass->batch * plan->rows,
                                .x = mg_train_input(pass, node, 0)->values,
                                .dy = mg_train_output(pass, node)->gradient,
                                .gamma = gamma != NULL ? gamma->values : NULL,
                                .beta = beta != NULL ? beta->values : NULL,
                                .y = mg_train_output(pass, node)->values,
                                .dx = mg_train_input(pass, node, 0)->gradient,
                                .mean = node->saved,
                                .inverse = node->saved + channels,
                                .scale = node->saved + 2 * channels,
                                .shift = node->saved + 3 * channels,
                                .sums = (double *)(void *)pass->trainer->scratch};
}

/* Mean and variance of the batch, and the moving ones after them. */
static void take_statistics(const mg_train_pass *pass, const mg_train_node *node,
                            normalization_work *at)
{
    const normalization_plan *plan = at->plan;
    float *moving_mean = mg_train_weight_of(pass, node, 2)->values;
    float *moving_variance = mg_train_weight_of(pass, node, 3)->values;
    mg_parallel_for(pass->trainer->pool, PARTS, 1, sum_values, at);
    for (size_t c = 0; c < plan->channels; ++c)
        at->mean[c] = (float)(total(at, c) / (double)at->rows);
    mg_parallel_for(pass->trainer->pool, PARTS, 1, sum_squares, at);
    for (size_t c = 0; c < plan->channels; ++c) {
        float variance = (float)(total(at, c) / (double)at->rows);
        at->inverse[c] = 1 / sqrtf(variance + plan->epsilon);
        moving_mean[c] = moving_mean[c] * plan->momentum + at->mean[c] * (1 - plan->momentum);
        moving_variance[c] = moving_variance[c] * plan->momentum + variance * (1 - plan->momentum);
    }
}

static bool learns_statistics(const mg_train_pass *pass, const mg_train_node *node)
{
    return pass->training && !node->frozen;
}

static void batch_forward(const mg_train_pass *pass, mg_train_node *node)
{
    normalization_work at = batch_work(pass, node);
    const normalization_plan *plan = at.plan;
    if (learns_statistics(pass, node)) {
        take_statistics(pass, node, &at);
    } else {
        const float *variance = mg_train_weight_of(pass, node, 3)->values;
        memcpy(at.mean, mg_train_weight_of(pass, node, 2)->values, plan->channels * sizeof(float));
        for (size_t c = 0; c < plan->channels; ++c)
            at.inverse[c] = 1 / sqrtf(variance[c] + plan->epsilon);
    }
    for (size_t c = 0; c < plan->channels; ++c) {
        at.scale[c] = at.gamma != NULL ? at.inverse[c] * at.gamma[c] : at.inverse[c];
        at.shift[c] = (at.beta != NULL ? at.beta[c] : 0) - at.mean[c] * at.scale[c];
    }
    mg_parallel_for(pass->trainer->pool, at.rows, 1 + 16384 / plan->channels, scale_rows, &at);
}

/* dx = dy scale + x a + b: a and b take the place of mean and shift. */
static void return_rows(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const normalization_work *at = argument;
    size_t channels = at->plan->channels;
    for (size_t r = begin; r < end; ++r)
        for (size_t c = 0; c < channels; ++c)
            at->dx[r * channels + c] = at->dy[r * channels + c] * at->scale[c] +
                                       at->x[r * channels + c] * at->mean[c] + at->shift[c];
}

static void batch_backward(const mg_train_pass *pass, mg_train_node *node)
{
    normalization_work at = batch_work(pass, node);
    size_t channels = at.plan->channels;
    mg_parallel_for(pass->trainer->pool, PARTS, 1, sum_gradients, &at);
    give_gradients(&at, mg_train_weight_of(pass, node, 0), mg_train_weight_of(pass, node, 1));
    if (at.dx == NULL) return;
    for (size_t c = 0; c < channels; ++c) {
        float mean = (float)(total(&at, c) / (double)at.rows);
        float part = (float)(total(&at, channels + c) / (double)at.rows);
        if (!learns_statistics(pass, node)) mean = part = 0;
        float slope = -at.scale[c] * part * at.inverse[c];
        at.shift[c] = -at.scale[c] * mean - slope * at.mean[c];
        at.mean[c] = slope;
    }
    mg_parallel_for(pass->trainer->pool, at.rows, 1 + 16384 / channels, return_rows, &at);
}

static void batch_needs(const midge_trainer *trainer, const mg_train_node *node, size_t batch,
                        mg_train_needs *needs)
{
    (void)trainer;
    (void)batch;
    const normalization_plan *plan = node->plan;
    needs->saved = 4 * (uint64_t)plan->channels;
    needs->shared = 2 * PARTS * 2 * (uint64_t)plan->channels;
}

static const mg_train_operation batch_operation = {"batch_normalization", batch_forward,
                                                   batch_backward, batch_needs, false};

/* ---- Layer normalisation: saved are mean and inverse of the rows ---- */

static void normalize_rows(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const normalization_work *at = argument;
    size_t channels = at->plan->channels;
    for (size_t r = begin; r < end; ++r) {
        const float *x = at->x + r * channels;
        float *y = at->y + r * channels;
        double sum = 0, squares = 0;
        for (size_t c = 0; c < channels; ++c) sum += (double)x[c];
        float mean = (float)(sum / (double)channels);
        for (size_t c = 0; c < channels; ++c) squares += (double)((x[c] - mean) * (x[c] - mean));
        float variance = (float)(squares / (double)channels);
        float inverse = 1 / sqrtf(variance + at->plan->epsilon);
        for (size_t c = 0; c < channels; ++c)
            y[c] = (x[c] - mean) * inverse * (at->gamma != NULL ? at->gamma[c] : 1) +
                   (at->beta != NULL ? at->beta[c] : 0);
        at->mean[r] = mean;
        at->inverse[r] = inverse;
    }
}

static void return_normalized(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const normalization_work *at = argument;
    size_t channels = at->plan->channels;
    for (size_t r = begin; r < end; ++r) {
        const float *x = at->x + r * channels, *dy = at->dy + r * channels;
        float *dx = at->dx + r * channels, inverse = at->inverse[r], mean = at->mean[r];
        double sum = 0, product = 0;
        for (size_t c = 0; c < channels; ++c) {
            float d = dy[c] * (at->gamma != NULL ? at->gamma[c] : 1);
            sum += (double)d;
            product += (double)(d * (x[c] - mean) * inverse);
        }
        float first = (float)(sum / (double)channels);
        float second = (float)(product / (double)channels);
        for (size_t c = 0; c < channels; ++c) {
            float d = dy[c] * (at->gamma != NULL ? at->gamma[c] : 1);
            dx[c] = inverse * (d - first - (x[c] - mean) * inverse * second);
        }
    }
}

static normalization_work layer_work(const mg_train_pass *pass, const mg_train_node *node)
{
    normalization_work at = batch_work(pass, node);
    at.inverse = node->saved + at.rows;
    return at;
}

static void layer_forward(const mg_train_pass *pass, mg_train_node *node)
{
    normalization_work at = layer_work(pass, node);
    mg_parallel_for(pass->trainer->pool, at.rows, 1 + 8192 / at.plan->channels, normalize_rows,
                    &at);
}

static void layer_backward(const mg_train_pass *pass, mg_train_node *node)
{
    normalization_work at = layer_work(pass, node);
    mg_parallel_for(pass->trainer->pool, PARTS, 1, sum_row_gradients, &at);
    give_gradients(&at, mg_train_weight_of(pass, node, 0), mg_train_weight_of(pass, node, 1));
    if (at.dx != NULL)
        mg_parallel_for(pass->trainer->pool, at.rows, 1 + 8192 / at.plan->channels,
                        return_normalized, &at);
}

static void layer_needs(const midge_trainer *trainer, const mg_train_node *node, size_t batch,
                        mg_train_needs *needs)
{
    const normalization_plan *plan = node->plan;
    batch_needs(trainer, node, batch, needs);
    needs->saved = 2 * (uint64_t)batch * plan->rows + 4 * (uint64_t)plan->channels;
}

static const mg_train_operation layer_operation = {"layer_normalization", layer_forward,
                                                   layer_backward, layer_needs, false};

/* ---- Layers ---- */

static midge_status add_normalization(midge_trainer *trainer, const mg_keras_layer *layer,
                                      mg_keras_call *call, const mg_train_operation *operation,
                                      const int32_t *weights)
{
    const mg_train_tensor input = *mg_train_tensor_at(trainer, call->inputs[0]);
    void *memory = NULL;
    mg_train_node *node;
    TRY(mg_train_plan(trainer, sizeof(normalization_plan), &memory));
    normalization_plan *plan = memory;
    size_t channels = (size_t)input.shape[input.rank - 1];
    *plan = (normalization_plan){input.elements / channels, channels,
                                 (float)mg_json_number(layer->config, "momentum", 0.99),
                                 (float)mg_json_number(layer->config, "epsilon", 0.001)};
    TRY(mg_train_add_node(trainer, layer, operation, 1, call->inputs, input.rank, input.shape,
                          &call->outputs[0], &node));
    memcpy(node->weights, weights, sizeof node->weights);
    node->plan = plan;
    return MIDGE_OK;
}

static midge_status check_axis(midge_trainer *trainer, const mg_keras_layer *layer,
                               const mg_keras_call *call, int32_t *channels)
{
    int32_t axis = -1;
    TRY(mg_train_check_rank(trainer, layer, call, -1));
    const mg_train_tensor *input = mg_train_tensor_at(trainer, call->inputs[0]);
    bool given =
        mg_json_ints(layer->config, "axis", 1, &axis) || mg_json_absent(layer->config, "axis");
    if (input->rank < 1 || !given || (axis != -1 && axis != input->rank))
        return mg_keras_refuse(&trainer->keras, layer, "an axis other than the last");
    *channels = input->shape[input->rank - 1];
    return MIDGE_OK;
}

midge_status mg_train_build_batch_normalization(midge_trainer *trainer, const mg_keras_layer *layer,
                                                mg_keras_call *call)
{
    int32_t channels = 0, weights[MG_TRAIN_WEIGHTS];
    TRY(check_axis(trainer, layer, call, &channels));
    if (mg_json_flag(layer->config, "renorm", false))
        return mg_keras_refuse(&trainer->keras, layer, "renorm");
    const mg_train_weight_form forms[] = {
        {"gamma", "gamma_initializer", "ones", "gamma_regularizer", false, 1, {channels}},
        {"beta", "beta_initializer", "zeros", "beta_regularizer", false, 1, {channels}},
        {"moving_mean", "moving_mean_initializer", "zeros", NULL, true, 1, {channels}},
        {"moving_variance", "moving_variance_initializer", "ones", NULL, true, 1, {channels}}};
    for (size_t i = 0; i < MG_TRAIN_WEIGHTS; ++i)
        TRY(mg_train_add_weight(trainer, layer, &forms[i], &weights[i]));
    return add_normalization(trainer, layer, call, &batch_operation, weights);
}

midge_status mg_train_build_layer_normalization(midge_trainer *trainer, const mg_keras_layer *layer,
                                                mg_keras_call *call)
{
    int32_t channels = 0, weights[MG_TRAIN_WEIGHTS] = {-1, -1, -1, -1};
    TRY(check_axis(trainer, layer, call, &channels));
    if (mg_json_flag(layer->config, "rms_scaling", false))
        return mg_keras_refuse(&trainer->keras, layer, "rms_scaling");
    const mg_train_weight_form forms[] = {
        {"gamma", "gamma_initializer", "ones", "gamma_regularizer", false, 1, {channels}},
        {"beta", "beta_initializer", "zeros", "beta_regularizer", false, 1, {channels}}};
    for (size_t i = 0; i < 2; ++i) TRY(mg_train_add_weight(trainer, layer, &forms[i], &weights[i]));
    return add_normalization(trainer, layer, call, &layer_operation, weights);
}
