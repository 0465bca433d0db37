/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/elementwise.h"

#include <string.h>

#include "kernel/ref/half.h"

enum {
    TILE_BYTES = 512,   /* of a stretched operand, laid out at a time */
    WIDE_ELEMENTS = 64, /* of a narrow float type, converted at a time */
    SHORT_ROW = 32      /* rows up to this are joined, at the price of a tile */
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

/* Joins short rows into one long row when each operand either goes on or starts again. */
static void join_short_rows(mg_elementwise *plan)
{
    if (plan->rank < 2) return;
    size_t outer = plan->rank - 2;
    size_t length = plan->shape[outer + 1];
    if (length > SHORT_ROW) return;
    for (size_t k = 0; k < plan->operand_count; ++k) {
        size_t stride = plan->strides[k][outer];
        if (stride != 0 && (stride != length || plan->period[k] != 0)) return;
        if (length * plan->element_bytes[k] * 2 > TILE_BYTES) return;
    }
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

/* Elements start … start + count - 1 of the endless repetition of `period` elements. */
static void lay_tile(void *tile, const unsigned char *elements, size_t element_bytes, size_t period,
                     size_t start, size_t count)
{
    unsigned char *bytes = tile;
    size_t phase = start % period * element_bytes;
    size_t period_bytes = period * element_bytes;
    size_t needed = count * element_bytes;
    size_t filled = least(period_bytes, needed);
    size_t head = least(period_bytes - phase, filled);
    memcpy(bytes, elements + phase, head);
    memcpy(bytes + head, elements, filled - head);
    while (filled < needed) {
        size_t more = least(filled, needed - filled);
        memcpy(bytes + filled, bytes, more);
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

/* How many elements to give a row function at a time: whole periods that fit into tiles. */
static size_t piece_elements(const mg_elementwise *plan, size_t count)
{
    int widens = plan->operand_type != MG_ROW_AS_IS || plan->result_type != MG_ROW_AS_IS;
    size_t piece = widens ? least(count, WIDE_ELEMENTS) : count;
    size_t period = 1;
    for (size_t k = 0; k < plan->operand_count; ++k) {
        if (plan->period[k] == 0) continue;
        piece = least(piece, TILE_BYTES / plan->element_bytes[k]);
        if (plan->period[k] > period) period = plan->period[k];
    }
    return piece < period ? piece : piece / period * period;
}

/* Elements start … start + count - 1 of one row; rows[k] is the row's first element. */
static void compute_row(const mg_elementwise *plan, const unsigned char *const *rows,
                        unsigned char *result, size_t start, size_t count)
{
    uint64_t tiles[MG_ELEMENTWISE_OPERANDS][TILE_BYTES / sizeof(uint64_t)];
    const void *pieces[MG_ELEMENTWISE_OPERANDS];
    int widens = plan->operand_type != MG_ROW_AS_IS || plan->result_type != MG_ROW_AS_IS;
    size_t piece = piece_elements(plan, count);
    for (size_t k = 0; k < plan->operand_count; ++k) {
        if (plan->period[k] == 0) continue;
        lay_tile(tiles[k], rows[k], plan->element_bytes[k], plan->period[k], start, piece);
        pieces[k] = tiles[k];
    }
    for (size_t done = 0; done < count; done += piece) {
        size_t elements = least(piece, count - done);
        for (size_t k = 0; k < plan->operand_count; ++k)
            if (plan->period[k] == 0) pieces[k] = rows[k] + (start + done) * plan->element_bytes[k];
        if (widens)
            compute_widened(plan, pieces, result + done * plan->result_bytes, elements);
        else
            plan->row(pieces, result + done * plan->result_bytes, elements, plan->parameters);
    }
}

void mg_elementwise_range(const mg_elementwise *plan, const void *const *operands, void *result,
                          size_t begin, size_t end)
{
    size_t outer = plan->rank - 1;
    size_t length = plan->shape[outer];
    size_t start = begin % length;
    size_t index[MG_ELEMENTWISE_RANK] = {0};
    for (size_t d = outer, rest = begin / length; d-- > 0; rest /= plan->shape[d])
        index[d] = rest % plan->shape[d];
    while (begin < end) {
        size_t count = least(length - start, end - begin);
        const unsigned char *rows[MG_ELEMENTWISE_OPERANDS];
        for (size_t k = 0; k < plan->operand_count; ++k) {
            size_t offset = 0;
            for (size_t d = 0; d < outer; ++d) offset += index[d] * plan->strides[k][d];
            rows[k] = (const unsigned char *)operands[k] + offset * plan->element_bytes[k];
        }
        compute_row(plan, rows, (unsigned char *)result + begin * plan->result_bytes, start, count);
        begin += count;
        start = 0;
        for (size_t d = outer; d-- > 0;) {
            if (++index[d] < plan->shape[d]) break;
            index[d] = 0;
        }
    }
}
