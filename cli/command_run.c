/* SPDX-License-Identifier: Apache-2.0 */
/* midge run: runs a model on arrays. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "inputs.h"
#include "model_file.h"
#include "summary.h"

typedef struct settings {
    cli_texts input;
    cli_texts output;
    const char *output_dir;
    const char *signature;
    int64_t seed;
    int64_t repeat;
    bool json;
    cli_session_choice choice;
} settings;

static const settings defaults = {.repeat = 1, .choice = {.threads = 1}};

static const cli_option options[] = {
    {"input", 'i', CLI_LIST, offsetof(settings, input), "[NAME=]FILE.npy",
     "an input, in the model's order or by name; another shape than the model's resizes it", 0, 0},
    {"output", 'o', CLI_LIST, offsetof(settings, output), "[NAME=]FILE.npy",
     "where to write an output, in the model's order or by name", 0, 0},
    {"output-dir", '\0', CLI_TEXT, offsetof(settings, output_dir), "DIR",
     "write all outputs there, as 0.npy, 1.npy, ...", 0, 0},
    {"signature", 's', CLI_TEXT, offsetof(settings, signature), "KEY",
     "run this entry point; its names are in alphabetical order", 0, 0},
    {"seed", '\0', CLI_COUNT, offsetof(settings, seed), "N",
     "fills the inputs that are not given (default 0)", 0, INT64_MAX},
    {"repeat", '\0', CLI_COUNT, offsetof(settings, repeat), "N",
     "run so many times; what is written is the last result (default 1)", 1, 1000000000},
    CLI_OPTION_THREADS(settings),
    CLI_OPTION_KERNELS(settings),
    CLI_OPTION_LIMIT_MEMORY(settings),
    CLI_OPTION_JSON(settings),
};

static midge_status write_output(const cli_ports *ports, size_t index, const char *path,
                                 midge_error *error)
{
    cli_writer writer;
    cli_array array = cli_tensor_array(cli_output(ports, index));
    TRY(cli_writer_open(&writer, path, error));
    midge_status status = cli_npy_write(writer.stream, &array, error);
    if (status == MIDGE_OK) return cli_writer_commit(&writer, error);
    cli_writer_discard(&writer);
    return cli_fail_in(error, path);
}

static midge_status write_folder(const cli_ports *ports, const char *folder, midge_error *error)
{
    midge_status status = cli_make_folder(folder, error);
    for (size_t i = 0; i < cli_output_count(ports) && status == MIDGE_OK; ++i) {
        char name[30];
        (void)snprintf(name, sizeof name, "%zu.npy", i);
        char *path = cli_path_join(folder, name);
        if (path == NULL) return cli_fail_memory(error, folder, strlen(folder));
        status = write_output(ports, i, path, error);
        free(path);
    }
    return status;
}

/* Goes through the arguments of --output: checks them before the run, writes them after it. */
static midge_status handle_outputs(const cli_ports *ports, const cli_texts *texts, bool write,
                                   midge_error *error)
{
    size_t next = 0;
    for (size_t i = 0; i < texts->count; ++i) {
        const char *file = NULL;
        size_t index = next;
        TRY(cli_port_argument(ports, true, texts->items[i], &index, &file, error));
        next = index + 1;
        if (write) TRY(write_output(ports, index, file, error));
    }
    return MIDGE_OK;
}

static midge_status show_outputs(const cli_ports *ports, bool json, midge_error *error)
{
    cli_summary_list list;
    cli_summary_begin(&list, json);
    for (size_t i = 0; i < cli_output_count(ports); ++i) {
        cli_summary_add(&list, cli_output_name(ports, i), cli_output(ports, i));
    }
    return cli_summary_end(&list, error);
}

static midge_status run_model(const settings *chosen, const char *name, midge_session *session,
                              midge_error *error)
{
    cli_ports ports;
    bool writes = chosen->output.count > 0 || chosen->output_dir != NULL;
    TRY(cli_ports_open(name, session, chosen->signature, &ports, error));
    TRY(handle_outputs(&ports, &chosen->output, false, error));
    TRY(cli_inputs_read(&ports, chosen->input.items, chosen->input.count, (uint64_t)chosen->seed,
                        NULL, error));
    for (int64_t i = 0; i < chosen->repeat; ++i) TRY(cli_ports_invoke(&ports, error));
    if (chosen->output_dir != NULL) TRY(write_folder(&ports, chosen->output_dir, error));
    TRY(handle_outputs(&ports, &chosen->output, true, error));
    return writes && !chosen->json ? MIDGE_OK : show_outputs(&ports, chosen->json, error);
}

static midge_status run(const void *values, const cli_texts *operands, midge_error *error)
{
    const settings *chosen = values;
    const char *path = operands->items[0];
    midge_model *model = NULL;
    midge_session *session = NULL;
    TRY(cli_model_load(path, &model, error));
    midge_status status = cli_session_create(path, model, &chosen->choice, &session, error);
    if (status == MIDGE_OK) status = run_model(chosen, path, session, error);
    midge_session_free(session);
    midge_model_free(model);
    return status;
}

const cli_command cli_run = {
    .name = "run",
    .operands = "MODEL",
    .summary = "run a model on arrays",
    .about =
        "Runs a model on NumPy arrays and writes its outputs as such. Inputs that are not given "
        "are filled from --seed: integers over the whole range of their type, floats in [-1, "
        "1). Without --output and --output-dir it prints a table of the outputs: name, type, "
        "shape, lowest, highest, mean and first values.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .least_operands = 1,
    .most_operands = 1,
    .defaults = &defaults,
    .values_size = sizeof defaults,
    .run = run,
};
