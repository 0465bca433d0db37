/* SPDX-License-Identifier: Apache-2.0 */
/* midge compare: layer by layer, how far two models, or two kernel tiers, are apart. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calibration.h"
#include "commands.h"
#include "comparison.h"
#include "comparison_svg.h"
#include "json_print.h"
#include "model_file.h"
#include "ports.h"
#include "suggestion.h"
#include "table.h"
#include "twins.h"

typedef struct settings {
    cli_texts input;
    cli_texts data;
    const char *pixels;
    const char *svg;
    double suggest;      /* decibels; 0: no suggestion */
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
    {"data", 'd', CLI_LIST, offsetof(settings, data), "[NAME=]FILE|FOLDER",
     "many inputs of A, as --calibration of convert takes them: .npy stacks, IDX files, pictures",
     0, 0},
    {"pixels", '\0', CLI_TEXT, offsetof(settings, pixels), "LOW:HIGH",
     "what black and white become in pictures (default: what the metadata says, or -1:1)", 0, 0},
    {"seed", '\0', CLI_COUNT, offsetof(settings, seed), "N",
     "fills the inputs that are not given (default 0)", 0, INT64_MAX},
    {"kernels", '\0', CLI_TEXT, offsetof(settings, kernels), "A[,B]",
     "tiers to run A and B with, such as ref,auto (default ref,auto for one model, auto for two)",
     0, 0},
    {"top", 'k', CLI_COUNT, offsetof(settings, top), "K",
     "how many tensors to show, worst first (default 20)", 1, 1000000},
    {"svg", '\0', CLI_TEXT, offsetof(settings, svg), "FILE",
     "also draw the ratios, in the order in which tensors are computed", 0, 0},
    {"suggest", '\0', CLI_NUMBER, offsetof(settings, suggest), "DB",
     "which nodes of A to keep float so that its integer form reaches this ratio at the outputs; "
     "needs --data",
     1, 300},
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

/* What there is to print. */
typedef struct findings {
    const side *a, *b;
    const char **makers;
    cli_comparison comparison;
    cli_suggestion suggestion;
    double target; /* 0: no suggestion was asked for */
} findings;

static void print_json_suggestion(cli_json *json, const findings *of)
{
    const cli_suggestion *found = &of->suggestion;
    if (of->target <= 0) return;
    cli_json_begin(json, "suggestion", '{');
    cli_json_number(json, "target_db", of->target);
    cli_json_bool(json, "reached", found->reached);
    cli_json_number(json, "snr_db", found->best.snr);
    cli_json_integer(json, "bytes", (int64_t)found->best.bytes);
    cli_json_begin(json, "keep_float", '[');
    for (size_t i = 0; i < found->best.kept; ++i) {
        const cli_costly_node *node = &found->nodes[i];
        cli_json_begin(json, NULL, '{');
        cli_json_integer(json, "node", (int64_t)node->node);
        cli_json_text(json, "operator", of->makers[node->tensor]);
        cli_json_text(json, "name",
                      midge_tensor_name(midge_session_tensor(of->a->session, node->tensor)));
        cli_json_number(json, "noise", node->noise);
        cli_json_end(json, '}');
    }
    cli_json_end(json, ']');
    cli_json_end(json, '}');
}

static void print_json(const findings *of)
{
    cli_json json = cli_json_make(stdout);
    cli_json_begin(&json, NULL, '{');
    cli_json_text(&json, "a", of->a->path);
    cli_json_text(&json, "b", of->b->path);
    cli_json_text(&json, "a_kernels", of->a->kernels);
    cli_json_text(&json, "b_kernels", of->b->kernels);
    cli_json_integer(&json, "runs", (int64_t)of->comparison.runs);
    cli_json_integer(&json, "unmatched", (int64_t)of->comparison.unmatched);
    cli_json_begin(&json, "tensors", '[');
    for (size_t i = 0; i < of->comparison.count; ++i) {
        const cli_difference *row = &of->comparison.rows[i];
        const midge_tensor *first = midge_session_tensor(of->a->session, row->a);
        cli_json_begin(&json, NULL, '{');
        cli_json_integer(&json, "a", (int64_t)row->a);
        cli_json_integer(&json, "b", (int64_t)row->b);
        cli_json_text(&json, "name", midge_tensor_name(first));
        cli_json_text(&json, "operator", of->makers[row->a]);
        cli_json_bool(&json, "equal", row->equal);
        cli_json_number(&json, "snr_db", row->snr);
        cli_json_number(&json, "max_difference", row->comparable ? row->largest : (double)NAN);
        cli_json_number(&json, "mean_difference", row->comparable ? row->mean : (double)NAN);
        cli_json_end(&json, '}');
    }
    cli_json_end(&json, ']');
    print_json_suggestion(&json, of);
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

static midge_status print_tensors(const settings *chosen, const findings *of, midge_error *error)
{
    static const char *const headers[] = {"SNR",   "max diff", "tensor", "operator",
                                          "shape", "A",        "B",      "name"};
    char safe[1100];
    size_t equal = 0;
    size_t shown = (size_t)chosen->top;
    const cli_comparison *comparison = &of->comparison;
    cli_table table = cli_table_make(8, headers, 0x7);
    for (size_t i = 0; i < comparison->count; ++i) equal += comparison->rows[i].equal;
    if (shown > comparison->count) shown = comparison->count;
    (void)printf("A %s (%s)\n", cli_printable(of->a->path, safe, sizeof safe), of->a->kernels);
    (void)printf("B %s (%s)\n", cli_printable(of->b->path, safe, sizeof safe), of->b->kernels);
    (void)printf("%zu tensors compared, %zu equal; %zu of A have no partner in B",
                 comparison->count, equal, comparison->unmatched);
    if (comparison->runs > 1) (void)printf("; %zu inputs", comparison->runs);
    (void)printf("\n\n");
    for (size_t i = 0; i < shown; ++i) {
        add_row(&table, of->a, of->b, &comparison->rows[i], of->makers[comparison->rows[i].a]);
    }
    return cli_table_print(&table, 0, error);
}

static midge_status print_suggestion(const findings *of, midge_error *error)
{
    static const char *const headers[] = {"node", "operator", "noise alone", "name"};
    const cli_suggestion *found = &of->suggestion;
    cli_table table = cli_table_make(4, headers, 0x5);
    if (of->target <= 0) return MIDGE_OK;
    (void)printf("\nnodes kept float   SNR at the outputs   bytes\n");
    for (size_t i = 0; i < found->try_count; ++i)
        (void)printf("%16zu   %15.1f dB   %zu\n", found->tries[i].kept, found->tries[i].snr,
                     found->tries[i].bytes);
    if (found->reached && found->best.kept == 0) {
        (void)printf("\nfor %.1f dB nothing must be kept float\n", of->target);
        return MIDGE_OK;
    }
    if (found->reached)
        (void)printf("\nfor %.1f dB keep float (%.1f dB, %zu bytes)\n", of->target, found->best.snr,
                     found->best.bytes);
    else
        (void)printf("\n%.1f dB are out of reach; the best are %.1f dB, with\n", of->target,
                     found->best.snr);
    for (size_t i = 0; i < found->best.kept; ++i) {
        const cli_costly_node *node = &found->nodes[i];
        cli_table_add(&table, "%zu", node->node);
        cli_table_add(&table, "%s", of->makers[node->tensor]);
        cli_table_add(&table, "%.3g %%", 100 * node->noise);
        cli_table_add(&table, "%s",
                      midge_tensor_name(midge_session_tensor(of->a->session, node->tensor)));
    }
    TRY(cli_table_print(&table, 2, error));
    for (size_t i = 0; i < found->best.kept; ++i)
        (void)printf("%s --keep-float %zu", i == 0 ? " " : "", found->nodes[i].node);
    (void)printf("\n");
    return MIDGE_OK;
}

/* Runs both, on one input or on all the samples there are. */
static midge_status run_both(const settings *chosen, side *a, side *b, cli_calibration *samples,
                             cli_comparison *comparison, midge_error *error)
{
    size_t runs = samples->count > 0 ? samples->count : 1;
    bool same_model = b->model == NULL;
    for (size_t i = 0; i < runs; ++i) {
        if (samples->count == 0) {
            TRY(cli_twins_feed(&a->ports, &b->ports, &chosen->input, (uint64_t)chosen->seed,
                               error));
        } else {
            TRY(cli_calibration_write(samples, i, a->session, error));
            TRY(cli_twins_copy(&a->ports, &b->ports, error));
            (void)midge_session_reset(a->session);
            (void)midge_session_reset(b->session);
        }
        TRY(cli_ports_invoke(&a->ports, error));
        TRY(cli_ports_invoke(&b->ports, error));
        if (i == 0) TRY(cli_comparison_open(a->session, b->session, same_model, comparison, error));
        cli_comparison_add(comparison, a->session, b->session);
    }
    return MIDGE_OK;
}

/* Whether the model works on integers; *wide: on int16. */
static bool is_integer(const midge_session *session, bool *wide)
{
    bool narrow = false;
    *wide = false;
    for (size_t i = 0; i < midge_session_tensor_count(session); ++i) {
        const midge_tensor *tensor = midge_session_tensor(session, i);
        if (midge_tensor_is_constant(tensor) || midge_tensor_quantization(tensor).count == 0)
            continue;
        *wide = *wide || midge_tensor_type(tensor) == MIDGE_INT16;
        narrow = narrow || midge_tensor_type(tensor) == MIDGE_INT8;
    }
    *wide = *wide && !narrow;
    return *wide || narrow;
}

static midge_status suggest(const settings *chosen, const side *a, const side *b,
                            cli_calibration *samples, findings *of, midge_error *error)
{
    cli_suggestion_request request = {
        .name = a->path,
        .model = a->model,
        .session = a->session,
        .samples = samples,
        .target = chosen->suggest,
        .threads = (int)chosen->choice.threads,
    };
    if (chosen->suggest <= 0) return MIDGE_OK;
    if (b->model == NULL || !is_integer(b->session, &request.wide))
        return cli_usage(error, "compare: --suggest needs two models, the second with integers "
                                "where the first has floats");
    of->target = chosen->suggest;
    return cli_suggest(&request, &of->suggestion, error);
}

/* With both sides open: runs, draws, suggests and prints. */
static midge_status report(const settings *chosen, side *a, side *b, cli_calibration *samples,
                           findings *of, midge_error *error)
{
    char title[300], first[120], second[120];
    TRY(cli_twins_check(&a->ports, &b->ports, error));
    TRY(run_both(chosen, a, b, samples, &of->comparison, error));
    if (of->comparison.count == 0)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s and %s have no tensors of the same name; nothing to compare", a->path,
                        b->path);
    TRY(find_makers(a, &of->makers, error));
    (void)snprintf(title, sizeof title, "signal to noise of %s in %s",
                   cli_printable(a->path, first, sizeof first),
                   cli_printable(b->path, second, sizeof second));
    if (chosen->svg != NULL)
        TRY(cli_comparison_svg(&of->comparison, a->session, of->makers, title, chosen->svg, error));
    cli_comparison_sort(&of->comparison);
    TRY(suggest(chosen, a, b, samples, of, error));
    if (chosen->json) {
        print_json(of);
        return MIDGE_OK;
    }
    TRY(print_tensors(chosen, of, error));
    return print_suggestion(of, error);
}

static midge_status compare(const settings *chosen, side *a, side *b, bool same_model,
                            midge_error *error)
{
    findings of = {.a = a, .b = b};
    cli_calibration samples = {0};
    if (chosen->suggest > 0 && chosen->data.count == 0)
        return cli_usage(error, "compare: --suggest needs typical inputs: give --data FILE");
    if (chosen->data.count > 0 && chosen->input.count > 0)
        return cli_usage(error, "compare: give either --input or --data");
    TRY(choose_kernels(chosen, a, b, same_model, error));
    TRY(open_side(a, chosen, NULL, error));
    TRY(open_side(b, chosen, same_model ? a->model : NULL, error));
    midge_status status = MIDGE_OK;
    if (chosen->data.count > 0)
        status =
            cli_calibration_open(&samples, a->path, a->model, &chosen->data, chosen->pixels, error);
    if (status == MIDGE_OK) status = report(chosen, a, b, &samples, &of, error);
    cli_suggestion_free(&of.suggestion);
    cli_comparison_free(&of.comparison);
    cli_calibration_free(&samples);
    free(of.makers);
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
        "--kernels compared; two models are matched by tensor names. With --data the ratios are "
        "those "
        "of all inputs together.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .least_operands = 1,
    .most_operands = 2,
    .defaults = &defaults,
    .values_size = sizeof defaults,
    .run = run,
};
