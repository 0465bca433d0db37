/* SPDX-License-Identifier: Apache-2.0 */
/* Reading pictures: every file of tests/pictures decodes to the pixels that Pillow sees, and none
 * of its truncations or corruptions is more than an error. */
#include <stdlib.h>

#include "expect.h"
#include "files.h"
#include "image.h"

#define SIZE(array) (sizeof(array) / sizeof(array)[0])

#ifdef MIDGE_HAVE_JPEG
static const bool have_jpeg = true;
#else
static const bool have_jpeg = false;
#endif
#ifdef MIDGE_HAVE_PNG
static const bool have_png = true;
#else
static const bool have_png = false;
#endif

/* Whether this build reads the format of a file. */
static bool is_readable(const char *name)
{
    const char *end = strrchr(name, '.');
    if (strcmp(end, ".jpg") == 0) return have_jpeg;
    return strcmp(end, ".png") != 0 || have_png;
}

static midge_status decode(const char *name, const unsigned char *bytes, size_t size,
                           cli_image *image, midge_error *error)
{
    *error = (midge_error){MIDGE_OK, ""};
    return cli_image_decode(name, bytes, size, image, error);
}

/* A failure must name the file and fit in a line; what succeeds must be whole. */
static void check_any(const char *name, const unsigned char *bytes, size_t size)
{
    cli_image image = {0};
    midge_error error;
    if (decode(name, bytes, size, &image, &error) != MIDGE_OK) {
        EXPECT(strncmp(error.message, name, strlen(name)) == 0, "%s", error.message);
        EXPECT(strchr(error.message, '\n') == NULL, "%s", error.message);
        EXPECT(image.pixels == NULL, "%s: pixels after a failure", name);
        return;
    }
    (void)expect_hash(image.pixels, (size_t)image.width * (size_t)image.height * 3);
    cli_image_free(&image);
}

/* A file that ends early must be refused: its pixels are not all there. */
static void check_truncated(const char *name, const cli_bytes *file)
{
    size_t refused_to = file->size * 3 / 4;
    for (size_t size = 0; size < file->size; ++size) {
        /* A copy of just that size, so that a sanitizer sees each read beyond it. */
        unsigned char *copy = malloc(size + (size == 0));
        cli_image image = {0};
        midge_error error;
        memcpy(copy, file->data, size);
        check_any(name, copy, size);
        if (size < refused_to) {
            EXPECT(decode(name, copy, size, &image, &error) != MIDGE_OK, "%s: %zu of %zu bytes",
                   name, size, file->size);
            cli_image_free(&image);
        }
        free(copy);
    }
}

static void check_corrupted(const char *name, cli_bytes *file)
{
    static const unsigned char values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    for (size_t at = 0; at < file->size; ++at) {
        unsigned char saved = file->data[at];
        for (size_t i = 0; i < SIZE(values); ++i) {
            file->data[at] = values[i];
            check_any(name, file->data, file->size);
        }
        file->data[at] = saved;
    }
}

static void check_file(const char *folder, const char *name, int width, int height,
                       unsigned long long golden)
{
    cli_image image = {0};
    midge_error error = {0};
    cli_bytes file;
    char *path = cli_path_join(folder, name);
    midge_status status = cli_file_read(path, 1 << 20, &file, &error);
    free(path);
    EXPECT(status == MIDGE_OK, "%s", error.message);
    if (status != MIDGE_OK) return;
    status = decode(name, file.data, file.size, &image, &error);
    if (!is_readable(name)) {
        EXPECT(status == MIDGE_UNSUPPORTED, "%s: status %d", name, (int)status);
    } else {
        EXPECT(status == MIDGE_OK, "%s", error.message);
        EXPECT(image.width == width && image.height == height, "%s: %d x %d", name, image.width,
               image.height);
        EXPECT(status != MIDGE_OK ||
                   expect_hash(image.pixels, (size_t)(width * height * 3)) == golden,
               "%s: other pixels", name);
        check_truncated(name, &file);
        check_corrupted(name, &file);
    }
    cli_image_free(&image);
    cli_bytes_free(&file);
}

static void check_manifest(const char *folder)
{
    char line[200], name[60];
    int width, height, rows = 0;
    unsigned long long golden;
    char *path = cli_path_join(folder, "manifest.tsv");
    FILE *table = fopen(path, "r");
    EXPECT(table != NULL, "%s cannot be opened", path);
    while (table != NULL && fgets(line, sizeof line, table) != NULL) {
        if (line[0] == '#') continue;
        ++rows;
        EXPECT(sscanf(line, "%59s %d %d %llx", name, &width, &height, &golden) == 4, "%s", line);
        check_file(folder, name, width, height, golden);
    }
    EXPECT(rows > 40, "%d rows", rows);
    if (table != NULL) (void)fclose(table);
    free(path);
}

static void check_messages(void)
{
    static const struct {
        const char *bytes;
        size_t size;
        midge_status status;
        const char *message; /* a part of it */
    } cases[] = {
        {"", 0, MIDGE_INVALID_ARGUMENT, "is empty"},
        {"<!DOCTYPE html><html>", 21, MIDGE_INVALID_ARGUMENT, "is a web page (HTML); give a JPEG"},
        {"GIF89a..", 8, MIDGE_INVALID_ARGUMENT, "is a GIF picture; give a JPEG"},
        {"\x01\x02\x03", 3, MIDGE_INVALID_ARGUMENT, "is no JPEG, PNG, BMP or PNM picture"},
        {"P6 2 2 255\n12345678901", 22, MIDGE_INVALID_ARGUMENT, "11 bytes of pixels where 12"},
        {"P6 0 2 255\n", 11, MIDGE_INVALID_ARGUMENT, "its size is 0 x 2"},
        {"P5 9999 9999 255\n", 17, MIDGE_INVALID_ARGUMENT, "0 bytes of pixels where 99980001"},
        {"P5 99999 99999 255\n", 19, MIDGE_LIMIT_EXCEEDED, "at most 100 megapixels"},
        {"P5 999999999999 1 255\n", 22, MIDGE_INVALID_ARGUMENT, "is larger than 100000000"},
        {"P2 2 1 7 1 9", 12, MIDGE_INVALID_ARGUMENT, "is larger than 7"},
        {"P2 2 1 7 1 x", 12, MIDGE_INVALID_ARGUMENT, "no number at byte 11"},
        {"BM", 2, MIDGE_INVALID_ARGUMENT, "its header has 0 bytes"},
    };
    for (size_t i = 0; i < SIZE(cases); ++i) {
        cli_image image = {0};
        midge_error error;
        midge_status status = decode("a.picture", (const unsigned char *)cases[i].bytes,
                                     cases[i].size, &image, &error);
        EXPECT(status == cases[i].status, "case %zu: %s", i, error.message);
        EXPECT(strstr(error.message, cases[i].message) != NULL, "%s", error.message);
    }
}

/* Headers of 40 bytes that claim 9000 x 9000 pixels with nothing behind must cost no memory. */
static void check_giant(void)
{
    unsigned char bmp[54] = {'B', 'M', 54, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40};
    cli_image image = {0};
    midge_error error;
    bmp[18] = bmp[22] = 0x28;
    bmp[19] = bmp[23] = 0x23;
    bmp[26] = 1;
    bmp[28] = 24;
    EXPECT(decode("big.bmp", bmp, sizeof bmp, &image, &error) == MIDGE_INVALID_ARGUMENT, "BMP");
    EXPECT(strstr(error.message, "where 243000000") != NULL, "%s", error.message);
}

static void check_grey(void)
{
    static const unsigned char colours[] = {255, 255, 255, 0, 0,  0,  255, 0,
                                            0,   0,   255, 0, 12, 34, 56};
    static const unsigned char greys[] = {255, 0, 76, 150, 30};
    cli_image image = {5, 1, 3, malloc(sizeof colours), ""};
    memcpy(image.pixels, colours, sizeof colours);
    cli_image_to_grey(&image);
    EXPECT(image.channels == 1 && memcmp(image.pixels, greys, 5) == 0, "%d %d %d %d %d",
           image.pixels[0], image.pixels[1], image.pixels[2], image.pixels[3], image.pixels[4]);
    cli_image_free(&image);
}

int main(int count, char **arguments)
{
    check_manifest(count > 1 ? arguments[1] : MIDGE_SOURCE_DIR "/tests/pictures");
    check_messages();
    check_giant();
    check_grey();
    return expect_finish();
}
