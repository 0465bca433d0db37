/* SPDX-License-Identifier: Apache-2.0 */
/* How training went, drawn. */
#ifndef CLI_CURVE_H
#define CLI_CURVE_H

#include <stdio.h>

#include "train_history.h"

/* Two pictures side by side as SVG: the loss and the first metric, of the training and of the
 * validation, over the epochs. */
void cli_curve_svg(const cli_history *history, const char *title, FILE *stream);

/* "▁▃▅▇█": `count` numbers in at most `width` characters, from the least to the largest of them;
 * returns `buffer`, which should have CLI_CURVE_TEXT bytes. */
enum { CLI_CURVE_WIDTH = 60, CLI_CURVE_TEXT = 3 * CLI_CURVE_WIDTH + 1 };
const char *cli_curve_text(const double *values, size_t count, char *buffer);

#endif
