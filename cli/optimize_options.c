/* SPDX-License-Identifier: Apache-2.0 */
#include "optimize_options.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "calibration.h"
#include "machine.h"
#include "picture_input.h"

static const midge_type interface_types[] = {MIDGE_FLOAT32, MIDGE_INT8, MIDGE_UINT8, MIDGE_INT16};

/* What the callbacks of midge_optimize look at. */
typedef struct work {
    cli_calibration calibration;
    double start;
    double shown; /* when the progress line was last written */
    bool terminal;
} work;

static midge_status give_sample(void *context, size_t index, midge_session *session,
                                midge_error *error)
{
    return cli_calibration_write(&((work *)context)->calibration, index, session, error);
}

static bool show_progress(void *context, size_t done, size_t total)
{
    enum { columns = 30 };
    work *at = context;
    double now = cli_milliseconds();
    if (!at->terminal || total == 0 || (now - at->shown < 100.0 && done < total)) return true;
    char bar[columns + 1];
    size_t full = done * columns / total;
    memset(bar, '.', columns);
    memset(bar, '#', full);
    bar[columns] = '\0';
    double left = done > 0 ? (now - at->start) / (double)done * (double)(total - done) / 1000 : 0;
    (void)fprintf(stderr, "\rcalibrating [%s] %3zu %%, %.0f s left ", bar, done * 100 / total,
                  left);
    if (done == total) (void)fprintf(stderr, "\r%70s\r", "");
    at->shown = now;
    return true;
}

/* Whether the model has learned its ranges itself. */
static bool has_ranges(const midge_model *model)
{
    midge_graph_info graph;
    float range[2];
    if (!midge_inspect_graph(model, 0, &graph)) return false;
    for (size_t i = 0; i < graph.tensor_count; ++i)
        if (midge_inspect_range(model, 0, i, range)) return true;
    return false;
}

static bool is_integer(const cli_optimize_choice *choice)
{
    return choice->mode == MIDGE_OPTIMIZE_INT8 || choice->mode == MIDGE_OPTIMIZE_INT16X8;
}

midge_status cli_optimize_check(const cli_optimize_choice *choice, midge_error *error)
{
    const struct {
        bool given;
        const char *name;
    } of_integers[] = {
        {choice->calibration.count > 0, "calibration"},
        {choice->samples > 0, "samples"},
        {choice->range != MIDGE_RANGE_ALL, "range"},
        {choice->correct_bias, "correct-bias"},
        {choice->equalize, "equalize"},
    };
    double range[2];
    if (choice->pixels != NULL)
        TRY(cli_range_read("convert: --pixels", choice->pixels, range, error));
    for (size_t i = 0; i < sizeof of_integers / sizeof of_integers[0]; ++i) {
        if (of_integers[i].given && !is_integer(choice))
            cli_note("--%s has no effect without --optimize int8 or int16x8", of_integers[i].name);
    }
    if (choice->keep_float.count > 0 && choice->mode == MIDGE_OPTIMIZE_NONE)
        cli_note("--keep-float has no effect without --optimize");
    return MIDGE_OK;
}

midge_status cli_optimize(const char *name, midge_model *model, const cli_optimize_choice *choice,
                          void **bytes, size_t *size, midge_error *error)
{
    work at = {.start = cli_milliseconds(), .terminal = cli_is_terminal(STDERR_FILENO)};
    midge_optimize_options options = midge_optimize_options_default();
    options.mode = (midge_optimize_mode)choice->mode;
    options.range = (midge_optimize_range)choice->range;
    options.input_type = interface_types[choice->input_type];
    options.output_type = interface_types[choice->output_type];
    options.keep_float = choice->keep_float.items;
    options.keep_float_count = choice->keep_float.count;
    options.correct_bias = choice->correct_bias;
    options.equalize = choice->equalize;
    options.prune = choice->prune;
    options.sparsity = choice->sparsity / 100;
    options.clusters = (int32_t)choice->clusters;
    options.threads = choice->threads > 0 ? (int)choice->threads : 1;
    bool calibrated = is_integer(choice);
    if (choice->calibration.count == 0 && has_ranges(model)) calibrated = false;
    if (calibrated && choice->calibration.count == 0)
        return cli_usage(error, "--optimize %s needs typical inputs: give --calibration FILE",
                         options.mode == MIDGE_OPTIMIZE_INT8 ? "int8" : "int16x8");
    midge_status status = MIDGE_OK;
    if (calibrated) {
        status = cli_calibration_open(&at.calibration, name, model, &choice->calibration,
                                      choice->pixels, error);
        options.sample_count = at.calibration.count;
        if (choice->samples > 0 && (uint64_t)choice->samples < options.sample_count)
            options.sample_count = (size_t)choice->samples;
        options.sample = give_sample;
        options.progress = show_progress;
        options.context = &at;
    }
    if (status == MIDGE_OK) {
        status = midge_optimize(model, &options, bytes, size, error);
        if (status != MIDGE_OK) (void)cli_fail_in(error, name);
    }
    cli_calibration_free(&at.calibration);
    return status;
}
