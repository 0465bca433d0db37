/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arguments in GNU style, read by a table of options: --name VALUE, --name=VALUE, -x VALUE,
 * -xVALUE, operands anywhere, "--" before operands that begin with a dash. Each option puts its
 * value into a member of the command's own struct. The same table makes the help text.
 */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include "report.h"

/* The status of a wrong usage: exit status 2. */
#define CLI_USAGE ((midge_status)100)

typedef enum cli_option_kind {
    CLI_FLAG,   /* bool, no value */
    CLI_TEXT,   /* const char * */
    CLI_CHOICE, /* int: the number of the value in `argument`, which reads "one|two|three" */
    CLI_COUNT,  /* int64_t from `least` to `most` */
    CLI_NUMBER, /* double from `least` to `most` */
    CLI_BYTES,  /* uint64_t; 64M is 64 * 1024 * 1024 */
    CLI_LIST    /* cli_texts: each use adds one */
} cli_option_kind;

typedef struct cli_texts {
    const char **items;
    size_t count;
} cli_texts;

typedef struct cli_option {
    const char *name;
    char letter; /* '\0': none */
    cli_option_kind kind;
    size_t place;         /* offset of the member in the command's struct */
    const char *argument; /* what stands for the value in the help; NULL for a flag */
    const char *help;
    int64_t least, most;
} cli_option;

typedef struct cli_command {
    const char *name;
    const char *operands; /* as in the usage line: "MODEL..." */
    const char *summary;  /* one line */
    const char *about;    /* what the help says below the usage line */
    const cli_option *options;
    size_t option_count;
    size_t least_operands, most_operands;
    const void *defaults; /* of the struct that the options fill */
    size_t values_size;
    /* Does the work. A failure whose message is empty has been printed already. */
    midge_status (*run)(const void *values, const cli_texts *operands, midge_error *error);
} cli_command;

typedef struct cli_arguments {
    void *values;
    cli_texts operands;
    bool help;
    bool verbose;
} cli_arguments;

/* Reads the arguments behind the command's name. The caller frees with cli_arguments_free, also
 * after a failure. */
midge_status cli_arguments_parse(const cli_command *command, int count, char *const *texts,
                                 cli_arguments *arguments, midge_error *error);
void cli_arguments_free(const cli_command *command, cli_arguments *arguments);

/* How many letters must change, go or come to make one name of the other. */
size_t cli_name_distance(const char *a, const char *b);

/* The options of a command, then those that every command has; NULL past the end. */
const cli_option *cli_option_at(const cli_command *command, size_t index);

/* Fails with CLI_USAGE. */
midge_status cli_usage(midge_error *error, const char *format, ...) CLI_PRINTF(2, 3);

#endif
