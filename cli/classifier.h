/* SPDX-License-Identifier: Apache-2.0 */
/* A model made ready to name what is on pictures: its session, its labels, how it wants pictures
 * and which output holds the scores. */
#ifndef CLI_CLASSIFIER_H
#define CLI_CLASSIFIER_H

#include "model_file.h"
#include "model_labels.h"
#include "picture_input.h"

typedef struct cli_classifier_choice {
    const char *model;  /* NULL: the built-in one */
    const char *labels; /* NULL: what goes with the model */
    const char *range;  /* "LOW:HIGH"; NULL: what the metadata says */
    cli_filter filter;
    bool softmax; /* the model gives what would go into softmax */
    cli_session_choice session;
} cli_classifier_choice;

typedef struct cli_classifier {
    const char *name; /* of the model, in messages */
    midge_model *model;
    midge_session *session;
    midge_metadata *metadata;
    cli_labels labels;
    cli_picture_input input;
    size_t output; /* the one with the scores */
    size_t scores;
    size_t *order; /* class numbers, best first */
    bool softmax;
    double largest, sum; /* of the last picture: the largest output, and the sum of e^(output -
                            largest) */
} cli_classifier;

/* The caller frees with cli_classifier_free, also after a failure. */
midge_status cli_classifier_open(cli_classifier *classifier, const cli_classifier_choice *choice,
                                 midge_error *error);
void cli_classifier_free(cli_classifier *classifier);

/* Looks at a picture and sorts the best `top` class numbers to the front of `order`; *count becomes
 * how many there are. The picture may be changed on the way. */
midge_status cli_classifier_look(cli_classifier *classifier, const char *name, cli_image *image,
                                 size_t top, size_t *count, double *milliseconds,
                                 midge_error *error);

/* The score of a class for the last picture. */
double cli_classifier_score(const cli_classifier *classifier, size_t index);

#endif
