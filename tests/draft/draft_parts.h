/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of draft share: the text at hand and the model so far. */
#ifndef DRAFT_PARTS_H
#define DRAFT_PARTS_H

#include "draft/draft.h"

enum {
    DRAFT_GRAPHS = 40,
    DRAFT_TENSORS = 96,
    DRAFT_NODES = 48,
    DRAFT_BUFFERS = 256,
    DRAFT_ENDS = 64,
    DRAFT_VALUES = 256
};

typedef struct drafting {
    draft *made;
    const char *at; /* the rest of the text */
    mg_SubGraph *graph;
    bool failed;
} drafting;

/* Notes the first failure with the place. */
bool draft_fail(drafting *state, const char *what);

void draft_skip_spaces(drafting *state);
/* Takes `c` if it comes next. */
bool draft_take(drafting *state, char c);
/* Takes characters up to one of `end` into `word`; false when there are none or too many. */
bool draft_word(drafting *state, const char *end, char *word, size_t capacity);

/* A mention of a tensor: its index, -1 for '-'. */
bool draft_mention(drafting *state, int32_t *index);

/* "{…}" of a node, if it comes next. */
bool draft_options(drafting *state, mg_Operator *node, int32_t code);

/* Numbers "1,2,-3.5" up to `end`, at most DRAFT_VALUES. */
bool draft_numbers(drafting *state, char end, double *values, size_t *count);

/* Puts `value` as element `index` of a type into `data`. */
void draft_put(int32_t type, void *data, size_t index, double value);

#endif
