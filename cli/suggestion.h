/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which nodes of a float model to keep float so that the rest, in integers, reaches a ratio of
 * signal to noise at the outputs.
 *
 * What a node costs is the noise at the outputs when it alone is in integers. The costliest are
 * kept float first: more and more of them, each time with a new quantised model that runs the
 * samples, until the ratio is reached; then fewer again, to find the least number that does.
 */
#ifndef CLI_SUGGESTION_H
#define CLI_SUGGESTION_H

#include "calibration.h"

typedef struct cli_suggestion_request {
    const char *name; /* of the float model's file */
    midge_model *model;
    midge_session *session; /* of the float model */
    bool wide;              /* int16 activations */
    cli_calibration *samples;
    double target; /* decibels */
    int threads;
} cli_suggestion_request;

/* A node and the noise at the outputs that it causes, relative to the signal. */
typedef struct cli_costly_node {
    size_t node;
    size_t tensor; /* what it makes */
    double noise;
} cli_costly_node;

/* One quantised model. */
typedef struct cli_suggestion_try {
    size_t kept; /* how many of the costliest nodes stay float */
    double snr;  /* at the worst output, decibels */
    size_t bytes;
} cli_suggestion_try;

enum { CLI_SUGGESTION_TRIES = 40 };

typedef struct cli_suggestion {
    cli_costly_node *nodes; /* costliest first */
    size_t node_count;
    cli_suggestion_try tries[CLI_SUGGESTION_TRIES];
    size_t try_count;
    bool reached;
    cli_suggestion_try best; /* the fewest nodes that reach the target; else the best ratio */
} cli_suggestion;

/* The caller frees with cli_suggestion_free, also after a failure. */
midge_status cli_suggest(const cli_suggestion_request *request, cli_suggestion *suggestion,
                         midge_error *error);
void cli_suggestion_free(cli_suggestion *suggestion);

#endif
