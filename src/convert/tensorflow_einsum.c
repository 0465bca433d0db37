/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/einsum.h"
#include "convert/tensorflow_operation.h"

enum { MOST_EQUATION = 64 };

static midge_status multiply(mg_tensorflow *tf, const mg_einsum *plan, int32_t a, int32_t b,
                             int32_t *output)
{
    const int32_t *left = plan->matrices[0], *right = plan->matrices[1];
    if (left[0] == 1 && mg_tf_tensor(tf, b)->data != NULL) {
        TRY(mg_tf_reshape(tf, a, 2, left + 1, &a));
        TRY(mg_tf_reshape(tf, b, 2, right + 1, &b));
        return mg_tf_product(tf, a, b, true, output);
    }
    TRY(mg_tf_reshape(tf, a, 3, left, &a));
    TRY(mg_tf_reshape(tf, b, 3, right, &b));
    return mg_tf_matmul(tf, a, b, false, true, output);
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
    int32_t inputs[2], ranks[2], output;
    const int32_t *shapes[2];
    mg_einsum plan;
    size_t count = operation->input_count;
    TRY(read_equation(tf, operation, equation));
    if (count < 1 || count > 2) return mg_tf_refuse(tf, "of %zu tensors", count);
    for (size_t i = 0; i < count; ++i) {
        TRY(mg_tf_input(tf, operation, i, &inputs[i]));
        ranks[i] = mg_tf_tensor(tf, inputs[i])->rank;
    }
    for (size_t i = 0; i < count; ++i) shapes[i] = mg_tf_tensor(tf, inputs[i])->shape;
    const char *reason = mg_einsum_plan(equation, count, ranks, shapes, &plan);
    if (reason != NULL)
        return mg_tf_refuse(tf, "equation '%s' %s",
                            mg_printable(equation, printable, sizeof printable), reason);
    for (size_t i = 0; i < count; ++i)
        TRY(mg_tf_transpose(tf, inputs[i], plan.order[i], &inputs[i]));
    if (count == 1) return mg_tf_give_one(tf, operation, inputs[0]);
    TRY(multiply(tf, &plan, inputs[0], inputs[1], &output));
    TRY(mg_tf_reshape(tf, output, plan.made_rank, plan.made, &output));
    TRY(mg_tf_transpose(tf, output, plan.result, &output));
    return mg_tf_give_one(tf, operation, output);
}
