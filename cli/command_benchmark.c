/* SPDX-License-Identifier: Apache-2.0 */
/* midge benchmark: how long a model takes, from the file to a steady pace. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "inputs.h"
#include "json_print.h"
#include "machine.h"
#include "model_file.h"
#include "profile.h"
#include "table.h"

typedef struct settings {
    int64_t runs;
    int64_t warmup;
    int64_t seed;
    bool profile;
    bool map;
    bool json;
    cli_session_choice choice;
} settings;

static const settings defaults = {.runs = 50, .warmup = 5, .choice = {.threads = 1}};

static const cli_option options[] = {
    CLI_OPTION_THREADS(settings),
    {"runs", 'n', CLI_COUNT, offsetof(settings, runs), "N", "inferences to measure (default 50)", 1,
     10000000},
    {"warmup", 'w', CLI_COUNT, offsetof(settings, warmup), "N",
     "inferences before those, after the first (default 5)", 0, 10000000},
    {"profile", 'p', CLI_FLAG, offsetof(settings, profile), NULL,
     "show where the time goes, by operator and by node, and how near that is to "
     "the matrix kernels' peak",
     0, 0},
    {"map", '\0', CLI_FLAG, offsetof(settings, map), NULL,
     "map the model file instead of reading it, as other runtimes do", 0, 0},
    {"seed", '\0', CLI_COUNT, offsetof(settings, seed), "N", "fills the inputs (default 0)", 0,
     INT64_MAX},
    CLI_OPTION_KERNELS(settings),
    CLI_OPTION_LIMIT_MEMORY(settings),
    CLI_OPTION_JSON(settings),
};

/* Milliseconds, and kilobytes that the process grew by. */
typedef struct result {
    double load, prepare, first, least, median, p95;
    size_t kilobytes;
    double *times;
    size_t count;
} result;

static int by_time(const void *a, const void *b)
{
    double first = *(const double *)a, second = *(const double *)b;
    return first < second ? -1 : first > second ? 1 : 0;
}

static midge_status timed_invoke(const cli_ports *ports, double *milliseconds, midge_error *error)
{
    double start = cli_milliseconds();
    midge_status status = cli_ports_invoke(ports, error);
    *milliseconds = cli_milliseconds() - start;
    return status;
}

static void show_progress(size_t done, size_t count)
{
    if (done % 16 == 0 && cli_is_terminal(STDERR_FILENO)) {
        (void)fprintf(stderr, "\r%zu of %zu runs", done, count);
    }
}

static void end_progress(void)
{
    if (cli_is_terminal(STDERR_FILENO)) (void)fprintf(stderr, "\r\033[K");
}

static midge_status measure_runs(const settings *chosen, const cli_ports *ports, result *measured,
                                 midge_error *error)
{
    double ignored = 0.0;
    measured->count = (size_t)chosen->runs;
    measured->times = malloc(measured->count * sizeof *measured->times);
    if (measured->times == NULL) {
        return cli_fail_memory(error, ports->model, measured->count * sizeof *measured->times);
    }
    for (int64_t i = 0; i < chosen->warmup; ++i) TRY(timed_invoke(ports, &ignored, error));
    midge_status status = MIDGE_OK;
    for (size_t i = 0; i < measured->count && status == MIDGE_OK; ++i) {
        show_progress(i, measured->count);
        status = timed_invoke(ports, &measured->times[i], error);
    }
    end_progress();
    if (status != MIDGE_OK) return status;
    qsort(measured->times, measured->count, sizeof *measured->times, by_time);
    size_t last = measured->count - 1;
    measured->least = measured->times[0];
    measured->median = (measured->times[last / 2] + measured->times[(last + 1) / 2]) / 2.0;
    measured->p95 = measured->times[(last * 95 + 99) / 100];
    return MIDGE_OK;
}

static midge_status measure(const settings *chosen, const char *path, midge_model **model,
                            midge_session **session, result *measured, midge_error *error)
{
    cli_ports ports;
    cli_session_choice choice = chosen->choice;
    size_t before = cli_resident_kilobytes();
    double start = cli_milliseconds();
    TRY(chosen->map ? cli_model_map(path, model, error) : cli_model_load(path, model, error));
    double loaded = cli_milliseconds();
    TRY(cli_session_create(path, *model, &choice, session, error));
    double prepared = cli_milliseconds();
    measured->load = loaded - start;
    measured->prepare = prepared - loaded;
    TRY(cli_ports_open(path, *session, NULL, &ports, error));
    TRY(cli_inputs_read(&ports, NULL, 0, (uint64_t)chosen->seed, NULL, error));
    TRY(timed_invoke(&ports, &measured->first, error));
    size_t after = cli_resident_kilobytes();
    measured->kilobytes = after > before ? after - before : 0;
    return measure_runs(chosen, &ports, measured, error);
}

/* Node times need clock calls between nodes, so they come from a session of their own and do not
 * weigh on the numbers above. */
static midge_status measure_nodes(const settings *chosen, const char *path, midge_model *model,
                                  midge_session **session, midge_error *error)
{
    cli_ports ports;
    cli_session_choice choice = chosen->choice;
    choice.profile = true;
    TRY(cli_session_create(path, model, &choice, session, error));
    TRY(cli_ports_open(path, *session, NULL, &ports, error));
    TRY(cli_inputs_read(&ports, NULL, 0, (uint64_t)chosen->seed, NULL, error));
    for (int64_t i = 0; i < chosen->runs; ++i) TRY(cli_ports_invoke(&ports, error));
    return MIDGE_OK;
}

/* The tier that the kernels come from. */
static const char *tier_of(const settings *chosen)
{
    const char *kernels = chosen->choice.kernels;
    return kernels != NULL && strcmp(kernels, "auto") != 0 ? kernels : midge_cpu_tier();
}

static midge_status print_json(const settings *chosen, const char *path, const result *measured,
                               midge_session *profiled, midge_error *error)
{
    midge_status status = MIDGE_OK;
    char text[300];
    cli_json json = cli_json_make(stdout);
    cli_json_begin(&json, NULL, '{');
    cli_json_text(&json, "model", path);
    cli_json_time(&json, "load_ms", measured->load);
    cli_json_time(&json, "prepare_ms", measured->prepare);
    cli_json_time(&json, "first_run_ms", measured->first);
    cli_json_time(&json, "min_ms", measured->least);
    cli_json_time(&json, "median_ms", measured->median);
    cli_json_time(&json, "p95_ms", measured->p95);
    cli_json_integer(&json, "runs", (int64_t)measured->count);
    cli_json_integer(&json, "warmup", chosen->warmup);
    cli_json_integer(&json, "threads", chosen->choice.threads);
    cli_json_integer(&json, "memory_kb", (int64_t)measured->kilobytes);
    cli_json_text(&json, "cpu", cli_processor_name(text, sizeof text));
    cli_json_text(&json, "tier", tier_of(chosen));
    cli_json_integer(&json, "clock_mhz", cli_current_megahertz());
    cli_json_text(&json, "slowed_by", cli_slowed_by(text, sizeof text));
    if (profiled != NULL)
        status = cli_profile_json(path, profiled, chosen->choice.threads, &json, error);
    cli_json_end(&json, '}');
    return status;
}

static void print_times(const settings *chosen, const char *path, const result *measured)
{
    char text[300], safe[1100];
    unsigned now = cli_current_megahertz(), highest = cli_highest_megahertz();
    (void)printf("%s\n", cli_printable(path, safe, sizeof safe));
    (void)printf("  cpu        %s", cli_processor_name(text, sizeof text));
    if (now > 0) (void)printf(", %u MHz", now);
    if (highest > 0) (void)printf(" of %u", highest);
    (void)printf("\n  kernels    %s, %d thread%s of %d processors\n", tier_of(chosen),
                 (int)chosen->choice.threads, chosen->choice.threads == 1 ? "" : "s",
                 cli_processor_count());
    if (cli_slowed_by(text, sizeof text)[0] != '\0') (void)printf("  slowed by  %s\n", text);
    (void)printf("  start      load %.2f ms, prepare %.2f ms, first run %.2f ms\n", measured->load,
                 measured->prepare, measured->first);
    (void)printf("  inference  min %.3f ms, median %.3f ms, 95 %% below %.3f ms (%zu runs)\n",
                 measured->least, measured->median, measured->p95, measured->count);
    (void)printf("  memory     %.1f MiB resident added by loading and one run\n",
                 (double)measured->kilobytes / 1024.0);
}

static midge_status run(const void *values, const cli_texts *operands, midge_error *error)
{
    const settings *chosen = values;
    const char *path = operands->items[0];
    midge_model *model = NULL;
    midge_session *session = NULL, *profiled = NULL;
    result measured = {0};
    midge_status status = measure(chosen, path, &model, &session, &measured, error);
    if (status == MIDGE_OK && chosen->profile) {
        status = measure_nodes(chosen, path, model, &profiled, error);
    }
    if (status == MIDGE_OK && chosen->json) {
        status = print_json(chosen, path, &measured, profiled, error);
    } else if (status == MIDGE_OK) {
        print_times(chosen, path, &measured);
        if (profiled != NULL)
            status = cli_profile_text(path, profiled, chosen->choice.threads, error);
    }
    free(measured.times);
    midge_session_free(profiled);
    midge_session_free(session);
    midge_model_free(model);
    return status;
}

const cli_command cli_benchmark = {
    .name = "benchmark",
    .operands = "MODEL",
    .summary = "measure how long a model takes",
    .about =
        "Measures a cold start (load, prepare, first run) and then single inferences on inputs "
        "filled from --seed: fastest, median, and the time that 95 of 100 stay below. Says which "
        "processor and kernels it ran on, its clock, and what is known to slow it.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .least_operands = 1,
    .most_operands = 1,
    .defaults = &defaults,
    .values_size = sizeof defaults,
    .run = run,
};
