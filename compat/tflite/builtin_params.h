/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters of a built-in operator's node, as builtin_op_data.h lays them out. */
#ifndef TFL_BUILTIN_PARAMS_H
#define TFL_BUILTIN_PARAMS_H

#include "midge.h"

/* *params is for free, NULL for operators without parameters; false without memory. */
bool tfl_params_make(const midge_model *model, size_t graph, size_t node, int code, void **params);

#endif
