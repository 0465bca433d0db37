/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/border.h"

#include <string.h>

#include "kernel/ref/move.h"

void mg_border_begin(mg_border *border, size_t bytes)
{
    memset(border, 0, sizeof *border);
    border->unit = bytes;
}

void mg_border_dimension(mg_border *border, size_t before, size_t size, size_t after)
{
    border->before[border->rank] = before;
    border->size[border->rank] = size;
    border->after[border->rank] = after;
    ++border->rank;
}

void mg_border_merge(mg_border *border)
{
    if (border->rank == 0) mg_border_dimension(border, 0, 1, 0);
    while (border->rank > 1) {
        int32_t last = border->rank - 1;
        if (border->before[last] + border->after[last] != 0) return;
        border->unit *= border->size[last];
        --border->rank;
    }
}

static size_t length(const mg_border *border, int32_t i)
{
    return border->before[i] + border->size[i] + border->after[i];
}

size_t mg_border_rows(const mg_border *border)
{
    size_t rows = 1;
    for (int32_t i = 0; i < border->rank - 1; ++i) rows *= length(border, i);
    return rows;
}

size_t mg_border_row_bytes(const mg_border *border)
{
    return length(border, border->rank - 1) * border->unit;
}

void mg_pad_rows(const mg_border *border, const void *source, const void *value, size_t bytes,
                 void *destination, size_t begin, size_t end)
{
    const int32_t last = border->rank - 1;
    const size_t row_bytes = mg_border_row_bytes(border);
    const size_t in_bytes = border->size[last] * border->unit;
    const size_t before_bytes = border->before[last] * border->unit;
    const size_t after_bytes = row_bytes - before_bytes - in_bytes;
    for (size_t row = begin; row < end; ++row) {
        unsigned char *to = (unsigned char *)destination + row * row_bytes;
        size_t rest = row, in_row = 0, step = 1;
        int inside = 1;
        for (int32_t i = last - 1; i >= 0; --i) {
            size_t at = rest % length(border, i) - border->before[i];
            rest /= length(border, i);
            inside = inside && at < border->size[i];
            in_row += at * step;
            step *= border->size[i];
        }
        if (!inside) {
            mg_fill(to, value, bytes, row_bytes / bytes);
            continue;
        }
        mg_fill(to, value, bytes, before_bytes / bytes);
        if (in_bytes > 0)
            memcpy(to + before_bytes, (const unsigned char *)source + in_row * in_bytes, in_bytes);
        mg_fill(to + before_bytes + in_bytes, value, bytes, after_bytes / bytes);
    }
}

/* The input position that output position `at` shows. */
static size_t mirror(size_t at, size_t before, size_t size, size_t edge)
{
    if (at < before) return before - at - 1 + edge;
    at -= before;
    return at < size ? at : 2 * size - 1 - edge - at;
}

void mg_mirror_rows(const mg_border *border, size_t edge, const void *source, void *destination,
                    size_t begin, size_t end)
{
    const int32_t last = border->rank - 1;
    const size_t unit = border->unit, before = border->before[last], size = border->size[last];
    const size_t count = length(border, last);
    for (size_t row = begin; row < end; ++row) {
        unsigned char *to = (unsigned char *)destination + row * count * unit;
        size_t rest = row, in_row = 0, step = 1;
        for (int32_t i = last - 1; i >= 0; --i) {
            size_t at = rest % length(border, i);
            rest /= length(border, i);
            in_row += mirror(at, border->before[i], border->size[i], edge) * step;
            step *= border->size[i];
        }
        const unsigned char *from = (const unsigned char *)source + in_row * size * unit;
        memcpy(to + before * unit, from, size * unit);
        for (size_t at = 0; at < before; ++at)
            memcpy(to + at * unit, from + mirror(at, before, size, edge) * unit, unit);
        for (size_t at = before + size; at < count; ++at)
            memcpy(to + at * unit, from + mirror(at, before, size, edge) * unit, unit);
    }
}
