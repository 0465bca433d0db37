/* SPDX-License-Identifier: Apache-2.0 */
/* What a session lets its caller decide: when it prepares, where tensors lie, which operators run;
 * and what it shows of every subgraph. */
#include <stdlib.h>

#include "draft/draft.h"
#include "midge_tools.h"
#include "unit/expect.h"

typedef struct opened {
    unsigned char *bytes;
    midge_model *model;
    midge_session *session;
    midge_error error;
} opened;

static midge_status open_text(opened *at, const char *text, midge_session_options options)
{
    size_t size;
    *at = (opened){.bytes = draft_file(text, &size)};
    midge_status status = midge_model_load_memory(at->bytes, size, NULL, &at->model, &at->error);
    if (status == MIDGE_OK)
        status = midge_session_create(at->model, &options, &at->session, &at->error);
    return status;
}

static void close_opened(opened *at)
{
    midge_session_free(at->session);
    midge_model_free(at->model);
    free(at->bytes);
}

static midge_session_options deferring(void)
{
    midge_session_options options = midge_session_options_default();
    options.defer_prepare = true;
    return options;
}

static void test_defer(void)
{
    opened at;
    midge_session_options now = midge_session_options_default();
    EXPECT(open_text(&at, "custom:Nobody x:f32[2] -> y:f32[2]", now) == MIDGE_UNSUPPORTED, "now");
    close_opened(&at);
    EXPECT(open_text(&at, "custom:Nobody x:f32[2] -> y:f32[2]", deferring()) == MIDGE_OK, "%s",
           at.error.message);
    EXPECT(midge_tensor_data(midge_session_input(at.session, 0)) == NULL, "no memory yet");
    for (int again = 0; again < 2; ++again) {
        EXPECT(midge_session_prepare(at.session) == MIDGE_UNSUPPORTED, "missing");
        EXPECT(strstr(midge_session_message(at.session), "Nobody") != NULL, "%s",
               midge_session_message(at.session));
    }
    EXPECT(midge_session_invoke(at.session) == MIDGE_UNSUPPORTED, "missing");
    close_opened(&at);

    EXPECT(open_text(&at, "NEG x:f32[2] -> y:f32[2]", deferring()) == MIDGE_OK, "%s",
           at.error.message);
    EXPECT(midge_session_memory(at.session, NULL) > 0, "structures");
    EXPECT(midge_session_invoke(at.session) == MIDGE_OK, "%s", midge_session_message(at.session));
    close_opened(&at);
}

static void test_bind(void)
{
    opened at;
    EXPECT(open_text(&at, "NEG x:f32[4] -> t:f32[4]; ABS t -> y:f32[4]", deferring()) == MIDGE_OK,
           "%s", at.error.message);
    _Alignas(64) float in[4] = {1, -2, 3, -4}, out[4] = {0}, other[4] = {9, 9, 9, 9};
    midge_tensor *x = midge_session_input(at.session, 0), *y = midge_session_output(at.session, 0);
    EXPECT(midge_session_bind(at.session, x, in, sizeof in) == MIDGE_OK, "bind");
    EXPECT(midge_session_bind(at.session, y, out, sizeof out) == MIDGE_OK, "bind");
    EXPECT(midge_session_invoke(at.session) == MIDGE_OK, "%s", midge_session_message(at.session));
    EXPECT(out[3] == 4 && in[3] == -4, "%g %g", (double)out[3], (double)in[3]);
    EXPECT(midge_session_bind(at.session, x, other, sizeof other) == MIDGE_OK, "at once");
    EXPECT(midge_session_invoke(at.session) == MIDGE_OK && out[0] == 9, "%g", (double)out[0]);
    EXPECT(midge_session_bind(at.session, x, other, 8) == MIDGE_INVALID_ARGUMENT, "too little");
    EXPECT(midge_session_bind(at.session, x, (char *)other + 1, 16) == MIDGE_INVALID_ARGUMENT,
           "unaligned");
    EXPECT(midge_session_bind(at.session, x, NULL, 0) == MIDGE_OK, "back");
    EXPECT(midge_session_invoke(at.session) == MIDGE_OK, "%s", midge_session_message(at.session));
    EXPECT(midge_tensor_data(x) != (void *)other && out[0] == 0, "in the arena again");
    EXPECT(midge_session_bind(at.session, y, out, 4) == MIDGE_INVALID_ARGUMENT, "too little");
    close_opened(&at);

    EXPECT(open_text(&at, "NEG x:f32[4] -> y:f32[4]", deferring()) == MIDGE_OK, "%s",
           at.error.message);
    EXPECT(midge_session_bind(at.session, midge_session_output(at.session, 0), out, 8) == MIDGE_OK,
           "not known yet");
    EXPECT(midge_session_prepare(at.session) == MIDGE_INVALID_ARGUMENT, "too little");
    close_opened(&at);

    EXPECT(open_text(&at, "ADD a:f32[2]={1} b:f32[2]={2} -> y:f32[2]", deferring()) == MIDGE_OK,
           "%s", at.error.message);
    EXPECT(midge_session_bind(at.session, midge_session_tensor(at.session, 0), in, 16) ==
               MIDGE_INVALID_ARGUMENT,
           "a constant");
    EXPECT(midge_session_bind(at.session, midge_session_output(at.session, 0), out, 16) == MIDGE_OK,
           "bind");
    EXPECT(midge_session_invoke(at.session) == MIDGE_OK && out[0] == 3,
           "results of constants lie there too: %g", (double)out[0]);
    close_opened(&at);
}

static midge_status shape_like_input(midge_op_context *context)
{
    const midge_tensor *x = midge_op_input(context, 0);
    return midge_op_set_output_shape(context, 0, midge_tensor_rank(x), midge_tensor_shape(x));
}

static midge_status write_place(midge_op_context *context)
{
    size_t graph, node;
    midge_op_place(context, &graph, &node);
    float *y = midge_tensor_data(midge_op_output(context, 0));
    y[0] = (float)(10 * graph + node);
    return MIDGE_OK;
}

static void test_replace(void)
{
    const midge_custom_operator mine = {.size = sizeof mine,
                                        .name = "NEG",
                                        .prepare = shape_like_input,
                                        .invoke = write_place,
                                        .built_in = true};
    const midge_custom_operator *const all[] = {&mine};
    midge_session_options options = midge_session_options_default();
    options.custom_operators = all;
    options.custom_operator_count = 1;
    opened at;
    EXPECT(open_text(&at, "ABS x:f32[1] -> t:f32[1]; NEG t -> y:f32[1]", options) == MIDGE_OK, "%s",
           at.error.message);
    EXPECT(midge_session_invoke(at.session) == MIDGE_OK, "%s", midge_session_message(at.session));
    EXPECT(((float *)midge_tensor_data(midge_session_output(at.session, 0)))[0] == 1, "replaced");
    close_opened(&at);
    EXPECT(open_text(&at, "custom:NEG x:f32[1] -> y:f32[1]", options) == MIDGE_UNSUPPORTED,
           "a custom operator of that name is another one");
    close_opened(&at);
}

static void test_subgraphs(void)
{
    opened at;
    EXPECT(open_text(&at, "NEG x:f32[1] -> y:f32[1]\ngraph b\nABS u:f32[3] -> v:f32[3]",
                     midge_session_options_default()) == MIDGE_OK,
           "%s", at.error.message);
    const midge_tensor *v = midge_session_graph_tensor(at.session, 1, 1);
    EXPECT(v != NULL && strcmp(midge_tensor_name(v), "v") == 0, "v");
    EXPECT(midge_session_graph_tensor(at.session, 1, 2) == NULL, "no tensor");
    EXPECT(midge_session_graph_tensor(at.session, 2, 0) == NULL, "no subgraph");
    midge_node_info node;
    EXPECT(midge_session_node(at.session, 0, &node) && node.code == 59, "NEG is 59");
    close_opened(&at);
}

int main(void)
{
    test_defer();
    test_bind();
    test_replace();
    test_subgraphs();
    return expect_finish();
}
