/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hostile models: a sound one with one thing changed. A mutation knows a kind of change and numbers
 * its variants; classes H01 … H53 are kinds of defects that have broken readers of this format.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include "draft/draft.h"
#include "drive.h"

typedef struct hostile_case {
    draft *model;     /* sound; to be changed */
    size_t variant;   /* which change */
    unsigned allowed; /* set of drive_outcome where it may end; DRIVE_ANY unless set */
    char what[160];   /* the change in words */
} hostile_case;

/* Applies change number `variant` to the model; false when there are no more. */
typedef bool (*hostile_mutation)(hostile_case *at);

typedef struct hostile_class {
    const char *name;
    hostile_mutation mutate;
} hostile_class;

/* Each ends with a NULL name. */
extern const hostile_class hostile_links[];
extern const hostile_class hostile_options[];
extern const hostile_class hostile_shapes[];
extern const hostile_class hostile_contents[];
extern const hostile_class hostile_scales[];
extern const hostile_class hostile_sparsity[];

/* Remainder of the variant by `choices`, which is then divided by them: digits of a number. */
static inline size_t hostile_pick(size_t *variant, size_t choices)
{
    if (choices == 0) return 0;
    size_t picked = *variant % choices;
    *variant /= choices;
    return picked;
}

/* A place in a model: tensor `tensor` or node `node` of graph `graph`. */
typedef struct hostile_place {
    size_t graph, index;
} hostile_place;

/* Tensor, node number `number` of all graphs; false past the end. */
bool hostile_tensor(const draft *model, size_t number, hostile_place *place);
bool hostile_node(const draft *model, size_t number, hostile_place *place);
size_t hostile_tensor_count(const draft *model);
size_t hostile_node_count(const draft *model);

/* Elements of a tensor; more than HOSTILE_MOST counts as none, because changes add up. */
enum { HOSTILE_MOST = 65536 };
size_t hostile_elements(const mg_Tensor *tensor);

/* Is data in the file part of it? */
static inline bool hostile_is_constant(const draft *model, const mg_Tensor *tensor)
{
    return tensor->buffer < model->model.buffers.count &&
           model->model.buffers.items[tensor->buffer].data.count > 0;
}

/* Replaces element `at` of a list; the list may be shared with nobody. */
static inline void hostile_set(const mg_int32s *list, size_t at, int32_t value)
{
    ((int32_t *)(uintptr_t)list->items)[at] = value;
}

/* Notes what was changed. */
void hostile_note(hostile_case *at, unsigned allowed, const char *format, ...) MG_PRINTF(3, 4);

#endif
