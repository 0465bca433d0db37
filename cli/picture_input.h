/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a picture becomes the input of a model.
 *
 * Shape: [1, height, width, channels] with 1 or 3 channels, the same with channels first, [1,
 * height, width], [height, width], or a flat square [1, height * width]. A height or width that the
 * model leaves open becomes that of the picture.
 *
 * Values: uint8 takes pixels as they are, int8 pixels - 128. Other types take real numbers: (pixel
 * - mean) / deviation with the numbers of the model's metadata, or a range of the user's, or else
 * [-1, 1]; quantised ones then take the nearest stored number. An int8 input whose metadata tells a
 * normalisation, or with a range given, is filled like these.
 */
#ifndef CLI_PICTURE_INPUT_H
#define CLI_PICTURE_INPUT_H

#include "midge_tools.h"
#include "resize.h"

typedef struct cli_picture_input {
    const char *model; /* what messages begin with */
    midge_session *session;
    int height_axis, width_axis;  /* of the shape; -1: the input is flat */
    int batch_axis, channel_axis; /* -1: there is none */
    int32_t height, width;        /* 0: as the picture */
    int channels;
    cli_filter filter;
    size_t element_bytes;
    unsigned char encoded[3][256][4]; /* what the input takes for each value of each channel */
} cli_picture_input;

/* Reads "LOW:HIGH", two numbers that differ; `option` begins the message. */
midge_status cli_range_read(const char *option, const char *text, double range[2],
                            midge_error *error);

/* Finds out how input 0 of the session wants its picture. `range` is NULL or the two values that
 * black and white become. */
midge_status cli_picture_input_find(const char *model, midge_session *session,
                                    const midge_metadata *metadata, const double range[2],
                                    cli_filter filter, cli_picture_input *input,
                                    midge_error *error);

/* Scales the picture and writes it to the session. The picture may be made grey on the way. */
midge_status cli_picture_input_write(const cli_picture_input *input, const char *name,
                                     cli_image *image, midge_error *error);

#endif
