/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Error reporting. Programs in other languages cannot always use a va_list, so a reporter gets the
 * finished line as its format; '%' is doubled, for those that format it once more.
 */
#include <stdio.h>
#include <string.h>

#include "objects.h"

enum { LINE = 1024 };

static void call(const tfl_reporter *reporter, const char *format, ...)
{
    va_list none;
    va_start(none, format);
    reporter->report(reporter->user_data, format, none);
    va_end(none);
}

void tfl_report_va(const tfl_reporter *reporter, const char *format, va_list arguments)
{
    char line[LINE], doubled[2 * LINE];
    (void)vsnprintf(line, sizeof line, format, arguments);
    if (reporter->report == NULL) {
        fprintf(stderr, "ERROR: %s\n", line);
        return;
    }
    size_t used = 0;
    for (const char *at = line; *at != '\0'; ++at) {
        if (*at == '%') doubled[used++] = '%';
        doubled[used++] = *at;
    }
    doubled[used] = '\0';
    call(reporter, doubled);
}

void tfl_report(const tfl_reporter *reporter, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tfl_report_va(reporter, format, arguments);
    va_end(arguments);
}

TfLiteStatus tfl_status(midge_status status)
{
    switch (status) {
    case MIDGE_OK: return kTfLiteOk;
    case MIDGE_CANCELLED: return kTfLiteCancelled;
    default: return kTfLiteError;
    }
}
