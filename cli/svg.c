/* SPDX-License-Identifier: Apache-2.0 */
#include "svg.h"

#include "report.h"

void cli_svg_text(FILE *stream, const char *text)
{
    char safe[400];
    for (const char *at = cli_printable(text, safe, sizeof safe); *at != '\0'; ++at) {
        switch (*at) {
        case '<': (void)fputs("&lt;", stream); break;
        case '>': (void)fputs("&gt;", stream); break;
        case '&': (void)fputs("&amp;", stream); break;
        case '"': (void)fputs("&quot;", stream); break;
        default: (void)fputc(*at, stream); break;
        }
    }
}

const char *cli_svg_colour(const char *name)
{
    static const char *const colours[] = {"#bcd6f2", "#f6d6a8", "#c9e7c1", "#e6c9ec",
                                          "#f4c3c0", "#c4e6e4", "#e9e4ae", "#d6d3ee"};
    unsigned hash = 2166136261u;
    for (; *name != '\0'; ++name) hash = (hash ^ (unsigned char)*name) * 16777619u;
    return colours[(hash >> 13) % (sizeof colours / sizeof colours[0])];
}
