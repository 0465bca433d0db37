/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "doctor.h"

enum { SHOWN_NODES = 8 };

/* "nodes 3 'conv/Relu', 7 'out' and 12 more" */
static void list_nodes(const cli_model_facts *facts, const cli_operator_use *row, char *buffer,
                       size_t capacity)
{
    size_t used = 0, found = 0;
    for (size_t g = 0; g < midge_inspect_graph_count(facts->model); ++g) {
        midge_graph_info graph;
        midge_node_info node;
        midge_tensor_info output = {.name = ""};
        if (!midge_inspect_graph(facts->model, g, &graph)) break;
        for (size_t i = 0; i < graph.node_count; ++i) {
            if (!midge_inspect_node(facts->model, g, i, &node)) break;
            if (node.version != row->version || strcmp(node.op, row->name) != 0) continue;
            if (++found > SHOWN_NODES || used >= capacity) continue;
            if (node.output_count > 0 && node.outputs[0] >= 0) {
                (void)midge_inspect_tensor(facts->model, g, (size_t)node.outputs[0], &output);
            }
            used += (size_t)snprintf(buffer + used, capacity - used, "%s%zu '%.60s'",
                                     found == 1 ? (row->count == 1 ? "node " : "nodes ") : ", ", i,
                                     output.name);
            if (g > 0 && used < capacity) {
                used += (size_t)snprintf(buffer + used, capacity - used, " of graph %zu", g);
            }
        }
    }
    if (found > SHOWN_NODES && used < capacity) {
        (void)snprintf(buffer + used, capacity - used, " and %zu more", found - SHOWN_NODES);
    }
}

static const char *remedy_for(const cli_operator_use *row)
{
    const char *name = row->name;
    if (row->support == MIDGE_SUPPORT_NO_OPERATOR) {
        return "update midge, or convert the model again without it";
    }
    if (strncmp(name, "Flex", 4) == 0) {
        return "it runs only inside TensorFlow; convert the model again without SELECT_TF_OPS";
    }
    if (strncmp(name, "edgetpu", 7) == 0) {
        return "the file was compiled for the Edge TPU; take the one without '_edgetpu' in its "
               "name";
    }
    return "give it to the session as a custom operator, or convert the model again without it";
}

/* Integer products whose weights have a scale per channel: TensorFlow Lite reads them as unscaled.
 */
static void look_at_products(const midge_model *model, size_t graph, cli_findings *findings)
{
    midge_node_info node;
    midge_tensor_info left, right;
    for (size_t i = 0; midge_inspect_node(model, graph, i, &node); ++i) {
        if (strcmp(node.op, "BATCH_MATMUL") != 0 || node.input_count != 2) continue;
        if (node.inputs[0] < 0 || node.inputs[1] < 0 ||
            !midge_inspect_tensor(model, graph, (size_t)node.inputs[0], &left) ||
            !midge_inspect_tensor(model, graph, (size_t)node.inputs[1], &right))
            continue;
        if (left.type == MIDGE_FLOAT32 || right.quantization.count <= 1) continue;
        cli_problem(findings, "convert it with one scale, or as FULLY_CONNECTED",
                    "node %zu BATCH_MATMUL: its weights have %zu scales, which the operator reads "
                    "as none; its result is the zero point everywhere",
                    i, right.quantization.count);
    }
}

void cli_doctor_operators(const cli_model_facts *facts, cli_findings *findings)
{
    for (size_t i = 0; i < facts->operator_count; ++i) {
        const cli_operator_use *row = &facts->operators[i];
        char nodes[900] = "";
        if (row->support == MIDGE_SUPPORT_YES) continue;
        list_nodes(facts, row, nodes, sizeof nodes);
        if (row->support != MIDGE_SUPPORT_NO_VERSION) {
            cli_problem(findings, remedy_for(row), "missing operator %s (%s)", row->name, nodes);
        } else {
            cli_problem(findings, "update midge, or convert the model for an older runtime",
                        "%s is of version %d, midge knows versions up to %d (%s)", row->name,
                        row->version, row->known, nodes);
        }
    }
    for (size_t g = 0; g < midge_inspect_graph_count(facts->model); ++g)
        look_at_products(facts->model, g, findings);
}
