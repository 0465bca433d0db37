/* SPDX-License-Identifier: Apache-2.0 */
#include "text_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "draft/draft.h"
#include "midge.h"

enum { MOST_FED = 16, MOST_THREADS = 2 };

/* One run of a model in the making. */
typedef struct text_run {
    const text_case *own;
    draft model;
    size_t fed; /* inputs whose data is fed */
    const void *data[MOST_FED];
    size_t bytes[MOST_FED];
    unsigned char *file;
    midge_model *loaded;
    midge_session *session;
    midge_error error;
} text_run;

static void parse(draft *made, const char *text)
{
    if (!draft_parse(made, text)) fail_msg("%s: %s", text, made->error.message);
}

/* Turns the first `most` constants of the main subgraph into inputs. */
static void feed_constants(text_run *run, size_t most)
{
    mg_SubGraph *graph = run->model.model.subgraphs.items;
    int32_t inputs[MOST_FED];
    for (size_t i = 0; i < graph->tensors.count && run->fed < most; ++i) {
        mg_Tensor *tensor = &graph->tensors.items[i];
        if (tensor->buffer == 0) continue;
        run->data[run->fed] = draft_data(&run->model, tensor, &run->bytes[run->fed]);
        tensor->buffer = 0;
        inputs[run->fed++] = (int32_t)i;
    }
    graph->inputs = draft_int32s(&run->model, run->fed, inputs);
}

static midge_status invoke(text_run *run)
{
    midge_session_options options = midge_session_options_default();
    size_t size = 0;
    options.threads = MOST_THREADS;
    run->file = draft_write(&run->model, &size);
    midge_status status = midge_model_load_memory(run->file, size, NULL, &run->loaded, &run->error);
    if (status == MIDGE_OK)
        status = midge_session_create(run->loaded, &options, &run->session, &run->error);
    for (size_t i = 0; status == MIDGE_OK && i < run->fed; ++i)
        status = midge_session_write_input(run->session, i, run->data[i], run->bytes[i]);
    return status == MIDGE_OK ? midge_session_invoke(run->session) : status;
}

static const char *reason(const text_run *run)
{
    return run->session != NULL ? midge_session_message(run->session) : run->error.message;
}

static void stop(text_run *run)
{
    midge_session_free(run->session);
    midge_model_free(run->loaded);
    free(run->file);
    draft_free(&run->model);
}

static void compare(const text_run *run, const draft *wanted, size_t index)
{
    const mg_Tensor *tensor = draft_tensor(wanted, 0, index);
    const midge_tensor *got = midge_session_output(run->session, index);
    size_t bytes = 0;
    const void *data = draft_data(wanted, tensor, &bytes);
    if (got == NULL) fail_msg("%s: no output %zu", run->own->model, index);
    if ((int)midge_tensor_type(got) != tensor->type)
        fail_msg("%s: output %zu is %s", run->own->model, index,
                 midge_type_name(midge_tensor_type(got)));
    bool same = (size_t)midge_tensor_rank(got) == tensor->shape.count;
    for (size_t i = 0; same && i < tensor->shape.count; ++i)
        same = midge_tensor_shape(got)[i] == tensor->shape.items[i];
    if (!same)
        fail_msg("%s (%zu fed): output %zu has another shape", run->own->model, run->fed, index);
    if (midge_tensor_bytes(got) != bytes ||
        (bytes > 0 && memcmp(midge_tensor_data(got), data, bytes) != 0))
        fail_msg("%s (%zu fed): output %zu has other values", run->own->model, run->fed, index);
}

static const size_t ways[] = {0, 1, MOST_FED};

static void check_outputs(const text_case *own, size_t fed)
{
    text_run run = {.own = own};
    draft wanted;
    char text[2048];
    int length = snprintf(text, sizeof text, "PACK %s -> :i32[]", own->outputs);
    assert_in_range(length, 1, sizeof text - 1);
    parse(&run.model, own->model);
    parse(&wanted, text);
    feed_constants(&run, fed);
    if (invoke(&run) != MIDGE_OK) fail_msg("%s (%zu fed): %s", own->model, fed, reason(&run));
    const size_t outputs = wanted.model.subgraphs.items[0].tensors.count - 1;
    assert_int_equal(midge_session_output_count(run.session), outputs);
    for (size_t i = 0; i < outputs; ++i) compare(&run, &wanted, i);
    stop(&run);
    draft_free(&wanted);
}

void text_check(const text_case *cases, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        for (int way = 0; way < 3; ++way) check_outputs(&cases[i], ways[way]);
    }
}

static void check_refused(const text_case *own, size_t fed)
{
    text_run run = {.own = own};
    parse(&run.model, own->model);
    feed_constants(&run, fed);
    if (invoke(&run) == MIDGE_OK) fail_msg("%s (%zu fed): not refused", own->model, fed);
    if (strstr(reason(&run), own->outputs) == NULL)
        fail_msg("%s (%zu fed): %s, not %s", own->model, fed, reason(&run), own->outputs);
    stop(&run);
}

void text_check_refused(const text_case *cases, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        for (int way = 0; way < 3; ++way) check_refused(&cases[i], ways[way]);
    }
}
