/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What operators that work element by element share: prepare chooses a row function and fills its
 * parameters; one run function serves all. Operands are broadcast against each other. float16 and
 * bfloat16 go through rows of float32.
 */
#ifndef MG_POINTWISE_H
#define MG_POINTWISE_H

#include "kernel/fixed_point.h"
#include "kernel/ref/elementwise.h"
#include "kernel/ref/lookup.h"
#include "op/require.h"

/* Fewest elements that are worth a thread, by what a row does. */
enum { MG_POINTWISE_CHEAP = 32768, MG_POINTWISE_MIDDLE = 16384, MG_POINTWISE_COSTLY = 8192 };

/* The prepared state of a node; the row's parameters follow it. */
typedef struct mg_pointwise {
    mg_elementwise plan;
    const void *extra[MG_ELEMENTWISE_OPERANDS]; /* an operand that is no input */
    size_t input[MG_ELEMENTWISE_OPERANDS];      /* else the input that it is */
    size_t grain;
    size_t elements;
} mg_pointwise;

/*
 * Prepares operands 0 … operand_count - 1 from the inputs of the same numbers; output 0 gets the
 * broadcast shape. *parameters: `parameter_bytes` of zeroed memory, aligned to 16, handed to the
 * row. The caller may then change the pointwise (add an operand, swap two), and must call
 * mg_pointwise_finish.
 */
midge_status mg_pointwise_begin(midge_op_context *context, size_t operand_count,
                                mg_elementwise_row row, size_t parameter_bytes, size_t grain,
                                mg_pointwise **pointwise, void **parameters);
void mg_pointwise_finish(mg_pointwise *pointwise);

/* The shape to which the first inputs broadcast. */
midge_status mg_pointwise_shape(midge_op_context *context, size_t operand_count, int32_t *rank,
                                int32_t shape[MIDGE_MAX_RANK]);

/* mg_pointwise_begin with a given output shape, to which all operands broadcast. */
midge_status mg_pointwise_begin_shape(midge_op_context *context, int32_t rank, const int32_t *shape,
                                      size_t operand_count, mg_elementwise_row row,
                                      size_t parameter_bytes, size_t grain,
                                      mg_pointwise **pointwise, void **parameters);

/* Swaps the first two operands. */
void mg_pointwise_swap(mg_pointwise *pointwise);

/* Both, for the usual case. */
midge_status mg_pointwise_prepare(midge_op_context *context, size_t operand_count,
                                  mg_elementwise_row row, size_t parameter_bytes, size_t grain,
                                  void **parameters);

/* Adds an operand that lies along `axis` of the output: one element of `element_bytes` for each of
 * its indices. */
void mg_pointwise_add_along(mg_pointwise *pointwise, const midge_tensor *output, int32_t axis,
                            const void *elements, size_t element_bytes);

midge_status mg_pointwise_run(midge_op_context *context);

/* ---- Rows by operator and type */

/* A row for each of some types of input 0; .types are sets of require.h. */
typedef struct mg_row_choice {
    int32_t op;
    uint32_t types;
    mg_elementwise_row row;
} mg_row_choice;

/* float32, and the types that rows of float serve too. */
#define MG_TYPES_FLOAT MG_TYPES_3(MIDGE_FLOAT32, MIDGE_FLOAT16, MIDGE_BFLOAT16)

/* The row of an operator for the type of input 0; fails when there is none. */
midge_status mg_choose_row(midge_op_context *context, int32_t op, const mg_row_choice *choices,
                           size_t count, mg_elementwise_row *row);
#define MG_CHOOSE_ROW(context, op, choices, row) \
    mg_choose_row(context, op, choices, sizeof(choices) / sizeof(choices)[0], row)

/* ---- Quantisation */

/* A requantisation factor; fails when it is not finite, negative, or beyond the integers. */
midge_status mg_factor(midge_op_context *context, double factor, mg_multiplier *multiplier);

static inline mg_affine mg_affine_of(const midge_tensor *tensor)
{
    mg_affine affine = {tensor->quantization.scale[0], (int32_t)tensor->quantization.zero_point[0]};
    return affine;
}

/* Checks per-tensor quantisation of an input or output; int16 needs zero point 0. */
midge_status mg_require_pointwise_quantized(midge_op_context *context, const midge_tensor *tensor,
                                            const char *role);

/* The exponent of a scale that is a power of two within 0.07 %. */
bool mg_scale_exponent(float scale, int32_t *exponent);

#endif
