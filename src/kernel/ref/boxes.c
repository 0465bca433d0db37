/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/boxes.h"

#include <math.h>

static float smaller(float a, float b)
{
    return b < a ? b : a;
}

static float larger(float a, float b)
{
    return a < b ? b : a;
}

float mg_box_overlap(const mg_box *a, const mg_box *b)
{
    float a_top = smaller(a->y1, a->y2), a_bottom = larger(a->y1, a->y2);
    float a_left = smaller(a->x1, a->x2), a_right = larger(a->x1, a->x2);
    float b_top = smaller(b->y1, b->y2), b_bottom = larger(b->y1, b->y2);
    float b_left = smaller(b->x1, b->x2), b_right = larger(b->x1, b->x2);
    float a_area = (a_bottom - a_top) * (a_right - a_left);
    float b_area = (b_bottom - b_top) * (b_right - b_left);
    if (a_area <= 0.0f || b_area <= 0.0f) return 0.0f;
    float height = smaller(a_bottom, b_bottom) - larger(a_top, b_top);
    float width = smaller(a_right, b_right) - larger(a_left, b_left);
    float common = larger(height, 0.0f) * larger(width, 0.0f);
    return common / (a_area + b_area - common);
}

static void sift_up(mg_candidate *heap, size_t hole, size_t top, mg_candidate value)
{
    while (hole > top && heap[(hole - 1) / 2].key < value.key) {
        heap[hole] = heap[(hole - 1) / 2];
        hole = (hole - 1) / 2;
    }
    heap[hole] = value;
}

/* Fills the hole at `top` with `value`. */
static void sift(mg_candidate *heap, size_t top, size_t count, mg_candidate value)
{
    size_t hole = top;
    for (size_t child; (child = 2 * hole + 1) < count; hole = child) {
        if (child + 1 < count && !(heap[child + 1].key < heap[child].key)) ++child;
        heap[hole] = heap[child];
    }
    sift_up(heap, hole, top, value);
}

/* In a heap with the largest key in front, the last of `count` elements is new. */
static void push(mg_candidate *heap, size_t count)
{
    sift_up(heap, count - 1, 0, heap[count - 1]);
}

/* Moves the largest of a heap to its end. */
static void pop(mg_candidate *heap, size_t count)
{
    if (count < 2) return;
    mg_candidate value = heap[count - 1];
    heap[count - 1] = heap[0];
    sift(heap, 0, count - 1, value);
}

void mg_partial_sort(mg_candidate *candidates, size_t count, size_t sorted)
{
    for (size_t i = sorted / 2; i-- > 0;) sift(candidates, i, sorted, candidates[i]);
    for (size_t i = sorted; i < count; i++) {
        mg_candidate value = candidates[i];
        if (!(value.key < candidates[0].key)) continue;
        candidates[i] = candidates[0];
        sift(candidates, 0, sorted, value);
    }
    for (size_t i = sorted; i > 1; i--) pop(candidates, i);
}

/* Compares a candidate with the boxes selected since last time, newest first, and lets its score
 * decay; true when one of them suppresses it. */
static bool is_suppressed(const mg_suppression *suppression, const mg_box *boxes,
                          const int32_t *selected, size_t count, mg_candidate *candidate)
{
    bool decays = suppression->sigma > 0.0f;
    float factor = decays ? (float)(-0.5 / (double)suppression->sigma) : 0.0f;
    for (size_t i = count; i-- > (size_t)candidate->compared;) {
        float overlap = mg_box_overlap(&boxes[candidate->index], &boxes[selected[i]]);
        if (overlap >= suppression->overlap_threshold) return true;
        if (decays) candidate->key *= expf(factor * overlap * overlap);
        if (candidate->key <= suppression->score_threshold) break;
    }
    candidate->compared = (int32_t)count;
    return false;
}

/* A selected box goes back to the heap too: compared with itself it is suppressed, unless it has no
 * area, when it is selected again. */
size_t mg_suppress(const mg_suppression *suppression, const mg_box *boxes, const float *scores,
                   mg_candidate *candidates, int32_t *selected, float *selected_scores)
{
    size_t waiting = 0, count = 0;
    for (size_t i = 0; i < suppression->boxes; i++) {
        if (!(scores[i] > suppression->score_threshold)) continue;
        candidates[waiting++] = (mg_candidate){scores[i], (int32_t)i, 0};
        push(candidates, waiting);
    }
    size_t most = waiting < suppression->most_selected ? waiting : suppression->most_selected;
    while (count < most && waiting > 0) {
        pop(candidates, waiting);
        mg_candidate next = candidates[--waiting];
        float score = next.key;
        if (is_suppressed(suppression, boxes, selected, count, &next)) continue;
        if (next.key == score) {
            selected[count] = next.index;
            if (selected_scores != NULL) selected_scores[count] = next.key;
            ++count;
        }
        if (next.key > suppression->score_threshold) {
            candidates[waiting++] = next;
            push(candidates, waiting);
        }
    }
    return count;
}
