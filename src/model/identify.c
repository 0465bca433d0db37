/* SPDX-License-Identifier: Apache-2.0 */
/* Recognises what people hand over instead of a model. */
#include <string.h>

#include "model/read.h"

typedef struct signature {
    size_t offset;
    const char *bytes;
    size_t length;
    const char *advice;
} signature;

#define MARK(offset, text, advice)            \
    {                                         \
        offset, text, sizeof text - 1, advice \
    }

static const signature marks[] = {
    MARK(0, "version https://git-lfs",
         "this is a Git LFS pointer, not the model; run 'git lfs pull' to get the file it stands "
         "for"),
    MARK(0, "PK\003\004",
         "this is a zip archive; unpack it (a .keras file must be converted first)"),
    MARK(0, "\211HDF\r\n\032\n",
         "this is an HDF5 file, probably a Keras .h5 model; it must be converted to .tflite first"),
    MARK(0, "\037\213", "this is a gzip file; unpack it with gunzip first"),
    MARK(0, "\211PNG", "this is a PNG picture, not a model"),
    MARK(0, "\377\330\377", "this is a JPEG picture, not a model"),
    MARK(0, "\177ELF", "this is a program or library (ELF), not a model"),
    MARK(0, "\223NUMPY", "this is a NumPy array (.npy), not a model"),
    MARK(0, "GGUF", "this is a GGUF model for llama.cpp; midge reads .tflite"),
    MARK(257, "ustar", "this is a tar archive; unpack it first"),
};

static bool starts_like_html(const unsigned char *bytes, size_t size)
{
    size_t i = 0;
    while (i < size && (bytes[i] == ' ' || bytes[i] == '\n' || bytes[i] == '\r' ||
                        bytes[i] == '\t' || bytes[i] >= 0xbb))
        ++i;
    if (i >= size || bytes[i] != '<') return false;
    static const char *const tags[] = {"<!doctype", "<html", "<?xml", "<head", "<!--"};
    for (size_t t = 0; t < sizeof tags / sizeof tags[0]; ++t) {
        size_t length = strlen(tags[t]), k = 0;
        while (k < length && i + k < size && (bytes[i + k] | 0x20) == (tags[t][k] | 0x20)) ++k;
        if (k == length) return true;
    }
    return false;
}

/* An ONNX file is a protobuf whose first field, ir_version, is a small number, followed by the
 * producer's name; a SavedModel or frozen graph starts with other fields. */
static bool looks_like_onnx(const unsigned char *bytes, size_t size)
{
    return size > 4 && bytes[0] == 0x08 && bytes[1] >= 1 && bytes[1] <= 20 &&
           (bytes[2] == 0x12 || bytes[2] == 0x3a || bytes[2] == 0x42);
}

const char *mg_identify_foreign(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; ++i) {
        const signature *mark = &marks[i];
        if (size >= mark->offset + mark->length &&
            memcmp(bytes + mark->offset, mark->bytes, mark->length) == 0)
            return mark->advice;
    }
    if (starts_like_html(bytes, size))
        return "this is a web page, probably a failed download; fetch the model again with its raw "
               "link";
    if (looks_like_onnx(bytes, size)) return "this looks like an ONNX model; midge reads .tflite";
    if (size >= 8 && memcmp(bytes + 4, "TFL", 3) == 0 && bytes[7] != '3')
        return "this is a TensorFlow Lite model of another schema generation; convert it again";
    return NULL;
}
