/* SPDX-License-Identifier: Apache-2.0 */
/* Tensor types as the plain numbers that kernels know. */
#ifndef MG_NUMBERS_H
#define MG_NUMBERS_H

#include "kernel/ref/number.h"
#include "op/require.h"

/* Types that are plain numbers. */
#define MG_TYPES_NUMBER                                    \
    (MG_TYPES_3(MIDGE_BOOL, MIDGE_INT8, MIDGE_UINT8) |     \
     MG_TYPES_3(MIDGE_INT16, MIDGE_UINT16, MIDGE_INT32) |  \
     MG_TYPES_3(MIDGE_UINT32, MIDGE_INT64, MIDGE_UINT64) | \
     MG_TYPES_3(MIDGE_FLOAT16, MIDGE_FLOAT32, MIDGE_FLOAT64))

/* Of a type in MG_TYPES_NUMBER. */
static inline mg_number mg_number_of(midge_type type)
{
    switch (type) {
    case MIDGE_BOOL: return MG_NUMBER_BOOL;
    case MIDGE_INT8: return MG_NUMBER_I8;
    case MIDGE_UINT8: return MG_NUMBER_U8;
    case MIDGE_INT16: return MG_NUMBER_I16;
    case MIDGE_UINT16: return MG_NUMBER_U16;
    case MIDGE_INT32: return MG_NUMBER_I32;
    case MIDGE_UINT32: return MG_NUMBER_U32;
    case MIDGE_INT64: return MG_NUMBER_I64;
    case MIDGE_UINT64: return MG_NUMBER_U64;
    case MIDGE_FLOAT16: return MG_NUMBER_F16;
    case MIDGE_FLOAT64: return MG_NUMBER_F64;
    default: return MG_NUMBER_F32;
    }
}

/* The data of a signed integer tensor as indices. */
static inline mg_indices mg_indices_of(const midge_tensor *tensor)
{
    return (mg_indices){tensor->data, midge_type_bits(tensor->type) / 8};
}

#endif
