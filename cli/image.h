/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pictures: JPEG, PNG, BMP and PNM files as rows of 8-bit pixels. The format is found by content,
 * not by name. Files are not trusted: what they claim is held against their size before memory is
 * asked for, and damage is an error that names the file.
 */
#ifndef CLI_IMAGE_H
#define CLI_IMAGE_H

#include <stdint.h>

#include "report.h"

/* More pixels than this are refused. */
#define CLI_IMAGE_MAX_PIXELS 100000000

/* Larger picture files are refused. */
#define CLI_IMAGE_MAX_FILE ((size_t)512 << 20)

typedef struct cli_image {
    int32_t width;
    int32_t height;
    int channels;          /* 3: red, green, blue; 1: grey */
    unsigned char *pixels; /* height rows of width pixels, without gaps */
    char damage[120];      /* what the decoder had to guess at; "" when nothing */
} cli_image;

/* Reads a picture as RGB, turned upright as its orientation tag says. "-" is standard input. */
midge_status cli_image_read(const char *path, cli_image *image, midge_error *error);

/* As cli_image_read, from memory; `name` stands in messages. */
midge_status cli_image_decode(const char *name, const unsigned char *bytes, size_t size,
                              cli_image *image, midge_error *error);

/* Makes an RGB picture grey in place, with the ITU-R 601 weights that Pillow's convert("L") has. */
void cli_image_to_grey(cli_image *image);

void cli_image_free(cli_image *image);

#endif
