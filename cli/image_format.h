/* SPDX-License-Identifier: Apache-2.0 */
/* Between image.c and the readers of single formats. A reader gets the whole file, fills an image
 * of three channels and leaves freeing it after a failure to its caller. */
#ifndef CLI_IMAGE_FORMAT_H
#define CLI_IMAGE_FORMAT_H

#include "image.h"

typedef struct cli_picture {
    const char *name;   /* for messages */
    const char *format; /* "PNG", … for messages */
    const unsigned char *bytes;
    size_t size;
    int orientation; /* out: 1 to 8 as in EXIF; 1 is upright */
} cli_picture;

typedef midge_status (*cli_image_reader)(cli_picture *picture, cli_image *image,
                                         midge_error *error);

midge_status cli_image_read_bmp(cli_picture *picture, cli_image *image, midge_error *error);
midge_status cli_image_read_jpeg(cli_picture *picture, cli_image *image, midge_error *error);
midge_status cli_image_read_png(cli_picture *picture, cli_image *image, midge_error *error);
midge_status cli_image_read_pnm(cli_picture *picture, cli_image *image, midge_error *error);

/* "NAME: damaged PNG picture: WHAT" */
midge_status cli_image_damaged(const cli_picture *picture, midge_error *error, const char *format,
                               ...) CLI_PRINTF(3, 4);

/* Refuses a claimed size of nothing, or beyond the limit. */
midge_status cli_image_check_size(const cli_picture *picture, uint64_t width, uint64_t height,
                                  midge_error *error);

/* Checks a claimed size and allocates the pixels. */
midge_status cli_image_allocate(const cli_picture *picture, cli_image *image, uint64_t width,
                                uint64_t height, midge_error *error);

/* The orientation in an EXIF block, which starts with a TIFF header; 1 when it says nothing. */
int cli_exif_orientation(const unsigned char *bytes, size_t size);

#endif
