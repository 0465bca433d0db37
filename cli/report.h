/* SPDX-License-Identifier: Apache-2.0 */
/* How the command line speaks: errors are values until main prints them, notes go to standard error
 * at once, and text of unknown origin never reaches a terminal unescaped. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "midge.h"

#if defined(__GNUC__)
#define CLI_PRINTF(string, first) __attribute__((format(printf, string, first)))
#else
#define CLI_PRINTF(string, first)
#endif

/* Forwards a failure to the caller. */
#define TRY(expression)                                \
    do {                                               \
        midge_status try_status = (expression);        \
        if (try_status != MIDGE_OK) return try_status; \
    } while (0)

/* Writes status and message into `error` (may be NULL) and returns `status`. */
midge_status cli_fail(midge_error *error, midge_status status, const char *format, ...)
    CLI_PRINTF(3, 4);

/* The message for a refused malloc. */
midge_status cli_fail_memory(midge_error *error, const char *what, size_t bytes);

/* Puts "SUBJECT: " in front of a message that does not begin with it, and returns the status. */
midge_status cli_fail_in(midge_error *error, const char *subject);

/* Puts "; REMEDY" behind a message that has no remedy yet, and returns the status. */
midge_status cli_add_remedy(midge_error *error, const char *remedy);

/* Copies text with control bytes and broken UTF-8 escaped as \xNN, cut to the capacity at a
 * character's boundary; returns `buffer`. */
const char *cli_printable(const char *text, char *buffer, size_t capacity);

/* Prints "midge: MESSAGE" on standard error. */
void cli_print_error(const midge_error *error);

/* Prints "midge: note: …" on standard error. */
void cli_note(const char *format, ...) CLI_PRINTF(1, 2);

/* As cli_note, but only after cli_set_verbose(true). */
void cli_detail(const char *format, ...) CLI_PRINTF(1, 2);
void cli_set_verbose(bool verbose);

#endif
