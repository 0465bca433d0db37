/* SPDX-License-Identifier: Apache-2.0 */
/* The inputs and outputs of a session, or of one of its signatures, alike: counted in order, each
 * with a name. */
#ifndef CLI_PORTS_H
#define CLI_PORTS_H

#include "npy.h"

typedef struct cli_ports {
    const char *model; /* what messages begin with */
    midge_session *session;
    midge_signature *signature; /* NULL: the model's own order and tensor names */
} cli_ports;

/* `key` NULL: no signature. */
midge_status cli_ports_open(const char *model, midge_session *session, const char *key,
                            cli_ports *ports, midge_error *error);

size_t cli_input_count(const cli_ports *ports);
size_t cli_output_count(const cli_ports *ports);
const char *cli_input_name(const cli_ports *ports, size_t index);
const char *cli_output_name(const cli_ports *ports, size_t index);
const midge_tensor *cli_input(const cli_ports *ports, size_t index);
const midge_tensor *cli_output(const cli_ports *ports, size_t index);

/* Gives the input the array's shape. `file` is where the array comes from; a type that the input
 * does not take is an error that names both. */
midge_status cli_input_fit(const cli_ports *ports, size_t index, const cli_array *array,
                           const char *file, midge_error *error);

/* Writes an array that fits. Types that NumPy lacks are packed from what stands for them. */
midge_status cli_input_write(const cli_ports *ports, size_t index, const cli_array *array,
                             midge_error *error);

/* Fills an input from a seed. */
midge_status cli_input_fill(const cli_ports *ports, size_t index, uint64_t seed,
                            midge_error *error);

midge_status cli_ports_prepare(const cli_ports *ports, midge_error *error);
midge_status cli_ports_invoke(const cli_ports *ports, midge_error *error);

/* A tensor as an array that shares its data. */
cli_array cli_tensor_array(const midge_tensor *tensor);

#endif
