/* SPDX-License-Identifier: Apache-2.0 */
/* One value of a row whose type is known only at run time. */
#ifndef MG_CELL_H
#define MG_CELL_H

#include "kernel/gemm.h"

static inline int32_t mg_cell_at(mg_cell cell, const void *start, size_t index)
{
    switch (cell) {
    case MG_CELL_I8: return ((const int8_t *)start)[index];
    case MG_CELL_U8: return ((const uint8_t *)start)[index];
    case MG_CELL_I16: return ((const int16_t *)start)[index];
    default: return ((const int32_t *)start)[index];
    }
}

/* `value` is within the range of the cell. */
static inline void mg_cell_put(mg_cell cell, void *start, size_t index, int32_t value)
{
    switch (cell) {
    case MG_CELL_I8: ((int8_t *)start)[index] = (int8_t)value; break;
    case MG_CELL_U8: ((uint8_t *)start)[index] = (uint8_t)value; break;
    case MG_CELL_I16: ((int16_t *)start)[index] = (int16_t)value; break;
    default: ((int32_t *)start)[index] = value; break;
    }
}

static inline size_t mg_cell_bytes(mg_cell cell)
{
    switch (cell) {
    case MG_CELL_I8:
    case MG_CELL_U8: return 1;
    case MG_CELL_I16: return 2;
    default: return 4;
    }
}

#endif
