/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver under all element-by-element kernels: broadcasting, and the narrow float types.
 *
 * A kernel is a row function: it sees dense operands and a dense result, and computes result i from
 * element i of every operand. The driver walks the broadcast shape and gives rows as long pieces as
 * it can: dimensions that all operands step through alike are merged first; an operand that is
 * stretched along a row (a scalar, or a short vector repeated) is laid out in a tile.
 *
 * The result may lie exactly where an operand of the same element size and shape lies. Otherwise it
 * must not overlap operands.
 */
#ifndef MG_ELEMENTWISE_H
#define MG_ELEMENTWISE_H

#include <stddef.h>
#include <stdint.h>

enum { MG_ELEMENTWISE_OPERANDS = 3, MG_ELEMENTWISE_RANK = 8 };

typedef void (*mg_elementwise_row)(const void *const *operands, void *result, size_t count,
                                   const void *parameters);

/* Element types that the driver converts for rows of float. */
typedef enum mg_row_type { MG_ROW_AS_IS, MG_ROW_FLOAT16, MG_ROW_BFLOAT16 } mg_row_type;

typedef struct mg_elementwise {
    mg_elementwise_row row;
    const void *parameters; /* for the row */
    size_t operand_count;
    size_t element_bytes[MG_ELEMENTWISE_OPERANDS];
    size_t result_bytes;      /* of one element */
    mg_row_type operand_type; /* of all operands */
    mg_row_type result_type;
    size_t rank; /* at most MG_ELEMENTWISE_RANK */
    size_t shape[MG_ELEMENTWISE_RANK];
    /* Elements from one index to the next, outermost first; 0 where an operand is stretched. */
    size_t strides[MG_ELEMENTWISE_OPERANDS][MG_ELEMENTWISE_RANK];
    /* Set by mg_elementwise_plan: a row's operand k is dense (0), or repeats every period[k]. */
    size_t period[MG_ELEMENTWISE_OPERANDS];
} mg_elementwise;

/* Merges dimensions; sizes must not be 0. Fill all fields but period before, call once. */
void mg_elementwise_plan(mg_elementwise *plan);

/* Computes results begin … end - 1, counted in row-major order of the broadcast shape. */
void mg_elementwise_range(const mg_elementwise *plan, const void *const *operands, void *result,
                          size_t begin, size_t end);

#endif
