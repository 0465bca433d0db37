/* SPDX-License-Identifier: Apache-2.0 */
/* midge inspect: shows what is in a model file. */
#include <stdio.h>

#include "commands.h"
#include "files.h"
#include "inspect.h"

typedef struct settings {
    bool json;
    bool memory;
    bool all;
    bool compressed;
    const char *svg;
} settings;

static const settings defaults = {0};

static const cli_option options[] = {
    {"all", 'a', CLI_FLAG, offsetof(settings, all), NULL, "list every node and tensor too", 0, 0},
    {"memory", '\0', CLI_FLAG, offsetof(settings, memory), NULL,
     "show the memory plan: what lives while each node runs", 0, 0},
    {"compressed", '\0', CLI_FLAG, offsetof(settings, compressed), NULL,
     "also tell how far the file can be compressed, and how many weights are 0", 0, 0},
    {"svg", '\0', CLI_TEXT, offsetof(settings, svg), "FILE",
     "draw the graph and, beside it, the memory plan", 0, 0},
    CLI_OPTION_JSON(settings),
};

static midge_status draw(const cli_model_facts *facts, const cli_memory_plan *plan,
                         const char *path, midge_error *error)
{
    cli_writer writer;
    TRY(cli_writer_open(&writer, path, error));
    midge_status status = cli_inspect_svg(facts, plan, writer.stream, error);
    if (status == MIDGE_OK) return cli_writer_commit(&writer, error);
    cli_writer_discard(&writer);
    return status;
}

static midge_status show(const settings *chosen, const cli_model_facts *facts, cli_json *json,
                         midge_error *error)
{
    cli_memory_plan plan = {0};
    midge_status status = MIDGE_OK;
    bool planned = facts->session != NULL;
    cli_compression compression = {0};
    if (chosen->compressed) compression = cli_compression_measure(facts);
    if (planned) TRY(cli_memory_plan_make(facts->path, facts->session, &plan, error));
    if (chosen->svg != NULL) {
        status = draw(facts, planned ? &plan : NULL, chosen->svg, error);
    }
    if (status == MIDGE_OK && chosen->json) {
        cli_inspect_json(facts, planned ? &plan : NULL, chosen->compressed ? &compression : NULL,
                         json);
    } else if (status == MIDGE_OK) {
        status =
            cli_inspect_text(facts, chosen->all, chosen->compressed ? &compression : NULL, error);
        if (status == MIDGE_OK && chosen->memory && planned) {
            status = cli_inspect_memory(facts, &plan, error);
        }
    }
    cli_memory_plan_free(&plan);
    return status;
}

static midge_status run(const void *values, const cli_texts *models, midge_error *error)
{
    const settings *chosen = values;
    cli_json json = cli_json_make(stdout);
    midge_status worst = MIDGE_OK;
    size_t shown = 0;
    if (chosen->svg != NULL && models->count > 1) {
        return cli_usage(error, "inspect: --svg draws one model, not %zu", models->count);
    }
    for (size_t i = 0; i < models->count; ++i) {
        cli_model_facts facts;
        midge_error reason = {MIDGE_OK, ""};
        midge_status status = cli_model_facts_collect(models->items[i], &facts, &reason);
        if (status == MIDGE_OK) {
            if (chosen->json && models->count > 1 && shown == 0) cli_json_begin(&json, NULL, '[');
            if (!chosen->json && shown > 0) (void)printf("\n");
            ++shown;
            status = show(chosen, &facts, &json, &reason);
        }
        cli_model_facts_free(&facts);
        if (status == MIDGE_OK) continue;
        cli_print_error(&reason);
        worst = status;
    }
    if (json.depth > 0) cli_json_end(&json, ']');
    return worst;
}

const cli_command cli_inspect = {
    .name = "inspect",
    .operands = "MODEL...",
    .summary = "show what is in a model",
    .about =
        "Shows inputs, outputs, signatures, operators and their versions, quantisation, metadata, "
        "labels, sizes and work of models, also of those that need operators midge lacks. With "
        "--json one model gives an object, several give a list.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .least_operands = 1,
    .most_operands = SIZE_MAX,
    .defaults = &defaults,
    .values_size = sizeof defaults,
    .run = run,
};
