/* SPDX-License-Identifier: Apache-2.0 */
/* Errors are values with a reason: a status code, and one line of text written where the cause is
 * known. */
#ifndef MG_STATUS_H
#define MG_STATUS_H

#include "midge.h"

#if defined(__GNUC__)
#define MG_PRINTF(string, first) __attribute__((format(printf, string, first)))
#else
#define MG_PRINTF(string, first)
#endif

/* Forwards a failure to the caller. */
#define TRY(expression)                                \
    do {                                               \
        midge_status try_status = (expression);        \
        if (try_status != MIDGE_OK) return try_status; \
    } while (0)

/* Writes status and message into `error` (may be NULL) and returns `status`. Text from a file must
 * pass through mg_printable first. */
midge_status mg_fail(midge_error *error, midge_status status, const char *format, ...)
    MG_PRINTF(3, 4);

/* The message for a refused allocation. */
midge_status mg_fail_memory(midge_error *error, size_t bytes);

/* The message for a file without a name. */
midge_status mg_fail_empty_name(midge_error *error);

/* Copies text of unknown origin into `buffer` with control bytes and broken UTF-8 escaped as \xNN,
 * cut to its capacity; returns `buffer`. */
const char *mg_printable(const char *text, char *buffer, size_t capacity);

#endif
