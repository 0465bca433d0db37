/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Samples of typical inputs for a model: what --calibration and --data name.
 *
 *   FILE.npy      one sample (the shape of the input), or a stack of them (N, …)
 *   FILE          an IDX file, as MNIST has them: N grey pictures
 *   FOLDER        the pictures in it, in the order of their names
 *   NAME=FILE     for that input; without names files are for the model's first input
 *
 * Several entries for one input follow each other; all inputs must have as many samples.
 */
#ifndef CLI_CALIBRATION_H
#define CLI_CALIBRATION_H

#include "arguments.h"
#include "inputs.h"
#include "picture_input.h"

/* One entry: an array with `count` samples, or pictures in files. */
typedef struct cli_sample_source {
    const char *file;
    size_t input;
    size_t count;
    size_t first; /* number of its first sample among those of its input */
    cli_array array;
    bool pixels;  /* the array holds grey pictures, [count, height, width] */
    char **paths; /* of pictures; NULL: an array */
} cli_sample_source;

typedef struct cli_calibration {
    const char *model;
    midge_metadata *metadata;
    double range[2];
    bool has_range;
    cli_sample_source *sources;
    size_t source_count;
    size_t input_count;
    size_t count; /* samples */
    cli_picture_input picture;
} cli_calibration;

/* The caller frees with cli_calibration_free, also after a failure. `pixels` is "LOW:HIGH" or
 * NULL. */
midge_status cli_calibration_open(cli_calibration *calibration, const char *name,
                                  midge_model *model, const cli_texts *entries, const char *pixels,
                                  midge_error *error);
void cli_calibration_free(cli_calibration *calibration);

/* Writes sample `index` into the inputs of a session of the model. */
midge_status cli_calibration_write(cli_calibration *calibration, size_t index,
                                   midge_session *session, midge_error *error);

/* Whether a file's name ends as those of pictures do. */
bool cli_is_picture(const char *name);

#endif
