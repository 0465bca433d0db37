/* SPDX-License-Identifier: Apache-2.0 */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>

midge_status mg_fail(midge_error *error, midge_status status, const char *format, ...)
{
    if (error != NULL) {
        va_list arguments;
        va_start(arguments, format);
        error->status = status;
        (void)vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
    }
    return status;
}

midge_status mg_fail_memory(midge_error *error, size_t bytes)
{
    return mg_fail(error, MIDGE_NO_MEMORY, "out of memory: %zu bytes were refused", bytes);
}

const char *mg_printable(const char *text, char *buffer, size_t capacity)
{
    static const char digits[] = "0123456789abcdef";
    size_t used = 0;
    for (; text != NULL && *text != '\0' && used + 5 < capacity; ++text) {
        unsigned char byte = (unsigned char)*text;
        if (byte >= 0x20 && byte < 0x7f) {
            buffer[used++] = (char)byte;
        } else {
            buffer[used++] = '\\';
            buffer[used++] = 'x';
            buffer[used++] = digits[byte >> 4];
            buffer[used++] = digits[byte & 15];
        }
    }
    buffer[used] = '\0';
    return buffer;
}
