/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "arguments.h"

/* Prints usage, description and options of a command. */
void cli_print_help(const cli_command *command);

#endif
