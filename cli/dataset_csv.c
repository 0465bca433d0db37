/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Samples in a text of rows and columns. Cells stand between commas, semicolons or tabs, perhaps in
 * double quotes. The first row is one of names when some column has text there and a number below.
 *
 * The column of targets is the one that the user names; else one called label, class, target,
 * species or category; else the only one with text; else one called y; else the last.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dataset_source.h"

enum { CSV_MAX_COLUMNS = 100000 };

typedef struct sheet {
    const char *path;
    char separator;
    size_t columns;
    size_t rows;  /* with the one of names */
    char **cells; /* rows * columns */
    bool named;   /* row 0 is one of names */
    size_t label; /* the column of targets */
} sheet;

static bool is_number(const char *text, double *number)
{
    char *end = NULL;
    *number = strtod(text, &end);
    while (*end == ' ') ++end;
    return end != text && *end == '\0';
}

/* ---- Cells ---- */

/* The most frequent of the separators in the first line; a comma when there is none. */
static char find_separator(const char *text)
{
    static const char separators[] = ",;\t";
    char best = ',';
    size_t most = 0;
    for (size_t i = 0; i < 3; ++i) {
        size_t count = 0;
        for (const char *at = text; *at != '\0' && *at != '\n'; ++at) count += *at == separators[i];
        if (count <= most) continue;
        most = count;
        best = separators[i];
    }
    return best;
}

/* Ends the cell at `text` with a zero, without blanks around it and without its quotes; returns
 * what follows it, and in *last whether the row ends with it. */
static char *cut_cell(char *text, char separator, char **cell, bool *last)
{
    while (*text == ' ') ++text;
    *cell = text;
    char *to = text;
    bool quoted = *text == '"';
    if (quoted) ++text;
    for (; *text != '\0'; ++text) {
        if (quoted && text[0] == '"' && text[1] == '"')
            ++text;
        else if (quoted && text[0] == '"') {
            quoted = false;
            continue;
        } else if (!quoted && (*text == separator || *text == '\n'))
            break;
        *to++ = *text;
    }
    *last = *text != separator;
    char *next = *text != '\0' ? text + 1 : text;
    while (to > *cell && (to[-1] == ' ' || to[-1] == '\r')) --to;
    *to = '\0';
    return next;
}

static size_t count_rows(const char *text)
{
    size_t rows = 1;
    for (; *text != '\0'; ++text) rows += *text == '\n';
    return rows;
}

static size_t count_columns(const char *text, char separator)
{
    size_t columns = 1;
    bool quoted = false;
    for (; *text != '\0' && (quoted || *text != '\n'); ++text) {
        if (*text == '"') quoted = !quoted;
        columns += !quoted && *text == separator;
    }
    return columns;
}

static midge_status cut_row(sheet *at, char **text, midge_error *error)
{
    char **row = at->cells + at->rows * at->columns;
    size_t count = 0;
    for (bool last = false; !last; ++count) {
        char *cell = NULL;
        *text = cut_cell(*text, at->separator, &cell, &last);
        if (count < at->columns) row[count] = cell;
    }
    ++at->rows;
    if (count == at->columns) return MIDGE_OK;
    return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                    "%s: line %zu has %zu columns, the first has %zu", at->path, at->rows, count,
                    at->columns);
}

static midge_status cut(sheet *at, char *text, midge_error *error)
{
    size_t most = count_rows(text);
    at->separator = find_separator(text);
    at->columns = count_columns(text, at->separator);
    if (at->columns < 2 || at->columns > CSV_MAX_COLUMNS || most > SIZE_MAX / at->columns / 16)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: its first line has %zu columns; a sample and its target take two or "
                        "more",
                        at->path, at->columns);
    at->cells = malloc(most * at->columns * sizeof *at->cells);
    if (at->cells == NULL)
        return cli_fail_memory(error, at->path, most * at->columns * sizeof *at->cells);
    while (*text != '\0') {
        size_t blank = strspn(text, "\r\n");
        if (text[blank] == '\0') break; /* empty lines at the end */
        TRY(cut_row(at, &text, error));
    }
    return MIDGE_OK;
}

/* ---- Columns ---- */

static void find_names(sheet *at)
{
    double ignored;
    for (size_t i = 0; at->rows > 1 && i < at->columns; ++i)
        if (!is_number(at->cells[i], &ignored) && is_number(at->cells[at->columns + i], &ignored))
            at->named = true;
}

static bool is_label_name(const char *name)
{
    static const char *const names[] = {"label", "labels", "class",    "target",  "species",
                                        "Label", "Class",  "category", "Species", "Target"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i)
        if (strcmp(name, names[i]) == 0) return true;
    return false;
}

static midge_status find_stated_column(sheet *at, const char *stated, midge_error *error)
{
    char *end = NULL;
    for (size_t i = 0; at->named && i < at->columns; ++i) {
        if (strcmp(at->cells[i], stated) != 0) continue;
        at->label = i;
        return MIDGE_OK;
    }
    unsigned long number = strtoul(stated, &end, 10);
    if (strcmp(stated, "first") == 0)
        at->label = 0;
    else if (strcmp(stated, "last") == 0)
        at->label = at->columns - 1;
    else if (end != stated && *end == '\0' && number < at->columns)
        at->label = number;
    else
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: has no column '%s'; --label-column takes a name of the first line, a "
                        "number from 0 to %zu, first or last",
                        at->path, stated, at->columns - 1);
    return MIDGE_OK;
}

static midge_status find_column(sheet *at, const char *stated, midge_error *error)
{
    double ignored;
    size_t texts = 0, text = 0, last = at->columns - 1;
    char **first = at->cells + (at->named ? at->columns : 0);
    if (stated != NULL) return find_stated_column(at, stated, error);
    for (size_t i = 0; i < at->columns; ++i) {
        if (at->named && is_label_name(at->cells[i])) {
            at->label = i;
            return MIDGE_OK;
        }
        if (is_number(first[i], &ignored)) continue;
        ++texts;
        text = i;
    }
    at->label = texts == 1 ? text : last;
    for (size_t i = 0; at->named && texts == 0 && i < at->columns; ++i)
        if (strcmp(at->cells[i], "y") == 0) at->label = i;
    return MIDGE_OK;
}

/* ---- Samples and targets ---- */

static midge_status fill_row(const sheet *at, size_t row, cli_dataset *dataset, midge_error *error)
{
    char text[CLI_DATASET_ROW_TEXT];
    char **cells = at->cells + (row + (at->named ? 1 : 0)) * at->columns;
    float *to = dataset->numbers + row * dataset->values;
    for (size_t i = 0; i < at->columns; ++i) {
        double number = 0;
        if (i == at->label) continue;
        if (!is_number(cells[i], &number))
            return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                            "%s: %s, column %zu%s%.40s: '%.40s' is "
                            "not a number",
                            at->path, cli_dataset_row(dataset, row, text), i, at->named ? " " : "",
                            at->named ? at->cells[i] : "", cells[i]);
        *to++ = (float)number;
    }
    if (cells[at->label][0] != '\0') return MIDGE_OK;
    return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: %s has no label", at->path,
                    cli_dataset_row(dataset, row, text));
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Classes that are called by names are numbered in the order of the alphabet. */
static midge_status name_classes(const char **names, cli_dataset *dataset, midge_error *error)
{
    size_t count = 0;
    qsort(names, dataset->count, sizeof *names, compare_names);
    for (size_t i = 0; i < dataset->count; ++i)
        if (count == 0 || strcmp(names[count - 1], names[i]) != 0) names[count++] = names[i];
    if (count > CLI_DATASET_MAX_CLASSES)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: has %zu classes, %d is the limit",
                        dataset->name, count, CLI_DATASET_MAX_CLASSES);
    return cli_dataset_name_classes(names, count, dataset, error);
}

static midge_status find_class(const sheet *at, const cli_labels *known, size_t row,
                               const char *name, cli_dataset *dataset, midge_error *error)
{
    char text[CLI_DATASET_ROW_TEXT];
    int64_t number = cli_dataset_class(known, name);
    dataset->targets[row] = (float)number;
    if (number >= 0) return MIDGE_OK;
    return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: %s is of class '%.40s', which is unknown",
                    at->path, cli_dataset_row(dataset, row, text), name);
}

static midge_status fill_targets(const sheet *at, const cli_dataset_wish *wish,
                                 cli_dataset *dataset, midge_error *error)
{
    char **first = at->cells + (at->named ? at->columns : 0) + at->label;
    bool numbers = true;
    for (size_t i = 0; i < dataset->count; ++i) {
        double number = 0;
        numbers = numbers && is_number(first[i * at->columns], &number);
        dataset->targets[i] = (float)number;
    }
    if (numbers) return MIDGE_OK;
    if (!wish->classes)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: column %zu holds text, but the loss wants numbers; name the column "
                        "with --label-column",
                        at->path, at->label);
    if (wish->known == NULL) {
        const char **names = malloc(dataset->count * sizeof *names);
        if (names == NULL) return cli_fail_memory(error, at->path, dataset->count * sizeof *names);
        for (size_t i = 0; i < dataset->count; ++i) names[i] = first[i * at->columns];
        midge_status status = name_classes(names, dataset, error);
        free(names);
        TRY(status);
    }
    const cli_labels *known = wish->known != NULL ? wish->known : &dataset->classes;
    for (size_t i = 0; i < dataset->count; ++i)
        TRY(find_class(at, known, i, first[i * at->columns], dataset, error));
    return MIDGE_OK;
}

static midge_status fill(sheet *at, const cli_dataset_wish *wish, cli_dataset *dataset,
                         midge_error *error)
{
    find_names(at);
    TRY(find_column(at, wish->label_column, error));
    dataset->first_line = at->named ? 2 : 1;
    dataset->count = at->rows - (at->named ? 1 : 0);
    dataset->rank = 1;
    dataset->values = at->columns - 1;
    dataset->shape[0] = (int32_t)dataset->values;
    dataset->numbers = malloc((dataset->count * dataset->values + 1) * sizeof *dataset->numbers);
    dataset->targets = malloc((dataset->count + 1) * sizeof *dataset->targets);
    if (dataset->numbers == NULL || dataset->targets == NULL)
        return cli_fail_memory(error, at->path, dataset->count * at->columns * sizeof(float));
    for (size_t i = 0; i < dataset->count; ++i) TRY(fill_row(at, i, dataset, error));
    return fill_targets(at, wish, dataset, error);
}

midge_status cli_dataset_csv(const char *path, const cli_dataset_wish *wish, cli_dataset *dataset,
                             midge_error *error)
{
    cli_bytes bytes = {0};
    sheet at = {.path = path};
    TRY(cli_file_read(path, CLI_NPY_MAX_FILE, &bytes, error));
    char *text = malloc(bytes.size + 1);
    midge_status status = MIDGE_OK;
    if (text == NULL) {
        status = cli_fail_memory(error, path, bytes.size + 1);
    } else {
        bool marked = bytes.size >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0;
        size_t skipped = marked ? 3 : 0;
        if (bytes.size > 0) memcpy(text, bytes.data + skipped, bytes.size - skipped);
        text[bytes.size - skipped] = '\0';
        if (strlen(text) != bytes.size - skipped)
            status = cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: is not text (byte %zu is 0)",
                              path, strlen(text));
    }
    cli_bytes_free(&bytes);
    if (status == MIDGE_OK) status = cut(&at, text, error);
    if (status == MIDGE_OK) status = fill(&at, wish, dataset, error);
    free(at.cells);
    free(text);
    return status;
}
