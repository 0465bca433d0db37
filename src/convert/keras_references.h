/* SPDX-License-Identifier: Apache-2.0 */
/*
 * References to the outputs of calls, in both grammars:
 *
 *   Keras 3   {"class_name": "__keras_tensor__",
 *              "config": {"keras_history": [layer, call, output]}}
 *
 *   Keras 2   [layer, call, output] or [layer, call, output, {more arguments}]
 */
#ifndef MG_KERAS_REFERENCES_H
#define MG_KERAS_REFERENCES_H

#include "convert/json_field.h"

typedef struct mg_keras_mention {
    const char *layer;
    int32_t call;
    int32_t output;
    const json_t *more; /* further arguments; NULL */
} mg_keras_mention;

bool mg_keras_is_mention(const json_t *value, mg_keras_mention *mention);

/* Calls `visit` for each mention inside `value`, in order, until one returns false. False as well
 * when the nesting is too deep. */
bool mg_keras_each_mention(const json_t *value, int depth,
                           bool (*visit)(void *context, const mg_keras_mention *mention),
                           void *context);

#endif
