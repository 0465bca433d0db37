/* SPDX-License-Identifier: Apache-2.0 */
/* midge convert: writes a model anew, smaller when asked. */
#include <stdio.h>

#include "commands.h"
#include "files.h"
#include "model_file.h"
#include "optimize_options.h"

typedef struct settings {
    const char *output;
    cli_optimize_choice optimize;
} settings;

static const settings defaults = {.optimize = {.threads = 1}};

static const cli_option options[] = {
    {"output", 'o', CLI_TEXT, offsetof(settings, output), "FILE", "the .tflite file to write", 0,
     0},
    CLI_OPTIMIZE_OPTIONS(settings),
};

static midge_status write_file(const char *path, const void *bytes, size_t size, midge_error *error)
{
    cli_writer writer;
    TRY(cli_writer_open(&writer, path, error));
    if (fwrite(bytes, 1, size, writer.stream) != size) {
        cli_writer_discard(&writer);
        return cli_fail(error, MIDGE_IO_ERROR, "%s: cannot be written", path);
    }
    return cli_writer_commit(&writer, error);
}

static midge_status run(const void *values, const cli_texts *operands, midge_error *error)
{
    const settings *chosen = values;
    const char *path = operands->items[0];
    midge_model *model = NULL;
    void *bytes = NULL;
    size_t size = 0, before = 0;
    if (chosen->output == NULL) return cli_usage(error, "convert: name the result with --output");
    TRY(cli_model_load(path, &model, error));
    (void)midge_model_file(model, &before);
    midge_status status = cli_optimize(path, model, &chosen->optimize, &bytes, &size, error);
    if (status == MIDGE_OK) status = write_file(chosen->output, bytes, size, error);
    if (status == MIDGE_OK)
        cli_note("%s: %zu bytes, %.1f %% of %zu", chosen->output, size,
                 100.0 * (double)size / (double)before, before);
    midge_optimize_free(NULL, bytes);
    midge_model_free(model);
    return status;
}

const cli_command cli_convert = {
    .name = "convert",
    .operands = "MODEL",
    .summary = "write a model anew, quantised when asked",
    .about = "Reads a .tflite model and writes one that does the same in fewer bytes: float16 or "
             "int8 weights, or whole integer arithmetic, calibrated with typical inputs. Nodes "
             "without an integer form stay float.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .least_operands = 1,
    .most_operands = 1,
    .defaults = &defaults,
    .values_size = sizeof defaults,
    .run = run,
};
