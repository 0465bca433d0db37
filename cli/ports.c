/* SPDX-License-Identifier: Apache-2.0 */
#include "ports.h"

#include <stdlib.h>
#include <string.h>

#include "model_file.h"
#include "random.h"

midge_status cli_ports_open(const char *model, midge_session *session, const char *key,
                            cli_ports *ports, midge_error *error)
{
    *ports = (cli_ports){model, session, NULL};
    if (key == NULL) return MIDGE_OK;
    ports->signature = midge_session_signature(session, key);
    if (ports->signature != NULL) return MIDGE_OK;
    return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                    "%s: has no signature '%s'; 'midge inspect' lists what it has", model, key);
}

size_t cli_input_count(const cli_ports *ports)
{
    if (ports->signature != NULL) return midge_signature_input_count(ports->signature);
    return midge_session_input_count(ports->session);
}

size_t cli_output_count(const cli_ports *ports)
{
    if (ports->signature != NULL) return midge_signature_output_count(ports->signature);
    return midge_session_output_count(ports->session);
}

const midge_tensor *cli_input(const cli_ports *ports, size_t index)
{
    if (ports->signature == NULL) return midge_session_input(ports->session, index);
    return midge_signature_input(ports->signature,
                                 midge_signature_input_name(ports->signature, index));
}

const midge_tensor *cli_output(const cli_ports *ports, size_t index)
{
    if (ports->signature == NULL) return midge_session_output(ports->session, index);
    return midge_signature_output(ports->signature,
                                  midge_signature_output_name(ports->signature, index));
}

const char *cli_input_name(const cli_ports *ports, size_t index)
{
    if (ports->signature != NULL) return midge_signature_input_name(ports->signature, index);
    return midge_tensor_name(cli_input(ports, index));
}

const char *cli_output_name(const cli_ports *ports, size_t index)
{
    if (ports->signature != NULL) return midge_signature_output_name(ports->signature, index);
    return midge_tensor_name(cli_output(ports, index));
}

/* What NumPy's type must be for a tensor's type, and whether elements are packed on the way. */
static midge_type file_type(midge_type type)
{
    switch (type) {
    case MIDGE_INT4:
    case MIDGE_INT2:
    case MIDGE_FLOAT8_E4M3FN:
    case MIDGE_FLOAT8_E5M2: return MIDGE_INT8;
    case MIDGE_UINT4: return MIDGE_UINT8;
    default: return type;
    }
}

midge_status cli_input_fit(const cli_ports *ports, size_t index, const cli_array *array,
                           const char *file, midge_error *error)
{
    const midge_tensor *tensor = cli_input(ports, index);
    const char *name = cli_input_name(ports, index);
    midge_type wanted = file_type(midge_tensor_type(tensor));
    size_t rank_bytes = (size_t)array->rank * sizeof array->shape[0];
    if (array->type != wanted) {
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: holds %s, input %zu '%s' takes %s; convert it with astype('%s')", file,
                        midge_type_name(array->type), index, name,
                        midge_type_name(midge_tensor_type(tensor)), midge_type_name(wanted));
    }
    if (array->rank == midge_tensor_rank(tensor) &&
        (array->rank == 0 || memcmp(array->shape, midge_tensor_shape(tensor), rank_bytes) == 0)) {
        return MIDGE_OK;
    }
    midge_status status =
        ports->signature != NULL
            ? midge_signature_resize_input(ports->signature, name, array->rank, array->shape)
            : midge_session_resize_input(ports->session, index, array->rank, array->shape);
    return status == MIDGE_OK ? status : cli_session_failed(file, ports->session, status, error);
}

static midge_status write_bytes(const cli_ports *ports, size_t index, const void *data,
                                size_t bytes, midge_error *error)
{
    midge_status status = ports->signature != NULL
                              ? midge_signature_write_input(
                                    ports->signature, cli_input_name(ports, index), data, bytes)
                              : midge_session_write_input(ports->session, index, data, bytes);
    if (status == MIDGE_OK) return status;
    return cli_session_failed(ports->model, ports->session, status, error);
}

midge_status cli_input_write(const cli_ports *ports, size_t index, const cli_array *array,
                             midge_error *error)
{
    size_t bits = midge_type_bits(midge_tensor_type(cli_input(ports, index)));
    if (bits == 0 || bits >= 8) return write_bytes(ports, index, array->data, array->bytes, error);
    size_t per_byte = 8 / bits;
    size_t bytes = (array->elements + per_byte - 1) / per_byte;
    unsigned char *packed = calloc(bytes + 1, 1);
    if (packed == NULL) return cli_fail_memory(error, ports->model, bytes);
    for (size_t i = 0; i < array->elements; ++i) {
        unsigned value = array->data[i] & ((1u << bits) - 1);
        packed[i / per_byte] |= (unsigned char)(value << (i % per_byte * bits));
    }
    midge_status status = write_bytes(ports, index, packed, bytes, error);
    free(packed);
    return status;
}

midge_status cli_input_fill(const cli_ports *ports, size_t index, uint64_t seed, midge_error *error)
{
    const midge_tensor *tensor = cli_input(ports, index);
    size_t bytes = midge_tensor_bytes(tensor);
    unsigned char *data = malloc(bytes + 1);
    if (data == NULL) return cli_fail_memory(error, ports->model, bytes);
    midge_status status =
        cli_fill_random(cli_input_name(ports, index), seed, index, midge_tensor_type(tensor),
                        midge_tensor_elements(tensor), data, bytes, error);
    if (status == MIDGE_OK) {
        status = write_bytes(ports, index, data, bytes, error);
    } else {
        (void)cli_fail_in(error, ports->model);
    }
    free(data);
    return status;
}

midge_status cli_ports_prepare(const cli_ports *ports, midge_error *error)
{
    midge_status status = ports->signature != NULL ? midge_signature_prepare(ports->signature)
                                                   : midge_session_prepare(ports->session);
    if (status == MIDGE_OK) return status;
    return cli_session_failed(ports->model, ports->session, status, error);
}

midge_status cli_ports_invoke(const cli_ports *ports, midge_error *error)
{
    midge_status status = ports->signature != NULL ? midge_signature_invoke(ports->signature)
                                                   : midge_session_invoke(ports->session);
    if (status == MIDGE_OK) return status;
    return cli_session_failed(ports->model, ports->session, status, error);
}

cli_array cli_tensor_array(const midge_tensor *tensor)
{
    cli_array array = {
        .type = midge_tensor_type(tensor),
        .rank = midge_tensor_rank(tensor),
        .elements = midge_tensor_elements(tensor),
        .bytes = midge_tensor_bytes(tensor),
        .data = midge_tensor_data(tensor),
    };
    for (int i = 0; i < array.rank; ++i) array.shape[i] = midge_tensor_shape(tensor)[i];
    return array;
}
