/* SPDX-License-Identifier: Apache-2.0 */
/* Activations of single elements as functions. */
#ifndef MG_TRAIN_ACTIVATION_H
#define MG_TRAIN_ACTIVATION_H

#include <stdbool.h>
#include <stddef.h>

/* Forward: result = f(x). Backward: result = dy * f'(x), where y = f(x). */
typedef void mg_train_elements_function(const float *x, const float *y, const float *dy, float a,
                                        size_t count, float *result);

typedef struct mg_train_function {
    const char *name;
    mg_train_elements_function *forward;
    mg_train_elements_function *backward;
} mg_train_function;

/* False where there is no such function of single elements. */
bool mg_train_find_function(const char *name, mg_train_function *function);

#endif
