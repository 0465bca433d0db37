/* SPDX-License-Identifier: Apache-2.0 */
/* Between the readers and the writer of .npy files: the head, and how types are named in it. */
#ifndef CLI_NPY_FORMAT_H
#define CLI_NPY_FORMAT_H

#include "npy.h"

typedef struct cli_npy_head {
    char descr[40];     /* "<f4" */
    bool fortran_order; /* the first index runs fastest */
    int rank;
    int32_t shape[MIDGE_MAX_RANK];
    size_t data; /* offset of the elements */
} cli_npy_head;

/* A type string is an order ('<', '>' or '|'), the kind and the bytes of an element. */
typedef struct cli_npy_type {
    midge_type type;
    char kind;
    unsigned char bytes;
} cli_npy_type;

/* A kind and bytes mean the type of their first row; later ones are only written so. */
#define CLI_NPY_TYPES 20
extern const cli_npy_type cli_npy_types[CLI_NPY_TYPES];

/* Reads the head of a file whose first six bytes have been checked. */
midge_status cli_npy_parse_head(const char *name, const unsigned char *bytes, size_t size,
                                cli_npy_head *head, midge_error *error);

#endif
