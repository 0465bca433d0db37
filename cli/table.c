/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_TEXT = 1000 };

cli_table cli_table_make(size_t columns, const char *const *headers, unsigned right)
{
    return (cli_table){.columns = columns, .headers = headers, .right = right};
}

static bool make_room(cli_table *table)
{
    if (table->failed) return false;
    if (table->count < table->capacity) return true;
    size_t capacity = table->capacity == 0 ? 64 : table->capacity * 2;
    char **moved = realloc(table->cells, capacity * sizeof *moved);
    table->failed = moved == NULL;
    if (table->failed) return false;
    table->cells = moved;
    table->capacity = capacity;
    return true;
}

void cli_table_add(cli_table *table, const char *format, ...)
{
    char text[CELL_TEXT], safe[CELL_TEXT];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)cli_printable(text, safe, sizeof safe);
    if (!make_room(table)) return;
    size_t bytes = strlen(safe) + 1;
    char *cell = malloc(bytes);
    table->failed = cell == NULL;
    if (cell == NULL) return;
    memcpy(cell, safe, bytes);
    table->cells[table->count++] = cell;
}

/* Every character takes one column, which is right for the scripts of labels and tensor names that
 * one meets, but for the wide ones of East Asia. */
size_t cli_text_width(const char *text)
{
    size_t width = 0;
    for (; *text != '\0'; ++text) width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

/* Prints one cell; blanks that end up behind the last text of a line are owed and never printed. */
static void print_cell(const cli_table *table, size_t column, const char *text, size_t width,
                       int *owed)
{
    int padding = (int)(width - cli_text_width(text));
    bool right = (table->right >> column & 1) != 0;
    if (column > 0) *owed += 2;
    if (right) *owed += padding;
    if (text[0] != '\0') {
        (void)printf("%*s%s", *owed, "", text);
        *owed = 0;
    }
    if (!right) *owed += padding;
    if (column + 1 == table->columns) (void)printf("\n");
}

static void empty(cli_table *table)
{
    for (size_t i = 0; i < table->count; ++i) free(table->cells[i]);
    free(table->cells);
    table->cells = NULL;
    table->count = table->capacity = 0;
}

midge_status cli_table_print(cli_table *table, int indent, midge_error *error)
{
    size_t width[CLI_TABLE_COLUMNS] = {0};
    if (table->failed) {
        size_t cells = table->count;
        empty(table);
        return cli_fail_memory(error, "table", cells * CELL_TEXT);
    }
    for (size_t i = 0; table->headers != NULL && i < table->columns; ++i) {
        width[i] = cli_text_width(table->headers[i]);
    }
    for (size_t i = 0; i < table->count; ++i) {
        size_t needed = cli_text_width(table->cells[i]);
        if (needed > width[i % table->columns]) width[i % table->columns] = needed;
    }
    int owed = indent;
    for (size_t i = 0; table->headers != NULL && i < table->columns; ++i) {
        print_cell(table, i, table->headers[i], width[i], &owed);
    }
    for (size_t i = 0; i < table->count; ++i) {
        size_t column = i % table->columns;
        if (column == 0) owed = indent;
        print_cell(table, column, table->cells[i], width[column], &owed);
    }
    empty(table);
    return MIDGE_OK;
}

static const char *scaled_text(double number, double step, const char *const *units, char *buffer)
{
    size_t unit = 0;
    while (number >= step && unit < 4) {
        number /= step;
        ++unit;
    }
    (void)snprintf(buffer, CLI_BYTES_TEXT, unit == 0 ? "%.0f%s" : "%.1f%s", number, units[unit]);
    return buffer;
}

const char *cli_bytes_text(double bytes, char *buffer)
{
    static const char *const units[] = {" B", " KiB", " MiB", " GiB", " TiB"};
    return scaled_text(bytes, 1024.0, units, buffer);
}

const char *cli_count_text(double count, char *buffer)
{
    static const char *const units[] = {"", " k", " M", " G", " T"};
    return scaled_text(count, 1000.0, units, buffer);
}
