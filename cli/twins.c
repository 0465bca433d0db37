/* SPDX-License-Identifier: Apache-2.0 */
#include "twins.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "element.h"
#include "inputs.h"

/* Stores a real number as a tensor's type has it; false for types that compare does not feed. */
static bool store(const midge_tensor *tensor, size_t index, double real, unsigned char *data)
{
    midge_quantization quantization = midge_tensor_quantization(tensor);
    midge_type type = midge_tensor_type(tensor);
    float single = (float)real;
    if (type == MIDGE_FLOAT32) {
        memcpy(data + 4 * index, &single, 4);
        return true;
    }
    if (quantization.count != 1 ||
        (type != MIDGE_INT8 && type != MIDGE_UINT8 && type != MIDGE_INT16)) {
        return false;
    }
    double low = type == MIDGE_UINT8 ? 0.0 : type == MIDGE_INT8 ? -128.0 : -32768.0;
    double high = type == MIDGE_UINT8 ? 255.0 : type == MIDGE_INT8 ? 127.0 : 32767.0;
    double value = rint(real / (double)quantization.scale[0]) + (double)quantization.zero_point[0];
    int number = (int)(value < low ? low : value > high ? high : value);
    data[type == MIDGE_INT16 ? 2 * index : index] = (unsigned char)(number & 255);
    if (type == MIDGE_INT16) data[2 * index + 1] = (unsigned char)(number >> 8 & 255);
    return true;
}

/* Gives input `index` of the second the numbers of the first: as they are when the types agree,
 * else as the real numbers that they stand for. */
static midge_status copy_input(const cli_ports *a, const cli_ports *b, size_t index,
                               midge_error *error)
{
    const midge_tensor *from = cli_input(a, index), *to = cli_input(b, index);
    cli_array array = cli_tensor_array(from);
    midge_quantization quantization = midge_tensor_quantization(from);
    size_t elements = midge_tensor_elements(to);
    if (midge_tensor_type(to) == array.type) return cli_input_write(b, index, &array, error);
    unsigned char *data = malloc(midge_tensor_bytes(to) + 1);
    if (data == NULL) return cli_fail_memory(error, b->model, midge_tensor_bytes(to));
    bool good = true;
    for (size_t i = 0; i < elements && good; ++i) {
        double stored = cli_element(array.type, array.data, i);
        good = store(to, i, cli_dequantize(&quantization, 0, stored), data);
    }
    array.data = data;
    array.bytes = midge_tensor_bytes(to);
    midge_status status =
        good
            ? cli_input_write(b, index, &array, error)
            : cli_fail(error, MIDGE_INVALID_ARGUMENT,
                       "%s: input %zu '%s' is of type %s, that of %s is of type %s; they cannot be "
                       "compared",
                       b->model, index, cli_input_name(b, index),
                       midge_type_name(midge_tensor_type(to)), a->model,
                       midge_type_name(midge_tensor_type(from)));
    free(data);
    return status;
}

static midge_status match_shape(const cli_ports *a, const cli_ports *b, size_t index,
                                midge_error *error)
{
    const midge_tensor *from = cli_input(a, index), *to = cli_input(b, index);
    cli_array shape = cli_tensor_array(from);
    if (midge_tensor_rank(to) != shape.rank) {
        return cli_fail(
            error, MIDGE_INVALID_ARGUMENT,
            "%s: input %zu has %d dimensions, that of %s has %d; they cannot be compared", b->model,
            index, midge_tensor_rank(to), a->model, shape.rank);
    }
    shape.type = midge_tensor_type(to);
    return cli_input_fit(b, index, &shape, b->model, error);
}

static midge_status share_input(const cli_ports *a, const cli_ports *b, size_t index, bool given,
                                uint64_t seed, midge_error *error)
{
    bool widens = cli_is_floating(midge_tensor_type(cli_input(a, index))) &&
                  !cli_is_floating(midge_tensor_type(cli_input(b, index)));
    if (given || !widens) return copy_input(a, b, index, error);
    TRY(cli_input_fill(b, index, seed, error));
    return copy_input(b, a, index, error);
}

static midge_status feed(const cli_ports *a, const cli_ports *b, const cli_texts *texts,
                         uint64_t seed, bool *given, midge_error *error)
{
    size_t inputs = cli_input_count(a);
    TRY(cli_inputs_read(a, texts->items, texts->count, seed, given, error));
    for (size_t i = 0; i < inputs; ++i) TRY(match_shape(a, b, i, error));
    TRY(cli_ports_prepare(b, error));
    for (size_t i = 0; i < inputs; ++i) TRY(share_input(a, b, i, given[i], seed, error));
    return MIDGE_OK;
}

midge_status cli_twins_copy(const cli_ports *a, const cli_ports *b, midge_error *error)
{
    size_t inputs = cli_input_count(a);
    for (size_t i = 0; i < inputs; ++i) TRY(match_shape(a, b, i, error));
    TRY(cli_ports_prepare(b, error));
    for (size_t i = 0; i < inputs; ++i) TRY(copy_input(a, b, i, error));
    return MIDGE_OK;
}

midge_status cli_twins_check(const cli_ports *a, const cli_ports *b, midge_error *error)
{
    if (cli_input_count(b) == cli_input_count(a)) return MIDGE_OK;
    return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                    "%s has %zu inputs, %s has %zu; they cannot be compared", a->model,
                    cli_input_count(a), b->model, cli_input_count(b));
}

midge_status cli_twins_feed(const cli_ports *a, const cli_ports *b, const cli_texts *texts,
                            uint64_t seed, midge_error *error)
{
    size_t inputs = cli_input_count(a);
    TRY(cli_twins_check(a, b, error));
    bool *given = calloc(inputs + 1, sizeof *given);
    if (given == NULL) return cli_fail_memory(error, a->model, inputs + 1);
    midge_status status = feed(a, b, texts, seed, given, error);
    free(given);
    return status;
}
