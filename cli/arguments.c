/* SPDX-License-Identifier: Apache-2.0 */
#include "arguments.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What every command has. */
static const cli_option common[] = {
    {"help", 'h', CLI_FLAG, offsetof(cli_arguments, help), NULL, "print this help", 0, 0},
    {"verbose", 'v', CLI_FLAG, offsetof(cli_arguments, verbose), NULL, "say more on standard error",
     0, 0},
};
enum { COMMON = sizeof common / sizeof common[0] };

midge_status cli_usage(midge_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    error->status = CLI_USAGE;
    (void)vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return CLI_USAGE;
}

size_t cli_name_distance(const char *a, const char *b)
{
    enum { most = 40 };
    size_t row[most + 1];
    size_t width = strlen(b);
    if (strlen(a) > most || width > most) return most;
    for (size_t i = 0; i <= width; ++i) row[i] = i;
    for (size_t y = 1; *a != '\0'; ++a, ++y) {
        size_t diagonal = row[0];
        row[0] = y;
        for (size_t i = 1; i <= width; ++i) {
            size_t changed = diagonal + (*a != b[i - 1]);
            size_t moved = (row[i] < row[i - 1] ? row[i] : row[i - 1]) + 1;
            diagonal = row[i];
            row[i] = changed < moved ? changed : moved;
        }
    }
    return row[width];
}

const cli_option *cli_option_at(const cli_command *command, size_t index)
{
    if (index < command->option_count) return &command->options[index];
    index -= command->option_count;
    return index < COMMON ? &common[index] : NULL;
}

static midge_status unknown_option(const cli_command *command, const char *name, size_t length,
                                   midge_error *error)
{
    char shown[41];
    const char *nearest = NULL;
    size_t best = 4;
    (void)snprintf(shown, sizeof shown, "%.*s", length > 40 ? 40 : (int)length, name);
    for (size_t i = 0; cli_option_at(command, i) != NULL; ++i) {
        const char *known = cli_option_at(command, i)->name;
        size_t distance = cli_name_distance(shown, known);
        bool begins = strncmp(shown, known, strlen(shown)) == 0;
        if (begins) distance = 1;
        if (distance >= best || (!begins && distance >= strlen(known))) continue;
        best = distance;
        nearest = known;
    }
    if (nearest != NULL) {
        return cli_usage(error, "%s: unknown option --%s; did you mean --%s?", command->name, shown,
                         nearest);
    }
    return cli_usage(error, "%s: unknown option --%s; 'midge help %s' lists them", command->name,
                     shown, command->name);
}

static midge_status set_choice(const cli_command *command, const cli_option *option,
                               const char *value, int *place, midge_error *error)
{
    const char *choice = option->argument;
    size_t length = strlen(value);
    for (int number = 0;; ++number) {
        size_t width = strcspn(choice, "|");
        if (width == length && memcmp(choice, value, length) == 0) {
            *place = number;
            return MIDGE_OK;
        }
        if (choice[width] == '\0') break;
        choice += width + 1;
    }
    return cli_usage(error, "%s: --%s is one of %s, not '%s'", command->name, option->name,
                     option->argument, value);
}

static midge_status set_count(const cli_command *command, const cli_option *option,
                              const char *value, int64_t *place, midge_error *error)
{
    char *end = NULL;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (end == value || *end != '\0' || errno != 0 || number < option->least ||
        number > option->most) {
        return cli_usage(error, "%s: --%s takes a whole number from %lld to %lld, not '%s'",
                         command->name, option->name, (long long)option->least,
                         (long long)option->most, value);
    }
    *place = number;
    return MIDGE_OK;
}

static midge_status set_number(const cli_command *command, const cli_option *option,
                               const char *value, double *place, midge_error *error)
{
    char *end = NULL;
    double number = strtod(value, &end);
    if (end == value || *end != '\0' ||
        !(number >= (double)option->least && number <= (double)option->most)) {
        return cli_usage(error, "%s: --%s takes a number from %lld to %lld, not '%s'",
                         command->name, option->name, (long long)option->least,
                         (long long)option->most, value);
    }
    *place = number;
    return MIDGE_OK;
}

static midge_status set_bytes(const cli_command *command, const cli_option *option,
                              const char *value, uint64_t *place, midge_error *error)
{
    static const char units[] = "KMGT";
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 10);
    bool good = end != value && errno == 0 && value[0] != '-';
    unsigned shift = 0;
    if (good && *end != '\0') {
        char letter = *end >= 'a' && *end <= 'z' ? (char)(*end - 32) : *end;
        const char *unit = strchr(units, letter);
        if (unit != NULL) {
            shift = (unsigned)(unit - units + 1) * 10;
            ++end;
            if (*end == 'i') ++end;
        }
        if (*end == 'B' || *end == 'b') ++end;
    }
    if (!good || *end != '\0' || number > UINT64_MAX >> shift) {
        return cli_usage(error, "%s: --%s takes bytes such as 65536, 64K, 64M or 2G, not '%s'",
                         command->name, option->name, value);
    }
    *place = (uint64_t)number << shift;
    return MIDGE_OK;
}

static midge_status add_text(cli_texts *list, const char *text, midge_error *error)
{
    const char **moved = realloc(list->items, (list->count + 1) * sizeof *moved);
    if (moved == NULL) return cli_fail_memory(error, "arguments", list->count * sizeof *moved);
    list->items = moved;
    list->items[list->count++] = text;
    return MIDGE_OK;
}

static midge_status set_value(const cli_command *command, const cli_option *option,
                              const char *value, cli_arguments *arguments, midge_error *error)
{
    bool is_common = option >= common && option < common + COMMON;
    void *place = (char *)(is_common ? (void *)arguments : arguments->values) + option->place;
    switch (option->kind) {
    case CLI_FLAG: *(bool *)place = true; return MIDGE_OK;
    case CLI_TEXT: *(const char **)place = value; return MIDGE_OK;
    case CLI_CHOICE: return set_choice(command, option, value, place, error);
    case CLI_COUNT: return set_count(command, option, value, place, error);
    case CLI_NUMBER: return set_number(command, option, value, place, error);
    case CLI_BYTES: return set_bytes(command, option, value, place, error);
    case CLI_LIST: return add_text(place, value, error);
    }
    return MIDGE_OK;
}

/* The arguments not yet read. */
typedef struct cursor {
    int count;
    char *const *texts;
} cursor;

static midge_status take_long(const cli_command *command, const char *text, cursor *rest,
                              cli_arguments *arguments, midge_error *error)
{
    const char *name = text + 2;
    size_t length = strcspn(name, "=");
    const char *value = name[length] == '=' ? name + length + 1 : NULL;
    const cli_option *option = NULL;
    for (size_t i = 0; cli_option_at(command, i) != NULL && option == NULL; ++i) {
        const char *known = cli_option_at(command, i)->name;
        if (strlen(known) == length && memcmp(known, name, length) == 0) {
            option = cli_option_at(command, i);
        }
    }
    if (option == NULL) return unknown_option(command, name, length, error);
    if (option->kind == CLI_FLAG) {
        if (value == NULL) return set_value(command, option, NULL, arguments, error);
        return cli_usage(error, "%s: --%s takes no value", command->name, option->name);
    }
    if (value == NULL) {
        if (rest->count == 0) {
            return cli_usage(error, "%s: --%s needs a value: --%s %s", command->name, option->name,
                             option->name, option->argument);
        }
        value = *rest->texts++;
        --rest->count;
    }
    return set_value(command, option, value, arguments, error);
}

/* -x VALUE, -xVALUE, and flags in a row: -vh. */
static midge_status take_letters(const cli_command *command, const char *text, cursor *rest,
                                 cli_arguments *arguments, midge_error *error)
{
    for (const char *letter = text + 1; *letter != '\0'; ++letter) {
        const cli_option *option = NULL;
        for (size_t i = 0; cli_option_at(command, i) != NULL && option == NULL; ++i) {
            if (cli_option_at(command, i)->letter == *letter) option = cli_option_at(command, i);
        }
        if (option == NULL) {
            return cli_usage(error, "%s: unknown option -%c; 'midge help %s' lists them",
                             command->name, *letter, command->name);
        }
        if (option->kind == CLI_FLAG) {
            TRY(set_value(command, option, NULL, arguments, error));
            continue;
        }
        if (letter[1] != '\0') return set_value(command, option, letter + 1, arguments, error);
        if (rest->count == 0) {
            return cli_usage(error, "%s: -%c needs a value: -%c %s", command->name, *letter,
                             *letter, option->argument);
        }
        --rest->count;
        return set_value(command, option, *rest->texts++, arguments, error);
    }
    return MIDGE_OK;
}

static midge_status check_operands(const cli_command *command, const cli_texts *operands,
                                   midge_error *error)
{
    if (operands->count < command->least_operands) {
        return cli_usage(error, "%s: %.*s is missing; usage: midge %s %s", command->name,
                         (int)strcspn(command->operands, " "), command->operands, command->name,
                         command->operands);
    }
    if (operands->count > command->most_operands) {
        return cli_usage(error, "%s: '%s' is one argument too many; usage: midge %s %s",
                         command->name, operands->items[command->most_operands], command->name,
                         command->operands);
    }
    return MIDGE_OK;
}

midge_status cli_arguments_parse(const cli_command *command, int count, char *const *texts,
                                 cli_arguments *arguments, midge_error *error)
{
    cursor rest = {count, texts};
    bool only_operands = false;
    *arguments = (cli_arguments){0};
    arguments->values = malloc(command->values_size);
    if (arguments->values == NULL) return cli_fail_memory(error, "arguments", command->values_size);
    memcpy(arguments->values, command->defaults, command->values_size);
    while (rest.count > 0) {
        const char *text = *rest.texts++;
        --rest.count;
        if (only_operands || text[0] != '-' || text[1] == '\0') {
            TRY(add_text(&arguments->operands, text, error));
        } else if (strcmp(text, "--") == 0) {
            only_operands = true;
        } else if (text[1] == '-') {
            TRY(take_long(command, text, &rest, arguments, error));
        } else {
            TRY(take_letters(command, text, &rest, arguments, error));
        }
    }
    if (arguments->help) return MIDGE_OK;
    return check_operands(command, &arguments->operands, error);
}

void cli_arguments_free(const cli_command *command, cli_arguments *arguments)
{
    for (size_t i = 0; arguments->values != NULL && i < command->option_count; ++i) {
        const cli_option *option = &command->options[i];
        if (option->kind != CLI_LIST) continue;
        cli_texts *list = (cli_texts *)((char *)arguments->values + option->place);
        free(list->items);
    }
    free(arguments->values);
    free(arguments->operands.items);
    *arguments = (cli_arguments){0};
}
