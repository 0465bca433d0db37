/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NON_MAX_SUPPRESSION_V4 and _V5: boxes [n, 4], scores [n], how many to select at most, overlap
 * threshold, score threshold and, in V5, sigma; indices, scores (V5) and their number come out,
 * filled with zeros.
 */
#include <string.h>

#include "kernel/ref/boxes.h"
#include "op/require.h"
#include "op/shape.h"

enum { BOXES, SCORES, MOST_SELECTED, OVERLAP_THRESHOLD, SCORE_THRESHOLD, SIGMA };

static midge_status read_most_selected(midge_op_context *context, int32_t *most)
{
    int64_t value = mg_index_at(context->inputs[MOST_SELECTED], 0);
    if (value < 0)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "cannot select %lld boxes",
                          (long long)value);
    *most = (int32_t)value;
    return MIDGE_OK;
}

static midge_status check_inputs(midge_op_context *context)
{
    const midge_tensor *boxes = context->inputs[BOXES];
    const midge_tensor *most = context->inputs[MOST_SELECTED];
    static const char *const roles[] = {
        "boxes",           "scores", "selected boxes at most", "overlap threshold",
        "score threshold", "sigma"};
    for (size_t i = 0; i < context->input_count; ++i) {
        bool count = i == MOST_SELECTED;
        TRY(mg_require_type(context, context->inputs[i], roles[i],
                            MG_TYPES(count ? MIDGE_INT32 : MIDGE_FLOAT32)));
        if (i >= MOST_SELECTED) TRY(mg_require_elements(context, context->inputs[i], roles[i], 1));
    }
    TRY(mg_require_rank(context, boxes, "boxes", 2, 2));
    if (boxes->shape[1] != 4)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "boxes have %d corners, need 4",
                          (int)boxes->shape[1]);
    TRY(mg_require_rank(context, context->inputs[SCORES], "scores", 1, 1));
    TRY(mg_require_elements(context, context->inputs[SCORES], "scores", (size_t)boxes->shape[0]));
    return mg_require_rank(context, most, "selected boxes at most", 0, 1);
}

/* The outputs before the last are indices and, in V5, scores; the last is their number. */
static midge_status prepare_suppression(midge_op_context *context)
{
    TRY(check_inputs(context));
    size_t last = context->output_count - 1;
    for (size_t i = 0; i <= last; ++i)
        TRY(mg_require_type(context, context->outputs[i], "output",
                            MG_TYPES(i == 1 && last == 2 ? MIDGE_FLOAT32 : MIDGE_INT32)));
    bool known = context->inputs[MOST_SELECTED]->known;
    int32_t most = 0;
    if (known) TRY(read_most_selected(context, &most));
    for (size_t i = 0; i < last; ++i)
        TRY(known ? mg_set_output_shape(context, i, 1, &most) : mg_set_output_dynamic(context, i));
    TRY(mg_set_output_shape(context, last, 0, &most));
    size_t boxes = (size_t)context->inputs[BOXES]->shape[0];
    return mg_request_scratch(context, (boxes + 1) * sizeof(mg_candidate));
}

static float scalar(const midge_op_context *context, size_t input)
{
    return ((const float *)context->inputs[input]->data)[0];
}

static midge_status run_suppression(midge_op_context *context, float sigma)
{
    int32_t most;
    TRY(read_most_selected(context, &most));
    size_t last = context->output_count - 1;
    for (size_t i = 0; i < last; ++i)
        if (!context->inputs[MOST_SELECTED]->known) TRY(mg_resize_output(context, i, 1, &most));
    if (!(sigma >= 0.0f))
        return mg_op_fail(context, MIDGE_RUN_ERROR, "sigma %g is negative", (double)sigma);

    mg_suppression suppression = {(size_t)context->inputs[BOXES]->shape[0], (size_t)most,
                                  scalar(context, OVERLAP_THRESHOLD),
                                  scalar(context, SCORE_THRESHOLD), sigma};
    int32_t *indices = context->outputs[0]->data;
    float *scores = last == 2 ? context->outputs[1]->data : NULL;
    size_t selected = 0;
    if (most > 0) {
        memset(indices, 0, (size_t)most * sizeof(int32_t));
        if (scores != NULL) memset(scores, 0, (size_t)most * sizeof(float));
        selected = mg_suppress(&suppression, context->inputs[BOXES]->data,
                               context->inputs[SCORES]->data, context->scratch, indices, scores);
    }
    ((int32_t *)context->outputs[last]->data)[0] = (int32_t)selected;
    return MIDGE_OK;
}

midge_status mg_prepare_non_max_suppression_v4(midge_op_context *context)
{
    return prepare_suppression(context);
}

midge_status mg_run_non_max_suppression_v4(midge_op_context *context)
{
    return run_suppression(context, 0.0f);
}

midge_status mg_prepare_non_max_suppression_v5(midge_op_context *context)
{
    return prepare_suppression(context);
}

midge_status mg_run_non_max_suppression_v5(midge_op_context *context)
{
    return run_suppression(context, scalar(context, SIGMA));
}
