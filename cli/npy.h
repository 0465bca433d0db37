/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arrays in NumPy's .npy files: "\x93NUMPY", a version, the length of a text, the text, which is a
 * Python dictionary of element type, order and shape, then the elements.
 *
 * Types that NumPy lacks are written as LiteRT's Python gives them: int4 and int2 as int8, uint4 as
 * uint8 (one a byte), 8-bit floats as int8 (their bits), bfloat16 as two raw bytes ("V2"). Strings
 * become byte strings of one width ("S").
 */
#ifndef CLI_NPY_H
#define CLI_NPY_H

#include "files.h"

/* Larger array files are refused. */
#define CLI_NPY_MAX_FILE ((size_t)1 << 30)

typedef struct cli_array {
    midge_type type; /* "V2" reads as MIDGE_BFLOAT16 */
    int rank;
    int32_t shape[MIDGE_MAX_RANK];
    size_t elements;
    size_t bytes;
    unsigned char *data; /* as in a midge_tensor: row-major, little-endian; strings with offsets */
} cli_array;

/* Reads an array file; "-" is standard input. The caller frees with cli_array_free. */
midge_status cli_npy_read(const char *path, cli_array *array, midge_error *error);

/* As cli_npy_read, from memory; `name` stands in messages. */
midge_status cli_npy_decode(const char *name, const unsigned char *bytes, size_t size,
                            cli_array *array, midge_error *error);

/* Writes a tensor's data to a stream; what the stream could not take shows in ferror. */
midge_status cli_npy_write(FILE *stream, const cli_array *array, midge_error *error);

void cli_array_free(cli_array *array);

/* "[1, 224, 224, 3]"; returns `buffer`, which should have CLI_SHAPE_TEXT bytes. */
#define CLI_SHAPE_TEXT (MIDGE_MAX_RANK * 13 + 3)
const char *cli_shape_text(int rank, const int32_t *shape, char *buffer);

#endif
