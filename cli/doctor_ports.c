/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "doctor.h"
#include "element.h"
#include "inputs.h"

static bool find_port(const cli_model_facts *facts, bool output, size_t index,
                      midge_tensor_info *tensor)
{
    const int32_t *tensors = output ? facts->graph.outputs : facts->graph.inputs;
    size_t count = output ? facts->graph.output_count : facts->graph.input_count;
    return index < count && tensors[index] >= 0 &&
           midge_inspect_tensor(facts->model, 0, (size_t)tensors[index], tensor);
}

static void check_shapes(const cli_model_facts *facts, cli_findings *findings)
{
    char shape[CLI_SHAPE_TEXT];
    for (size_t i = 0; i < facts->graph.input_count; ++i) {
        midge_tensor_info input;
        bool open = false;
        if (!find_port(facts, false, i, &input)) continue;
        for (int k = 1; k < input.signature_rank; ++k) open = open || input.signature[k] < 0;
        if (open) {
            cli_remark(findings, "resize it before running; 'midge run' takes the array's shape",
                       "input %zu '%s' leaves sizes open: %s", i, input.name,
                       cli_shape_text(input.signature_rank, input.signature, shape));
        }
    }
}

/* A model that computes in integers but talks in floats converts at its ends, which surprises
 * people who expect to feed it bytes. */
static void check_float_ends(const cli_model_facts *facts, cli_findings *findings)
{
    midge_tensor_info input;
    midge_node_info node;
    if (!find_port(facts, false, 0, &input) || input.type != MIDGE_FLOAT32) return;
    for (size_t i = 0; i < facts->graph.node_count; ++i) {
        if (!midge_inspect_node(facts->model, 0, i, &node)) return;
        for (size_t k = 0; k < node.input_count; ++k) {
            if (node.inputs[k] != facts->graph.inputs[0]) continue;
            if (strcmp(node.op, "QUANTIZE") == 0) {
                cli_remark(findings,
                           "give it floats; for bytes, convert with inference_input_type int8 or "
                           "uint8",
                           "computes in integers, but input 0 '%s' takes float32", input.name);
                return;
            }
        }
    }
}

static void check_metadata(const cli_model_facts *facts, cli_findings *findings)
{
    midge_tensor_metadata about;
    if (facts->metadata_error.message[0] != '\0') {
        cli_problem(findings, "midge runs without it; the publisher must write it again", "%s",
                    facts->metadata_error.message);
    }
    for (size_t i = 0; facts->metadata != NULL; ++i) {
        if (!midge_metadata_tensor(facts->metadata, false, i, &about)) break;
        for (size_t k = 0; k < about.deviation_count; ++k) {
            if (isfinite(about.deviation[k]) && about.deviation[k] != 0.0f) continue;
            cli_problem(findings, "classify needs --range with this model",
                        "metadata of input %zu states a deviation of %g", i,
                        (double)about.deviation[k]);
        }
    }
}

static void check_labels(const cli_model_facts *facts, cli_findings *findings)
{
    midge_tensor_info output;
    size_t longest = 0, all = 1;
    if (facts->labels_error.message[0] != '\0') {
        cli_problem(findings, "give the right label file with --labels", "%s",
                    facts->labels_error.message);
    }
    if (facts->labels.count == 0) return;
    if (!find_port(facts, true, cli_labelled_output(facts), &output)) return;
    for (int i = 0; i < output.rank; ++i) {
        if ((size_t)output.shape[i] > longest) longest = (size_t)output.shape[i];
        all *= (size_t)output.shape[i];
    }
    if (longest == all && longest > 1 && longest != facts->labels.count) {
        cli_problem(findings, "give the label file of this model with --labels",
                    "%s has %zu labels, output %zu '%s' gives %zu scores", facts->labels_source,
                    facts->labels.count, cli_labelled_output(facts), output.name, longest);
    }
}

void cli_doctor_ports(const cli_model_facts *facts, cli_findings *findings)
{
    check_shapes(facts, findings);
    check_float_ends(facts, findings);
    check_metadata(facts, findings);
    check_labels(facts, findings);
}

static void check_outputs(const cli_ports *ports, cli_findings *findings)
{
    for (size_t i = 0; i < cli_output_count(ports); ++i) {
        const midge_tensor *tensor = cli_output(ports, i);
        const void *data = midge_tensor_data(tensor);
        if (data == NULL || !cli_is_floating(midge_tensor_type(tensor))) continue;
        for (size_t k = 0; k < midge_tensor_elements(tensor); ++k) {
            if (!isnan(cli_element(midge_tensor_type(tensor), data, k))) continue;
            cli_problem(findings, "compare it with the original model on the same input",
                        "on inputs in [-1, 1) output %zu '%s' is not a number, at %zu", i,
                        cli_output_name(ports, i), k);
            break;
        }
    }
}

void cli_doctor_run(const cli_model_facts *facts, cli_findings *findings)
{
    cli_ports ports;
    midge_error error = {MIDGE_OK, ""};
    midge_status status = cli_ports_open(facts->path, facts->session, NULL, &ports, &error);
    if (status == MIDGE_OK) status = cli_inputs_read(&ports, NULL, 0, 0, NULL, &error);
    if (status == MIDGE_OK) status = cli_ports_invoke(&ports, &error);
    if (status == MIDGE_OK) {
        check_outputs(&ports, findings);
    } else {
        cli_remark(findings, "try 'midge run' with real inputs",
                   "did not run on made-up inputs: %s", error.message);
    }
}
