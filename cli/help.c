/* SPDX-License-Identifier: Apache-2.0 */
#include "help.h"

#include <stdio.h>
#include <string.h>

enum { LAST_COLUMN = 79, HELP_COLUMN = 30 };

/* Prints text, of which a first column of `at` is taken, word by word; lines begin at `indent`. */
static void print_wrapped(const char *text, int at, int indent)
{
    while (*text != '\0') {
        int width = (int)strcspn(text, " \n");
        if (at > indent && at + width > LAST_COLUMN) {
            (void)printf("\n%*s", indent, "");
            at = indent;
        }
        (void)printf("%.*s", width, text);
        at += width;
        text += width;
        if (*text == '\n') {
            (void)printf("\n%*s", text[1] == '\n' ? 0 : indent, "");
            at = indent;
            ++text;
        } else if (*text == ' ') {
            width = (int)strcspn(text + 1, " \n");
            if (at + 1 + width <= LAST_COLUMN) (void)printf(" ");
            ++at;
            ++text;
        }
    }
    (void)printf("\n");
}

void cli_print_help(const cli_command *command)
{
    (void)printf("usage: midge %s %s%s[OPTION]...\n\n", command->name, command->operands,
                 command->operands[0] == '\0' ? "" : " ");
    print_wrapped(command->about, 0, 0);
    (void)printf("\noptions:\n");
    for (size_t i = 0; cli_option_at(command, i) != NULL; ++i) {
        const cli_option *option = cli_option_at(command, i);
        int used = option->letter != '\0' ? printf("  -%c, ", option->letter) : printf("      ");
        used += printf("--%s%s%s", option->name, option->argument != NULL ? " " : "",
                       option->argument != NULL ? option->argument : "");
        if (used + 2 > HELP_COLUMN) {
            (void)printf("\n");
            used = 0;
        }
        (void)printf("%*s", HELP_COLUMN - used, "");
        print_wrapped(option->help, HELP_COLUMN, HELP_COLUMN);
    }
}
