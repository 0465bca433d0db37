/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli: the midge command. It sees midge through include/ only. Names shared inside this folder
 * begin with cli_. A command is a file command_NAME.c with a table of options, a struct they fill
 * and a function, and a row in main.c.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "arguments.h"

extern const cli_command cli_classify;
extern const cli_command cli_run;
extern const cli_command cli_inspect;
extern const cli_command cli_doctor;
extern const cli_command cli_benchmark;
extern const cli_command cli_compare;
extern const cli_command cli_convert;
extern const cli_command cli_evaluate;
extern const cli_command cli_train;
extern const cli_command cli_kernels;

/* Rows of option tables that several commands share; the first argument is the command's struct. */
#define CLI_OPTION_THREADS(type)                                        \
    {                                                                   \
        "threads", 't', CLI_COUNT, offsetof(type, choice.threads), "N", \
            "threads to compute with (default 1)", 1, 256               \
    }
#define CLI_OPTION_KERNELS(type)                                                      \
    {                                                                                 \
        "kernels", '\0', CLI_TEXT, offsetof(type, choice.kernels), "auto|ref|TIER",   \
            "which code to use; 'midge kernels' lists the tiers (default auto)", 0, 0 \
    }
#define CLI_OPTION_LIMIT_MEMORY(type)                                                 \
    {                                                                                 \
        "limit-memory", '\0', CLI_BYTES, offsetof(type, choice.limit_memory), "SIZE", \
            "refuse to use more memory for tensors, such as 64M (default 1G)", 0, 0   \
    }
#define CLI_OPTION_JSON(type)                                                                \
    {                                                                                        \
        "json", '\0', CLI_FLAG, offsetof(type, json), NULL, "print the result as JSON", 0, 0 \
    }

#endif
