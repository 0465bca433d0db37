/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Choosing boxes: overlap, a heap of candidates, and non-maximum suppression.
 *
 * Which of several candidates of equal score comes first is part of the result. It follows from the
 * heap: sifting moves a hole to the bottom, taking the right child unless the left one is larger,
 * and then the value up from there.
 */
#ifndef MG_BOXES_H
#define MG_BOXES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Two opposite corners in any order. */
typedef struct mg_box {
    float y1, x1, y2, x2;
} mg_box;

/* Area of the intersection over that of the union; 0 when a box has no area. */
float mg_box_overlap(const mg_box *a, const mg_box *b);

typedef struct mg_candidate {
    float key;
    int32_t index;
    int32_t compared; /* selected boxes that it has been compared with */
} mg_candidate;

/* Puts the `sorted` smallest keys in front, ascending; the order of the others is not stated. */
void mg_partial_sort(mg_candidate *candidates, size_t count, size_t sorted);

typedef struct mg_suppression {
    size_t boxes;
    size_t most_selected;
    float overlap_threshold; /* at or above: suppressed */
    float score_threshold;   /* at or below: not considered */
    float sigma;             /* above 0: scores decay with overlap, exp(-overlap^2 / (2 sigma)) */
} mg_suppression;

/* Selects boxes by falling score. `candidates` has room for all boxes, the outputs for
 * most_selected; scores may be NULL. Returns how many were selected. */
size_t mg_suppress(const mg_suppression *suppression, const mg_box *boxes, const float *scores,
                   mg_candidate *candidates, int32_t *selected, float *selected_scores);

#endif
