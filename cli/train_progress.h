/* SPDX-License-Identifier: Apache-2.0 */
/* What one sees of a training while it runs: a bar on a terminal, else a line for each epoch, on
 * standard error. */
#ifndef CLI_TRAIN_PROGRESS_H
#define CLI_TRAIN_PROGRESS_H

#include "midge_tools.h"

typedef struct cli_train_bar {
    bool quiet;
    bool terminal;
    const midge_trainer *trainer;
    double start;     /* of this process' run, in milliseconds; 0: not yet */
    double drawn;     /* when the bar was last drawn */
    double steps_run; /* in this process */
} cli_train_bar;

void cli_train_bar_show(cli_train_bar *bar, const midge_fit_progress *progress);

/* Ends the line of the bar, if there is one. */
void cli_train_bar_end(const cli_train_bar *bar);

#endif
