/* SPDX-License-Identifier: Apache-2.0 */
/* The dictionary in the head of an .npy file, such as
 *   {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
 * Only what NumPy's writer can put there is understood: strings, True and False, tuples of
 * integers. */
#include <string.h>

#include "npy_format.h"

enum { max_head = 65536 };

typedef struct parser {
    const char *name;
    const unsigned char *text;
    size_t size;
    size_t place;
    midge_error *error;
} parser;

static midge_status fail(const parser *at, const char *expected)
{
    return cli_fail(at->error, MIDGE_INVALID_ARGUMENT,
                    "%s: damaged .npy header: %s expected at byte %zu of its text; write it again "
                    "with numpy.save",
                    at->name, expected, at->place);
}

static void skip_blanks(parser *at)
{
    while (at->place < at->size && strchr(" \t\r\n", at->text[at->place]) != NULL &&
           at->text[at->place] != '\0') {
        ++at->place;
    }
}

static bool take(parser *at, char wanted)
{
    skip_blanks(at);
    if (at->place >= at->size || at->text[at->place] != (unsigned char)wanted) return false;
    ++at->place;
    return true;
}

static bool take_word(parser *at, const char *word)
{
    size_t length = strlen(word);
    skip_blanks(at);
    if (at->size - at->place < length || memcmp(at->text + at->place, word, length) != 0) {
        return false;
    }
    at->place += length;
    return true;
}

static midge_status take_string(parser *at, char *buffer, size_t capacity)
{
    size_t used = 0;
    char quote = take(at, '\'') ? '\'' : take(at, '"') ? '"' : '\0';
    if (quote == '\0') return fail(at, "a string");
    while (at->place < at->size && at->text[at->place] != (unsigned char)quote) {
        unsigned char byte = at->text[at->place];
        if (used + 1 >= capacity || byte < 0x20 || byte > 0x7e) return fail(at, "a short string");
        buffer[used++] = (char)byte;
        ++at->place;
    }
    buffer[used] = '\0';
    return take(at, quote) ? MIDGE_OK : fail(at, "the end of a string");
}

static midge_status take_dimension(parser *at, int32_t *dimension)
{
    int64_t value = 0;
    skip_blanks(at);
    size_t start = at->place;
    for (; at->place < at->size; ++at->place) {
        unsigned char byte = at->text[at->place];
        if (byte < '0' || byte > '9') break;
        value = value * 10 + (byte - '0');
        if (value > INT32_MAX) return fail(at, "a size below 2147483648");
    }
    if (at->place == start) return fail(at, "a size");
    (void)take(at, 'L');
    *dimension = (int32_t)value;
    return MIDGE_OK;
}

static midge_status take_shape(parser *at, cli_npy_head *head)
{
    head->rank = 0;
    if (!take(at, '(')) return fail(at, "a tuple");
    while (!take(at, ')')) {
        if (head->rank == MIDGE_MAX_RANK) {
            return cli_fail(at->error, MIDGE_UNSUPPORTED,
                            "%s: has more than %d dimensions; reshape it", at->name,
                            MIDGE_MAX_RANK);
        }
        TRY(take_dimension(at, &head->shape[head->rank]));
        ++head->rank;
        if (take(at, ',')) continue;
        if (!take(at, ')')) return fail(at, "')' or ','");
        return head->rank > 1 ? MIDGE_OK : fail(at, "',' in a tuple of one");
    }
    return MIDGE_OK;
}

static midge_status take_entry(parser *at, cli_npy_head *head, unsigned *seen)
{
    char key[20];
    TRY(take_string(at, key, sizeof key));
    if (!take(at, ':')) return fail(at, "':'");
    if (strcmp(key, "descr") == 0) {
        *seen |= 1;
        skip_blanks(at);
        if (at->place < at->size && at->text[at->place] == '[') {
            return cli_fail(at->error, MIDGE_UNSUPPORTED,
                            "%s: is a structured array; save one plain array a file", at->name);
        }
        return take_string(at, head->descr, sizeof head->descr);
    }
    if (strcmp(key, "fortran_order") == 0) {
        *seen |= 2;
        head->fortran_order = take_word(at, "True");
        if (head->fortran_order || take_word(at, "False")) return MIDGE_OK;
        return fail(at, "True or False");
    }
    if (strcmp(key, "shape") == 0) {
        *seen |= 4;
        return take_shape(at, head);
    }
    return fail(at, "no other key before here");
}

static midge_status parse_dictionary(parser *at, cli_npy_head *head)
{
    unsigned seen = 0;
    if (!take(at, '{')) return fail(at, "'{'");
    while (!take(at, '}')) {
        TRY(take_entry(at, head, &seen));
        if (take(at, ',')) continue;
        if (take(at, '}')) break;
        return fail(at, "',' or '}'");
    }
    skip_blanks(at);
    if (at->place != at->size) return fail(at, "nothing more");
    return seen == 7 ? MIDGE_OK : fail(at, "descr, fortran_order and shape");
}

midge_status cli_npy_parse_head(const char *name, const unsigned char *bytes, size_t size,
                                cli_npy_head *head, midge_error *error)
{
    size_t width = size > 6 && bytes[6] >= 2 ? 4 : 2;
    size_t length = 0;
    *head = (cli_npy_head){0};
    if (size < 8 + width) {
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: ends after %zu bytes, in the .npy header; get the file again", name,
                        size);
    }
    if (bytes[6] < 1 || bytes[6] > 3) {
        return cli_fail(error, MIDGE_UNSUPPORTED,
                        "%s: is .npy version %d.%d, and 1 to 3 are known; write it again with "
                        "numpy.save",
                        name, bytes[6], bytes[7]);
    }
    for (size_t i = width; i-- > 0;) length = length << 8 | bytes[8 + i];
    if (length > max_head || length > size - 8 - width) {
        return cli_fail(
            error, MIDGE_INVALID_ARGUMENT,
            "%s: damaged .npy header: its text should have %zu bytes, the file has %zu; "
            "write it again with numpy.save",
            name, length, size - 8 - width);
    }
    parser at = {name, bytes + 8 + width, length, 0, error};
    head->data = 8 + width + length;
    return parse_dictionary(&at, head);
}
