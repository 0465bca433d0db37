/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TFLite_Detection_PostProcess: box encodings [1, n, 4 or more], scores [1, n, classes] and anchors
 * [n, 4] in; boxes, classes, scores and their number out, always float, filled up with zeros.
 */
#include <math.h>

#include "kernel/ref/detect.h"
#include "op/custom_options.h"
#include "op/require.h"
#include "op/shape.h"

enum { ENCODINGS, SCORES, ANCHORS };
enum { OUT_BOXES, OUT_CLASSES, OUT_SCORES, OUT_COUNT };

typedef struct detection {
    mg_detection kernel;
    bool by_class;
    size_t boxes_offset; /* in scratch: decoded boxes, scores as floats */
    size_t scores_offset;
} detection;

static midge_status read_options(midge_op_context *context, detection *plan)
{
    mg_flex map;
    int32_t most, per_detection, per_class = 100, classes;
    float *scale = plan->kernel.scale;
    TRY(mg_options_open(context, &map));
    TRY(mg_option_int32(context, &map, "max_detections", 0, INT32_MAX, &most));
    TRY(mg_option_int32(context, &map, "max_classes_per_detection", 1, INT32_MAX, &per_detection));
    TRY(mg_option_int32(context, &map, "num_classes", 1, INT32_MAX, &classes));
    if (mg_option_exists(&map, "detections_per_class"))
        TRY(mg_option_int32(context, &map, "detections_per_class", 1, INT32_MAX, &per_class));
    TRY(mg_option_bool(context, &map, "use_regular_nms", &plan->by_class));
    TRY(mg_option_float(context, &map, "nms_score_threshold", &plan->kernel.score_threshold));
    TRY(mg_option_float(context, &map, "nms_iou_threshold", &plan->kernel.overlap_threshold));
    TRY(mg_option_float(context, &map, "y_scale", &scale[0]));
    TRY(mg_option_float(context, &map, "x_scale", &scale[1]));
    TRY(mg_option_float(context, &map, "h_scale", &scale[2]));
    TRY(mg_option_float(context, &map, "w_scale", &scale[3]));
    if (!(plan->kernel.overlap_threshold > 0.0f && plan->kernel.overlap_threshold <= 1.0f))
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "nms_iou_threshold is %g, must be above 0 and at most 1",
                          (double)plan->kernel.overlap_threshold);
    plan->kernel.most_detections = (size_t)most;
    plan->kernel.classes_per_detection = (size_t)per_detection;
    plan->kernel.detections_per_class = (size_t)per_class;
    plan->kernel.classes = (size_t)classes;
    return MIDGE_OK;
}

static midge_status check_inputs(midge_op_context *context, detection *plan)
{
    const midge_tensor *encodings = context->inputs[ENCODINGS];
    const midge_tensor *scores = context->inputs[SCORES];
    const midge_tensor *anchors = context->inputs[ANCHORS];
    uint32_t types = MG_TYPES_2(MIDGE_FLOAT32, MIDGE_UINT8);
    TRY(mg_require_type(context, encodings, "box encodings", types));
    TRY(mg_require_type(context, scores, "scores", types));
    TRY(mg_require_type(context, anchors, "anchors",
                        encodings->type == MIDGE_UINT8 ? types : MG_TYPES(MIDGE_FLOAT32)));
    TRY(mg_require_rank(context, encodings, "box encodings", 3, 3));
    TRY(mg_require_rank(context, scores, "scores", 3, 3));
    TRY(mg_require_rank(context, anchors, "anchors", 2, 2));
    if (encodings->type == MIDGE_UINT8)
        TRY(mg_require_quantized(context, encodings, "box encodings"));
    if (scores->type == MIDGE_UINT8) TRY(mg_require_quantized(context, scores, "scores"));

    int32_t boxes = encodings->shape[1];
    if (encodings->shape[0] != 1 || scores->shape[0] != 1)
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "batch size must be 1");
    if (encodings->shape[2] < 4 || anchors->shape[1] != 4 || anchors->shape[0] < boxes ||
        scores->shape[1] != boxes)
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "%d box encodings of %d, %d anchors of %d and %d rows of scores do not "
                          "fit together",
                          (int)boxes, (int)encodings->shape[2], (int)anchors->shape[0],
                          (int)anchors->shape[1], (int)scores->shape[1]);
    size_t columns = (size_t)scores->shape[2];
    if (columns != plan->kernel.classes && columns != plan->kernel.classes + 1)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%zu scores a box for %zu classes", columns,
                          plan->kernel.classes);
    plan->kernel.boxes = (size_t)boxes;
    plan->kernel.score_stride = columns;
    return MIDGE_OK;
}

/* Scratch: candidates, then boxes, then scores as floats. */
static midge_status plan_scratch(midge_op_context *context, detection *plan)
{
    size_t boxes_bytes, total;
    size_t scores_bytes = context->inputs[SCORES]->elements * sizeof(float);
    bool fits = mg_size_multiply(mg_detect_candidates(&plan->kernel), sizeof(mg_candidate),
                                 &plan->boxes_offset) &&
                mg_size_multiply(plan->kernel.boxes, sizeof(mg_box), &boxes_bytes) &&
                mg_size_add(plan->boxes_offset, boxes_bytes, &plan->scores_offset) &&
                mg_size_add(plan->scores_offset, scores_bytes + 1, &total);
    if (!fits) return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "too many boxes");
    return mg_request_scratch(context, total);
}

midge_status mg_prepare_detection_post_process(midge_op_context *context)
{
    void *memory;
    TRY(mg_prepared(context, sizeof(detection), &memory));
    detection *plan = memory;
    TRY(read_options(context, plan));
    TRY(check_inputs(context, plan));
    for (size_t i = 0; i < 4; ++i)
        TRY(mg_require_type(context, context->outputs[i], "output", MG_TYPES(MIDGE_FLOAT32)));
    int32_t rows;
    if (!mg_int32_multiply((int32_t)plan->kernel.most_detections,
                           (int32_t)plan->kernel.classes_per_detection, &rows))
        return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "%zu detections of %zu classes",
                          plan->kernel.most_detections, plan->kernel.classes_per_detection);
    TRY(plan_scratch(context, plan));
    int32_t shape[3] = {1, rows, 4}, one = 1;
    TRY(mg_set_output_shape(context, OUT_BOXES, 3, shape));
    TRY(mg_set_output_shape(context, OUT_CLASSES, 2, shape));
    TRY(mg_set_output_shape(context, OUT_SCORES, 2, shape));
    return mg_set_output_shape(context, OUT_COUNT, 1, &one);
}

/* Quantised encodings take anchors as bytes; without a scale these are all 0. */
static void decode(const midge_op_context *context, const detection *plan, mg_box *boxes)
{
    const midge_tensor *encodings = context->inputs[ENCODINGS];
    const midge_tensor *anchors = context->inputs[ANCHORS];
    size_t stride = (size_t)encodings->shape[2];
    if (encodings->type == MIDGE_FLOAT32) {
        mg_decode_boxes_f32(&plan->kernel, encodings->data, stride, anchors->data, boxes);
        return;
    }
    mg_decode_scale scale = {mg_scale(encodings), mg_zero_point(encodings), 0.0f, 0};
    if (anchors->quantization.count > 0) {
        scale.anchor_scale = mg_scale(anchors);
        scale.anchor_zero_point = mg_zero_point(anchors);
    }
    mg_decode_boxes_u8(&plan->kernel, encodings->data, stride, anchors->data, &scale, boxes);
}

/* The scores as floats, in `room` when they are not. */
static const float *real_scores(const midge_tensor *scores, float *room)
{
    if (scores->type == MIDGE_FLOAT32) return scores->data;
    const uint8_t *stored = scores->data;
    for (size_t i = 0; i < scores->elements; ++i)
        room[i] = (float)((double)mg_scale(scores) * (stored[i] - mg_zero_point(scores)));
    return room;
}

midge_status mg_run_detection_post_process(midge_op_context *context)
{
    const detection *plan = context->prepared;
    char *scratch = context->scratch;
    mg_box *boxes = (void *)(scratch + plan->boxes_offset);
    decode(context, plan, boxes);
    if (!mg_boxes_valid(boxes, plan->kernel.boxes))
        return mg_op_fail(context, MIDGE_RUN_ERROR, "a decoded box has negative size");
    const float *scores =
        real_scores(context->inputs[SCORES], (void *)(scratch + plan->scores_offset));
    mg_detections detections = {
        context->outputs[OUT_BOXES]->data, context->outputs[OUT_CLASSES]->data,
        context->outputs[OUT_SCORES]->data, context->outputs[OUT_SCORES]->elements};
    size_t count = 0;
    if (detections.rows > 0 && plan->by_class)
        count = mg_detect_by_class(&plan->kernel, boxes, scores, (void *)scratch, &detections);
    else if (detections.rows > 0)
        count = mg_detect_fast(&plan->kernel, boxes, scores, (void *)scratch, &detections);
    ((float *)context->outputs[OUT_COUNT]->data)[0] = (float)count;
    return MIDGE_OK;
}
