/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of a convolution by Winograd that differ between floats and integers, and how the work
 * is cut. Scratch memory: patches as [position][tile of the block][channel], then for each worker
 *
 *   packed   [9][weight_stride]          a panel of weights for each tap
 *   weights  [36][weight_stride]         the same transformed
 *   sums     [36][sum_stride]            [tile of the piece][column of the panel] of each position
 *   pixels   integers only: results of the piece, line by line of a tile
 */
#ifndef MG_WINOGRAD_STEPS_H
#define MG_WINOGRAD_STEPS_H

#include "op/convolve.h"

enum {
    MG_WINOGRAD_PIECE_ROWS = 32, /* tiles multiplied at once, at most */
    MG_WINOGRAD_PIXELS = MG_WINOGRAD_TILE * MG_WINOGRAD_TILE
};

/* Sizes and distances in bytes. The distances between positions are odd numbers of cache lines:
 * with powers of two all 36 positions would share a few lines of the cache. */
typedef struct mg_winograd_layout {
    mg_taps patches; /* the grid counts tiles */
    size_t tiles;
    size_t block;      /* tiles transformed at once */
    size_t length;     /* input channels */
    size_t panels;     /* of output channels */
    size_t piece_rows; /* tiles multiplied at once */
    size_t panel_columns;
    size_t tile_rows;
    size_t row_bytes; /* of a transformed pixel of a tile */
    size_t panel_bytes;
    size_t pixel_bytes; /* of the results of a pixel that are kept for a piece; or 0 */
    size_t patch_stride;
    size_t weight_stride;
    size_t sum_stride;
    size_t worker_bytes;
} mg_winograd_layout;

typedef struct mg_winograd_steps mg_winograd_steps;

typedef struct mg_winograd_job {
    const mg_winograd_steps *steps;
    const mg_kernels *kernels;
    const mg_convolve *convolve;
    const mg_convolve_call *call;
    mg_winograd_layout cut;
    mg_weighted_finish finish; /* of integers */
    size_t first;              /* tile of the block */
    size_t count;              /* tiles of the block */
    size_t spans;              /* shares of them, for threads */
    char *patches;
    char *workers;
} mg_winograd_job;

/* A worker's part of the scratch. */
typedef struct mg_winograd_memory {
    char *packed;
    char *weights;
    char *sums;
    char *pixels;
} mg_winograd_memory;

struct mg_winograd_steps {
    /* Fills panel_columns, tile_rows, row_bytes, panel_bytes and pixel_bytes. */
    void (*measure)(const mg_kernels *kernels, const mg_convolve *convolve,
                    mg_winograd_layout *cut);

    void (*transform_patch)(const mg_winograd_job *job, const void *const *patch, char *out);

    /* Packs `columns` output channels for each tap and transforms the packed panels. */
    void (*transform_panel)(const mg_winograd_job *job, size_t column, size_t columns,
                            const mg_winograd_memory *memory);

    /* Tiles first … first + count - 1 of the block, at most piece_rows, for one panel. */
    void (*multiply_piece)(const mg_winograd_job *job, size_t first, size_t count, size_t column,
                           size_t columns, const mg_winograd_memory *memory);
};

extern const mg_winograd_steps mg_winograd_steps_f32;
extern const mg_winograd_steps mg_winograd_steps_int;

/* Whether the sums of all output channels are within what the integer transforms divide exactly. */
bool mg_winograd_int_is_exact(const mg_convolve *convolve, const void *weights);

/* The pixel that a tile of the image begins with, and how much of the tile lies in the image. */
typedef struct mg_winograd_place {
    size_t row; /* of the output as a matrix: a pixel after the other */
    size_t lines;
    size_t pixels; /* of a line */
    size_t tile_in_line;
} mg_winograd_place;

mg_winograd_place mg_winograd_place_of(const mg_winograd_job *job, size_t tile);

#endif
