/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a single-shot detector: boxes decoded from offsets to anchors, and the best ones of
 * them over all classes.
 *
 * An encoding and an anchor are {y, x, h, w} of a centre and a size; a box is {top, left, bottom,
 * right}. Scores are rows of `score_stride` classes, of which the first is the background when
 * there is one more than `classes`.
 */
#ifndef MG_DETECT_H
#define MG_DETECT_H

#include "kernel/ref/boxes.h"

typedef struct mg_detection {
    size_t boxes;
    size_t classes;
    size_t score_stride;
    size_t most_detections;
    size_t classes_per_detection; /* at least 1 */
    size_t detections_per_class;  /* at least 1 */
    float score_threshold;        /* below: not considered */
    float overlap_threshold;      /* above: suppressed */
    float scale[4];               /* of encodings: y, x, h, w */
} mg_detection;

/* Encodings are `stride` elements apart, anchors 4. */
void mg_decode_boxes_f32(const mg_detection *detection, const float *encodings, size_t stride,
                         const float *anchors, mg_box *boxes);

typedef struct mg_decode_scale {
    float encoding_scale;
    int32_t encoding_zero_point;
    float anchor_scale;
    int32_t anchor_zero_point;
} mg_decode_scale;
void mg_decode_boxes_u8(const mg_detection *detection, const uint8_t *encodings, size_t stride,
                        const uint8_t *anchors, const mg_decode_scale *scale, mg_box *boxes);

/* False when a box is upside down. */
bool mg_boxes_valid(const mg_box *boxes, size_t count);

/* Rows of the result; rows beyond the detections are zeros. */
typedef struct mg_detections {
    mg_box *boxes;
    float *classes;
    float *scores;
    size_t rows; /* most_detections * classes_per_detection */
} mg_detections;

/* Candidates that the two functions below need as scratch. */
size_t mg_detect_candidates(const mg_detection *detection);

/* By the best class of each box: suppression over all boxes, then up to classes_per_detection
 * classes for each that is left, in rows of their own. Returns the number of boxes. */
size_t mg_detect_fast(const mg_detection *detection, const mg_box *boxes, const float *scores,
                      mg_candidate *scratch, const mg_detections *detections);

/* Suppression within each class, then the best over all classes. Returns their number. */
size_t mg_detect_by_class(const mg_detection *detection, const mg_box *boxes, const float *scores,
                          mg_candidate *scratch, const mg_detections *detections);

#endif
