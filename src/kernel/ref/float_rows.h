/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of float_rows.def in plain C: mg_row_<name>_f32. */
#ifndef MG_FLOAT_ROWS_H
#define MG_FLOAT_ROWS_H

#include "kernel/rows.h"

#define DECLARE(name)                                                                 \
    void mg_row_##name##_f32(const void *const *operands, void *result, size_t count, \
                             const void *parameters);
#define UNARY(name, expression) DECLARE(name)
#define BINARY(name, expression) DECLARE(name)
#define SCALED(name, expression) DECLARE(name)
#define CLAMPED_UNARY(name, expression) DECLARE(name)
#define CLAMPED_BINARY(name, expression) DECLARE(name)
#include "kernel/ref/float_rows.def"
#undef DECLARE

#endif
