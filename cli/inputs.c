/* SPDX-License-Identifier: Apache-2.0 */
#include "inputs.h"

#include <stdlib.h>
#include <string.h>

/* Where `text` goes on behind "NAME="; NULL when it begins with something else. */
static const char *behind_name(const char *text, const char *name)
{
    size_t length = name != NULL ? strlen(name) : 0;
    bool named = length > 0 && strncmp(text, name, length) == 0 && text[length] == '=';
    return named ? text + length + 1 : NULL;
}

/* The port of the model that its first signature calls by the name in front of `text`. */
static bool find_signed(const cli_ports *ports, bool output, const char *text, size_t *index,
                        const char **file)
{
    const midge_signature *signature = midge_session_signature(ports->session, NULL);
    if (signature == NULL) return false;
    size_t signed_count =
        output ? midge_signature_output_count(signature) : midge_signature_input_count(signature);
    size_t count = output ? cli_output_count(ports) : cli_input_count(ports);
    for (size_t n = 0; n < signed_count; ++n) {
        const char *name = output ? midge_signature_output_name(signature, n)
                                  : midge_signature_input_name(signature, n);
        const midge_tensor *tensor = output ? midge_signature_output(signature, name)
                                            : midge_signature_input(signature, name);
        *file = behind_name(text, name);
        if (*file == NULL) continue;
        for (*index = 0; *index < count; ++*index)
            if (tensor == (output ? cli_output(ports, *index) : cli_input(ports, *index)))
                return true;
    }
    return false;
}

midge_status cli_port_argument(const cli_ports *ports, bool output, const char *text, size_t *index,
                               const char **file, midge_error *error)
{
    size_t count = output ? cli_output_count(ports) : cli_input_count(ports);
    const char *kind = output ? "output" : "input";
    const char *equals = strchr(text, '=');
    const size_t next = *index;
    for (size_t i = 0; i < count; ++i) {
        *file = behind_name(text, output ? cli_output_name(ports, i) : cli_input_name(ports, i));
        if (*file == NULL) continue;
        *index = i;
        return MIDGE_OK;
    }
    if (equals != NULL && ports->signature == NULL && find_signed(ports, output, text, index, file))
        return MIDGE_OK;
    *index = next;
    *file = text;
    if (equals != NULL && strchr(text, '/') == NULL && strchr(text, '.') > equals) {
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: has no %s named '%.*s'; 'midge inspect' lists them", ports->model,
                        kind, (int)(equals - text), text);
    }
    if (*index < count) return MIDGE_OK;
    return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: %s is --%s number %zu, but it has %zu %ss",
                    ports->model, text, kind, *index + 1, count, kind);
}

/* One input on its way from its file into the session. */
typedef struct fed {
    const char *file; /* NULL: not given */
    cli_array array;
    bool resized;
    int rank; /* what the model stated */
    int32_t shape[MIDGE_MAX_RANK];
} fed;

static midge_status read_input(const cli_ports *ports, size_t index, fed *input, midge_error *error)
{
    const midge_tensor *tensor = cli_input(ports, index);
    input->rank = midge_tensor_rank(tensor);
    for (int i = 0; i < input->rank; ++i) input->shape[i] = midge_tensor_shape(tensor)[i];
    TRY(cli_npy_read(input->file, &input->array, error));
    input->resized = input->rank != input->array.rank ||
                     memcmp(input->shape, input->array.shape, sizeof input->shape) != 0;
    return cli_input_fit(ports, index, &input->array, input->file, error);
}

static midge_status read_inputs(const cli_ports *ports, const char *const *texts, size_t count,
                                fed *inputs, midge_error *error)
{
    size_t next = 0;
    for (size_t i = 0; i < count; ++i) {
        const char *file = NULL;
        size_t index = next;
        TRY(cli_port_argument(ports, false, texts[i], &index, &file, error));
        if (inputs[index].file != NULL) {
            return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: input %zu '%s' is given twice",
                            ports->model, index, cli_input_name(ports, index));
        }
        next = index + 1;
        inputs[index].file = file;
        TRY(read_input(ports, index, &inputs[index], error));
    }
    return MIDGE_OK;
}

/* When a model does not run with the shapes of its inputs, the files that brought other shapes than
 * the model states are to blame. */
static midge_status blame_shape(const cli_ports *ports, const fed *inputs, midge_error *error)
{
    char given[CLI_SHAPE_TEXT], wanted[CLI_SHAPE_TEXT];
    for (size_t i = 0; i < cli_input_count(ports); ++i) {
        const fed *input = &inputs[i];
        if (!input->resized) continue;
        return cli_fail(error, error->status,
                        "%s: its shape %s does not fit input %zu '%s', which is %s (%.200s); give "
                        "that shape",
                        input->file, cli_shape_text(input->array.rank, input->array.shape, given),
                        i, cli_input_name(ports, i),
                        cli_shape_text(input->rank, input->shape, wanted),
                        midge_session_message(ports->session));
    }
    return error->status;
}

static midge_status feed(const cli_ports *ports, const char *const *texts, size_t count,
                         uint64_t seed, fed *inputs, midge_error *error)
{
    TRY(read_inputs(ports, texts, count, inputs, error));
    if (cli_ports_prepare(ports, error) != MIDGE_OK) return blame_shape(ports, inputs, error);
    for (size_t i = 0; i < cli_input_count(ports); ++i) {
        TRY(inputs[i].file != NULL ? cli_input_write(ports, i, &inputs[i].array, error)
                                   : cli_input_fill(ports, i, seed, error));
    }
    return MIDGE_OK;
}

midge_status cli_inputs_read(const cli_ports *ports, const char *const *texts, size_t count,
                             uint64_t seed, bool *given, midge_error *error)
{
    size_t total = cli_input_count(ports);
    fed *inputs = calloc(total + 1, sizeof *inputs);
    if (inputs == NULL) return cli_fail_memory(error, ports->model, total * sizeof *inputs);
    midge_status status = feed(ports, texts, count, seed, inputs, error);
    for (size_t i = 0; i < total; ++i) {
        if (given != NULL) given[i] = inputs[i].file != NULL;
        cli_array_free(&inputs[i].array);
    }
    free(inputs);
    return status;
}
