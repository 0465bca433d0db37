/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of classes. A label file is text, one label a line: plain, or with the class number in
 * front
 * ("0 background", "0: background"), which is recognised when every line has one and they rise.
 */
#ifndef CLI_LABELS_H
#define CLI_LABELS_H

#include "report.h"

/* Larger label files are refused, and more lines. */
#define CLI_LABELS_MAX_FILE ((size_t)16 << 20)
#define CLI_LABELS_MAX_COUNT 1000000

typedef struct cli_labels {
    size_t count;       /* one more than the highest class number */
    const char **names; /* NULL for a class without label */
    char *text;         /* what the names point into */
} cli_labels;

/* Takes the text of a label file apart; `name` stands in messages. The caller frees with
 * cli_labels_free. */
midge_status cli_labels_parse(const char *name, const unsigned char *bytes, size_t size,
                              cli_labels *labels, midge_error *error);

midge_status cli_labels_read(const char *path, cli_labels *labels, midge_error *error);

/* The label of a class, or NULL. */
const char *cli_labels_name(const cli_labels *labels, size_t index);

void cli_labels_free(cli_labels *labels);

#endif
