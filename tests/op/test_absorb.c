/* SPDX-License-Identifier: Apache-2.0 */
/* x * logistic(x) as one node's work: the same bits as two nodes, and two nodes where somebody else
 * needs the result in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "draft/draft.h"
#include "midge.h"

enum { SIZE = 61 };

/* Runs the model on fixed values; *ran: nodes that ran. Output 0 goes to `result`. */
static void run(const char *text, bool preserve, float result[SIZE], size_t *ran)
{
    size_t bytes;
    unsigned char *file = draft_file(text, &bytes);
    midge_error error;
    midge_model *model = NULL;
    midge_session *session = NULL;
    midge_session_options options = midge_session_options_default();
    options.preserve_all_tensors = preserve;
    options.profile = true;
    assert_int_equal(midge_model_load_memory(file, bytes, NULL, &model, &error), MIDGE_OK);
    assert_int_equal(midge_session_create(model, &options, &session, &error), MIDGE_OK);
    for (int round = 0; round < 2; ++round) {
        float values[SIZE];
        for (int i = 0; i < SIZE; ++i) values[i] = (float)(i - 30) * 0.37f + (float)round;
        assert_int_equal(midge_session_write_input(session, 0, values, sizeof values), MIDGE_OK);
        assert_int_equal(midge_session_invoke(session), MIDGE_OK);
    }
    memcpy(result, midge_tensor_data(midge_session_output(session, 0)), SIZE * sizeof *result);
    *ran = 0;
    for (size_t n = 0; n < midge_session_node_count(session); ++n) {
        midge_node_info node;
        assert_true(midge_session_node(session, n, &node));
        *ran += node.runs > 0;
    }
    midge_session_free(session);
    midge_model_free(model);
    free(file);
}

static void expect(const char *text, size_t nodes)
{
    float once[SIZE], apart[SIZE];
    size_t ran;
    run(text, false, once, &ran);
    assert_int_equal(ran, nodes);
    run(text, true, apart, &ran);
    for (int i = 0; i < SIZE; ++i) assert_true(once[i] == apart[i]);
}

static void takes_the_logistic_function_over(void **state)
{
    (void)state;
    expect("LOGISTIC x:f32[61] -> s:f32[61]; MUL x s -> y:f32[61]", 1);
    expect("LOGISTIC x:f32[61] -> s:f32[61]; MUL s x -> y:f32[61]", 1);
    expect("ABS w:f32[61] -> x:f32[61]; LOGISTIC x -> s:f32[61]; MUL s x -> y:f32[61]\n"
           "LOGISTIC y -> t:f32[61]; MUL y t -> z:f32[61]",
           3);
}

static void leaves_a_result_that_others_need(void **state)
{
    (void)state;
    expect("LOGISTIC x:f32[61] -> s:f32[61]; MUL x s -> y:f32[61]; ADD y s -> z:f32[61]", 3);
    expect("LOGISTIC x:f32[61] -> s:f32[61]; MUL x s -> y:f32[61]; out y s", 2);
    expect("LOGISTIC x:f32[61] -> s:f32[61]; MUL s s -> y:f32[61]", 2);
}

static void leaves_other_products(void **state)
{
    (void)state;
    expect("ABS x:f32[61] -> w:f32[61]; LOGISTIC w -> s:f32[61]; MUL x s -> y:f32[61]", 3);
    expect("LOGISTIC x:f32[61] -> s:f32[61]; ADD x s -> y:f32[61]", 2);
    expect("LOGISTIC x:f32[61] -> s:f32[61]\n"
           "MUL x s -> y:f32[61] {fused_activation_function=1}",
           2);
    expect("TANH x:f32[61] -> s:f32[61]; MUL x s -> y:f32[61]", 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(takes_the_logistic_function_over),
                                       cmocka_unit_test(leaves_a_result_that_others_need),
                                       cmocka_unit_test(leaves_other_products)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
