/* SPDX-License-Identifier: Apache-2.0 */
/* midge classify: names what is on pictures. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "classifier.h"
#include "commands.h"
#include "json_print.h"
#include "machine.h"
#include "table.h"

typedef struct settings {
    const char *model;
    const char *labels;
    const char *range;
    int64_t top;
    int resize;
    bool softmax;
    bool json;
    cli_session_choice choice;
} settings;

static const settings defaults = {.top = 5, .resize = 1, .choice = {.threads = 1}};

static const cli_filter filters[] = {CLI_BILINEAR, CLI_BICUBIC, CLI_NEAREST};

static const cli_option options[] = {
    {"model", 'm', CLI_TEXT, offsetof(settings, model), "FILE",
     "the .tflite file (default: the built-in model of clothes, Fashion-MNIST)", 0, 0},
    {"labels", 'l', CLI_TEXT, offsetof(settings, labels), "FILE",
     "a text with one label a line (default: what the model brings, or a .txt beside it)", 0, 0},
    {"top", 'k', CLI_COUNT, offsetof(settings, top), "K", "how many results (default 5)", 1,
     1000000},
    {"resize", '\0', CLI_CHOICE, offsetof(settings, resize), "bilinear|bicubic|nearest",
     "how pictures are scaled to the model's size (default bicubic)", 0, 0},
    {"range", '\0', CLI_TEXT, offsetof(settings, range), "LOW:HIGH",
     "what black and white become in a float model (default: what the model's metadata says, or "
     "-1:1)",
     0, 0},
    {"softmax", '\0', CLI_FLAG, offsetof(settings, softmax), NULL,
     "make probabilities of the outputs of a model that ends before softmax", 0, 0},
    CLI_OPTION_THREADS(settings),
    CLI_OPTION_KERNELS(settings),
    CLI_OPTION_LIMIT_MEMORY(settings),
    CLI_OPTION_JSON(settings),
};

/* What has been printed so far. */
typedef struct report {
    const settings *settings;
    cli_json json;
    size_t pictures;
    double milliseconds; /* of all inferences */
} report;

static void print_json(report *so_far, const cli_classifier *classifier, const char *picture,
                       size_t count, double milliseconds)
{
    cli_json *json = &so_far->json;
    if (json->depth == 0) cli_json_begin(json, NULL, '[');
    cli_json_begin(json, NULL, '{');
    cli_json_text(json, "image", picture);
    cli_json_begin(json, "results", '[');
    for (size_t i = 0; i < count; ++i) {
        size_t index = classifier->order[i];
        cli_json_begin(json, NULL, '{');
        cli_json_integer(json, "index", (int64_t)index);
        cli_json_text(json, "label", cli_labels_name(&classifier->labels, index));
        cli_json_number(json, "score", cli_classifier_score(classifier, index));
        cli_json_end(json, '}');
    }
    cli_json_end(json, ']');
    cli_json_time(json, "inference_ms", milliseconds);
    cli_json_end(json, '}');
}

/* A bar of `width` columns in steps of an eighth; returns `buffer`. */
static const char *bar(double share, char *buffer, size_t width)
{
    static const char *const parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    long eighths = lround(share * 8.0 * (double)width);
    size_t used = 0;
    for (long i = 0; i < eighths / 8; ++i, used += 3) memcpy(buffer + used, "█", 3);
    memcpy(buffer + used, parts[eighths % 8], strlen(parts[eighths % 8]) + 1);
    return buffer;
}

static midge_status print_text(const report *so_far, const cli_classifier *classifier,
                               const char *picture, size_t count, midge_error *error)
{
    enum { bar_width = 20, bar_bytes = bar_width * 3 + 4 };
    bool bars = cli_is_terminal(STDOUT_FILENO);
    char safe[1100];
    for (size_t i = 0; i < count; ++i) {
        double score = cli_classifier_score(classifier, classifier->order[i]);
        bars = bars && score >= 0.0 && score <= 1.0;
    }
    cli_table table = cli_table_make(bars ? 4 : 3, NULL, bars ? 0x5 : 0x3);
    for (size_t i = 0; i < count; ++i) {
        char drawn[bar_bytes];
        size_t index = classifier->order[i];
        double score = cli_classifier_score(classifier, index);
        const char *label = cli_labels_name(&classifier->labels, index);
        cli_table_add(&table, fabs(score) < 1000.0 ? "%.4f" : "%.6g", score);
        if (bars) cli_table_add(&table, "%s", bar(score, drawn, bar_width));
        cli_table_add(&table, "%zu", index);
        cli_table_add(&table, "%s", label != NULL ? label : "");
    }
    (void)printf("%s%s\n", so_far->pictures > 0 ? "\n" : "",
                 cli_printable(picture, safe, sizeof safe));
    return cli_table_print(&table, 2, error);
}

static midge_status classify(report *so_far, cli_classifier *classifier, const char *picture,
                             cli_image *image, midge_error *error)
{
    size_t count = 0;
    double milliseconds = 0.0;
    if (image->damage[0] != '\0') {
        cli_note("%s: the picture is damaged (%s); what it shows may be wrong", picture,
                 image->damage);
    }
    TRY(cli_classifier_look(classifier, picture, image, (size_t)so_far->settings->top, &count,
                            &milliseconds, error));
    if (so_far->settings->json) {
        print_json(so_far, classifier, picture, count, milliseconds);
    } else {
        TRY(print_text(so_far, classifier, picture, count, error));
    }
    cli_detail("%s: inference took %.2f ms", picture, milliseconds);
    so_far->milliseconds += milliseconds;
    ++so_far->pictures;
    return MIDGE_OK;
}

/* A picture that fails is reported, and the others still get their turn. */
static midge_status classify_files(report *so_far, cli_classifier *classifier,
                                   const cli_texts *pictures)
{
    midge_status worst = MIDGE_OK;
    for (size_t i = 0; i < pictures->count; ++i) {
        const char *picture = pictures->items[i];
        cli_image image = {0};
        midge_error error = {MIDGE_OK, ""};
        midge_status status = cli_image_read(picture, &image, &error);
        if (status == MIDGE_OK) status = classify(so_far, classifier, picture, &image, &error);
        cli_image_free(&image);
        if (status == MIDGE_OK) continue;
        cli_print_error(&error);
        worst = status;
    }
    return worst;
}

static midge_status classify_samples(report *so_far, cli_classifier *classifier, midge_error *error)
{
    static const char folder[] = "pictures/";
    for (size_t i = 0; i < embedded_file_count; ++i) {
        const embedded_file *file = &embedded_files[i];
        cli_image image = {0};
        if (strncmp(file->name, folder, strlen(folder)) != 0) continue;
        const char *name = file->name + strlen(folder);
        midge_status status = cli_image_decode(name, file->bytes, file->size, &image, error);
        if (status == MIDGE_OK) status = classify(so_far, classifier, name, &image, error);
        cli_image_free(&image);
        TRY(status);
    }
    if (so_far->pictures == 0)
        return cli_usage(error, "classify: this midge has no sample pictures; name a picture");
    if (so_far->settings->json) return MIDGE_OK;
    size_t arena;
    size_t memory = midge_session_memory(classifier->session, &arena);
    cli_note("%zu pictures, %.2f ms each; the session takes %.0f KiB, of which the tensors %.0f",
             so_far->pictures, so_far->milliseconds / (double)so_far->pictures,
             (double)memory / 1024, (double)arena / 1024);
    return MIDGE_OK;
}

static midge_status run(const void *values, const cli_texts *pictures, midge_error *error)
{
    const settings *chosen = values;
    report so_far = {.settings = chosen, .json = cli_json_make(stdout)};
    cli_classifier classifier;
    cli_classifier_choice choice = {.model = chosen->model,
                                    .labels = chosen->labels,
                                    .range = chosen->range,
                                    .filter = filters[chosen->resize],
                                    .softmax = chosen->softmax,
                                    .session = chosen->choice};
    midge_status status = cli_classifier_open(&classifier, &choice, error);
    if (status == MIDGE_OK) {
        status = pictures->count > 0 ? classify_files(&so_far, &classifier, pictures)
                                     : classify_samples(&so_far, &classifier, error);
    }
    if (so_far.json.depth > 0) cli_json_end(&so_far.json, ']');
    cli_classifier_free(&classifier);
    return status;
}

const cli_command cli_classify = {
    .name = "classify",
    .operands = "[IMAGE]...",
    .summary = "name what is on pictures",
    .about =
        "Names what is on JPEG, PNG, BMP or PNM pictures; '-' is standard input. Without --model "
        "the built-in model looks for clothes, without IMAGE it looks at built-in sample "
        "pictures. Prints the best classes of each picture: score, class number, label.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .most_operands = SIZE_MAX,
    .defaults = &defaults,
    .values_size = sizeof defaults,
    .run = run,
};
