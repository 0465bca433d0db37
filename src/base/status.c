/* SPDX-License-Identifier: Apache-2.0 */
#include "base/status.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

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

midge_status mg_fail_empty_name(midge_error *error)
{
    return mg_fail(error, MIDGE_INVALID_ARGUMENT, "an empty file name was given");
}

/* Bytes of the character at `text`, or 0 where there is none that a terminal just shows: the
 * control characters of ASCII and of Latin-1 (U+0080 to U+009F) steer it, the rest is no UTF-8. */
static size_t shown_bytes(const unsigned char *text)
{
    static const uint32_t least[] = {0, 0, 0xa0, 0x800, 0x10000};
    if (text[0] < 0x80) return text[0] >= 0x20 && text[0] != 0x7f;
    size_t bytes = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
    uint32_t code = text[0] & (0xffu >> (bytes + 1));
    if (text[0] < 0xc2 || text[0] > 0xf4) return 0;
    for (size_t i = 1; i < bytes; ++i) {
        if ((text[i] & 0xc0) != 0x80) return 0;
        code = code << 6 | (text[i] & 0x3f);
    }
    bool surrogate = code >= 0xd800 && code < 0xe000;
    return code >= least[bytes] && code <= 0x10ffff && !surrogate ? bytes : 0;
}

const char *mg_printable(const char *text, char *buffer, size_t capacity)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *byte = (const unsigned char *)text;
    size_t used = 0;
    while (text != NULL && *byte != '\0' && used + 5 < capacity) {
        size_t bytes = shown_bytes(byte);
        if (bytes > 0) {
            memcpy(buffer + used, byte, bytes);
            used += bytes;
            byte += bytes;
        } else {
            buffer[used++] = '\\';
            buffer[used++] = 'x';
            buffer[used++] = digits[*byte >> 4];
            buffer[used++] = digits[*byte & 15];
            ++byte;
        }
    }
    buffer[used] = '\0';
    return buffer;
}
