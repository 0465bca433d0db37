/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions whose inputs change shape: to nothing, to huge, back; after failures; in any order. */
#include <stdlib.h>

#include "draft/draft.h"
#include "unit/counting_allocator.h"
#include "unit/expect.h"

typedef struct opened {
    unsigned char *bytes;
    counting_allocator counter;
    midge_allocator allocator;
    midge_limits limits;
    midge_model *model;
    midge_session *session;
} opened;

static bool open_text(opened *at, const char *text)
{
    size_t size;
    *at = (opened){.counter = {.refuse_from = SIZE_MAX}};
    at->allocator = (midge_allocator){&at->counter, counting_allocate, counting_release};
    at->limits = (midge_limits){.memory_bytes = 16u << 20};
    at->bytes = draft_file(text, &size);
    midge_model_options model_options = midge_model_options_default();
    model_options.allocator = &at->allocator;
    midge_session_options options = midge_session_options_default();
    options.allocator = &at->allocator;
    options.limits = &at->limits;
    midge_error error = {0};
    midge_status status =
        midge_model_load_memory(at->bytes, size, &model_options, &at->model, &error);
    if (status == MIDGE_OK)
        status = midge_session_create(at->model, &options, &at->session, &error);
    EXPECT(status == MIDGE_OK, "%s", error.message);
    return status == MIDGE_OK;
}

static void close_opened(opened *at)
{
    midge_session_free(at->session);
    midge_model_free(at->model);
    EXPECT(at->counter.live == 0, "%zu allocations were kept", at->counter.live);
    free(at->bytes);
}

static void expect_status(const opened *at, midge_status status, midge_status need,
                          const char *step)
{
    EXPECT(status == need, "%s: status %d (%s), need %d", step, status,
           midge_session_message(at->session), need);
}

/* x + 1 for every element of x, whatever its shape. */
static void expect_sum(opened *at, int rank, const int32_t *shape, size_t elements,
                       const char *step)
{
    expect_status(at, midge_session_resize_input(at->session, 0, rank, shape), MIDGE_OK, step);
    expect_status(at, midge_session_prepare(at->session), MIDGE_OK, step);
    midge_tensor *input = midge_session_input(at->session, 0);
    EXPECT(midge_tensor_elements(input) == elements, "%s: %zu elements", step,
           midge_tensor_elements(input));
    float *data = midge_tensor_data(input);
    for (size_t i = 0; i < elements; ++i) data[i] = (float)i;
    expect_status(at, midge_session_invoke(at->session), MIDGE_OK, step);
    const midge_tensor *output = midge_session_output(at->session, 0);
    const float *sums = midge_tensor_data(output);
    size_t wrong = 0;
    for (size_t i = 0; i < elements; ++i) wrong += sums[i] != (float)i + 1;
    EXPECT(midge_tensor_elements(output) == elements && wrong == 0, "%s: %zu of %zu are wrong",
           step, wrong, elements);
}

static void test_sizes(void)
{
    opened at;
    if (open_text(&at, "ADD x:f32[2,3] one:f32[1]={1} -> a:f32[2,3];"
                       "RESHAPE a s:i32[1]={-1} -> b:f32[6]; ABS b -> y:f32[6]")) {
        expect_sum(&at, 2, (int32_t[]){2, 3}, 6, "as it is");
        expect_sum(&at, 2, (int32_t[]){40, 3}, 120, "larger");
        expect_status(&at, midge_session_resize_input(at.session, 0, 2, (int32_t[]){1 << 20, 64}),
                      MIDGE_OK, "too large for the limit");
        expect_status(&at, midge_session_invoke(at.session), MIDGE_LIMIT_EXCEEDED, "too large");
        EXPECT(midge_tensor_data(midge_session_input(at.session, 0)) == NULL,
               "data without memory");
        expect_status(&at,
                      midge_session_resize_input(at.session, 0, 2, (int32_t[]){1 << 20, 1 << 20}),
                      MIDGE_LIMIT_EXCEEDED, "no shape");
        expect_status(&at, midge_session_resize_input(at.session, 0, 9, (int32_t[9]){1}),
                      MIDGE_INVALID_ARGUMENT, "rank 9");
        expect_status(&at, midge_session_resize_input(at.session, 0, -1, (int32_t[]){1}),
                      MIDGE_INVALID_ARGUMENT, "rank -1");
        expect_sum(&at, 1, (int32_t[]){5}, 5, "back to small");
        expect_sum(&at, 2, (int32_t[]){3, 0}, 0, "empty");
        expect_sum(&at, 0, NULL, 1, "scalar");
        expect_sum(&at, 8, (int32_t[]){1, 2, 1, 2, 1, 2, 1, 2}, 16, "rank 8");
    }
    close_opened(&at);
}

static void test_after_failure(void)
{
    opened at;
    if (open_text(&at, "ADD x:f32[?,3] w:f32[3]={1} -> y:f32[?,3]")) {
        expect_sum(&at, 2, (int32_t[]){2, 3}, 6, "sound");
        expect_status(&at, midge_session_resize_input(at.session, 0, 2, (int32_t[]){2, 4}),
                      MIDGE_OK, "shape of another kind");
        for (int i = 0; i < 2; ++i)
            EXPECT(midge_session_invoke(at.session) != MIDGE_OK, "2x4 and 3 were added");
        EXPECT(midge_session_message(at.session)[0] != '\0', "no message");
        expect_sum(&at, 2, (int32_t[]){2, 3}, 6, "sound again");
    }
    close_opened(&at);
}

/* A resize of one input prepares all again; strings of another, which lived in memory of their own,
 * are gone then and must not be read. */
static void test_strings_forgotten(void)
{
    static const int32_t words[] = {1, 8};
    opened at;
    if (open_text(&at, "GATHER s:str[1] i:i32[1]={0} -> t:str[1]; ABS x:f32[4] -> y:f32[4]")) {
        expect_status(&at, midge_session_invoke(at.session), MIDGE_INVALID_STATE, "no strings yet");
        int32_t table[3] = {words[0], 12, 12};
        expect_status(&at, midge_session_write_input(at.session, 0, table, sizeof table), MIDGE_OK,
                      "a string");
        expect_status(&at, midge_session_invoke(at.session), MIDGE_OK, "with a string");
        expect_status(&at, midge_session_resize_input(at.session, 1, 1, (int32_t[]){5}), MIDGE_OK,
                      "resize");
        expect_status(&at, midge_session_invoke(at.session), MIDGE_INVALID_STATE,
                      "the string is gone");
        expect_status(&at, midge_session_write_input(at.session, 0, table, sizeof table), MIDGE_OK,
                      "the string again");
        expect_status(&at, midge_session_invoke(at.session), MIDGE_OK, "with the string again");
    }
    close_opened(&at);
}

static void test_unsound_strings(void)
{
    static const int32_t tables[][4] = {
        {2, 12, 12, 0}, {1, 8, 12, 0}, {1, 12, 8, 0}, {1, 12, 100, 0}, {-1, 12, 12, 0}};
    opened at;
    if (open_text(&at, "GATHER s:str[1] i:i32[1]={0} -> t:str[1]")) {
        for (size_t i = 0; i < sizeof tables / sizeof tables[0]; ++i)
            expect_status(&at, midge_session_write_input(at.session, 0, tables[i], 12),
                          MIDGE_INVALID_ARGUMENT, "unsound strings");
        for (size_t bytes = 0; bytes < 12; ++bytes)
            expect_status(&at, midge_session_write_input(at.session, 0, tables[0], bytes),
                          MIDGE_INVALID_ARGUMENT, "short strings");
    }
    close_opened(&at);
}

/* State of a variable survives a run, ends with a reset and with a new preparation. */
static void test_variables(void)
{
    opened at;
    static const char text[] =
        "SVDF x:f32[1,2] f:f32[2,2]={1} t:f32[2,3]={1} - s:f32[1,6]~ -> y:f32[1,2] {rank=1}";
    if (open_text(&at, text)) {
        float first = 0;
        for (int run = 0; run < 6; ++run) {
            float *x = midge_tensor_data(midge_session_input(at.session, 0));
            x[0] = x[1] = 1;
            expect_status(&at, midge_session_invoke(at.session), MIDGE_OK, "invoke");
            float y = *(float *)midge_tensor_data(midge_session_output(at.session, 0));
            if (run == 0) first = y;
            bool fresh = run == 0 || run == 3 || run == 5;
            EXPECT((y == first) == fresh, "run %d gives %g, the first %g", run, (double)y,
                   (double)first);
            if (run == 2) (void)midge_session_reset(at.session);
            if (run == 4) {
                (void)midge_session_resize_input(at.session, 0, 2, (int32_t[]){2, 2});
                (void)midge_session_resize_input(at.session, 0, 2, (int32_t[]){1, 2});
                expect_status(&at, midge_session_prepare(at.session), MIDGE_OK, "prepare");
            }
        }
    }
    close_opened(&at);
}

int main(void)
{
    test_sizes();
    test_after_failure();
    test_strings_forgotten();
    test_unsound_strings();
    test_variables();
    return expect_finish();
}
