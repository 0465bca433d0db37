/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What products with weights read of activations. Of dynamic quantisation a vector is quantised by
 * one thread, but a single one by all, in pieces.
 */
#include "op/weighted.h"

#include <math.h>

#include "op/product_layout.h"

enum { WORTH_A_THREAD = 1 << 14, MOST_PIECES = 64 };

size_t mg_weighted_cell_bytes(const mg_weighted *weighted)
{
    if (weighted->kind == MG_WEIGHTED_F32) return sizeof(float);
    return weighted->form.left == MG_CELL_I16 ? sizeof(int16_t) : 1;
}

midge_status mg_activations_scratch(midge_op_context *context, const mg_weighted *weighted,
                                    size_t vectors, size_t elements, size_t *bytes)
{
    *bytes = 0;
    if (weighted->kind != MG_WEIGHTED_DYNAMIC) return MIDGE_OK;
    size_t cells, scales;
    if (mg_size_multiply(elements, mg_weighted_cell_bytes(weighted), &cells) &&
        mg_size_align(cells, MG_ALIGNMENT, &cells) &&
        mg_size_multiply(vectors, sizeof(float), &scales) && mg_size_add(cells, scales, bytes))
        return MIDGE_OK;
    return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "%zu activations are too many", elements);
}

typedef struct quantise_job {
    const mg_weighted *weighted;
    const mg_dynamic_kernel *kernel;
    const float *values;
    size_t length;
    char *out;
    float *scales;
    /* Of a single vector in pieces. */
    size_t pieces;
    float least[MOST_PIECES];
    float most[MOST_PIECES];
    float factor;
    int32_t zero_point;
} quantise_job;

/* Sets the scale of a vector from its range. */
static void choose_scale(const quantise_job *job, float least, float most, float *scale,
                         float *factor, int32_t *zero_point)
{
    *zero_point = 0;
    if (job->weighted->asymmetric)
        mg_asymmetric_scale(least, most, scale, factor, zero_point);
    else
        mg_symmetric_scale(least, most, scale, factor);
}

static void quantise(const quantise_job *job, const float *values, size_t count, float factor,
                     int32_t zero_point, char *out)
{
    if (job->weighted->form.left == MG_CELL_I16)
        job->kernel->words(values, count, factor, zero_point, (int16_t *)(void *)out);
    else
        job->kernel->bytes(values, count, factor, zero_point,
                           job->weighted->asymmetric ? -128 : -127, (int8_t *)out);
}

/* Indices are vectors. */
static void quantise_vectors(void *argument, size_t begin, size_t end, int worker)
{
    const quantise_job *job = argument;
    const size_t vector_bytes = job->length * mg_weighted_cell_bytes(job->weighted);
    (void)worker;
    for (size_t v = begin; v < end; v++) {
        const float *values = job->values + v * job->length;
        float least = 0.0f, most = 0.0f, factor;
        int32_t zero_point;
        if (job->length > 0) job->kernel->range(values, job->length, &least, &most);
        choose_scale(job, least, most, &job->scales[v], &factor, &zero_point);
        quantise(job, values, job->length, factor, zero_point, job->out + v * vector_bytes);
    }
}

static const float *piece_of(const quantise_job *job, size_t piece, size_t *first, size_t *count)
{
    *first = mg_product_share(job->length, job->pieces, piece);
    *count = mg_product_share(job->length, job->pieces, piece + 1) - *first;
    return job->values + *first;
}

/* Indices are pieces. */
static void find_ranges(void *argument, size_t begin, size_t end, int worker)
{
    quantise_job *job = argument;
    (void)worker;
    for (size_t p = begin; p < end; p++) {
        size_t first, count;
        const float *values = piece_of(job, p, &first, &count);
        job->kernel->range(values, count, &job->least[p], &job->most[p]);
    }
}

/* Indices are pieces. */
static void quantise_pieces(void *argument, size_t begin, size_t end, int worker)
{
    const quantise_job *job = argument;
    (void)worker;
    for (size_t p = begin; p < end; p++) {
        size_t first, count;
        const float *values = piece_of(job, p, &first, &count);
        quantise(job, values, count, job->factor, job->zero_point,
                 job->out + first * mg_weighted_cell_bytes(job->weighted));
    }
}

static void quantise_one(mg_pool *pool, quantise_job *job)
{
    mg_parallel_for(pool, job->pieces, 1, find_ranges, job);
    float least = job->least[0], most = job->most[0];
    bool odd = false;
    for (size_t p = 0; p < job->pieces; p++) {
        odd = odd || isnan(job->least[p]) || isnan(job->most[p]);
        if (job->least[p] < least) least = job->least[p];
        if (job->most[p] > most) most = job->most[p];
    }
    /* A piece that begins with not-a-number hides its other values. */
    if (odd) job->kernel->range(job->values, job->length, &least, &most);
    choose_scale(job, least, most, &job->scales[0], &job->factor, &job->zero_point);
    mg_parallel_for(pool, job->pieces, 1, quantise_pieces, job);
}

const void *mg_activations(midge_op_context *context, const mg_weighted *weighted,
                           const midge_tensor *input, size_t vectors, void *scratch,
                           const float **row_scale, int32_t *zero_point)
{
    *row_scale = NULL;
    if (weighted->kind != MG_WEIGHTED_DYNAMIC || vectors == 0) return input->data;
    const size_t cells = (input->elements * mg_weighted_cell_bytes(weighted) + MG_ALIGNMENT - 1) &
                         ~(size_t)(MG_ALIGNMENT - 1);
    float *scales = (float *)(void *)((char *)scratch + cells);
    quantise_job job = {.weighted = weighted,
                        .kernel = context->kernels->dynamic,
                        .values = input->data,
                        .length = input->elements / vectors,
                        .out = scratch,
                        .scales = scales};
    *row_scale = scales;
    if (vectors == 1 && job.length > 0) {
        job.pieces = job.length / WORTH_A_THREAD;
        if (job.pieces < 1) job.pieces = 1;
        if (job.pieces > MOST_PIECES) job.pieces = MOST_PIECES;
        quantise_one(context->pool, &job);
        if (zero_point) *zero_point = job.zero_point;
        return scratch;
    }
    mg_parallel_for(context->pool, vectors, WORTH_A_THREAD / (job.length + 1) + 1, quantise_vectors,
                    &job);
    return scratch;
}
