/* SPDX-License-Identifier: Apache-2.0 */
/* Quantisation: parameters missing, of wrong number, out of range, or in wild ratios. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "hostile.h"

static const float scales[] = {0,      -1,    NAN,     INFINITY, -INFINITY, 1e-40f,
                               1e-30f, 1e30f, FLT_MAX, FLT_MIN,  1e-10f,    1e10f};
static const int64_t zero_points[] = {256,       -129,      32768, INT32_MAX, INT32_MIN,
                                      INT64_MAX, INT64_MIN, -1,    128,       4294967296};
enum {
    SCALES = sizeof scales / sizeof scales[0],
    ZERO_POINTS = sizeof zero_points / sizeof zero_points[0]
};

static mg_QuantizationParameters *new_parameters(draft *model, size_t count, float scale,
                                                 int64_t zero_point)
{
    mg_QuantizationParameters *made = draft_get(model, sizeof *made);
    made->scale = draft_floats(model, count, scale);
    made->zero_point = draft_int64s(model, count, zero_point);
    return made;
}

/* H50, H52: one scale or zero point of one tensor, quantised before or not. */
static bool mutate_value(hostile_case *at)
{
    size_t variant = at->variant;
    hostile_place place;
    size_t number = hostile_pick(&variant, hostile_tensor_count(at->model));
    size_t change = hostile_pick(&variant, SCALES + ZERO_POINTS);
    if (variant > 0 || !hostile_tensor(at->model, number, &place)) return false;
    mg_Tensor *tensor = draft_tensor(at->model, place.graph, place.index);
    mg_QuantizationParameters *old = tensor->quantization;
    if (old != NULL && old->zero_point.count != old->scale.count) old = NULL;
    size_t count = old != NULL && old->scale.count > 0 ? old->scale.count : 1;
    mg_QuantizationParameters *made = new_parameters(at->model, count, 0.5f, 0);
    if (old != NULL && old->scale.count > 0) {
        made->quantized_dimension = old->quantized_dimension;
        memcpy((float *)(uintptr_t)made->scale.items, old->scale.items, count * sizeof(float));
        memcpy((int64_t *)(uintptr_t)made->zero_point.items, old->zero_point.items,
               count * sizeof(int64_t));
    }
    /* The last of several: a check of the first is not enough. */
    if (change < SCALES)
        ((float *)(uintptr_t)made->scale.items)[count - 1] = scales[change];
    else
        ((int64_t *)(uintptr_t)made->zero_point.items)[count - 1] = zero_points[change - SCALES];
    tensor->quantization = made;
    hostile_note(at, DRIVE_ANY, "tensor %zu.%zu has %s change %zu", place.graph, place.index,
                 change < SCALES ? "scale" : "zero point", change);
    return true;
}

/* H50: arrays of other lengths, along other dimensions. */
static bool mutate_arrays(hostile_case *at)
{
    enum { CHANGES = 12 };
    size_t variant = at->variant;
    hostile_place place;
    size_t number = hostile_pick(&variant, hostile_tensor_count(at->model));
    size_t change = hostile_pick(&variant, CHANGES);
    if (variant > 0 || !hostile_tensor(at->model, number, &place)) return false;
    mg_Tensor *tensor = draft_tensor(at->model, place.graph, place.index);
    size_t rank = tensor->shape.count;
    bool empty = false;
    for (size_t i = 0; i < rank; ++i) empty = empty || tensor->shape.items[i] == 0;
    hostile_note(at, DRIVE_ANY, "change %zu of the quantisation of tensor %zu.%zu", change,
                 place.graph, place.index);
    if (change < 8) {
        /* One scale for each slice of dimension `change`, which may not be there. */
        size_t count = change < rank ? (size_t)tensor->shape.items[change] : 3;
        if (count > HOSTILE_MOST) return true;
        tensor->quantization = new_parameters(at->model, count, 0.25f, 0);
        tensor->quantization->quantized_dimension = (int32_t)change;
        if (change >= rank && rank > 1 && count > 1) at->allowed = DRIVE_REJECT_LOAD;
    } else if (change == 8) {
        tensor->quantization = NULL;
    } else if (change == 9) {
        tensor->quantization = new_parameters(at->model, 0, 0, 0);
    } else if (change == 10) {
        tensor->quantization = new_parameters(at->model, 2, 0.25f, 0);
        tensor->quantization->zero_point.count = 1;
        at->allowed = DRIVE_REJECT_LOAD;
    } else {
        tensor->quantization = new_parameters(at->model, 100000, 0.25f, 0);
        if (rank > 0) at->allowed = DRIVE_REJECT_LOAD;
    }
    return true;
}

/* Changes every scale of a tensor. */
static void set_scales(draft *model, mg_Tensor *tensor, float scale)
{
    if (tensor->quantization == NULL) return;
    mg_QuantizationParameters *made = draft_get(model, sizeof *made);
    *made = *tensor->quantization;
    made->scale = draft_floats(model, made->scale.count, scale);
    tensor->quantization = made;
}

/* H52: two tensors whose scales lie far apart. */
static bool mutate_ratio(hostile_case *at)
{
    static const float ratios[][2] = {{1e-30f, 1e30f},    {1e30f, 1e-30f},   {1e-6f, 1e6f},
                                      {1e6f, 1e-6f},      {1, 1e-9f},        {1e-9f, 1},
                                      {FLT_MAX, FLT_MAX}, {FLT_MIN, FLT_MIN}};
    size_t variant = at->variant;
    hostile_place a, b;
    size_t tensors = hostile_tensor_count(at->model);
    const float *ratio = ratios[hostile_pick(&variant, sizeof ratios / sizeof ratios[0])];
    size_t first = hostile_pick(&variant, tensors), second = hostile_pick(&variant, tensors);
    if (variant > 0 || tensors > 8) return false;
    (void)hostile_tensor(at->model, first, &a);
    (void)hostile_tensor(at->model, second, &b);
    set_scales(at->model, draft_tensor(at->model, a.graph, a.index), ratio[0]);
    set_scales(at->model, draft_tensor(at->model, b.graph, b.index), ratio[1]);
    hostile_note(at, DRIVE_ANY, "scales of tensors %zu.%zu and %zu.%zu are %g and %g", a.graph,
                 a.index, b.graph, b.index, (double)ratio[0], (double)ratio[1]);
    return true;
}

/* H50: details in tensors. */
static bool mutate_details(hostile_case *at)
{
    static const int32_t indices[] = {0, 1, -1, INT32_MAX};
    static const int32_t blocks[] = {0, 1, 2, -1, INT32_MAX, 32};
    size_t variant = at->variant;
    hostile_place place;
    size_t number = hostile_pick(&variant, hostile_tensor_count(at->model));
    int32_t scale = indices[hostile_pick(&variant, 4)], zero = indices[hostile_pick(&variant, 4)];
    int32_t block = blocks[hostile_pick(&variant, 6)];
    if (variant > 0 || !hostile_tensor(at->model, number, &place)) return false;
    mg_Tensor *tensor = draft_tensor(at->model, place.graph, place.index);
    mg_BlockwiseQuantization *details = draft_get(at->model, sizeof *details);
    details->scales = scale, details->zero_points = zero, details->block_size = block;
    mg_QuantizationParameters *made = draft_get(at->model, sizeof *made);
    made->details_type = MG_DETAILS_BlockwiseQuantization;
    made->details = details;
    tensor->quantization = made;
    int32_t count = (int32_t)at->model->model.subgraphs.items[place.graph].tensors.count;
    bool wrong = scale < 0 || scale >= count || zero < -1 || zero >= count || block < 0;
    hostile_note(at, wrong ? DRIVE_REJECT_LOAD : DRIVE_ANY,
                 "tensor %zu.%zu has scales in %d, zero points in %d, blocks of %d", place.graph,
                 place.index, (int)scale, (int)zero, (int)block);
    return true;
}

const hostile_class hostile_scales[] = {
    {"H50 H52 value", mutate_value},
    {"H50 arrays", mutate_arrays},
    {"H52 ratio", mutate_ratio},
    {"H50 details", mutate_details},
    {NULL, NULL},
};
