/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of text with aligned columns. Cells are escaped (cli_printable), so that names from files
 * can go in as they are. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "report.h"

enum { CLI_TABLE_COLUMNS = 12 };

typedef struct cli_table {
    size_t columns;
    const char *const *headers; /* NULL: no line of headers */
    unsigned right;             /* bit i: column i is aligned at its right */
    char **cells;
    size_t count;
    size_t capacity;
    bool failed; /* for lack of memory; printing tells */
} cli_table;

cli_table cli_table_make(size_t columns, const char *const *headers, unsigned right);

/* Adds the next cell of the current row. */
void cli_table_add(cli_table *table, const char *format, ...) CLI_PRINTF(2, 3);

/* Prints the rows on standard output, each behind `indent` blanks, and empties the table. */
midge_status cli_table_print(cli_table *table, int indent, midge_error *error);

/* Columns that a text takes on a terminal. */
size_t cli_text_width(const char *text);

/* "1.2 MiB"; returns `buffer`, which should have CLI_BYTES_TEXT bytes. */
enum { CLI_BYTES_TEXT = 32 };
const char *cli_bytes_text(double bytes, char *buffer);

/* "1.2 M" for counts. */
const char *cli_count_text(double count, char *buffer);

#endif
