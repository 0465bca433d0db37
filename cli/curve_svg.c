/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A panel for the loss and one for the first metric. In each: lines of the training and of the
 * validation over the epochs, a grid at round numbers, the best epoch marked, and at the right end
 * of each line its name and last value.
 */
#include <math.h>
#include <string.h>

#include "curve.h"

enum {
    PANEL_WIDTH = 300,
    PANEL_HEIGHT = 200,
    LEFT = 56,     /* for the numbers at the grid */
    RIGHT = 104,   /* for the names of the lines */
    TOP = 58,      /* for the titles */
    BOTTOM = 44,   /* for the epochs */
    MOST_LINES = 6 /* of the grid */
};

/* One panel. */
typedef struct panel {
    const cli_history *history;
    FILE *stream;
    double x; /* of its left edge */
    double least, most;
    double step; /* between lines of the grid */
    bool metric; /* or the loss */
} panel;

static double value_at(const panel *at, size_t epoch, bool validation)
{
    const cli_epoch *row = &at->history->epochs[epoch];
    if (at->metric) return validation ? row->validation_metrics[0] : row->metrics[0];
    return validation ? row->validation_loss : row->loss;
}

static void put_text(FILE *stream, const char *text)
{
    for (; *text != '\0'; ++text) {
        switch (*text) {
        case '<': (void)fputs("&lt;", stream); break;
        case '>': (void)fputs("&gt;", stream); break;
        case '&': (void)fputs("&amp;", stream); break;
        default: (void)fputc((unsigned char)*text < 0x20 ? ' ' : *text, stream);
        }
    }
}

/* 1, 2 or 5 times a power of ten, so that the grid has few lines. */
static double round_step(double range)
{
    double step = pow(10, floor(log10(range / MOST_LINES)));
    if (range / step > 5 * MOST_LINES) return 10 * step;
    if (range / step > 2 * MOST_LINES) return 5 * step;
    return range / step > MOST_LINES ? 2 * step : step;
}

static void find_range(panel *at)
{
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < at->history->count; ++i) {
        for (int validation = 0; validation < (at->history->validated ? 2 : 1); ++validation) {
            double value = value_at(at, i, validation != 0);
            if (!isfinite(value)) continue;
            least = fmin(least, value);
            most = fmax(most, value);
        }
    }
    if (!(most > least)) {
        most = isfinite(most) ? most + 0.5 : 1;
        least = most - 1;
    }
    at->step = round_step(most - least);
    at->least = floor(least / at->step) * at->step;
    at->most = ceil(most / at->step) * at->step;
}

static double x_of(const panel *at, size_t epoch)
{
    size_t last = at->history->count - 1;
    return at->x + (last > 0 ? (double)epoch / (double)last : 0.5) * PANEL_WIDTH;
}

static double y_of(const panel *at, double value)
{
    return TOP + (at->most - value) / (at->most - at->least) * PANEL_HEIGHT;
}

static void draw_grid(const panel *at)
{
    int decimals = at->step < 1 ? (int)ceil(-log10(at->step) - 1e-9) : 0;
    size_t count = at->history->count;
    size_t step = count > 1 ? (size_t)ceil(round_step((double)(count - 1))) : 1;
    (void)fprintf(at->stream, "<text class=\"h\" x=\"%.1f\" y=\"%d\">", at->x, TOP - 12);
    put_text(at->stream, at->metric ? at->history->metric_names[0] : "loss");
    (void)fputs("</text>\n", at->stream);
    for (double value = at->least; value < at->most + at->step / 2; value += at->step) {
        double y = y_of(at, value);
        (void)fprintf(at->stream,
                      "<path class=\"g\" d=\"M%.1f %.1fh%d\"/><text class=\"n\" x=\"%.1f\" "
                      "y=\"%.1f\" text-anchor=\"end\">%.*f</text>\n",
                      at->x, y, PANEL_WIDTH, at->x - 6, y + 3.5, decimals,
                      fabs(value) < at->step / 2 ? 0.0 : value);
    }
    for (size_t epoch = 0; epoch < count; ++epoch) {
        if (epoch > 0 && (epoch + 1) % step != 0) continue;
        (void)fprintf(at->stream,
                      "<text class=\"n\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%zu</text>\n",
                      x_of(at, epoch), TOP + PANEL_HEIGHT + 16, epoch + 1);
    }
    (void)fprintf(at->stream,
                  "<text class=\"n\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">epoch</text>\n",
                  at->x + PANEL_WIDTH / 2.0, TOP + PANEL_HEIGHT + 32);
}

static void draw_line(const panel *at, bool validation)
{
    bool pen_down = false;
    (void)fprintf(at->stream, "<path class=\"%s\" d=\"", validation ? "v" : "t");
    for (size_t i = 0; i < at->history->count; ++i) {
        double value = value_at(at, i, validation);
        if (isfinite(value))
            (void)fprintf(at->stream, "%c%.1f %.1f", pen_down ? 'L' : 'M', x_of(at, i),
                          y_of(at, value));
        pen_down = isfinite(value);
    }
    (void)fputs("\"/>\n", at->stream);
    for (size_t i = 0; at->history->count <= 40 && i < at->history->count; ++i)
        if (isfinite(value_at(at, i, validation)))
            (void)fprintf(at->stream, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.2\"/>\n",
                          validation ? "w" : "u", x_of(at, i),
                          y_of(at, value_at(at, i, validation)));
}

/* The names stand at the ends of their lines, but never closer than a line of text. */
static void draw_names(const panel *at)
{
    size_t last = at->history->count - 1;
    int lines = at->history->validated ? 2 : 1;
    double y[2] = {0, 0};
    for (int i = 0; i < lines; ++i) {
        double value = value_at(at, last, i != 0);
        y[i] = y_of(at, isfinite(value) ? value : at->least);
    }
    if (lines == 2 && fabs(y[0] - y[1]) < 26) {
        double middle = (y[0] + y[1]) / 2, sign = y[0] < y[1] ? -1 : 1;
        y[0] = middle + 13 * sign;
        y[1] = middle - 13 * sign;
    }
    for (int i = 0; i < lines; ++i) {
        double x = x_of(at, last) + 8;
        (void)fprintf(at->stream,
                      "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>"
                      "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%.4f</text>\n",
                      i != 0 ? "w" : "u", x, y[i] - 1, i != 0 ? "validation" : "training",
                      i != 0 ? "w" : "u", x, y[i] + 11, value_at(at, last, i != 0));
    }
}

static void draw_panel(panel *at)
{
    size_t best = cli_history_best(at->history);
    find_range(at);
    draw_grid(at);
    (void)fprintf(at->stream,
                  "<path class=\"b\" d=\"M%.1f %dv%d\"/><text class=\"n\" x=\"%.1f\" y=\"%d\" "
                  "text-anchor=\"middle\">best</text>\n",
                  x_of(at, best), TOP, PANEL_HEIGHT, x_of(at, best), TOP - 3);
    draw_line(at, false);
    if (at->history->validated) draw_line(at, true);
    draw_names(at);
}

void cli_curve_svg(const cli_history *history, const char *title, FILE *stream)
{
    int panels = history->metric_count > 0 ? 2 : 1;
    int width = panels * (LEFT + PANEL_WIDTH + RIGHT), height = TOP + PANEL_HEIGHT + BOTTOM;
    (void)fprintf(stream,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
                  "height=\"%d\" font-family=\"sans-serif\" font-size=\"11\">\n"
                  "<style>.g{stroke:#e4e4e4}.b{stroke:#bbb;stroke-dasharray:3 3}.n{fill:#666;"
                  "font-size:10px}.h{font-size:12px;font-weight:bold}.t{fill:none;stroke:#0b62a4;"
                  "stroke-width:1.8}.v{fill:none;stroke:#d1600a;stroke-width:1.8}.u{fill:#0b62a4}"
                  ".w{fill:#d1600a}</style>\n"
                  "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
                  "<text x=\"%d\" y=\"24\" font-size=\"14\">",
                  width, height, width, height, LEFT);
    put_text(stream, title);
    (void)fputs("</text>\n", stream);
    for (int i = 0; history->count > 0 && i < panels; ++i) {
        panel at = {.history = history,
                    .stream = stream,
                    .x = LEFT + i * (LEFT + PANEL_WIDTH + RIGHT),
                    .metric = i == 1};
        draw_panel(&at);
    }
    (void)fputs("</svg>\n", stream);
}
