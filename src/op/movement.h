/* SPDX-License-Identifier: Apache-2.0 */
/* What operators that move data share: moves between dense tensors, on several threads. */
#ifndef MG_MOVEMENT_H
#define MG_MOVEMENT_H

#include "kernel/ref/move.h"
#include "op/require.h"

/* Types with a fixed size of 2 to 128 bits; and these with strings. */
#define MG_TYPES_SIZED (MG_TYPES_BYTES | MG_TYPES_3(MIDGE_INT4, MIDGE_INT2, MIDGE_UINT4))
#define MG_TYPES_MOVABLE (MG_TYPES_SIZED | MG_TYPES(MIDGE_STRING))
#define MG_TYPES_INDEX MG_TYPES_2(MIDGE_INT32, MIDGE_INT64)

/* True when the data of a shape-defining input is there already in prepare. */
static inline bool mg_is_known(const midge_tensor *tensor)
{
    return tensor->constant || tensor->known;
}

/* What to blame when data of an index tensor is out of range. */
static inline midge_status mg_blame(const midge_tensor *tensor)
{
    return mg_is_known(tensor) ? MIDGE_INVALID_MODEL : MIDGE_RUN_ERROR;
}

/* Steps in elements of a dense tensor of this shape; all 0 when it is empty, since the other sizes
 * may then multiply to more than fits. */
void mg_dense_steps(int32_t rank, const int32_t *shape, ptrdiff_t steps[MIDGE_MAX_RANK]);

/* Starts a move of elements of the type of `tensor`. */
void mg_move_of(const midge_tensor *tensor, mg_move *move);

/* Runs a merged move, split between threads when it is worth it. */
void mg_move_parallel(midge_op_context *context, const mg_move *move, const void *source,
                      void *destination);

/* A dense copy, unless both are the same memory. */
void mg_copy_elements(const midge_tensor *input, midge_tensor *output);

/*
 * Moves input to output, tensors of any type: strings are gathered and the output is sized for
 * them, and the loops must be in the order of the output.
 */
midge_status mg_move_tensor(midge_op_context *context, const mg_move *move,
                            const midge_tensor *input, size_t output_index);

/* In run: gives a dynamic output its shape; a static one must have it already. */
midge_status mg_settle_output(midge_op_context *context, size_t index, int32_t rank,
                              const int32_t *shape);

/* Reads an integer tensor of any rank with exactly `count` elements whose data is there. */
midge_status mg_read_integers(midge_op_context *context, const midge_tensor *tensor,
                              const char *role, size_t count, int64_t *values);

/* A scalar, or one element. */
midge_status mg_read_integer(midge_op_context *context, const midge_tensor *tensor,
                             const char *role, int64_t *value);

#endif
