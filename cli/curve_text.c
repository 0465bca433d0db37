/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "curve.h"

/* The mean of the numbers that share a character. */
static double at_character(const double *values, size_t count, size_t width, size_t index)
{
    size_t first = index * count / width, last = (index + 1) * count / width;
    double sum = 0;
    for (size_t i = first; i < last; ++i) sum += values[i];
    return sum / (double)(last - first);
}

const char *cli_curve_text(const double *values, size_t count, char *buffer)
{
    static const char blocks[8][4] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    size_t width = count < CLI_CURVE_WIDTH ? count : CLI_CURVE_WIDTH;
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < width; ++i) {
        double value = at_character(values, count, width, i);
        if (value < least) least = value;
        if (value > most) most = value;
    }
    for (size_t i = 0; i < width; ++i) {
        double share =
            most > least ? (at_character(values, count, width, i) - least) / (most - least) : 0.5;
        size_t level = share > 0 && share <= 1 ? (size_t)lround(share * 7) : 0;
        memcpy(buffer + 3 * i, blocks[level], 3);
    }
    buffer[3 * width] = '\0';
    return buffer;
}
