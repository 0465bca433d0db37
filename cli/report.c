/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

static bool verbose_notes;

midge_status cli_fail(midge_error *error, midge_status status, const char *format, ...)
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

midge_status cli_fail_memory(midge_error *error, const char *what, size_t bytes)
{
    return cli_fail(error, MIDGE_NO_MEMORY, "%s: out of memory, %zu bytes were refused", what,
                    bytes);
}

/* What a message says behind the name that it begins with: the name as it is, without its folders,
 * or as the library shows it, escaped and cut where it is long. Without a name the whole message.
 */
static const char *said_of(const char *message, const char *name)
{
    enum { LEAST_CUT = 240 };
    char shown[4 * sizeof((midge_error *)0)->message];
    const char *slash = strrchr(name, '/');
    size_t same = slash != NULL ? strlen(slash + 1) : 0;
    if (same > 0 && strncmp(message, slash + 1, same) == 0 && message[same] == ':')
        name = slash + 1;
    same = strlen(name);
    if (strncmp(message, name, same) != 0) {
        (void)cli_printable(name, shown, sizeof shown);
        for (same = 0; shown[same] != '\0' && message[same] == shown[same];) ++same;
        if (shown[same] != '\0' && same < LEAST_CUT) return message;
    }
    return strncmp(message + same, ": ", 2) == 0 ? message + same + 2 : message;
}

midge_status cli_fail_in(midge_error *error, const char *subject)
{
    enum { SHOWN = 300 };
    char message[sizeof error->message], name[SHOWN + 4] = "...";
    size_t length = strlen(subject);
    if (length == 0) return error->status;
    memcpy(message, error->message, sizeof message);
    const char *what = said_of(message, subject);
    /* Of a long name the end, which leaves room to say what is wrong. */
    if (length > SHOWN) {
        memcpy(name + 3, subject + length - SHOWN, SHOWN + 1);
        what = said_of(what, name);
    }
    return cli_fail(error, error->status, "%s: %s", length > SHOWN ? name : subject, what);
}

midge_status cli_add_remedy(midge_error *error, const char *remedy)
{
    char message[sizeof error->message];
    int room = (int)(sizeof message - strlen(remedy) - 3);
    if (strchr(error->message, ';') != NULL) return error->status;
    memcpy(message, error->message, sizeof message);
    return cli_fail(error, error->status, "%.*s; %s", room, message, remedy);
}

/* Bytes of the character at `text`, or 0 where there is none that a terminal just shows: the
 * control characters of Latin-1, U+0080 to U+009F, steer terminals too. */
static size_t shown_bytes(const unsigned char *text)
{
    if (text[0] < 0x20 || text[0] == 0x7f || (text[0] == 0xc2 && text[1] < 0xa0)) return 0;
    return cli_utf8_bytes(text);
}

const char *cli_printable(const char *text, char *buffer, size_t capacity)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *byte = (const unsigned char *)text;
    size_t used = 0;
    while (text != NULL && *byte != '\0' && used + 5 <= capacity) {
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

void cli_print_error(const midge_error *error)
{
    char line[4 * sizeof error->message];
    (void)fprintf(stderr, "midge: %s\n", cli_printable(error->message, line, sizeof line));
}

static void print_note(const char *format, va_list arguments)
{
    char text[1000];
    char line[2000];
    (void)vsnprintf(text, sizeof text, format, arguments);
    (void)fprintf(stderr, "midge: note: %s\n", cli_printable(text, line, sizeof line));
}

void cli_note(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_note(format, arguments);
    va_end(arguments);
}

void cli_detail(const char *format, ...)
{
    va_list arguments;
    if (!verbose_notes) return;
    va_start(arguments, format);
    print_note(format, arguments);
    va_end(arguments);
}

void cli_set_verbose(bool verbose)
{
    verbose_notes = verbose;
}
