/* SPDX-License-Identifier: Apache-2.0 */
/* midge doctor: what is wrong or surprising with a model, and what to do. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "doctor.h"

typedef struct settings {
    bool no_run;
} settings;

static const settings defaults = {0};

static const cli_option options[] = {
    {"no-run", '\0', CLI_FLAG, offsetof(settings, no_run), NULL,
     "do not run the model once on made-up inputs", 0, 0},
};

static void print_finding(const char *kind, const char *remedy, const char *format,
                          va_list arguments)
{
    char text[1500], safe[3000];
    (void)vsnprintf(text, sizeof text, format, arguments);
    (void)printf("  %-8s %s\n", kind, cli_printable(text, safe, sizeof safe));
    if (remedy[0] != '\0') (void)printf("  %-8s %s\n", "", remedy);
}

void cli_problem(cli_findings *findings, const char *remedy, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_finding("problem", remedy, format, arguments);
    va_end(arguments);
    ++findings->problems;
}

void cli_remark(cli_findings *findings, const char *remedy, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_finding("remark", remedy, format, arguments);
    va_end(arguments);
    ++findings->remarks;
}

static void examine(const cli_model_facts *facts, bool run_it, cli_findings *findings)
{
    cli_doctor_operators(facts, findings);
    if (facts->session == NULL && findings->problems == 0) {
        cli_problem(findings, "", "%s", facts->session_error.message);
    }
    cli_doctor_tensors(facts, findings);
    cli_doctor_ports(facts, findings);
    if (facts->session != NULL && run_it) cli_doctor_run(facts, findings);
}

static midge_status run(const void *values, const cli_texts *operands, midge_error *error)
{
    const settings *chosen = values;
    const char *path = operands->items[0];
    char safe[1100];
    cli_model_facts facts;
    cli_findings findings = {0};
    midge_status status = cli_model_facts_collect(path, &facts, error);
    if (status == MIDGE_OK) {
        (void)printf("%s\n", cli_printable(path, safe, sizeof safe));
        examine(&facts, !chosen->no_run, &findings);
        if (findings.problems + findings.remarks == 0) (void)printf("  nothing is wrong with it\n");
        if (findings.problems > 0) {
            status = cli_fail(error, MIDGE_INVALID_MODEL, "%s: %zu problem%s", path,
                              findings.problems, findings.problems == 1 ? "" : "s");
        }
    }
    cli_model_facts_free(&facts);
    return status;
}

const cli_command cli_doctor = {
    .name = "doctor",
    .operands = "MODEL",
    .summary = "tell what is wrong with a model and what to do",
    .about =
        "Tells what keeps a file from running and what may surprise: that it is no model at all, "
        "missing operators with the nodes that need them, versions newer than known, odd "
        "quantisation, weights that are not numbers, labels that do not match. Ends with status 1 "
        "when there is a problem.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .least_operands = 1,
    .most_operands = 1,
    .defaults = &defaults,
    .values_size = sizeof defaults,
    .run = run,
};
