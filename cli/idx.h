/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IDX files, as the MNIST family has them: two zero bytes, the type (8: unsigned byte), the rank,
 * each size as four bytes with the highest first, then the elements.
 */
#ifndef CLI_IDX_H
#define CLI_IDX_H

#include "npy.h"

/* Reads an IDX file of bytes, or an array file as cli_npy_read does; either may be compressed with
 * gzip. *is_idx tells which. */
midge_status cli_idx_or_npy_read(const char *path, cli_array *array, bool *is_idx,
                                 midge_error *error);

#endif
