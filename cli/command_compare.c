/* SPDX-License-Identifier: Apache-2.0 */
/* midge compare: layer by layer, how far two models, or two kernel tiers, are apart. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "comparison.h"
#include "json_print.h"
#include "model_file.h"
#include "ports.h"
#include "table.h"
#include "twins.h"

typedef struct settings {
    cli_texts input;
    const char *kernels; /* "A,B" or "A" for both */
    int64_t seed;
    int64_t top;
    bool json;
    cli_session_choice choice;
} settings;

static const settings defaults = {.top = 20, .choice = {.threads = 1, .preserve_all = true}};

static const cli_option options[] = {
    {"input", 'i', CLI_LIST, offsetof(settings, input), "[NAME=]FILE.npy",
     "an input of A, in its order or by name; B gets the same real numbers", 0, 0},
    {"seed", '\0', CLI_COUNT, offsetof(settings, seed), "N",
     "fills the inputs that are not given (default 0)", 0, INT64_MAX},
    {"kernels", '\0', CLI_TEXT, offsetof(settings, kernels), "A[,B]",
     "tiers to run A and B with, such as ref,auto (default ref,auto for one model, auto for two)",
     0, 0},
    {"top", 'k', CLI_COUNT, offsetof(settings, top), "K",
     "how many tensors to show, worst first (default 20)", 1, 1000000},
    CLI_OPTION_THREADS(settings),
    CLI_OPTION_LIMIT_MEMORY(settings),
    CLI_OPTION_JSON(settings),
};

/* One of the two. */
typedef struct side {
    const char *path;
    char kernels[40];
    midge_model *model;
    midge_session *session;
    cli_ports ports;
} side;

static midge_status open_side(side *at, const settings *chosen, midge_model *shared,
                              midge_error *error)
{
    cli_session_choice choice = chosen->choice;
    midge_model *model = shared;
    choice.kernels = at->kernels[0] != '\0' ? at->kernels : NULL;
    if (shared == NULL) {
        TRY(cli_model_load(at->path, &at->model, error));
        model = at->model;
    }
    TRY(cli_session_create(at->path, model, &choice, &at->session, error));
    return cli_ports_open(at->path, at->session, NULL, &at->ports, error);
}

static void close_side(side *at)
{
    midge_session_free(at->session);
    midge_model_free(at->model);
}

static midge_status choose_kernels(const settings *chosen, side *a, side *b, bool same_model,
                                   midge_error *error)
{
    const char *text = chosen->kernels != NULL ? chosen->kernels : same_model ? "ref,auto" : "auto";
    size_t first = strcspn(text, ",");
    const char *second = text[first] == ',' ? text + first + 1 : text;
    if (first == 0 || first >= sizeof a->kernels || strlen(second) >= sizeof b->kernels ||
        second[0] == '\0') {
        return cli_usage(
            error, "compare: --kernels takes one or two tiers such as ref,auto, not '%s'", text);
    }
    (void)snprintf(a->kernels, sizeof a->kernels, "%.*s", (int)first, text);
    (void)snprintf(b->kernels, sizeof b->kernels, "%s", second);
    return MIDGE_OK;
}

/* The operator that makes each tensor; "" for inputs. */
static midge_status find_makers(const side *a, const char ***makers, midge_error *error)
{
    size_t tensors = midge_session_tensor_count(a->session);
    const char **found = calloc(tensors + 1, sizeof *found);
    if (found == NULL) return cli_fail_memory(error, a->path, (tensors + 1) * sizeof *found);
    for (size_t i = 0; i < tensors; ++i) found[i] = "";
    for (size_t i = 0; i < midge_session_node_count(a->session); ++i) {
        midge_node_info node;
        if (!midge_session_node(a->session, i, &node)) break;
        for (size_t k = 0; k < node.output_count; ++k) {
            if (node.outputs[k] >= 0) found[node.outputs[k]] = node.op;
        }
    }
    *makers = found;
    return MIDGE_OK;
}

static void print_json(const side *a, const side *b, const cli_comparison *comparison,
                       const char *const *makers)
{
    cli_json json = cli_json_make(stdout);
    cli_json_begin(&json, NULL, '{');
    cli_json_text(&json, "a", a->path);
    cli_json_text(&json, "b", b->path);
    cli_json_text(&json, "a_kernels", a->kernels);
    cli_json_text(&json, "b_kernels", b->kernels);
    cli_json_integer(&json, "unmatched", (int64_t)comparison->unmatched);
    cli_json_begin(&json, "tensors", '[');
    for (size_t i = 0; i < comparison->count; ++i) {
        const cli_difference *row = &comparison->rows[i];
        const midge_tensor *first = midge_session_tensor(a->session, row->a);
        cli_json_begin(&json, NULL, '{');
        cli_json_integer(&json, "a", (int64_t)row->a);
        cli_json_integer(&json, "b", (int64_t)row->b);
        cli_json_text(&json, "name", midge_tensor_name(first));
        cli_json_text(&json, "operator", makers[row->a]);
        cli_json_bool(&json, "equal", row->equal);
        cli_json_number(&json, "snr_db", row->snr);
        cli_json_number(&json, "max_difference", row->comparable ? row->largest : (double)NAN);
        cli_json_number(&json, "mean_difference", row->comparable ? row->mean : (double)NAN);
        cli_json_end(&json, '}');
    }
    cli_json_end(&json, ']');
    cli_json_end(&json, '}');
}

static void add_row(cli_table *table, const side *a, const side *b, const cli_difference *row,
                    const char *maker)
{
    char shape[CLI_SHAPE_TEXT];
    const midge_tensor *first = midge_session_tensor(a->session, row->a);
    const midge_tensor *second = midge_session_tensor(b->session, row->b);
    if (row->equal) {
        cli_table_add(table, "equal");
    } else if (!row->comparable) {
        cli_table_add(table, "other shape");
    } else {
        cli_table_add(table, "%.1f dB", row->snr);
    }
    cli_table_add(table, "%.3g", row->largest);
    cli_table_add(table, "%zu", row->a);
    cli_table_add(table, "%s", maker);
    cli_table_add(table, "%s",
                  cli_shape_text(midge_tensor_rank(first), midge_tensor_shape(first), shape));
    cli_table_add(table, "%s", midge_type_name(midge_tensor_type(first)));
    cli_table_add(table, "%s", midge_type_name(midge_tensor_type(second)));
    cli_table_add(table, "%s", midge_tensor_name(first));
}

static midge_status print_text(const settings *chosen, const side *a, const side *b,
                               const cli_comparison *comparison, const char *const *makers,
                               midge_error *error)
{
    static const char *const headers[] = {"SNR",   "max diff", "tensor", "operator",
                                          "shape", "A",        "B",      "name"};
    char safe[1100];
    size_t equal = 0;
    size_t shown = (size_t)chosen->top;
    cli_table table = cli_table_make(8, headers, 0x7);
    for (size_t i = 0; i < comparison->count; ++i) equal += comparison->rows[i].equal;
    if (shown > comparison->count) shown = comparison->count;
    (void)printf("A %s (%s)\n", cli_printable(a->path, safe, sizeof safe), a->kernels);
    (void)printf("B %s (%s)\n", cli_printable(b->path, safe, sizeof safe), b->kernels);
    (void)printf("%zu tensors compared, %zu equal; %zu of A have no partner in B\n\n",
                 comparison->count, equal, comparison->unmatched);
    for (size_t i = 0; i < shown; ++i) {
        add_row(&table, a, b, &comparison->rows[i], makers[comparison->rows[i].a]);
    }
    return cli_table_print(&table, 0, error);
}

static midge_status compare(const settings *chosen, side *a, side *b, bool same_model,
                            midge_error *error)
{
    cli_comparison comparison = {0};
    const char **makers = NULL;
    TRY(choose_kernels(chosen, a, b, same_model, error));
    TRY(open_side(a, chosen, NULL, error));
    TRY(open_side(b, chosen, same_model ? a->model : NULL, error));
    TRY(cli_twins_feed(&a->ports, &b->ports, &chosen->input, (uint64_t)chosen->seed, error));
    TRY(cli_ports_invoke(&a->ports, error));
    TRY(cli_ports_invoke(&b->ports, error));
    TRY(find_makers(a, &makers, error));
    midge_status status =
        cli_compare_sessions(a->session, b->session, same_model, &comparison, error);
    if (status == MIDGE_OK && comparison.count == 0) {
        status = cli_fail(error, MIDGE_INVALID_ARGUMENT,
                          "%s and %s have no tensors of the same name; nothing to compare", a->path,
                          b->path);
    } else if (status == MIDGE_OK && chosen->json) {
        print_json(a, b, &comparison, makers);
    } else if (status == MIDGE_OK) {
        status = print_text(chosen, a, b, &comparison, makers, error);
    }
    cli_comparison_free(&comparison);
    free(makers);
    return status;
}

static midge_status run(const void *values, const cli_texts *operands, midge_error *error)
{
    bool same_model = operands->count == 1 || strcmp(operands->items[0], operands->items[1]) == 0;
    side a = {.path = operands->items[0]};
    side b = {.path = operands->items[operands->count - 1]};
    midge_status status = compare(values, &a, &b, same_model, error);
    close_side(&b);
    close_side(&a);
    return status;
}

const cli_command cli_compare = {
    .name = "compare",
    .operands = "A [B]",
    .summary = "compare two models, or two kernel tiers, layer by layer",
    .about =
        "Runs A and B on the same inputs and compares every tensor that both compute, as real "
        "numbers: the ratio of signal to noise, and the largest difference, worst first. With one "
        "model, or the same twice, tensors are matched by number and the kernel tiers of "
        "--kernels compared; two models are matched by tensor names.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .least_operands = 1,
    .most_operands = 2,
    .defaults = &defaults,
    .values_size = sizeof defaults,
    .run = run,
};
