/* SPDX-License-Identifier: Apache-2.0 */
#include "suggestion.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "comparison.h"
#include "midge_tools.h"
#include "model_file.h"
#include "twins.h"

/* ---- Quantised models ---- */

static midge_status give_sample(void *context, size_t index, midge_session *session,
                                midge_error *error)
{
    return cli_calibration_write(context, index, session, error);
}

/* The ratio at the worst output over the samples. */
static midge_status measure(const cli_suggestion_request *request, const cli_ports *a,
                            const cli_ports *b, cli_difference *outputs, double *snr,
                            midge_error *error)
{
    size_t count = cli_output_count(a);
    for (size_t i = 0; i < request->samples->count; ++i) {
        TRY(cli_calibration_write(request->samples, i, a->session, error));
        TRY(cli_twins_copy(a, b, error));
        (void)midge_session_reset(a->session);
        (void)midge_session_reset(b->session);
        TRY(cli_ports_invoke(a, error));
        TRY(cli_ports_invoke(b, error));
        for (size_t k = 0; k < count; ++k)
            cli_difference_add(&outputs[k], cli_output(a, k), cli_output(b, k));
    }
    *snr = (double)INFINITY;
    for (size_t k = 0; k < count; ++k) *snr = fmin(*snr, outputs[k].snr);
    return MIDGE_OK;
}

static midge_status measure_file(const cli_suggestion_request *request, const void *bytes,
                                 size_t size, double *snr, midge_error *error)
{
    const cli_session_choice choice = {.threads = request->threads};
    midge_model *model = NULL;
    midge_session *session = NULL;
    cli_ports a, b;
    midge_status status = midge_model_load_memory(bytes, size, NULL, &model, error);
    if (status == MIDGE_OK)
        status = cli_session_create("suggestion", model, &choice, &session, error);
    if (status == MIDGE_OK) status = cli_ports_open("suggestion", session, NULL, &b, error);
    if (status == MIDGE_OK)
        status = cli_ports_open(request->name, request->session, NULL, &a, error);
    if (status == MIDGE_OK) {
        cli_difference *outputs = calloc(cli_output_count(&a) + 1, sizeof *outputs);
        status = outputs == NULL ? cli_fail_memory(error, "suggestion", sizeof *outputs)
                                 : measure(request, &a, &b, outputs, snr, error);
        free(outputs);
    }
    midge_session_free(session);
    midge_model_free(model);
    return status;
}

/* Quantises with the nodes of `kept` left float, and measures. */
static midge_status try_nodes(const cli_suggestion_request *request, const size_t *kept,
                              size_t count, cli_suggestion_try *made, midge_error *error)
{
    enum { DIGITS = 24 };
    midge_optimize_options options = midge_optimize_options_default();
    char *text = malloc((count + 1) * DIGITS);
    const char **names = malloc((count + 1) * sizeof *names);
    void *bytes = NULL;
    midge_status status = text != NULL && names != NULL
                              ? MIDGE_OK
                              : cli_fail_memory(error, "suggestion", (count + 1) * DIGITS);
    for (size_t i = 0; i < count && status == MIDGE_OK; ++i) {
        (void)snprintf(text + i * DIGITS, DIGITS, "%zu", kept[i]);
        names[i] = text + i * DIGITS;
    }
    *made = (cli_suggestion_try){.kept = count};
    options.mode = request->wide ? MIDGE_OPTIMIZE_INT16X8 : MIDGE_OPTIMIZE_INT8;
    options.threads = request->threads;
    options.sample = give_sample;
    options.sample_count = request->samples->count;
    options.context = request->samples;
    options.keep_float = names;
    options.keep_float_count = count;
    if (status == MIDGE_OK)
        status = midge_optimize(request->model, &options, &bytes, &made->bytes, error);
    if (status == MIDGE_OK) status = measure_file(request, bytes, made->bytes, &made->snr, error);
    midge_optimize_free(NULL, bytes);
    free(names);
    free(text);
    return status;
}

/* ---- What each node costs ---- */

static int costlier(const void *x, const void *y)
{
    const cli_costly_node *a = x, *b = y;
    if (a->noise != b->noise) return a->noise > b->noise ? -1 : 1;
    return a->node < b->node ? -1 : a->node > b->node;
}

/* Each node in integers and all others float. `others` has room for all nodes. */
static midge_status find_costs(const cli_suggestion_request *request, size_t *others,
                               cli_suggestion *suggestion, midge_error *error)
{
    size_t nodes = midge_session_node_count(request->session);
    for (size_t n = 0; n < nodes; ++n) {
        midge_node_info node;
        cli_suggestion_try made;
        size_t count = 0;
        for (size_t k = 0; k < nodes; ++k)
            if (k != n) others[count++] = k;
        TRY(try_nodes(request, others, count, &made, error));
        double noise = pow(10, -made.snr / 10);
        if (!(noise > 0) || !midge_session_node(request->session, n, &node)) continue;
        suggestion->nodes[suggestion->node_count++] =
            (cli_costly_node){n, (size_t)node.outputs[0], noise};
    }
    qsort(suggestion->nodes, suggestion->node_count, sizeof *suggestion->nodes, costlier);
    return MIDGE_OK;
}

/* ---- How many to keep ---- */

static midge_status try_kept(const cli_suggestion_request *request, cli_suggestion *suggestion,
                             size_t count, size_t *kept, cli_suggestion_try *made,
                             midge_error *error)
{
    for (size_t i = 0; i < count; ++i) kept[i] = suggestion->nodes[i].node;
    TRY(try_nodes(request, kept, count, made, error));
    if (suggestion->try_count < CLI_SUGGESTION_TRIES)
        suggestion->tries[suggestion->try_count++] = *made;
    return MIDGE_OK;
}

static midge_status search(const cli_suggestion_request *request, size_t *nodes,
                           cli_suggestion *suggestion, midge_error *error)
{
    size_t too_few = 0, kept = 0;
    cli_suggestion_try made;
    for (;;) {
        TRY(try_kept(request, suggestion, kept, nodes, &made, error));
        suggestion->reached = made.snr >= request->target;
        if (kept == 0 || suggestion->reached || made.snr > suggestion->best.snr)
            suggestion->best = made;
        if (suggestion->reached || kept == suggestion->node_count) break;
        too_few = kept;
        kept += 1 + kept / 2;
        if (kept > suggestion->node_count) kept = suggestion->node_count;
    }
    while (suggestion->reached && kept > too_few + 1) {
        size_t middle = too_few + (kept - too_few) / 2;
        TRY(try_kept(request, suggestion, middle, nodes, &made, error));
        if (made.snr >= request->target) {
            kept = middle;
            suggestion->best = made;
        } else {
            too_few = middle;
        }
    }
    return MIDGE_OK;
}

midge_status cli_suggest(const cli_suggestion_request *request, cli_suggestion *suggestion,
                         midge_error *error)
{
    size_t count = midge_session_node_count(request->session);
    *suggestion = (cli_suggestion){.nodes = calloc(count + 1, sizeof *suggestion->nodes)};
    size_t *nodes = malloc((count + 1) * sizeof *nodes);
    midge_status status = suggestion->nodes != NULL && nodes != NULL
                              ? MIDGE_OK
                              : cli_fail_memory(error, request->name, count * sizeof *nodes);
    if (status == MIDGE_OK) status = find_costs(request, nodes, suggestion, error);
    if (status == MIDGE_OK) status = search(request, nodes, suggestion, error);
    free(nodes);
    return status;
}

void cli_suggestion_free(cli_suggestion *suggestion)
{
    free(suggestion->nodes);
    *suggestion = (cli_suggestion){0};
}
