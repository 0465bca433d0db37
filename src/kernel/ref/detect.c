/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/detect.h"

#include <math.h>
#include <string.h>

static mg_box decode(const mg_detection *detection, const float encoding[4], const float anchor[4])
{
    double y_scale = detection->scale[0], x_scale = detection->scale[1];
    double h_scale = detection->scale[2], w_scale = detection->scale[3];
    float y = (float)((double)encoding[0] / y_scale * (double)anchor[2] + (double)anchor[0]);
    float x = (float)((double)encoding[1] / x_scale * (double)anchor[3] + (double)anchor[1]);
    float half_h = (float)(0.5 * exp((double)encoding[2] / h_scale) * (double)anchor[2]);
    float half_w = (float)(0.5 * exp((double)encoding[3] / w_scale) * (double)anchor[3]);
    mg_box box = {y - half_h, x - half_w, y + half_h, x + half_w};
    return box;
}

void mg_decode_boxes_f32(const mg_detection *detection, const float *encodings, size_t stride,
                         const float *anchors, mg_box *boxes)
{
    for (size_t i = 0; i < detection->boxes; i++)
        boxes[i] = decode(detection, encodings + i * stride, anchors + i * 4);
}

void mg_decode_boxes_u8(const mg_detection *detection, const uint8_t *encodings, size_t stride,
                        const uint8_t *anchors, const mg_decode_scale *scale, mg_box *boxes)
{
    for (size_t i = 0; i < detection->boxes; i++) {
        float encoding[4], anchor[4];
        for (size_t k = 0; k < 4; k++) {
            encoding[k] = ((float)encodings[i * stride + k] - (float)scale->encoding_zero_point) *
                          scale->encoding_scale;
            anchor[k] =
                ((float)anchors[i * 4 + k] - (float)scale->anchor_zero_point) * scale->anchor_scale;
        }
        boxes[i] = decode(detection, encoding, anchor);
    }
}

bool mg_boxes_valid(const mg_box *boxes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (boxes[i].y1 > boxes[i].y2 || boxes[i].x1 > boxes[i].x2) return false;
    return true;
}

/* Sorts by falling key, keeping the order of equal keys; `scratch` has room for `count`. */
static void sort(mg_candidate *candidates, size_t count, mg_candidate *scratch)
{
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t first = 0; first < count; first += 2 * run) {
            size_t middle = first + run < count ? first + run : count;
            size_t end = first + 2 * run < count ? first + 2 * run : count;
            size_t a = first, b = middle;
            for (size_t i = first; i < end; i++) {
                bool take_b = a == middle || (b < end && candidates[b].key > candidates[a].key);
                scratch[i] = take_b ? candidates[b++] : candidates[a++];
            }
        }
        memcpy(candidates, scratch, count * sizeof *candidates);
    }
}

/*
 * Suppression among `count` candidates with scores as keys; what is left comes to the front, best
 * first, at most `most`. `compared` marks candidates that a better one has suppressed.
 */
static size_t suppress(const mg_detection *detection, const mg_box *boxes, mg_candidate *candidates,
                       size_t count, size_t most, mg_candidate *scratch)
{
    size_t selected = 0;
    sort(candidates, count, scratch);
    for (size_t i = 0; i < count && selected < most; i++) {
        if (candidates[i].compared != 0) continue;
        mg_candidate best = candidates[i];
        candidates[selected++] = best;
        for (size_t j = i + 1; j < count; j++) {
            if (candidates[j].compared != 0) continue;
            float overlap = mg_box_overlap(&boxes[best.index], &boxes[candidates[j].index]);
            candidates[j].compared = overlap > detection->overlap_threshold;
        }
    }
    return selected;
}

static void write_row(const mg_detections *detections, size_t row, const mg_box *box,
                      size_t class_index, float score)
{
    detections->boxes[row] = *box;
    detections->classes[row] = (float)class_index;
    detections->scores[row] = score;
}

static void clear(const mg_detections *detections)
{
    memset(detections->boxes, 0, detections->rows * sizeof *detections->boxes);
    memset(detections->classes, 0, detections->rows * sizeof *detections->classes);
    memset(detections->scores, 0, detections->rows * sizeof *detections->scores);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many detections over all classes have to be kept at most. */
static size_t merged_most(const mg_detection *detection)
{
    return smaller(detection->most_detections, detection->boxes * detection->classes);
}

size_t mg_detect_candidates(const mg_detection *detection)
{
    size_t lists = 2 * merged_most(detection);
    return 2 * detection->boxes + (lists > detection->classes ? lists : detection->classes);
}

/* The best classes of one box in front. */
static void best_classes(const float *scores, size_t classes, size_t most, mg_candidate *sorted)
{
    for (size_t i = 0; i < classes; i++) sorted[i] = (mg_candidate){-scores[i], (int32_t)i, 0};
    if (most > 1) {
        mg_partial_sort(sorted, classes, most);
        return;
    }
    for (size_t i = 1; i < classes; i++)
        if (sorted[i].key < sorted[0].key) sorted[0] = sorted[i];
}

size_t mg_detect_fast(const mg_detection *detection, const mg_box *boxes, const float *scores,
                      mg_candidate *scratch, const mg_detections *detections)
{
    mg_candidate *candidates = scratch, *classes = scratch + 2 * detection->boxes;
    size_t background = detection->score_stride - detection->classes;
    size_t count = 0;
    clear(detections);
    for (size_t i = 0; i < detection->boxes; i++) {
        const float *row = scores + i * detection->score_stride + background;
        float best = row[0];
        for (size_t k = 1; k < detection->classes; k++) best = row[k] > best ? row[k] : best;
        if (best >= detection->score_threshold)
            candidates[count++] = (mg_candidate){best, (int32_t)i, 0};
    }
    size_t selected = suppress(detection, boxes, candidates, count, detection->most_detections,
                               candidates + detection->boxes);
    size_t shown = smaller(detection->classes_per_detection, detection->classes);
    for (size_t i = 0; i < selected; i++) {
        size_t box = (size_t)candidates[i].index;
        const float *row = scores + box * detection->score_stride + background;
        best_classes(row, detection->classes, shown, classes);
        for (size_t k = 0; k < shown; k++) {
            size_t class_index = (size_t)classes[k].index;
            write_row(detections, i * detection->classes_per_detection + k, &boxes[box],
                      class_index, row[class_index]);
        }
    }
    return selected;
}

/* Merges `added` into `merged`, both by falling key, and keeps the best `most`. */
static size_t merge(mg_candidate *merged, size_t count, const mg_candidate *added,
                    size_t added_count, size_t most, mg_candidate *scratch)
{
    size_t total = smaller(count + added_count, most), a = 0, b = 0;
    for (size_t i = 0; i < total; i++) {
        bool take_b = a == count || (b < added_count && added[b].key > merged[a].key);
        scratch[i] = take_b ? added[b++] : merged[a++];
    }
    memcpy(merged, scratch, total * sizeof *merged);
    return total;
}

size_t mg_detect_by_class(const mg_detection *detection, const mg_box *boxes, const float *scores,
                          mg_candidate *scratch, const mg_detections *detections)
{
    size_t most = merged_most(detection), kept = 0;
    mg_candidate *candidates = scratch, *merged = scratch + 2 * detection->boxes;
    mg_candidate *merge_scratch = merged + most;
    size_t background = detection->score_stride - detection->classes;
    size_t per_class = smaller(detection->detections_per_class, detection->most_detections);
    clear(detections);
    for (size_t k = 0; k < detection->classes; k++) {
        size_t count = 0;
        for (size_t i = 0; i < detection->boxes; i++) {
            float score = scores[i * detection->score_stride + background + k];
            if (score >= detection->score_threshold)
                candidates[count++] = (mg_candidate){score, (int32_t)i, 0};
        }
        count =
            suppress(detection, boxes, candidates, count, per_class, candidates + detection->boxes);
        for (size_t i = 0; i < count; i++) candidates[i].compared = (int32_t)k;
        kept = merge(merged, kept, candidates, count, most, merge_scratch);
    }
    for (size_t i = 0; i < kept; i++)
        write_row(detections, i, &boxes[merged[i].index], (size_t)merged[i].compared,
                  merged[i].key);
    return kept;
}
