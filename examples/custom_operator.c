/* SPDX-License-Identifier: Apache-2.0 */
/* Gives midge an operator that it does not have: "fake-op-double", which doubles an int32 or
 * float32 tensor. usage: custom_operator MODEL   (a model that uses it) */
#include <stdio.h>

#include "midge.h"

/* Checks and shapes. Whatever a file may get wrong is refused here. */
static midge_status prepare(midge_op_context *context)
{
    const midge_tensor *input = midge_op_input(context, 0);
    if (input == NULL || midge_op_output_count(context) != 1)
        return midge_op_fail(context, MIDGE_INVALID_MODEL, "need one input and one output");
    if (midge_tensor_type(input) != MIDGE_FLOAT32 && midge_tensor_type(input) != MIDGE_INT32)
        return midge_op_fail(context, MIDGE_UNSUPPORTED, "%s is neither float32 nor int32",
                             midge_type_name(midge_tensor_type(input)));
    return midge_op_set_output_shape(context, 0, midge_tensor_rank(input),
                                     midge_tensor_shape(input));
}

static midge_status invoke(midge_op_context *context)
{
    const midge_tensor *input = midge_op_input(context, 0);
    const void *from = midge_tensor_data(input);
    void *to = midge_tensor_data(midge_op_output(context, 0));
    size_t *calls = midge_op_user_data(context);
    ++*calls;
    for (size_t i = 0; i < midge_tensor_elements(input); ++i) {
        if (midge_tensor_type(input) == MIDGE_FLOAT32)
            ((float *)to)[i] = 2 * ((const float *)from)[i];
        else
            ((uint32_t *)to)[i] = 2 * ((const uint32_t *)from)[i];
    }
    return MIDGE_OK;
}

int main(int count, char **words)
{
    if (count != 2) return fprintf(stderr, "usage: custom_operator MODEL\n"), 2;
    size_t calls = 0;
    const midge_custom_operator twice = {.size = sizeof twice,
                                         .name = "fake-op-double",
                                         .user_data = &calls,
                                         .prepare = prepare,
                                         .invoke = invoke};
    const midge_custom_operator *const operators[] = {&twice};
    midge_session_options options = midge_session_options_default();
    options.custom_operators = operators;
    options.custom_operator_count = 1;

    midge_error error = {0};
    midge_model *model = NULL;
    midge_session *session = NULL;
    if (midge_model_load_file(words[1], NULL, &model, &error) != MIDGE_OK ||
        midge_session_create(model, &options, &session, &error) != MIDGE_OK)
        return fprintf(stderr, "%s\n", error.message), midge_model_free(model), 1;
    if (midge_session_invoke(session) != MIDGE_OK)
        return fprintf(stderr, "%s\n", midge_session_message(session)), 1;
    printf("the operator ran %zu times\n", calls);
    midge_session_free(session);
    midge_model_free(model);
    return 0;
}
