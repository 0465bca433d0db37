/* SPDX-License-Identifier: Apache-2.0 */
#include "train_progress.h"

#include <stdio.h>
#include <string.h>

#include "machine.h"

enum { BAR = 20, REDRAW_MILLISECONDS = 80, LINE_TEXT = 700 };

static size_t add(char *line, size_t used, const char *format, const char *name, double value)
{
    if (used >= LINE_TEXT) return used;
    int length = snprintf(line + used, LINE_TEXT - used, format, name, value);
    return length > 0 ? used + (size_t)length : used;
}

/* "  loss 0.3512  accuracy 0.8734  val_loss 0.3711 …" */
static void write_values(const cli_train_bar *bar, const midge_fit_progress *progress, char *line)
{
    size_t used = add(line, 0, "  %s %.4f", "loss", progress->loss);
    for (size_t i = 0; i < MIDGE_MOST_METRICS; ++i) {
        const char *name = midge_trainer_metric_name(bar->trainer, i);
        if (name == NULL) break;
        used = add(line, used, "  %s %.4f", name, progress->metrics[i]);
    }
    if (!progress->validated) return;
    used = add(line, used, "  %s %.4f", "val_loss", progress->validation_loss);
    for (size_t i = 0; i < MIDGE_MOST_METRICS; ++i) {
        const char *name = midge_trainer_metric_name(bar->trainer, i);
        if (name == NULL) break;
        used = add(line, used, "  val_%s %.4f", name, progress->validation_metrics[i]);
    }
}

/* "1:02:03", "2:03" or "3 s". */
static void write_time(double seconds, char text[32])
{
    long whole = seconds < 1e9 ? (long)(seconds + 0.5) : 0;
    if (whole >= 3600)
        (void)snprintf(text, 32, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    else if (whole >= 60)
        (void)snprintf(text, 32, "%ld:%02ld", whole / 60, whole % 60);
    else
        (void)snprintf(text, 32, "%ld s", whole);
}

/* Of the whole run, by the speed so far. */
static void write_left(const cli_train_bar *bar, const midge_fit_progress *progress, char text[32])
{
    double per_step = (cli_milliseconds() - bar->start) / 1e3 / bar->steps_run;
    double epochs = (double)(progress->epochs - progress->epoch - 1);
    double steps = epochs * (double)progress->steps + (double)(progress->steps - progress->step);
    write_time(per_step * steps, text);
}

static void draw(const cli_train_bar *bar, const midge_fit_progress *progress)
{
    char values[LINE_TEXT] = "", left[32], done[3 * BAR + 1] = "";
    int digits = snprintf(NULL, 0, "%ld", (long)progress->epochs);
    int step_digits = snprintf(NULL, 0, "%zu", progress->steps);
    size_t full = progress->steps > 0 ? progress->step * BAR / progress->steps : BAR;
    write_values(bar, progress, values);
    for (size_t i = 0; i < BAR; ++i) memcpy(done + 3 * i, i < full ? "━" : "╌", 4);
    (void)fprintf(stderr, "\r\033[Kepoch %*ld/%ld %s %*zu/%zu", digits, (long)progress->epoch + 1,
                  (long)progress->epochs, done, step_digits, progress->step, progress->steps);
    if (progress->epoch_end) {
        double per_step = progress->steps > 0 ? progress->seconds / (double)progress->steps : 0;
        (void)fprintf(stderr, "  %.1f s  %.2f ms/step%s\n", progress->seconds, 1e3 * per_step,
                      values);
        return;
    }
    write_left(bar, progress, left);
    /* A line that wraps could not be drawn over. */
    int used = 6 + digits * 2 + 2 + BAR + 1 + step_digits * 2 + 1 + 2 + (int)strlen(left) + 5;
    int room = cli_terminal_columns(2) - used - 1;
    (void)fprintf(stderr, "  %s left%.*s", left, room > 0 ? room : 0, values);
    (void)fflush(stderr);
}

static void print_line(const cli_train_bar *bar, const midge_fit_progress *progress)
{
    char values[LINE_TEXT] = "";
    write_values(bar, progress, values);
    (void)fprintf(stderr, "epoch %ld/%ld: %zu steps in %.2f s%s\n", (long)progress->epoch + 1,
                  (long)progress->epochs, progress->steps, progress->seconds, values);
}

void cli_train_bar_show(cli_train_bar *bar, const midge_fit_progress *progress)
{
    double now = cli_milliseconds();
    if (bar->start == 0) bar->start = now - progress->seconds * 1e3;
    if (!progress->epoch_end) ++bar->steps_run;
    if (bar->quiet) return;
    if (!bar->terminal) {
        if (progress->epoch_end) print_line(bar, progress);
        return;
    }
    if (!progress->epoch_end && now - bar->drawn < REDRAW_MILLISECONDS) return;
    bar->drawn = now;
    draw(bar, progress);
}

void cli_train_bar_end(const cli_train_bar *bar)
{
    if (!bar->quiet && bar->terminal && bar->start > 0) (void)fputs("\r\033[K", stderr);
}
