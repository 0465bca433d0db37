/* SPDX-License-Identifier: Apache-2.0 */
/* midge COMMAND: finds the command, reads its arguments, runs it, and turns its status into the
 * exit status: 0 done, 1 failed, 2 wrong usage. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "help.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const cli_command *const commands[] = {
    &cli_classify, &cli_run,     &cli_inspect,  &cli_doctor, &cli_benchmark,
    &cli_compare,  &cli_convert, &cli_evaluate, &cli_train,  &cli_kernels,
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static const char introduction[] = "midge runs TensorFlow Lite models.\n"
                                   "\n"
                                   "usage: midge COMMAND [ARGUMENT]...\n"
                                   "\n"
                                   "commands:\n";

static const cli_command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; ++i) {
        if (strcmp(commands[i]->name, name) == 0) return commands[i];
    }
    return NULL;
}

static void print_overview(FILE *stream)
{
    (void)fputs(introduction, stream);
    for (size_t i = 0; i < COMMANDS; ++i) {
        (void)fprintf(stream, "  %-11s%s\n", commands[i]->name, commands[i]->summary);
    }
    (void)fprintf(stream, "  %-11s%s\n", "help", "explain a command: midge help COMMAND");
    (void)fprintf(stream, "\nmidge --version prints the version.\n");
}

static int unknown_command(const char *name)
{
    midge_error error = {CLI_USAGE, ""};
    const char *nearest = NULL;
    size_t best = 4;
    for (size_t i = 0; i < COMMANDS; ++i) {
        size_t distance = cli_name_distance(name, commands[i]->name);
        if (strlen(name) > 1 && strncmp(name, commands[i]->name, strlen(name)) == 0) distance = 1;
        if (distance >= best || distance >= strlen(commands[i]->name)) continue;
        best = distance;
        nearest = commands[i]->name;
    }
    if (nearest != NULL) {
        (void)cli_usage(&error, "unknown command '%.40s'; did you mean '%s'?", name, nearest);
    } else {
        (void)cli_usage(&error, "unknown command '%.40s'; 'midge help' lists them", name);
    }
    cli_print_error(&error);
    return EXIT_USAGE;
}

/* Results that did not reach standard output are a failure, whatever the command thought. */
static midge_status finish_output(midge_status status, midge_error *error)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) return status;
    int reason = errno;
    if (status != MIDGE_OK) return status;
    return cli_fail(error, MIDGE_IO_ERROR, "standard output cannot be written: %s",
                    strerror(reason));
}

static int exit_with(midge_status status, const midge_error *error)
{
    if (status != MIDGE_OK && error->message[0] != '\0') cli_print_error(error);
    if (status == MIDGE_OK) return EXIT_DONE;
    return status == CLI_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

/* The exit status of what only prints. */
static int finish(void)
{
    midge_error error = {MIDGE_OK, ""};
    midge_status status = finish_output(MIDGE_OK, &error);
    return exit_with(status, &error);
}

static int help(int count, char **arguments)
{
    const cli_command *command = count > 0 ? find_command(arguments[0]) : NULL;
    if (command != NULL)
        cli_print_help(command);
    else if (count == 0 || strcmp(arguments[0], "help") == 0)
        print_overview(stdout);
    else
        return unknown_command(arguments[0]);
    return finish();
}

static int run_command(const cli_command *command, int count, char **texts)
{
    cli_arguments arguments;
    midge_error error = {MIDGE_OK, ""};
    midge_status status = cli_arguments_parse(command, count, texts, &arguments, &error);
    cli_set_verbose(arguments.verbose);
    if (status == MIDGE_OK && arguments.help) {
        cli_print_help(command);
    } else if (status == MIDGE_OK) {
        status = command->run(arguments.values, &arguments.operands, &error);
    }
    status = finish_output(status, &error);
    cli_arguments_free(command, &arguments);
    return exit_with(status, &error);
}

int main(int count, char **arguments)
{
    if (count < 2) {
        print_overview(stderr);
        return EXIT_USAGE;
    }
    const char *name = arguments[1];
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        (void)printf("midge %s\n", midge_version());
        return finish();
    }
    if (strcmp(name, "help") == 0) return help(count - 2, arguments + 2);
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) return help(0, NULL);
    const cli_command *command = find_command(name);
    if (command == NULL) return unknown_command(name);
    return run_command(command, count - 2, arguments + 2);
}
