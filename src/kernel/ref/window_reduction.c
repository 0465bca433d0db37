/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/window_reduction.h"

#include <string.h>

/* The input index at a place of dimension d; -1 where there is none. */
static int64_t input_index(const mg_window_reduction *r, int32_t d, int64_t output, int64_t window)
{
    const int64_t place = output * r->stride[d] + window * r->dilation[d] - r->low[d];
    if (place < 0 || place % r->pace[d] != 0 || place / r->pace[d] >= r->input[d]) return -1;
    return place / r->pace[d];
}

typedef struct row_work {
    const mg_window_reduction *reduction;
    mg_combination combination;
    mg_number number;
    size_t bytes;
    const unsigned char *initial;
    unsigned char *to; /* the row of the output */
} row_work;

static void combine(const row_work *w, int64_t first, int64_t end, const unsigned char *with,
                    int64_t step)
{
    if (first < end)
        mg_combine(w->combination, w->number, w->to + (size_t)first * w->bytes, with,
                   (ptrdiff_t)step, (size_t)(end - first));
}

/* Combines a row of the output with what it sees at one place of the window in a row of the input;
 * `from` is NULL where there is no such row. */
static void combine_row(const row_work *w, const unsigned char *from, int64_t window)
{
    const mg_window_reduction *r = w->reduction;
    const int32_t last = r->rank - 1;
    const int64_t count = r->output[last], stride = r->stride[last];
    if (from == NULL) {
        combine(w, 0, count, w->initial, 0);
    } else if (r->pace[last] != 1) {
        for (int64_t o = 0; o < count; ++o) {
            const int64_t i = input_index(r, last, o, window);
            combine(w, o, o + 1, i < 0 ? w->initial : from + (size_t)i * w->bytes, 0);
        }
    } else {
        const int64_t shift = r->low[last] - window * r->dilation[last];
        int64_t first = shift <= 0 ? 0 : (shift + stride - 1) / stride;
        int64_t end = r->input[last] + shift <= 0 ? 0 : (r->input[last] + shift - 1) / stride + 1;
        if (first > count) first = count;
        if (end > count) end = count;
        if (end < first) end = first;
        combine(w, 0, first, w->initial, 0);
        if (first < end)
            combine(w, first, end, from + (size_t)(first * stride - shift) * w->bytes, stride);
        combine(w, end, count, w->initial, 0);
    }
}

void mg_reduce_windows(const mg_window_reduction *reduction, mg_combination combination,
                       mg_number number, const void *source, const void *initial, void *destination,
                       size_t begin_row, size_t end_row)
{
    const int32_t last = reduction->rank - 1;
    const size_t row_length = (size_t)reduction->output[last];
    row_work w = {reduction, combination, number, mg_number_bytes(number), initial, NULL};
    for (size_t row = begin_row; row < end_row; ++row) {
        int64_t at[MG_REDUCTION_RANK] = {0}, window[MG_REDUCTION_RANK] = {0};
        size_t rest = row;
        for (int32_t d = last - 1; d >= 0; --d) {
            at[d] = (int64_t)(rest % (size_t)reduction->output[d]);
            rest /= (size_t)reduction->output[d];
        }
        w.to = (unsigned char *)destination + row * row_length * w.bytes;
        for (size_t i = 0; i < row_length; ++i) memcpy(w.to + i * w.bytes, initial, w.bytes);
        for (int32_t d = last; d >= 0;) {
            int64_t input_row = 0;
            for (int32_t k = 0; k < last && input_row >= 0; ++k) {
                const int64_t i = input_index(reduction, k, at[k], window[k]);
                input_row = i < 0 ? -1 : input_row * reduction->input[k] + i;
            }
            const size_t offset = (size_t)(input_row * reduction->input[last]) * w.bytes;
            combine_row(&w, input_row < 0 ? NULL : (const unsigned char *)source + offset,
                        window[last]);
            for (d = last; d >= 0 && ++window[d] == reduction->window[d]; --d) window[d] = 0;
        }
    }
}
