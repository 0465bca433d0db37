/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/einsum.h"

#include <string.h>

enum { DOTS = 26 }; /* of "...": labels of their own, past the letters */

typedef struct labels {
    int32_t count;
    int8_t items[MIDGE_MAX_RANK];
} labels;

static int8_t letter(char c)
{
    if (c >= 'a' && c <= 'z') return (int8_t)(c - 'a');
    if (c >= 'A' && c <= 'Z') return (int8_t)(c - 'A' + 64);
    return -1;
}

/* Labels up to a delimiter. "..." stands for as many as the rank leaves over (rank < 0: `dots`). */
static bool read_labels(const char **text, int32_t rank, int32_t *dots, labels *made)
{
    const char *end = *text;
    int32_t letters = 0;
    made->count = 0;
    for (; *end != '\0' && *end != ',' && *end != '-'; ++end) letters += letter(*end) >= 0;
    for (const char *at = *text; at < end; ++at) {
        if (*at == ' ') continue;
        if (strncmp(at, "...", 3) == 0) {
            if (rank >= 0) *dots = rank - letters;
            for (int32_t i = 0; i < *dots; ++i) {
                if (made->count == MIDGE_MAX_RANK) return false;
                made->items[made->count++] = (int8_t)(DOTS + i);
            }
            at += 2;
            continue;
        }
        if (letter(*at) < 0 || made->count == MIDGE_MAX_RANK) return false;
        made->items[made->count++] = letter(*at);
    }
    *text = end;
    return rank < 0 || made->count == rank;
}

static int32_t find_label(const labels *list, int8_t label)
{
    for (int32_t i = 0; i < list->count; ++i)
        if (list->items[i] == label) return i;
    return -1;
}

static bool repeats(const labels *list)
{
    for (int32_t i = 1; i < list->count; ++i)
        if (find_label(list, list->items[i]) < i) return true;
    return false;
}

/* The places in `from` of the labels of `to`; false unless both have the same labels. */
static bool arrange(const labels *from, const labels *to, int32_t *order)
{
    for (int32_t i = 0; i < to->count; ++i) {
        order[i] = find_label(from, to->items[i]);
        if (order[i] < 0) return false;
    }
    return to->count == from->count;
}

/* Appends to `to` the labels of `from` that are (not) in the two others. */
static void choose(const labels *from, const labels *a, bool in_a, const labels *b, bool in_b,
                   labels *to)
{
    for (int32_t i = 0; i < from->count; ++i)
        if ((find_label(a, from->items[i]) >= 0) == in_a &&
            (find_label(b, from->items[i]) >= 0) == in_b && to->count < MIDGE_MAX_RANK)
            to->items[to->count++] = from->items[i];
}

typedef struct product {
    labels a, b, result;
    labels batch, left, right, contracted;
} product;

static int32_t size_of(const int32_t *shape, const labels *list, const labels *wanted)
{
    int64_t size = 1;
    for (int32_t i = 0; i < wanted->count && size <= INT32_MAX; ++i)
        size *= shape[find_label(list, wanted->items[i])];
    return size > INT32_MAX ? INT32_MAX : (int32_t)size;
}

static labels join(const labels *x, const labels *y, const labels *z)
{
    labels made = *x;
    for (int32_t i = 0; i < y->count; ++i) made.items[made.count++] = y->items[i];
    for (int32_t i = 0; i < z->count; ++i) made.items[made.count++] = z->items[i];
    return made;
}

static const char unequal[] = "its inputs have shapes that do not fit";
static const char alone[] = "adds up along a label of one input";

/* Each label of both must have one size. */
static bool sizes_agree(const product *at, const int32_t *const *shapes)
{
    for (int32_t i = 0; i < at->a.count; ++i) {
        int32_t place = find_label(&at->b, at->a.items[i]);
        if (place >= 0 && shapes[0][i] != shapes[1][place]) return false;
    }
    return true;
}

static const char *plan_product(product *at, const int32_t *const *shapes, mg_einsum *plan)
{
    choose(&at->a, &at->b, true, &at->result, true, &at->batch);
    choose(&at->a, &at->b, true, &at->result, false, &at->contracted);
    choose(&at->a, &at->b, false, &at->result, true, &at->left);
    choose(&at->b, &at->a, false, &at->result, true, &at->right);
    if (at->batch.count + at->contracted.count + at->left.count != at->a.count ||
        at->batch.count + at->contracted.count + at->right.count != at->b.count ||
        at->batch.count + at->left.count + at->right.count != at->result.count)
        return alone;
    if (!sizes_agree(at, shapes)) return unequal;
    const labels order_a = join(&at->batch, &at->left, &at->contracted);
    const labels order_b = join(&at->batch, &at->right, &at->contracted);
    const labels made = join(&at->batch, &at->left, &at->right);
    for (int32_t i = 0; i < made.count; ++i) {
        int32_t place = find_label(&at->a, made.items[i]);
        plan->made[plan->made_rank++] =
            place >= 0 ? shapes[0][place] : shapes[1][find_label(&at->b, made.items[i])];
    }
    int32_t batch = size_of(shapes[0], &at->a, &at->batch);
    int32_t contracted = size_of(shapes[0], &at->a, &at->contracted);
    const int32_t left[] = {batch, size_of(shapes[0], &at->a, &at->left), contracted};
    const int32_t right[] = {batch, size_of(shapes[1], &at->b, &at->right), contracted};
    memcpy(plan->matrices[0], left, sizeof left);
    memcpy(plan->matrices[1], right, sizeof right);
    bool good = arrange(&at->a, &order_a, plan->order[0]) &&
                arrange(&at->b, &order_b, plan->order[1]) &&
                arrange(&made, &at->result, plan->result);
    return good ? NULL : alone;
}

const char *mg_einsum_plan(const char *equation, size_t count, const int32_t *ranks,
                           const int32_t *const *shapes, mg_einsum *plan)
{
    product at = {.a = {0, {0}}};
    const char *text = equation;
    int32_t dots = 0;
    memset(plan, 0, sizeof *plan);
    bool sound = count >= 1 && count <= 2 && read_labels(&text, ranks[0], &dots, &at.a);
    if (count == 2 && sound) sound = *text++ == ',' && read_labels(&text, ranks[1], &dots, &at.b);
    sound = sound && text[0] == '-' && text[1] == '>';
    text += sound ? 2 : 0;
    if (!sound || !read_labels(&text, -1, &dots, &at.result) || *text != '\0' || repeats(&at.a) ||
        repeats(&at.b) || repeats(&at.result))
        return "does not fit its inputs or repeats a label";
    if (count == 1) return arrange(&at.a, &at.result, plan->order[0]) ? NULL : alone;
    return plan_product(&at, shapes, plan);
}
