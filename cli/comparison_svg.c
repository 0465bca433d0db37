/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One row for each pair of tensors, in the order in which they are computed:
 *
 *   number operator | a bar as long as the ratio of signal to noise | name
 *
 * Bars of equal tensors reach to the right end and are grey; tensors that cannot be compared have
 * none.
 */
#include "comparison_svg.h"

#include <math.h>

#include "files.h"
#include "svg.h"

enum { MARGIN = 16, ROW = 16, BAR = 11, TOP = 72, BARS_LEFT = 230, BARS_WIDTH = 480, WIDTH = 1100 };

typedef struct chart {
    FILE *stream;
    double most; /* decibels at the right end */
    double height;
} chart;

static double position(const chart *at, double decibels)
{
    double share = decibels / at->most;
    return BARS_LEFT + BARS_WIDTH * (share < 0 ? 0 : share > 1 ? 1 : share);
}

static double find_most(const cli_comparison *comparison)
{
    double most = 10;
    for (size_t i = 0; i < comparison->count; ++i) {
        double snr = comparison->rows[i].snr;
        if (isfinite(snr) && snr > most) most = snr;
    }
    return 10 * ceil(most / 10);
}

static void draw_grid(const chart *at)
{
    double step = at->most > 150 ? 50 : at->most > 80 ? 20 : 10;
    for (double decibels = 0; decibels <= at->most; decibels += step) {
        double x = position(at, decibels);
        (void)fprintf(
            at->stream,
            "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>\n"
            "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#666\">%.0f dB</text>"
            "\n",
            x, TOP - 6, x, at->height - MARGIN, x, TOP - 10, decibels);
    }
}

static void draw_row(const chart *at, const cli_difference *row, const midge_tensor *tensor,
                     const char *maker, double top)
{
    double base = top + BAR - 1.5;
    double shown = row->equal ? at->most : isfinite(row->snr) ? row->snr : 0;
    double end = position(at, shown);
    (void)fprintf(at->stream, "<text x=\"%d\" y=\"%.1f\">%zu ", MARGIN, base, row->a);
    cli_svg_text(at->stream, maker[0] != '\0' ? maker : "input");
    (void)fprintf(at->stream,
                  "</text>\n<rect x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n",
                  BARS_LEFT, top, end - BARS_LEFT, BAR,
                  row->equal ? "#e4e4e4" : cli_svg_colour(maker));
    (void)fprintf(at->stream, "<text x=\"%.1f\" y=\"%.1f\" fill=\"#333\">", end + 4, base);
    if (row->equal)
        (void)fputs("equal", at->stream);
    else if (!row->comparable)
        (void)fputs("other shape", at->stream);
    else
        (void)fprintf(at->stream, "%.1f", row->snr);
    (void)fprintf(at->stream, "</text>\n<text x=\"%d\" y=\"%.1f\" fill=\"#666\">",
                  BARS_LEFT + BARS_WIDTH + 60, base);
    cli_svg_text(at->stream, midge_tensor_name(tensor));
    (void)fputs("</text>\n", at->stream);
}

static void draw(FILE *stream, const cli_comparison *comparison, const midge_session *a,
                 const char *const *makers, const char *title)
{
    chart at = {stream, find_most(comparison), TOP + (double)comparison->count * ROW + MARGIN};
    (void)fprintf(stream,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" "
                  "font-family=\"sans-serif\" font-size=\"11\">\n"
                  "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
                  "<text x=\"%d\" y=\"28\" font-size=\"14\">",
                  WIDTH, at.height, MARGIN);
    cli_svg_text(stream, title);
    (void)fputs("</text>\n", stream);
    draw_grid(&at);
    for (size_t i = 0; i < comparison->count; ++i) {
        const cli_difference *row = &comparison->rows[i];
        draw_row(&at, row, midge_session_tensor(a, row->a), makers[row->a], TOP + (double)i * ROW);
    }
    (void)fputs("</svg>\n", stream);
}

midge_status cli_comparison_svg(const cli_comparison *comparison, const midge_session *a,
                                const char *const *makers, const char *title, const char *path,
                                midge_error *error)
{
    cli_writer writer;
    TRY(cli_writer_open(&writer, path, error));
    draw(writer.stream, comparison, a, makers, title);
    return cli_writer_commit(&writer, error);
}
