/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_UTF8_H
#define CLI_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the UTF-8 character at `text`, which ends with a zero; 0 when it is malformed. */
size_t cli_utf8_bytes(const unsigned char *text);

/* Writes a code point as UTF-8 and returns its bytes, 0 when it is none. `to` NULL only counts. */
size_t cli_utf8_put(uint32_t code, unsigned char *to);

#endif
