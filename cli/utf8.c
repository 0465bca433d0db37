/* SPDX-License-Identifier: Apache-2.0 */
#include "utf8.h"

#include <stdbool.h>

static bool is_code_point(uint32_t code)
{
    return code <= 0x10ffff && (code < 0xd800 || code >= 0xe000);
}

static size_t bytes_of(uint32_t code)
{
    return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

size_t cli_utf8_bytes(const unsigned char *text)
{
    size_t bytes = text[0] < 0x80 ? 1 : text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
    uint32_t code = bytes == 1 ? text[0] : text[0] & (0xffu >> (bytes + 1));
    if (bytes > 1 && (text[0] < 0xc2 || text[0] > 0xf4)) return 0;
    for (size_t i = 1; i < bytes; ++i) {
        if ((text[i] & 0xc0) != 0x80) return 0;
        code = code << 6 | (text[i] & 0x3f);
    }
    /* A code that fits in fewer bytes is malformed. */
    return is_code_point(code) && bytes_of(code) == bytes ? bytes : 0;
}

size_t cli_utf8_put(uint32_t code, unsigned char *to)
{
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t bytes = bytes_of(code);
    if (!is_code_point(code)) return 0;
    for (size_t i = bytes; to != NULL && i-- > 0; code >>= 6) {
        unsigned low = i > 0 ? 0x80 | (code & 0x3f) : bytes == 1 ? code : lead[bytes] | code;
        to[i] = (unsigned char)low;
    }
    return bytes;
}
