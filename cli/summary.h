/* SPDX-License-Identifier: Apache-2.0 */
/* What is in tensors, at a glance: a table or JSON of name, type, shape, lowest, highest, mean and
 * first values. Numbers are shown as stored. */
#ifndef CLI_SUMMARY_H
#define CLI_SUMMARY_H

#include "json_print.h"
#include "table.h"

typedef struct cli_summary_list {
    bool as_json;
    cli_json json;
    cli_table table;
} cli_summary_list;

void cli_summary_begin(cli_summary_list *list, bool json);
void cli_summary_add(cli_summary_list *list, const char *name, const midge_tensor *tensor);
midge_status cli_summary_end(cli_summary_list *list, midge_error *error);

#endif
