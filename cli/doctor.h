/* SPDX-License-Identifier: Apache-2.0 */
/* Findings about a model that loads: what keeps it from running, and what may surprise. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "model_facts.h"

typedef struct cli_findings {
    size_t problems; /* the model does not run, or not rightly */
    size_t remarks;
} cli_findings;

/* Prints a finding and what to do about it; `remedy` "" when nothing needs to be done. */
void cli_problem(cli_findings *findings, const char *remedy, const char *format, ...)
    CLI_PRINTF(3, 4);
void cli_remark(cli_findings *findings, const char *remedy, const char *format, ...)
    CLI_PRINTF(3, 4);

/* Operators: the missing ones, all of them, and those in newer versions. */
void cli_doctor_operators(const cli_model_facts *facts, cli_findings *findings);

/* Stored numbers: quantisation that cannot be meant, weights that are no numbers. */
void cli_doctor_tensors(const cli_model_facts *facts, cli_findings *findings);

/* Inputs, outputs, metadata and labels. */
void cli_doctor_ports(const cli_model_facts *facts, cli_findings *findings);

/* One run on made-up inputs: does it end, does it give numbers? */
void cli_doctor_run(const cli_model_facts *facts, cli_findings *findings);

#endif
