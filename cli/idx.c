/* SPDX-License-Identifier: Apache-2.0 */
#include "idx.h"

#include <string.h>

#include "gzip.h"

enum { HEAD_BYTES = 4, SIZE_BYTES = 4, TYPE_UNSIGNED_BYTE = 8 };

/* Takes the bytes over on success. */
static midge_status decode(const char *path, cli_bytes *bytes, cli_array *array, midge_error *error)
{
    int rank = bytes->data[3];
    size_t head = HEAD_BYTES + (size_t)rank * SIZE_BYTES;
    if (bytes->data[2] != TYPE_UNSIGNED_BYTE || rank < 1 || rank > MIDGE_MAX_RANK ||
        bytes->size < head)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: not an IDX file of unsigned bytes",
                        path);
    *array = (cli_array){.type = MIDGE_UINT8, .rank = rank, .elements = 1};
    for (int i = 0; i < rank; ++i) {
        const unsigned char *at = bytes->data + HEAD_BYTES + SIZE_BYTES * i;
        uint32_t size =
            (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
        if (size > INT32_MAX || (size > 0 && array->elements > CLI_NPY_MAX_FILE / size))
            return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: its sizes are too large", path);
        array->shape[i] = (int32_t)size;
        array->elements *= size;
    }
    if (bytes->size - head != array->elements)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: holds %zu elements, its head says %zu",
                        path, bytes->size - head, array->elements);
    /* The elements move to the front of the memory that holds the file. */
    array->bytes = array->elements;
    array->data = bytes->data;
    memmove(array->data, array->data + head, array->bytes);
    *bytes = (cli_bytes){NULL, 0};
    return MIDGE_OK;
}

midge_status cli_idx_or_npy_read(const char *path, cli_array *array, bool *is_idx,
                                 midge_error *error)
{
    cli_bytes bytes = {0};
    TRY(cli_file_read(path, CLI_NPY_MAX_FILE, &bytes, error));
    midge_status status = MIDGE_OK;
    if (cli_is_gzip(&bytes)) status = cli_gunzip(path, CLI_NPY_MAX_FILE, &bytes, error);
    *is_idx = bytes.size >= HEAD_BYTES && bytes.data[0] == 0 && bytes.data[1] == 0;
    if (status == MIDGE_OK && *is_idx) {
        status = decode(path, &bytes, array, error);
    } else if (status == MIDGE_OK) {
        status = cli_npy_decode(path, bytes.data, bytes.size, array, error);
    }
    cli_bytes_free(&bytes);
    return status;
}
