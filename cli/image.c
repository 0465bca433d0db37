/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "foreign.h"
#include "image_format.h"

static const struct {
    const char *format;
    const char *start; /* the first bytes of such a file */
    cli_image_reader read;
} formats[] = {
    {"JPEG", "\xff\xd8\xff", cli_image_read_jpeg},
    {"PNG", "\x89PNG\r\n\x1a\n", cli_image_read_png},
    {"BMP", "BM", cli_image_read_bmp},
    {"PNM", "P1", cli_image_read_pnm},
    {"PNM", "P2", cli_image_read_pnm},
    {"PNM", "P3", cli_image_read_pnm},
    {"PNM", "P4", cli_image_read_pnm},
    {"PNM", "P5", cli_image_read_pnm},
    {"PNM", "P6", cli_image_read_pnm},
};

midge_status cli_image_damaged(const cli_picture *picture, midge_error *error, const char *format,
                               ...)
{
    char what[300];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                    "%s: damaged %s picture: %s; get the file again or save it anew", picture->name,
                    picture->format, what);
}

midge_status cli_image_check_size(const cli_picture *picture, uint64_t width, uint64_t height,
                                  midge_error *error)
{
    unsigned long long columns = width, rows = height;
    if (width == 0 || height == 0) {
        return cli_image_damaged(picture, error, "its size is %llu x %llu", columns, rows);
    }
    if (width <= CLI_IMAGE_MAX_PIXELS && height <= CLI_IMAGE_MAX_PIXELS / width) return MIDGE_OK;
    return cli_fail(
        error, MIDGE_LIMIT_EXCEEDED,
        "%s: its size is %llu x %llu, but at most %d megapixels are read; scale it down "
        "first",
        picture->name, columns, rows, CLI_IMAGE_MAX_PIXELS / 1000000);
}

midge_status cli_image_allocate(const cli_picture *picture, cli_image *image, uint64_t width,
                                uint64_t height, midge_error *error)
{
    TRY(cli_image_check_size(picture, width, height, error));
    size_t bytes = (size_t)width * (size_t)height * 3;
    image->pixels = malloc(bytes);
    if (image->pixels == NULL) return cli_fail_memory(error, picture->name, bytes);
    image->width = (int32_t)width;
    image->height = (int32_t)height;
    image->channels = 3;
    return MIDGE_OK;
}

/* Orientations 5 to 8 swap rows and columns; 2, 3, 6 and 7 then run against the columns, 3, 4, 7
 * and 8 against the rows of what the file holds. */
static midge_status turn_upright(const char *name, cli_image *image, int orientation,
                                 midge_error *error)
{
    bool transpose = orientation >= 5;
    bool flip_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool flip_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    if (orientation == 1) return MIDGE_OK;
    size_t width = (size_t)(transpose ? image->height : image->width);
    size_t height = (size_t)(transpose ? image->width : image->height);
    unsigned char *turned = malloc(width * height * 3);
    if (turned == NULL) return cli_fail_memory(error, name, width * height * 3);
    for (size_t y = 0; y < height; ++y) {
        for (size_t x = 0; x < width; ++x) {
            size_t column = transpose ? y : x;
            size_t row = transpose ? x : y;
            if (flip_x) column = (size_t)image->width - 1 - column;
            if (flip_y) row = (size_t)image->height - 1 - row;
            memcpy(turned + (y * width + x) * 3,
                   image->pixels + (row * (size_t)image->width + column) * 3, 3);
        }
    }
    free(image->pixels);
    image->pixels = turned;
    image->width = (int32_t)width;
    image->height = (int32_t)height;
    return MIDGE_OK;
}

static midge_status not_a_picture(const char *name, const unsigned char *bytes, size_t size,
                                  midge_error *error)
{
    const char *kind = cli_foreign_kind(bytes, size);
    if (size == 0) {
        return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: is empty, not a picture; get it again",
                        name);
    }
    if (kind != NULL) {
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: is %s; give a JPEG, PNG, BMP or PNM picture", name, kind);
    }
    return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                    "%s: is no JPEG, PNG, BMP or PNM picture; save it as one of these", name);
}

midge_status cli_image_decode(const char *name, const unsigned char *bytes, size_t size,
                              cli_image *image, midge_error *error)
{
    cli_picture picture = {name, NULL, bytes, size, 1};
    cli_image_reader read = NULL;
    cli_image result = {0};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0] && read == NULL; ++i) {
        size_t length = strlen(formats[i].start);
        if (size < length || memcmp(bytes, formats[i].start, length) != 0) continue;
        picture.format = formats[i].format;
        read = formats[i].read;
    }
    if (read == NULL) return not_a_picture(name, bytes, size, error);
    midge_status status = read(&picture, &result, error);
    if (status == MIDGE_OK) status = turn_upright(name, &result, picture.orientation, error);
    if (status == MIDGE_OK) {
        *image = result;
    } else {
        cli_image_free(&result);
    }
    return status;
}

midge_status cli_image_read(const char *path, cli_image *image, midge_error *error)
{
    cli_bytes bytes;
    TRY(cli_file_read(path, CLI_IMAGE_MAX_FILE, &bytes, error));
    midge_status status = cli_image_decode(path, bytes.data, bytes.size, image, error);
    cli_bytes_free(&bytes);
    return status;
}

void cli_image_to_grey(cli_image *image)
{
    size_t count = (size_t)image->width * (size_t)image->height;
    const unsigned char *from = image->pixels;
    if (image->channels != 3) return;
    for (size_t i = 0; i < count; ++i, from += 3) {
        image->pixels[i] = (unsigned char)(((uint32_t)from[0] * 19595 + (uint32_t)from[1] * 38470 +
                                            (uint32_t)from[2] * 7471 + 0x8000) >>
                                           16);
    }
    image->channels = 1;
}

void cli_image_free(cli_image *image)
{
    free(image->pixels);
    *image = (cli_image){0};
}
