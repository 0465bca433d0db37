/* SPDX-License-Identifier: Apache-2.0 */
/* midge kernels: what code there is and which of it this processor runs. */
#include <stdio.h>

#include "commands.h"
#include "json_print.h"
#include "machine.h"
#include "table.h"

typedef struct settings {
    bool json;
} settings;

static const settings defaults = {false};

static const cli_option options[] = {CLI_OPTION_JSON(settings)};

static void print_json(void)
{
    cli_json json = cli_json_make(stdout);
    midge_kernel_info kernel;
    cli_json_begin(&json, NULL, '[');
    for (size_t i = 0; i < midge_kernel_count(); ++i) {
        if (!midge_kernel(i, &kernel)) continue;
        cli_json_begin(&json, NULL, '{');
        cli_json_text(&json, "family", kernel.family);
        cli_json_text(&json, "types", kernel.types);
        cli_json_text(&json, "tier", kernel.tier);
        cli_json_text(&json, "name", kernel.name);
        cli_json_bool(&json, "available", kernel.available);
        cli_json_bool(&json, "selected", kernel.selected);
        cli_json_end(&json, '}');
    }
    cli_json_end(&json, ']');
}

static midge_status print_table(midge_error *error)
{
    static const char *const headers[] = {"family", "types", "tier", "kernel", ""};
    char processor[200];
    cli_table table = cli_table_make(5, headers, 0);
    midge_kernel_info kernel;
    (void)printf("processor: %s, best tier: %s\n\n",
                 cli_processor_name(processor, sizeof processor), midge_cpu_tier());
    for (size_t i = 0; i < midge_kernel_count(); ++i) {
        if (!midge_kernel(i, &kernel)) continue;
        cli_table_add(&table, "%s", kernel.family);
        cli_table_add(&table, "%s", kernel.types);
        cli_table_add(&table, "%s", kernel.tier);
        cli_table_add(&table, "%s", kernel.name);
        cli_table_add(&table, "%s",
                      kernel.selected    ? "selected"
                      : kernel.available ? ""
                                         : "not on this processor");
    }
    return cli_table_print(&table, 0, error);
}

static midge_status run(const void *values, const cli_texts *operands, midge_error *error)
{
    const settings *chosen = values;
    (void)operands;
    if (!chosen->json) return print_table(error);
    print_json();
    return MIDGE_OK;
}

const cli_command cli_kernels = {
    .name = "kernels",
    .operands = "",
    .summary = "list the kernels and which of them this processor runs",
    .about =
        "Lists the inner loops that midge was built with: what they compute, for which types, and "
        "for which tier of processors. --kernels TIER of other commands takes the tiers.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .defaults = &defaults,
    .values_size = sizeof defaults,
    .run = run,
};
