/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Samples with their targets, all in memory: what --data of midge train names.
 *
 *   fashion-mnist      the files of Debian's package dataset-fashion-mnist
 *   FOLDER             four IDX files as MNIST has them, or a folder of pictures for each class
 *   SAMPLES,TARGETS    two .npy or IDX files, compressed or not
 *   FILE.csv           one sample a row, its target in a column
 *
 * ":train" or ":test" behind the first two picks one part; without it the part for training is
 * meant. Pixels stay bytes until they are read, which is a quarter of the memory.
 */
#ifndef CLI_DATASET_H
#define CLI_DATASET_H

#include "labels.h"
#include "npy.h"

/* More classes than this are refused: their targets are then more likely numbers to reach. */
enum { CLI_DATASET_MAX_CLASSES = 10000 };

/* What the one who reads the samples knows of them beforehand; zero where nothing is. */
typedef struct cli_dataset_wish {
    int rank; /* of one sample, as the network takes it; 0: unknown */
    int32_t shape[MIDGE_MAX_RANK];
    bool any_shape;           /* the network is made for the samples; pictures take `shape` */
    size_t outputs;           /* classes that the network tells apart; 0: as many as there are */
    bool classes;             /* targets are classes, not numbers to reach */
    const char *label_column; /* of a CSV file: "first", "last", a name or a number; NULL: found */
    bool has_range;
    double range[2];         /* what black and white become; 0 and 1 without has_range */
    const cli_labels *known; /* names of the classes; NULL: those of the samples */
} cli_dataset_wish;

typedef struct cli_dataset {
    const char *name;
    size_t count;
    int rank; /* of one sample */
    int32_t shape[MIDGE_MAX_RANK];
    size_t values;        /* numbers of one sample */
    unsigned char *bytes; /* pixels, or NULL */
    float *numbers;       /* where there are no pixels */
    float scale[256];     /* what a pixel stands for */
    size_t target_values; /* numbers of one target: 1 of a class */
    float *targets;
    size_t class_count; /* 0: targets are numbers to reach */
    cli_labels classes; /* their names, if known */
    size_t first_line;  /* of a CSV file; 0: samples are counted from 0 */
} cli_dataset;

/* The caller frees with cli_dataset_free, also after a failure. `name` must outlive the dataset. */
midge_status cli_dataset_open(const char *name, const cli_dataset_wish *wish, cli_dataset *dataset,
                              midge_error *error);
void cli_dataset_free(cli_dataset *dataset);

/* Writes the numbers of a sample. */
void cli_dataset_sample(const cli_dataset *dataset, size_t index, float *values);
const float *cli_dataset_target(const cli_dataset *dataset, size_t index);

/* "sample 17" or "line 19", for messages; returns `buffer`. */
enum { CLI_DATASET_ROW_TEXT = 40 };
const char *cli_dataset_row(const cli_dataset *dataset, size_t index, char *buffer);

/* Whether `name` has a part for training and one for tests. */
bool cli_dataset_has_parts(const char *name);

/* The folder of Debian's package, or of the environment's MIDGE_FASHION_MNIST. */
const char *cli_dataset_fashion_mnist(void);

#endif
