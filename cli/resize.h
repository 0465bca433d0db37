/* SPDX-License-Identifier: Apache-2.0 */
/* Scaling of pictures, byte for byte as Pillow's Image.resize: models are trained and checked on
 * pictures that went through it. */
#ifndef CLI_RESIZE_H
#define CLI_RESIZE_H

#include "image.h"

typedef enum cli_filter { CLI_NEAREST, CLI_BILINEAR, CLI_BICUBIC } cli_filter;

/* Scales `image` to width x height into a new picture of as many channels, which the caller frees.
 * `name` stands in messages. */
midge_status cli_image_resize(const char *name, const cli_image *image, int32_t width,
                              int32_t height, cli_filter filter, cli_image *resized,
                              midge_error *error);

#endif
