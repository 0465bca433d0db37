/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LSH_PROJECTION: one bit for each seed of a [hashes, bits] tensor: the sign of the weighted sum
 * of the hashes of the input's rows. DENSE gives the bits, SPARSE one number for each hash.
 */
#include "base/threads.h"
#include "kernel/ref/fingerprint.h"
#include "op/op.h"
#include "op/require.h"

midge_status mg_prepare_lsh_projection(midge_op_context *context)
{
    const midge_tensor *seeds = mg_input(context, 0), *input = mg_input(context, 1);
    const midge_tensor *weights = mg_input(context, 2);
    TRY(mg_require_type(context, seeds, "hash", MG_TYPES(MIDGE_FLOAT32)));
    TRY(mg_require_rank(context, seeds, "hash", 2, 2));
    TRY(mg_require_rank(context, input, "input", 1, MIDGE_MAX_RANK));
    TRY(mg_require_type(context, mg_output(context, 0), "output", MG_TYPES(MIDGE_INT32)));
    if (seeds->shape[1] > 32 || input->shape[0] < 1) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%d bits of %d rows; need <= 32 of >= 1",
                          (int)seeds->shape[1], (int)input->shape[0]);
    }
    if (weights != NULL) {
        TRY(mg_require_type(context, weights, "weight", MG_TYPES(MIDGE_FLOAT32)));
        TRY(mg_require_rank(context, weights, "weight", 1, 1));
        TRY(mg_require_elements(context, weights, "weight", (size_t)input->shape[0]));
    }
    int32_t count = seeds->shape[0];
    switch (MG_OPTIONS(context, LSHProjectionOptions)->type) {
    case MG_LSH_PROJECTION_SPARSE: break;
    case MG_LSH_PROJECTION_DENSE: count = (int32_t)seeds->elements; break;
    default: return mg_op_fail(context, MIDGE_UNSUPPORTED, "the type of projection is unknown");
    }
    return mg_set_output_shape(context, 0, 1, &count);
}

static bool sign_bit(float seed, const midge_tensor *input, const midge_tensor *weights)
{
    size_t rows = (size_t)input->shape[0], row_bytes = input->bytes / rows;
    double score = 0.0;
    for (size_t row = 0; row < rows; row++) {
        const char *bytes = (const char *)input->data + row * row_bytes;
        double value = (double)(int64_t)mg_fingerprint(seed, bytes, row_bytes);
        score += weights != NULL ? (double)((const float *)weights->data)[row] * value : value;
    }
    return score > 0.0;
}

static void project(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    midge_op_context *context = argument;
    const midge_tensor *seeds = mg_input(context, 0);
    bool dense = MG_OPTIONS(context, LSHProjectionOptions)->type == MG_LSH_PROJECTION_DENSE;
    size_t bits = (size_t)seeds->shape[1];
    int32_t *output = mg_output(context, 0)->data;
    for (size_t i = begin; i < end; i++) {
        uint32_t signature = 0;
        for (size_t bit = 0; bit < bits; bit++) {
            float seed = ((const float *)seeds->data)[i * bits + bit];
            bool sign = sign_bit(seed, mg_input(context, 1), mg_input(context, 2));
            if (dense) output[i * bits + bit] = sign;
            signature = signature << 1 | sign;
        }
        if (!dense) output[i] = (int32_t)(signature + (uint32_t)((uint64_t)i << bits));
    }
}

midge_status mg_run_lsh_projection(midge_op_context *context)
{
    size_t grain = 1 + 4096 / (1 + mg_input(context, 1)->bytes);
    mg_parallel_for(context->pool, (size_t)mg_input(context, 0)->shape[0], grain, project, context);
    return MIDGE_OK;
}
