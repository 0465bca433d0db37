/* SPDX-License-Identifier: Apache-2.0 */
/* Each operation by its row. */
#include <stdarg.h>
#include <stdio.h>

#include "convert/tensorflow_operation.h"

static const mg_tf_row rows[] = {
#define TENSORFLOW(name, family, code, outputs) \
    {name, mg_tf_lower_##family, MG_BUILTIN_##code, outputs},
#include "convert/tensorflow_ops.def"
};

const mg_tf_row *mg_tf_find_row(const char *name)
{
    size_t low = 0, high = sizeof rows / sizeof rows[0];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(rows[middle].name, name);
        if (order == 0) return &rows[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

midge_status mg_tf_refuse(const mg_tensorflow *tf, const char *format, ...)
{
    char text[400], op[60];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (tf->operation == NULL)
        return mg_fail(tf->error, MIDGE_UNSUPPORTED, "%s: %s", tf->file, text);
    return mg_fail(tf->error, MIDGE_UNSUPPORTED, "%s: node %s (%s): %s", tf->file,
                   tf->operation->name, mg_printable(tf->operation->node->op, op, sizeof op), text);
}

midge_status mg_tf_memory(mg_tensorflow *tf, size_t count, size_t bytes, void **memory)
{
    return mg_region_get_array(&tf->region, count, bytes, memory, tf->error);
}

static midge_status find_inputs(mg_tensorflow *tf, const mg_tf_part *part,
                                mg_tf_operation *operation)
{
    for (size_t i = 0; i < operation->input_count; ++i)
        TRY(mg_tf_value_of(tf, part, &operation->sources[i], &operation->inputs[i]));
    return MIDGE_OK;
}

midge_status mg_tf_value_of(mg_tensorflow *tf, const mg_tf_part *part, const mg_tf_source *source,
                            mg_tf_value *value)
{
    if (source->node < 0) {
        size_t argument = (size_t)(-1 - source->node);
        if (source->frame != part->root || argument >= part->argument_count)
            return mg_tf_refuse(tf, "reads a value of another function");
        *value = part->arguments[argument];
        return MIDGE_OK;
    }
    const mg_tf_operation *maker = source->frame->uses[source->node].operation;
    if (maker == NULL || maker->state != MG_TF_DONE ||
        (size_t)source->output >= maker->output_count)
        return mg_tf_refuse(tf, "reads output %d of node %s, which has %zu", (int)source->output,
                            maker != NULL ? maker->name : "?",
                            maker != NULL ? maker->output_count : 0);
    *value = maker->outputs[source->output];
    return MIDGE_OK;
}

static void report(const mg_tensorflow *tf, const mg_tf_operation *operation, size_t nodes_before)
{
    const midge_convert_options *options = tf->options;
    const mg_network_graph *graph = mg_tf_graph(tf);
    char text[200], op[60];
    size_t used = 0;
    if (options == NULL || options->report == NULL || graph->node_count == nodes_before) return;
    text[0] = '\0';
    for (size_t n = nodes_before; n < graph->node_count && used + 40 < sizeof text; ++n)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used > 0 ? ", " : "",
                                 mg_builtin_name(graph->nodes[n].op));
    options->report(options->context, operation->name,
                    mg_printable(operation->node->op, op, sizeof op), text);
}

midge_status mg_tf_lower_part(mg_tensorflow *tf, mg_tf_part *part)
{
    int32_t graph_before = tf->at_graph;
    const mg_tf_operation *before = tf->operation;
    const mg_tf_part *part_before = tf->part;
    tf->at_graph = part->graph;
    tf->part = part;
    for (size_t i = 0; i < part->operation_count; ++i) {
        mg_tf_operation *operation = part->operations[i];
        size_t nodes = mg_tf_graph(tf)->node_count;
        tf->operation = operation;
        TRY(find_inputs(tf, part, operation));
        TRY(operation->row->lower(tf, operation));
        operation->state = MG_TF_DONE;
        report(tf, operation, nodes);
    }
    tf->operation = before;
    tf->part = part_before;
    tf->at_graph = graph_before;
    return MIDGE_OK;
}
