/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of the sums of integer products. */
#include "kernel/fixed_point.h"
#include "kernel/ref/cell.h"
#include "op/product.h"

/* Where `row` goes and how many rows from it on, at most `rows`, follow at *stride. */
static size_t place(const mg_placement *placement, size_t row, size_t out_stride, size_t rows,
                    size_t *count, size_t *stride)
{
    *count = rows;
    *stride = out_stride;
    if (placement == NULL) return row * out_stride;
    const size_t offset = mg_placement_at(placement, row, count);
    if (*count > rows) *count = rows;
    *stride = placement->step[3];
    return offset;
}

static int32_t offset_and_clamp(const mg_requantisation *how, int64_t value)
{
    value += how->zero_point;
    return (int32_t)(value < how->minimum   ? how->minimum
                     : value > how->maximum ? how->maximum
                                            : value);
}

void mg_finish_requantised(const void *requantised, const mg_sums *sums)
{
    const mg_requantised *to = requantised;
    const mg_requantisation how = mg_requantisation_from(&to->how, sums->first_column);
    for (size_t r = 0; r < sums->rows;) {
        size_t count, stride;
        const size_t offset = place(to->placement, sums->first_row + r, to->out_stride,
                                    sums->rows - r, &count, &stride);
        char *out = (char *)to->out + (offset + sums->first_column) * mg_cell_bytes(how.cell);
        const int32_t *in = sums->sums + r * sums->stride;
        if (to->real_factors)
            to->kernel->real_rows(&how, to->real_factors + sums->first_column, in, sums->stride,
                                  count, sums->columns, out, stride);
        else
            to->kernel->rows(&how, in, sums->stride, count, sums->columns, out, stride);
        r += count;
    }
}

void mg_finish_wide(const mg_requantised *to, const mg_wide_sums *sums)
{
    for (size_t r = 0; r < sums->rows; r++) {
        size_t count, stride;
        const size_t offset =
            place(to->placement, sums->first_row + r, to->out_stride, 1, &count, &stride);
        for (size_t c = 0; c < sums->columns; c++) {
            const size_t column = sums->first_column + c;
            const mg_multiplier factor = {to->how.multiplier[column], to->how.shift[column]};
            const int64_t sum = sums->sums[r * sums->stride + c];
            const int64_t value = to->real_factors
                                      ? mg_multiply_by_real(sum, to->real_factors[column])
                                      : mg_multiply_by_quantized_64(sum, factor);
            mg_cell_put(to->how.cell, to->out, offset + column, offset_and_clamp(&to->how, value));
        }
    }
}

void mg_finish_plain(const void *plain_sums, const mg_sums *sums)
{
    const mg_plain_sums *to = plain_sums;
    for (size_t r = 0; r < sums->rows; r++)
        for (size_t c = 0; c < sums->columns; c++)
            to->out[(sums->first_row + r) * to->out_stride + sums->first_column + c] =
                sums->sums[r * sums->stride + c];
}

void mg_finish_scaled(const void *scaled_sums, const mg_sums *sums)
{
    const mg_scaled_sums *to = scaled_sums;
    mg_scaling how = mg_scaling_from(&to->how, sums->first_column);
    for (size_t r = 0; r < sums->rows;) {
        const size_t row = sums->first_row + r, vector = row / to->rows_per_scale;
        const size_t of_vector = (vector + 1) * to->rows_per_scale - row;
        const size_t most = of_vector < sums->rows - r ? of_vector : sums->rows - r;
        size_t count, stride;
        const size_t offset = place(to->placement, row, to->out_stride, most, &count, &stride);
        how.row_scale = to->row_scale[vector];
        to->kernel->scale(&how, sums->sums + r * sums->stride, sums->stride, count, sums->columns,
                          to->out + offset + sums->first_column, stride);
        r += count;
    }
}
