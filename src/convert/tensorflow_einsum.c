/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Einsum of one or two tensors. Of two, each label is one of
 *   batch       in both and in the result
 *   contracted  in both, not in the result
 *   left, right in one and in the result
 * and the product is one of matrices [batch, left, contracted] x [batch, contracted, right].
 */
#include "base/size.h"
#include "convert/tensorflow_operation.h"

enum { MOST_EQUATION = 64, DOTS = 26 }; /* of "...": labels of their own, past the letters */

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

/* Turns the dimensions of a tensor into the order of labels. */
static midge_status arrange(mg_tensorflow *tf, int32_t input, const labels *from, const labels *to,
                            int32_t *output)
{
    int32_t order[MIDGE_MAX_RANK];
    for (int32_t i = 0; i < to->count; ++i) {
        order[i] = find_label(from, to->items[i]);
        if (order[i] < 0) return mg_tf_refuse(tf, "adds up along a label of one input");
    }
    if (to->count != from->count) return mg_tf_refuse(tf, "adds up along a label of one input");
    return mg_tf_transpose(tf, input, order, output);
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

static int32_t size_of(const mg_tensorflow *tf, int32_t tensor, const labels *list,
                       const labels *wanted)
{
    int64_t size = 1;
    for (int32_t i = 0; i < wanted->count && size <= INT32_MAX; ++i)
        size *= mg_tf_tensor(tf, tensor)->shape[find_label(list, wanted->items[i])];
    return size > INT32_MAX ? INT32_MAX : (int32_t)size;
}

static labels join(const labels *x, const labels *y, const labels *z)
{
    labels made = *x;
    for (int32_t i = 0; i < y->count; ++i) made.items[made.count++] = y->items[i];
    for (int32_t i = 0; i < z->count; ++i) made.items[made.count++] = z->items[i];
    return made;
}

static midge_status multiply(mg_tensorflow *tf, const product *at, int32_t a, int32_t b,
                             int32_t *output)
{
    int32_t batch = size_of(tf, a, &at->a, &at->batch);
    int32_t left = size_of(tf, a, &at->a, &at->left), right = size_of(tf, b, &at->b, &at->right);
    int32_t contracted = size_of(tf, a, &at->a, &at->contracted), shape[MIDGE_MAX_RANK], rank = 0;
    const labels order_a = join(&at->batch, &at->left, &at->contracted);
    const labels order_b = join(&at->batch, &at->right, &at->contracted);
    const labels made = join(&at->batch, &at->left, &at->right);
    if (size_of(tf, b, &at->b, &at->batch) != batch ||
        size_of(tf, b, &at->b, &at->contracted) != contracted)
        return mg_tf_refuse(tf, "its inputs have shapes that do not fit");
    for (int32_t i = 0; i < made.count; ++i) {
        int32_t place = find_label(&at->a, made.items[i]);
        shape[rank++] = place >= 0 ? mg_tf_tensor(tf, a)->shape[place]
                                   : mg_tf_tensor(tf, b)->shape[find_label(&at->b, made.items[i])];
    }
    TRY(arrange(tf, a, &at->a, &order_a, &a));
    TRY(arrange(tf, b, &at->b, &order_b, &b));
    if (batch == 1 && mg_tf_tensor(tf, b)->data != NULL) {
        TRY(mg_tf_reshape(tf, a, 2, (int32_t[]){left, contracted}, &a));
        TRY(mg_tf_reshape(tf, b, 2, (int32_t[]){right, contracted}, &b));
        TRY(mg_tf_product(tf, a, b, true, output));
    } else {
        TRY(mg_tf_reshape(tf, a, 3, (int32_t[]){batch, left, contracted}, &a));
        TRY(mg_tf_reshape(tf, b, 3, (int32_t[]){batch, right, contracted}, &b));
        TRY(mg_tf_matmul(tf, a, b, false, true, output));
    }
    TRY(mg_tf_reshape(tf, *output, rank, shape, output));
    return arrange(tf, *output, &made, &at->result, output);
}

static midge_status read_equation(mg_tensorflow *tf, const mg_tf_operation *operation,
                                  char *equation)
{
    const Mg__AttrValue *value = mg_attr(operation->node, "equation");
    if (value == NULL || value->s.len == 0 || value->s.len >= MOST_EQUATION)
        return mg_tf_refuse(tf, "has no equation of at most %d characters", MOST_EQUATION - 1);
    memcpy(equation, value->s.data, value->s.len);
    equation[value->s.len] = '\0';
    return MIDGE_OK;
}

midge_status mg_tf_lower_einsum(mg_tensorflow *tf, mg_tf_operation *operation)
{
    char equation[MOST_EQUATION], printable[200];
    int32_t a, b = -1, dots = 0, output;
    product at = {.a = {0, {0}}};
    const char *text = equation;
    bool two = operation->input_count == 2;
    TRY(read_equation(tf, operation, equation));
    TRY(mg_tf_input(tf, operation, 0, &a));
    if (two) TRY(mg_tf_input(tf, operation, 1, &b));
    bool sound = read_labels(&text, mg_tf_tensor(tf, a)->rank, &dots, &at.a);
    if (two && sound)
        sound = *text++ == ',' && read_labels(&text, mg_tf_tensor(tf, b)->rank, &dots, &at.b);
    sound = sound && text[0] == '-' && text[1] == '>';
    text += sound ? 2 : 0;
    if (!sound || !read_labels(&text, -1, &dots, &at.result) || *text != '\0' || repeats(&at.a) ||
        repeats(&at.b) || repeats(&at.result))
        return mg_tf_refuse(tf, "equation '%s' does not fit its inputs or repeats a label",
                            mg_printable(equation, printable, sizeof printable));
    if (!two) {
        TRY(arrange(tf, a, &at.a, &at.result, &output));
        return mg_tf_give_one(tf, operation, output);
    }
    choose(&at.a, &at.b, true, &at.result, true, &at.batch);
    choose(&at.a, &at.b, true, &at.result, false, &at.contracted);
    choose(&at.a, &at.b, false, &at.result, true, &at.left);
    choose(&at.b, &at.a, false, &at.result, true, &at.right);
    if (at.batch.count + at.contracted.count + at.left.count != at.a.count ||
        at.batch.count + at.contracted.count + at.right.count != at.b.count ||
        at.batch.count + at.left.count + at.right.count != at.result.count)
        return mg_tf_refuse(tf, "equation '%s' adds up along a label of one input",
                            mg_printable(equation, printable, sizeof printable));
    TRY(multiply(tf, &at, a, b, &output));
    return mg_tf_give_one(tf, operation, output);
}
