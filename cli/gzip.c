/* SPDX-License-Identifier: Apache-2.0 */
/* gzip through zlib. A file may hold several streams, one behind the other, as gzip itself allows.
 */
#include "gzip.h"

bool cli_is_gzip(const cli_bytes *bytes)
{
    return bytes->size > 2 && bytes->data[0] == 0x1f && bytes->data[1] == 0x8b;
}

#ifdef MIDGE_HAVE_ZLIB

#include <stdlib.h>
#include <zlib.h>

enum { GZIP_ONLY = 16, ONE_CALL = 1 << 30 };

static midge_status damaged(const char *name, const char *what, midge_error *error)
{
    return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: is damaged: %s", name, what);
}

/* Doubles the room, up to the limit. */
static midge_status grow(const char *name, size_t limit, cli_bytes *plain, size_t *capacity,
                         midge_error *error)
{
    size_t larger = *capacity == 0 ? 65536 : *capacity * 2;
    if (plain->size >= limit)
        return cli_fail(error, MIDGE_LIMIT_EXCEEDED,
                        "%s: expands to more than %zu bytes, the limit", name, limit);
    if (larger > limit) larger = limit;
    unsigned char *moved = realloc(plain->data, larger);
    if (moved == NULL) return cli_fail_memory(error, name, larger);
    plain->data = moved;
    *capacity = larger;
    return MIDGE_OK;
}

static midge_status expand(const char *name, size_t limit, const cli_bytes *packed,
                           z_stream *stream, cli_bytes *plain, midge_error *error)
{
    size_t capacity = 0, used = 0;
    for (;;) {
        if (plain->size == capacity) TRY(grow(name, limit, plain, &capacity, error));
        size_t left = packed->size - used, room = capacity - plain->size;
        stream->next_in = packed->data + used;
        stream->avail_in = left < ONE_CALL ? (uInt)left : ONE_CALL;
        stream->next_out = plain->data + plain->size;
        stream->avail_out = room < ONE_CALL ? (uInt)room : ONE_CALL;
        int result = inflate(stream, Z_NO_FLUSH);
        used = (size_t)(stream->next_in - packed->data);
        plain->size = (size_t)(stream->next_out - plain->data);
        if (result == Z_STREAM_END) {
            if (used == packed->size) return MIDGE_OK;
            if (inflateReset(stream) != Z_OK) return damaged(name, "it cannot be expanded", error);
        } else if (result == Z_BUF_ERROR && used == packed->size) {
            return damaged(name, "it ends too early", error);
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            return damaged(name, stream->msg != NULL ? stream->msg : "it cannot be expanded",
                           error);
        }
    }
}

midge_status cli_gunzip(const char *name, size_t limit, cli_bytes *bytes, midge_error *error)
{
    cli_bytes plain = {NULL, 0};
    z_stream stream = {0};
    if (inflateInit2(&stream, GZIP_ONLY + MAX_WBITS) != Z_OK)
        return cli_fail_memory(error, name, sizeof stream);
    midge_status status = expand(name, limit, bytes, &stream, &plain, error);
    (void)inflateEnd(&stream);
    if (status != MIDGE_OK) {
        cli_bytes_free(&plain);
        return status;
    }
    cli_bytes_free(bytes);
    *bytes = plain;
    return MIDGE_OK;
}

size_t cli_deflated_size(const void *data, size_t bytes)
{
    enum { PIECE = 16384 };
    unsigned char *piece = malloc(PIECE);
    z_stream stream = {0};
    size_t made = 0;
    bool open = piece != NULL && deflateInit(&stream, Z_DEFAULT_COMPRESSION) == Z_OK;
    const unsigned char *next = data;
    for (int status = Z_OK; open && status == Z_OK;) {
        if (stream.avail_in == 0 && bytes > 0) {
            size_t given = bytes < ONE_CALL ? bytes : ONE_CALL;
            stream.next_in = (Bytef *)(uintptr_t)next;
            stream.avail_in = (uInt)given;
            next += given;
            bytes -= given;
        }
        stream.next_out = piece;
        stream.avail_out = PIECE;
        status = deflate(&stream, bytes == 0 ? Z_FINISH : Z_NO_FLUSH);
        made += PIECE - stream.avail_out;
    }
    if (open) (void)deflateEnd(&stream);
    free(piece);
    return made;
}

#else

size_t cli_deflated_size(const void *data, size_t bytes)
{
    (void)data;
    (void)bytes;
    return 0;
}

midge_status cli_gunzip(const char *name, size_t limit, cli_bytes *bytes, midge_error *error)
{
    (void)limit;
    (void)bytes;
    return cli_fail(error, MIDGE_UNSUPPORTED,
                    "%s: is compressed, and this midge was built without zlib; run gunzip on it "
                    "first",
                    name);
}

#endif
