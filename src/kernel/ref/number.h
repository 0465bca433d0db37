/* SPDX-License-Identifier: Apache-2.0 */
/* Plain numbers of any type, for kernels that choose the type when they run. */
#ifndef MG_NUMBER_H
#define MG_NUMBER_H

#include <stddef.h>
#include <stdint.h>

typedef enum mg_number {
    MG_NUMBER_BOOL,
    MG_NUMBER_I8,
    MG_NUMBER_U8,
    MG_NUMBER_I16,
    MG_NUMBER_U16,
    MG_NUMBER_I32,
    MG_NUMBER_U32,
    MG_NUMBER_I64,
    MG_NUMBER_U64,
    MG_NUMBER_F16,
    MG_NUMBER_F32,
    MG_NUMBER_F64
} mg_number;

/* A list of signed indices of 8 to 64 bits. */
typedef struct mg_indices {
    const void *items;
    size_t bytes; /* of one: 1, 2, 4 or 8 */
} mg_indices;

static inline int64_t mg_indices_at(const mg_indices *indices, size_t i)
{
    switch (indices->bytes) {
    case 1: return ((const int8_t *)indices->items)[i];
    case 2: return ((const int16_t *)indices->items)[i];
    case 4: return ((const int32_t *)indices->items)[i];
    default: return ((const int64_t *)indices->items)[i];
    }
}

#endif
