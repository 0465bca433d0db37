/* SPDX-License-Identifier: Apache-2.0 */
#include "foreign.h"

#include <string.h>

typedef struct signature {
    size_t offset;
    size_t length;
    const char *start;
    const char *kind;
} signature;

/* The first that matches counts. */
static const signature signatures[] = {
    {0, 8, "\x89HDF\r\n\x1a\n", "an HDF5 file (Keras .h5)"},
    {30, 13, "metadata.json", "a Keras 3 model (.keras)"},
    {0, 4, "PK\x03\x04", "a zip archive"},
    {0, 4, "PK\x05\x06", "an empty zip archive"},
    {0, 2, "\x1f\x8b", "gzip-compressed"},
    {0, 3, "BZh", "bzip2-compressed"},
    {0, 6, "\3757zXZ", "xz-compressed"},
    {0, 4, "\x28\xb5\x2f\xfd", "zstd-compressed"},
    {0, 6, "7z\xbc\xaf\x27\x1c", "a 7z archive"},
    {0, 4, "Rar!", "a RAR archive"},
    {257, 5, "ustar", "a tar archive"},
    {0, 23, "version https://git-lfs", "a git-LFS pointer"},
    {0, 6, "\x93NUMPY", "a NumPy array (.npy)"},
    {0, 3, "\xff\xd8\xff", "a JPEG picture"},
    {0, 4, "\x89PNG", "a PNG picture"},
    {0, 4, "GIF8", "a GIF picture"},
    {8, 4, "WEBP", "a WebP picture"},
    {0, 4, "II*\0", "a TIFF picture"},
    {0, 4, "MM\0*", "a TIFF picture"},
    {4, 8, "ftypheic", "a HEIC picture"},
    {4, 8, "ftypavif", "an AVIF picture"},
    {0, 5, "%PDF-", "a PDF document"},
    {0, 4, "\177ELF", "a program or library (ELF)"},
    {0, 2, "\x80\x02", "a Python pickle"},
    {0, 2, "\x80\x04", "a Python pickle"},
    {8, 2, "{\"", "a safetensors file"},
    {4, 4, "TFL2", "a model of TensorFlow Lite's old format TFL2"},
    {4, 4, "TFL1", "a model of TensorFlow Lite's old format TFL1"},
};

/* Whether the bytes begin with `start`; blanks, a byte order mark and the case of letters aside. */
static bool begins_with_tag(const unsigned char *bytes, size_t size, const char *start)
{
    size_t at = size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at < size && strchr(" \t\r\n", bytes[at]) != NULL && bytes[at] != '\0') ++at;
    for (; *start != '\0'; ++start, ++at) {
        if (at >= size) return false;
        unsigned char byte = bytes[at];
        if (byte >= 'A' && byte <= 'Z') byte = (unsigned char)(byte + 32);
        if (byte != (unsigned char)*start) return false;
    }
    return true;
}

static bool is_html(const unsigned char *bytes, size_t size)
{
    static const char *const tags[] = {"<!doctype", "<html", "<head", "<body", "<!--", "<?xml"};
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; ++i) {
        if (begins_with_tag(bytes, size, tags[i])) return true;
    }
    return false;
}

static bool all_text(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; ++i) {
        if (bytes[i] < '\t' || (bytes[i] > '\r' && bytes[i] < 0x20) || bytes[i] == 0x7f) {
            return false;
        }
    }
    return true;
}

static bool all_zeros(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; ++i) {
        if (bytes[i] != 0) return false;
    }
    return true;
}

/* Both are protocol buffers that begin with field 1, a version, and then field 2: in ONNX a name,
 * in a SavedModel (whose version is 1) a message. */
static const char *protocol_buffer(const unsigned char *bytes, size_t size)
{
    if (size < 4 || bytes[0] != 0x08 || bytes[1] == 0 || bytes[1] > 0x20) return NULL;
    if (bytes[1] == 1) return bytes[2] == 0x12 ? "the graph of a SavedModel" : NULL;
    if (bytes[2] != 0x12 && bytes[2] != 0x3a && bytes[2] != 0x42) return NULL;
    if (bytes[2] == 0x12 && !all_text(bytes + 4, size < 8 ? size - 4 : 4) && bytes[3] != 0) {
        return NULL;
    }
    return "an ONNX model";
}

const char *cli_foreign_kind(const unsigned char *bytes, size_t size)
{
    size_t head = size < 512 ? size : 512;
    if (size == 0 || (size >= 8 && memcmp(bytes + 4, "TFL3", 4) == 0)) return NULL;
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; ++i) {
        const signature *row = &signatures[i];
        if (size >= row->offset && size - row->offset >= row->length &&
            memcmp(bytes + row->offset, row->start, row->length) == 0) {
            return row->kind;
        }
    }
    if (is_html(bytes, size)) return "a web page (HTML)";
    const char *kind = protocol_buffer(bytes, size);
    if (kind != NULL) return kind;
    if (all_zeros(bytes, head)) return "nothing but zeros";
    if (!all_text(bytes, head)) return NULL;
    return begins_with_tag(bytes, size, "{") || begins_with_tag(bytes, size, "[") ? "JSON text"
                                                                                  : "a text file";
}
