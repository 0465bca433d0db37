/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes that disagree, are empty, are too large or have too many dimensions. */
#include "hostile.h"

/* Sizes one after the other of all tensors: which is number `number`? */
static bool find_size(const draft *model, size_t number, hostile_place *place, size_t *dimension)
{
    for (size_t t = 0; hostile_tensor(model, t, place); ++t) {
        size_t rank = draft_tensor(model, place->graph, place->index)->shape.count;
        if (number < rank) {
            *dimension = number;
            return true;
        }
        number -= rank;
    }
    return false;
}

static bool is_dense_constant(const draft *model, const mg_Tensor *tensor)
{
    return hostile_is_constant(model, tensor) && tensor->sparsity == NULL;
}

/* H11, H22, H27, H40: one size changed. */
static bool mutate_size(hostile_case *at)
{
    enum { ZERO, ONE, LESS, MORE, TWICE, FIXED };
    static const int32_t fixed[] = {65536, 1 << 20, 1 << 30, INT32_MAX, -1, INT32_MIN};
    enum { CHANGES = FIXED + sizeof fixed / sizeof fixed[0] };
    size_t variant = at->variant, dimension;
    hostile_place place;
    size_t change = hostile_pick(&variant, CHANGES);
    if (!find_size(at->model, variant, &place, &dimension)) return false;
    mg_Tensor *tensor = draft_tensor(at->model, place.graph, place.index);
    int32_t old = tensor->shape.items[dimension], size = old;
    if (old > INT32_MAX / 2 || old < 0) return true;
    switch (change) {
    case ZERO: size = 0; break;
    case ONE: size = 1; break;
    case LESS: size = old - 1; break;
    case MORE: size = old + 1; break;
    case TWICE: size = old * 2; break;
    default: size = fixed[change - FIXED];
    }
    bool larger = size > 2 * old && old > 0 && is_dense_constant(at->model, tensor);
    bool empty = false;
    for (size_t i = 0; i < tensor->shape.count; ++i) empty = empty || tensor->shape.items[i] == 0;
    hostile_set(&tensor->shape, dimension, size);
    hostile_note(at, size < 0 || (larger && !empty) ? DRIVE_REJECT_LOAD : DRIVE_ANY,
                 "size %zu of tensor %zu.%zu is %d", dimension, place.graph, place.index,
                 (int)size);
    return true;
}

/* H22: sizes of two tensors are 0, or all of one. */
static bool mutate_empty(hostile_case *at)
{
    size_t variant = at->variant, first, second;
    hostile_place a, b;
    size_t tensors = hostile_tensor_count(at->model);
    size_t number = hostile_pick(&variant, tensors), other = hostile_pick(&variant, tensors);
    size_t which = hostile_pick(&variant, 4);
    if (variant > 0 || tensors > 8) return false;
    (void)hostile_tensor(at->model, number, &a);
    (void)hostile_tensor(at->model, other, &b);
    mg_int32s *left = &draft_tensor(at->model, a.graph, a.index)->shape;
    mg_int32s *right = &draft_tensor(at->model, b.graph, b.index)->shape;
    first = which % 2 == 0 || left->count == 0 ? 0 : left->count - 1;
    second = which / 2 == 0 || right->count == 0 ? 0 : right->count - 1;
    hostile_note(at, DRIVE_ANY, "sizes of tensors %zu.%zu and %zu.%zu are 0", a.graph, a.index,
                 b.graph, b.index);
    if (left->count > 0) hostile_set(left, first, 0);
    if (right->count > 0) hostile_set(right, second, 0);
    return true;
}

/* H41, H43: ones put in front, sizes taken away, up to ranks that nobody has. */
static bool mutate_rank(hostile_case *at)
{
    enum { LONGEST = 255 };
    static const size_t ranks[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, LONGEST};
    size_t variant = at->variant;
    hostile_place place;
    size_t number = hostile_pick(&variant, hostile_tensor_count(at->model));
    size_t rank = ranks[hostile_pick(&variant, sizeof ranks / sizeof ranks[0])];
    if (variant > 0 || !hostile_tensor(at->model, number, &place)) return false;
    mg_Tensor *tensor = draft_tensor(at->model, place.graph, place.index);
    int32_t shape[LONGEST];
    int64_t product = 1;
    size_t old = tensor->shape.count;
    if (hostile_elements(tensor) == 0) return true;
    for (size_t i = 0; i < rank; ++i)
        shape[i] = i + old >= rank ? tensor->shape.items[i + old - rank] : 1;
    /* With fewer dimensions the first takes the elements of those that are gone. */
    for (size_t i = 0; i + rank < old; ++i) product *= tensor->shape.items[i];
    if (rank > 0) shape[0] = (int32_t)(shape[0] * product);
    tensor->shape = draft_int32s(at->model, rank, shape);
    tensor->shape_signature = (mg_int32s){NULL, 0};
    hostile_note(at, rank > MIDGE_MAX_RANK ? DRIVE_REJECT_LOAD : DRIVE_ANY,
                 "tensor %zu.%zu has rank %zu", place.graph, place.index, rank);
    return true;
}

/* H40: all sizes of a tensor at once. */
static bool mutate_product(hostile_case *at)
{
    static const int32_t sizes[] = {2, 256, 1290, 46341, 65536, INT32_MAX};
    size_t variant = at->variant;
    hostile_place place;
    size_t number = hostile_pick(&variant, hostile_tensor_count(at->model));
    int32_t size = sizes[hostile_pick(&variant, sizeof sizes / sizeof sizes[0])];
    if (variant > 0 || !hostile_tensor(at->model, number, &place)) return false;
    mg_Tensor *tensor = draft_tensor(at->model, place.graph, place.index);
    double product = 1;
    for (size_t i = 0; i < tensor->shape.count; ++i) {
        hostile_set(&tensor->shape, i, size);
        product *= size;
    }
    hostile_note(at, product > INT32_MAX ? DRIVE_REJECT_LOAD : DRIVE_ANY,
                 "all sizes of tensor %zu.%zu are %d", place.graph, place.index, (int)size);
    return true;
}

/* A signature of the shape that has little to do with it. */
static bool mutate_signature(hostile_case *at)
{
    static const int32_t open[MIDGE_MAX_RANK] = {-1, -1, -1, -1, -1, -1, -1, -1};
    static const int32_t wrong[MIDGE_MAX_RANK] = {INT32_MIN, INT32_MAX, 0, -2, 5, 5, 5, 5};
    size_t variant = at->variant;
    hostile_place place;
    size_t number = hostile_pick(&variant, hostile_tensor_count(at->model));
    size_t rank = hostile_pick(&variant, MIDGE_MAX_RANK + 1), kind = hostile_pick(&variant, 2);
    if (variant > 0 || !hostile_tensor(at->model, number, &place)) return false;
    mg_Tensor *tensor = draft_tensor(at->model, place.graph, place.index);
    tensor->shape_signature = draft_int32s(at->model, rank, kind == 0 ? open : wrong);
    tensor->has_rank = rank % 2 == 0;
    hostile_note(at, DRIVE_ANY, "tensor %zu.%zu has a signature of rank %zu", place.graph,
                 place.index, rank);
    return true;
}

const hostile_class hostile_shapes[] = {
    {"H11 H22 H40 size", mutate_size}, {"H22 empty", mutate_empty},
    {"H41 H43 rank", mutate_rank},     {"H40 product", mutate_product},
    {"signature", mutate_signature},   {NULL, NULL},
};
