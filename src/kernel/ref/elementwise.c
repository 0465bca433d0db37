/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/elementwise.h"

#include <string.h>

#include "kernel/ref/half.h"

enum {
    TILE_BYTES = 2048,  /* for all stretched operands together, laid out at a time */
    WIDE_ELEMENTS = 64, /* of a narrow float type, converted at a time */
    SHORT_ROW = 128     /* rows up to this are joined, at the price of a tile */
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Whether every operand steps through dimensions `outer` and outer + 1 as through one. */
static int merges(const mg_elementwise *plan, size_t outer)
{
    for (size_t k = 0; k < plan->operand_count; ++k)
        if (plan->strides[k][outer] != plan->strides[k][outer + 1] * plan->shape[outer + 1])
            return 0;
    return 1;
}

static void copy_dimension(mg_elementwise *plan, size_t to, size_t from)
{
    plan->shape[to] = plan->shape[from];
    for (size_t k = 0; k < plan->operand_count; ++k) plan->strides[k][to] = plan->strides[k][from];
}

static void remove_ones(mg_elementwise *plan)
{
    size_t kept = 0;
    for (size_t i = 0; i < plan->rank; ++i)
        if (plan->shape[i] != 1) copy_dimension(plan, kept++, i);
    plan->rank = kept;
    if (kept > 0) return;
    plan->rank = 1;
    plan->shape[0] = 1;
    for (size_t k = 0; k < plan->operand_count; ++k) plan->strides[k][0] = 1;
}

static void merge_dimensions(mg_elementwise *plan)
{
    size_t last = 0;
    for (size_t i = 1; i < plan->rank; ++i) {
        size_t size = plan->shape[last];
        copy_dimension(plan, last + 1, i);
        if (!merges(plan, last)) {
            ++last;
            continue;
        }
        copy_dimension(plan, last, last + 1);
        plan->shape[last] *= size;
    }
    plan->rank = last + 1;
}

static int widens(const mg_elementwise *plan)
{
    return plan->operand_type != MG_ROW_AS_IS || plan->result_type != MG_ROW_AS_IS;
}

/* What each of `tiles` stretched operands may take of the tile. */
static size_t tile_share(size_t tiles)
{
    return TILE_BYTES / tiles / 16 * 16;
}

/* Joins short rows into one long row when each operand either goes on or starts again. */
static void join_short_rows(mg_elementwise *plan)
{
    if (plan->rank < 2) return;
    size_t outer = plan->rank - 2;
    size_t length = plan->shape[outer + 1];
    size_t tiles = 0;
    size_t widest = 1;
    if (length > (widens(plan) ? WIDE_ELEMENTS : SHORT_ROW)) return;
    for (size_t k = 0; k < plan->operand_count; ++k) {
        size_t stride = plan->strides[k][outer];
        if (stride != 0 && (stride != length || plan->period[k] != 0)) return;
        if (stride != 0) continue;
        ++tiles;
        if (plan->element_bytes[k] > widest) widest = plan->element_bytes[k];
    }
    if (tiles > 0 && length * widest * 2 > tile_share(tiles)) return;
    for (size_t k = 0; k < plan->operand_count; ++k)
        if (plan->period[k] == 0 && plan->strides[k][outer] == 0) plan->period[k] = length;
    plan->shape[outer] *= length;
    --plan->rank;
}

void mg_elementwise_plan(mg_elementwise *plan)
{
    remove_ones(plan);
    merge_dimensions(plan);
    for (size_t k = 0; k < plan->operand_count; ++k)
        plan->period[k] = plan->strides[k][plan->rank - 1] == 0 ? 1 : 0;
    join_short_rows(plan);
}

/* One element, repeated; the usual sizes are spelled out, so that compilers know them. */
static void lay_scalar(unsigned char *tile, const unsigned char *element, size_t element_bytes,
                       size_t count)
{
    switch (element_bytes) {
    case 1: memset(tile, *element, count); break;
    case 2:
        for (size_t i = 0; i < count; ++i) memcpy(tile + i * 2, element, 2);
        break;
    case 4:
        for (size_t i = 0; i < count; ++i) memcpy(tile + i * 4, element, 4);
        break;
    default:
        for (size_t i = 0; i < count; ++i) memcpy(tile + i * element_bytes, element, element_bytes);
        break;
    }
}

/* Elements start … start + count - 1 of the endless repetition of `period` elements. */
static void lay_tile(unsigned char *tile, const unsigned char *elements, size_t element_bytes,
                     size_t period, size_t start, size_t count)
{
    if (period == 1) {
        lay_scalar(tile, elements, element_bytes, count);
        return;
    }
    size_t phase = start % period * element_bytes;
    size_t period_bytes = period * element_bytes;
    size_t needed = count * element_bytes;
    size_t filled = least(period_bytes, needed);
    size_t head = least(period_bytes - phase, filled);
    memcpy(tile, elements + phase, head);
    memcpy(tile + head, elements, filled - head);
    while (filled < needed) {
        size_t more = least(filled, needed - filled);
        memcpy(tile + filled, tile, more);
        filled += more;
    }
}

static void lengthen(mg_row_type type, const uint16_t *narrow, float *wide, size_t count)
{
    if (type == MG_ROW_FLOAT16)
        for (size_t i = 0; i < count; ++i) wide[i] = mg_half_to_float(narrow[i]);
    else
        for (size_t i = 0; i < count; ++i) wide[i] = mg_bfloat16_to_float(narrow[i]);
}

static void shorten(mg_row_type type, const float *wide, uint16_t *narrow, size_t count)
{
    if (type == MG_ROW_FLOAT16)
        for (size_t i = 0; i < count; ++i) narrow[i] = mg_float_to_half(wide[i]);
    else
        for (size_t i = 0; i < count; ++i) narrow[i] = mg_float_to_bfloat16(wide[i]);
}

/* A row of float over operands of a narrow type. */
static void compute_widened(const mg_elementwise *plan, const void *const *pieces, void *result,
                            size_t count)
{
    float wide[MG_ELEMENTWISE_OPERANDS][WIDE_ELEMENTS];
    float wide_result[WIDE_ELEMENTS];
    const void *operands[MG_ELEMENTWISE_OPERANDS];
    for (size_t k = 0; k < plan->operand_count; ++k) {
        operands[k] = pieces[k];
        if (plan->operand_type == MG_ROW_AS_IS) continue;
        lengthen(plan->operand_type, pieces[k], wide[k], count);
        operands[k] = wide[k];
    }
    if (plan->result_type == MG_ROW_AS_IS) {
        plan->row(operands, result, count, plan->parameters);
        return;
    }
    plan->row(operands, wide_result, count, plan->parameters);
    shorten(plan->result_type, wide_result, result, count);
}

/* How many elements to give a row function at a time: whole periods that fit into the tile. */
static size_t piece_elements(const mg_elementwise *plan, size_t tiles, size_t count)
{
    size_t piece = widens(plan) ? least(count, WIDE_ELEMENTS) : count;
    size_t period = 1;
    if (tiles == 0) return piece;
    for (size_t k = 0; k < plan->operand_count; ++k) {
        if (plan->period[k] == 0) continue;
        piece = least(piece, tile_share(tiles) / plan->element_bytes[k]);
        if (plan->period[k] > period) period = plan->period[k];
    }
    return piece < period ? piece : piece / period * period;
}

/* Elements start … start + count - 1 of one row; rows[k] is the row's first element. */
static void compute_row(const mg_elementwise *plan, const unsigned char *const *rows,
                        unsigned char *result, size_t start, size_t count)
{
    uint64_t tile[TILE_BYTES / sizeof(uint64_t)];
    const void *pieces[MG_ELEMENTWISE_OPERANDS];
    size_t tiles = 0;
    for (size_t k = 0; k < plan->operand_count; ++k) tiles += plan->period[k] != 0;
    size_t piece = piece_elements(plan, tiles, count);
    size_t used = 0;
    for (size_t k = 0; k < plan->operand_count; ++k) {
        if (plan->period[k] == 0) continue;
        unsigned char *own = (unsigned char *)tile + used;
        lay_tile(own, rows[k], plan->element_bytes[k], plan->period[k], start, piece);
        pieces[k] = own;
        used += tile_share(tiles);
    }
    for (size_t done = 0; done < count; done += piece) {
        size_t elements = least(piece, count - done);
        for (size_t k = 0; k < plan->operand_count; ++k)
            if (plan->period[k] == 0) pieces[k] = rows[k] + (start + done) * plan->element_bytes[k];
        if (widens(plan))
            compute_widened(plan, pieces, result + done * plan->result_bytes, elements);
        else
            plan->row(pieces, result + done * plan->result_bytes, elements, plan->parameters);
    }
}

/* Moves to the next row: the last of the outer dimensions counts up first. */
static void next_row(const mg_elementwise *plan, size_t *index, const unsigned char **rows)
{
    for (size_t d = plan->rank - 1; d-- > 0;) {
        size_t steps = ++index[d] < plan->shape[d] ? 1 : 0;
        for (size_t k = 0; k < plan->operand_count; ++k) {
            size_t stride = plan->strides[k][d] * plan->element_bytes[k];
            if (steps != 0)
                rows[k] += stride;
            else
                rows[k] -= stride * (plan->shape[d] - 1);
        }
        if (steps != 0) return;
        index[d] = 0;
    }
}

void mg_elementwise_range(const mg_elementwise *plan, const void *const *operands, void *result,
                          size_t begin, size_t end)
{
    size_t length = plan->shape[plan->rank - 1];
    size_t start = begin % length;
    size_t index[MG_ELEMENTWISE_RANK] = {0};
    const unsigned char *rows[MG_ELEMENTWISE_OPERANDS];
    for (size_t k = 0; k < plan->operand_count; ++k) rows[k] = operands[k];
    for (size_t d = plan->rank - 1, rest = begin / length; d-- > 0; rest /= plan->shape[d]) {
        index[d] = rest % plan->shape[d];
        for (size_t k = 0; k < plan->operand_count; ++k)
            rows[k] += index[d] * plan->strides[k][d] * plan->element_bytes[k];
    }
    while (begin < end) {
        size_t count = least(length - start, end - begin);
        compute_row(plan, rows, (unsigned char *)result + begin * plan->result_bytes, start, count);
        begin += count;
        start = 0;
        if (begin < end) next_row(plan, index, rows);
    }
}
