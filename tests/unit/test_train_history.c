/* SPDX-License-Identifier: Apache-2.0 */
/* What epochs brought: kept beside a checkpoint and read back, and drawn. */
#define _POSIX_C_SOURCE 200809L
#include "train_history.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "curve.h"
#include "expect.h"
#include "files.h"

static const char path[] = "run.history", settings[] = "dense data=a.csv epochs=4";

/* Epoch number `epoch` of a run that gets worse after the third. */
static midge_fit_progress progress_of(int epoch, bool validated)
{
    midge_fit_progress progress = {.epoch = epoch,
                                   .epochs = 4,
                                   .epoch_end = true,
                                   .loss = 1.0 / (epoch + 1),
                                   .metrics = {0.5 + 0.1 * epoch},
                                   .validated = validated,
                                   .validation_loss = epoch < 3 ? 1.5 / (epoch + 1) : 0.9,
                                   .validation_metrics = {0.45 + 0.1 * epoch},
                                   .learning_rate = 0.001,
                                   .seconds = 0.25,
                                   .best = epoch < 3};
    return progress;
}

static cli_history make_history(int epochs, bool validated)
{
    cli_history history = {.metric_count = 1, .metric_names = {"accuracy"}};
    midge_error error = {MIDGE_OK, ""};
    for (int i = 0; i < epochs; ++i) {
        midge_fit_progress progress = progress_of(i, validated);
        EXPECT(cli_history_set(&history, &progress, &error) == MIDGE_OK, "%s", error.message);
    }
    return history;
}

static void check_read_back(void)
{
    cli_history history = make_history(4, true);
    cli_history again = {.metric_count = 1, .metric_names = {"accuracy"}};
    midge_error error = {MIDGE_OK, ""};
    EXPECT(cli_history_best(&history) == 2, "epoch %zu", cli_history_best(&history));
    EXPECT(cli_history_write(&history, path, settings, &error) == MIDGE_OK, "%s", error.message);
    EXPECT(cli_history_read(&again, path, settings, &error) == MIDGE_OK, "%s", error.message);
    EXPECT(again.count == 4 && again.validated, "%zu epochs", again.count);
    for (size_t i = 0; i < again.count; ++i) {
        EXPECT(again.epochs[i].loss == history.epochs[i].loss, "epoch %zu", i);
        EXPECT(again.epochs[i].validation_metrics[0] == history.epochs[i].validation_metrics[0],
               "epoch %zu", i);
        EXPECT(again.epochs[i].best == history.epochs[i].best, "epoch %zu", i);
    }
    /* An epoch that comes again takes those behind it away. */
    midge_fit_progress progress = progress_of(1, true);
    EXPECT(cli_history_set(&again, &progress, &error) == MIDGE_OK && again.count == 2, "%zu",
           again.count);
    cli_history_free(&again);
    cli_history_free(&history);
}

static void check_refused(void)
{
    cli_history history = {.metric_count = 1, .metric_names = {"accuracy"}};
    midge_error error = {MIDGE_OK, ""};
    EXPECT(cli_history_read(&history, path, "dense data=b.csv", &error) != MIDGE_OK, "others");
    EXPECT(strcmp(error.message, "run.history: the interrupted run had data=a.csv, not data=b.csv; "
                                 "give the same, or remove the checkpoint to train anew") == 0,
           "%s", error.message);
    cli_history_free(&history);
    static const char *const damaged[] = {
        "1,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds\n1,0.5,0.1\n",
        "0,loss\n0,x,0.5,0.001,1\n",
        "0,loss\n0 0.5 0.5\n",
        "0,loss\n0\n",
    };
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; ++i) {
        FILE *stream = fopen(path, "w");
        history = (cli_history){.metric_count = 1, .metric_names = {"accuracy"}};
        EXPECT(stream != NULL && fprintf(stream, "%s\n%s", settings, damaged[i]) > 0 &&
                   fclose(stream) == 0,
               "%s", path);
        EXPECT(cli_history_read(&history, path, settings, &error) != MIDGE_OK, "case %zu", i);
        EXPECT(strstr(error.message, "epoch 1 is damaged") != NULL, "case %zu: %s", i,
               error.message);
        cli_history_free(&history);
    }
}

static void check_sparkline(void)
{
    static const double falling[] = {4, 3, 2, 1}, one[] = {5}, level[] = {2, 2};
    double many[200];
    char text[CLI_CURVE_TEXT];
    for (int i = 0; i < 200; ++i) many[i] = i;
    EXPECT(strcmp(cli_curve_text(falling, 4, text), "█▆▃▁") == 0, "%s", text);
    EXPECT(strcmp(cli_curve_text(one, 1, text), "▅") == 0, "%s", text);
    EXPECT(strcmp(cli_curve_text(level, 2, text), "▅▅") == 0, "%s", text);
    EXPECT(strlen(cli_curve_text(many, 200, text)) == 3 * CLI_CURVE_WIDTH, "%s", text);
    many[3] = NAN;
    EXPECT(strlen(cli_curve_text(many, 200, text)) == 3 * CLI_CURVE_WIDTH, "%s", text);
    EXPECT(cli_curve_text(many, 0, text)[0] == '\0', "nothing of nothing");
}

/* Draws into a file and returns its text. */
static cli_bytes draw(const cli_history *history)
{
    cli_bytes bytes = {NULL, 0};
    midge_error error = {MIDGE_OK, ""};
    FILE *stream = fopen("curve.svg", "wb");
    EXPECT(stream != NULL, "curve.svg");
    if (stream == NULL) return bytes;
    cli_curve_svg(history, "dense on <a & b>", stream);
    EXPECT(fclose(stream) == 0, "curve.svg");
    EXPECT(cli_file_read("curve.svg", 1 << 20, &bytes, &error) == MIDGE_OK, "%s", error.message);
    return bytes;
}

static size_t count_of(const cli_bytes *bytes, const char *text)
{
    size_t count = 0, length = strlen(text);
    for (size_t i = 0; i + length <= bytes->size; ++i)
        count += memcmp(bytes->data + i, text, length) == 0;
    return count;
}

static void check_drawing(void)
{
    for (int epochs = 0; epochs <= 4; ++epochs) {
        for (int validated = 0; validated < 2; ++validated) {
            cli_history history = make_history(epochs, validated != 0);
            cli_bytes drawn = draw(&history);
            size_t lines = epochs == 0 ? 0 : validated != 0 ? 2 : 1;
            EXPECT(count_of(&drawn, "<path class=\"t\"") == (epochs > 0 ? 2u : 0u), "training");
            EXPECT(count_of(&drawn, "<path class=\"v\"") == (lines == 2 ? 2u : 0u), "validation");
            EXPECT(count_of(&drawn, "<circle") == 2 * lines * (size_t)epochs, "points");
            EXPECT(count_of(&drawn, "dense on &lt;a &amp; b&gt;") == 1, "the title");
            EXPECT(count_of(&drawn, "nan") == 0 && count_of(&drawn, "inf") == 0, "places");
            cli_bytes_free(&drawn);
            cli_history_free(&history);
        }
    }
}

int main(void)
{
    char folder[] = "/tmp/midge-history-XXXXXX", remove[100];
    EXPECT(mkdtemp(folder) != NULL && chdir(folder) == 0, "%s", folder);
    check_read_back();
    check_refused();
    check_sparkline();
    check_drawing();
    (void)snprintf(remove, sizeof remove, "rm -r %s", folder);
    EXPECT(system(remove) == 0, "%s", folder);
    return expect_finish();
}
