/* SPDX-License-Identifier: Apache-2.0 */
#include "labels.h"

#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "foreign.h"

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* Ends each line with a zero, without blanks at its ends, and counts the lines. A file's last line
 * may or may not end with a newline; empty lines at its end are none. */
static size_t split_lines(char *text, size_t size, char **lines)
{
    size_t count = 0, filled = 0;
    for (size_t start = 0; start < size;) {
        size_t end = start;
        while (end < size && text[end] != '\n') ++end;
        size_t next = end + 1;
        if (end > start && text[end - 1] == '\r') --end;
        while (end > start && is_blank(text[end - 1])) --end;
        while (start < end && is_blank(text[start])) ++start;
        text[end] = '\0';
        lines[count++] = text + start;
        if (end > start) filled = count;
        start = next;
    }
    return filled;
}

/* The number in front of a label, or -1; *rest is set to what follows it. */
static long number_in_front(char *line, char **rest)
{
    char *end = line;
    long number = 0;
    while (*end >= '0' && *end <= '9' && number <= CLI_LABELS_MAX_COUNT) {
        number = number * 10 + (*end++ - '0');
    }
    if (end == line || number > CLI_LABELS_MAX_COUNT) return -1;
    if (*end != ':' && *end != ',' && !is_blank(*end)) return -1;
    ++end;
    while (is_blank(*end)) ++end;
    *rest = end;
    return *end != '\0' ? number : -1;
}

static bool all_numbered(char **lines, size_t count)
{
    long last = -1;
    size_t numbered = 0;
    for (size_t i = 0; i < count; ++i) {
        char *rest = NULL;
        if (lines[i][0] == '\0') continue;
        long number = number_in_front(lines[i], &rest);
        if (number <= last) return false;
        last = number;
        ++numbered;
    }
    return numbered > 1;
}

static midge_status fill_names(const char *name, char **lines, size_t count, cli_labels *labels,
                               midge_error *error)
{
    bool numbered = all_numbered(lines, count);
    size_t highest = count;
    for (size_t i = 0; numbered && i < count; ++i) {
        char *rest = NULL;
        long number = number_in_front(lines[i], &rest);
        if (number >= 0) highest = (size_t)number + 1;
    }
    labels->names = calloc(highest, sizeof *labels->names);
    if (labels->names == NULL) return cli_fail_memory(error, name, highest * sizeof(char *));
    labels->count = highest;
    for (size_t i = 0; i < count; ++i) {
        char *rest = lines[i];
        long place = numbered ? number_in_front(lines[i], &rest) : (long)i;
        if (place >= 0 && rest[0] != '\0') labels->names[place] = rest;
    }
    return MIDGE_OK;
}

static midge_status check_text(const char *name, const unsigned char *bytes, size_t size,
                               size_t *lines, midge_error *error)
{
    const char *kind = cli_foreign_kind(bytes, size);
    *lines = 1;
    for (size_t i = 0; i < size; ++i) {
        if (bytes[i] == '\n') ++*lines;
        if (bytes[i] != 0) continue;
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: is %s, not a label file (byte %zu is 0); give a text with one label a "
                        "line",
                        name, kind != NULL ? kind : "not text", i);
    }
    if (kind != NULL && strcmp(kind, "a text file") != 0 && strcmp(kind, "JSON text") != 0) {
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: is %s, not a label file; give a text with one label a line", name,
                        kind);
    }
    if (*lines <= CLI_LABELS_MAX_COUNT) return MIDGE_OK;
    return cli_fail(error, MIDGE_LIMIT_EXCEEDED, "%s: has more than %d lines; is it a label file?",
                    name, CLI_LABELS_MAX_COUNT);
}

midge_status cli_labels_parse(const char *name, const unsigned char *bytes, size_t size,
                              cli_labels *labels, midge_error *error)
{
    cli_labels result = {0};
    size_t most = 0;
    if (size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        bytes += 3;
        size -= 3;
    }
    TRY(check_text(name, bytes, size, &most, error));
    char **lines = malloc(most * sizeof *lines);
    result.text = malloc(size + 1);
    midge_status status = MIDGE_OK;
    if (lines == NULL || result.text == NULL) {
        status = cli_fail_memory(error, name, size + most * sizeof *lines);
    } else {
        if (size > 0) memcpy(result.text, bytes, size);
        size_t count = split_lines(result.text, size, lines);
        status = count > 0 ? fill_names(name, lines, count, &result, error)
                           : cli_fail(error, MIDGE_INVALID_ARGUMENT,
                                      "%s: has no labels; give a text with one label a line", name);
    }
    free(lines);
    if (status == MIDGE_OK) {
        *labels = result;
    } else {
        cli_labels_free(&result);
    }
    return status;
}

midge_status cli_labels_read(const char *path, cli_labels *labels, midge_error *error)
{
    cli_bytes bytes;
    TRY(cli_file_read(path, CLI_LABELS_MAX_FILE, &bytes, error));
    midge_status status = cli_labels_parse(path, bytes.data, bytes.size, labels, error);
    cli_bytes_free(&bytes);
    return status;
}

const char *cli_labels_name(const cli_labels *labels, size_t index)
{
    return index < labels->count ? labels->names[index] : NULL;
}

void cli_labels_free(cli_labels *labels)
{
    free(labels->names);
    free(labels->text);
    *labels = (cli_labels){0};
}
