/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One row of the drawing for each input, node and output, top to bottom in the order of running:
 *
 *   lanes | boxes | what comes out | the arena: offset to the right, time downwards
 *
 * A tensor that the very next row takes is a short line between boxes. Any other runs in a lane
 * left of the boxes, from the row that makes it to the last that takes it.
 */
#include <stdlib.h>
#include <string.h>

#include "inspect.h"
#include "npy.h"
#include "svg.h"
#include "table.h"

enum {
    MARGIN = 16,
    ROW = 22,
    BOX_HEIGHT = 16,
    BOX_WIDTH = 190,
    LANE_WIDTH = 8,
    TEXT_WIDTH = 210,
    ARENA_WIDTH = 420,
    TOP = 64,
    NO_ROW = -1
};

/* Of inputs and outputs. */
#define PLAIN "#e4e4e4"

/* Where a tensor comes from and goes to. */
typedef struct flow {
    int64_t from; /* row; NO_ROW: a constant, or nowhere */
    int64_t last; /* row that takes it last */
    bool far;     /* a row that is not the next one takes it */
    size_t lane;
} flow;

typedef struct drawing {
    const cli_model_facts *facts;
    const cli_memory_plan *plan;
    FILE *stream;
    size_t rows;
    size_t inputs, nodes, outputs; /* rows of each kind */
    flow *flows;                   /* of each tensor */
    size_t lanes;
    double box_left;
} drawing;

static double row_middle(int64_t row)
{
    return TOP + (double)row * ROW + ROW / 2.0;
}

static void note_use(drawing *draw, int32_t tensor, int64_t row)
{
    if (tensor < 0 || (size_t)tensor >= draw->facts->graph.tensor_count) return;
    flow *at = &draw->flows[tensor];
    if (at->from == NO_ROW) return;
    if (row > at->last) at->last = row;
    at->far = at->far || row != at->from + 1;
}

static void find_flows(drawing *draw)
{
    const midge_graph_info *graph = &draw->facts->graph;
    midge_node_info node;
    for (size_t i = 0; i < graph->tensor_count; ++i) draw->flows[i].from = NO_ROW;
    for (size_t i = 0; i < draw->inputs; ++i) draw->flows[graph->inputs[i]].from = (int64_t)i;
    for (size_t i = 0; i < draw->nodes; ++i) {
        int64_t row = (int64_t)(draw->inputs + i);
        if (!midge_inspect_node(draw->facts->model, 0, i, &node)) break;
        for (size_t k = 0; k < node.input_count; ++k) note_use(draw, node.inputs[k], row);
        for (size_t k = 0; k < node.output_count; ++k) {
            if (node.outputs[k] >= 0) draw->flows[node.outputs[k]].from = row;
        }
    }
    for (size_t i = 0; i < draw->outputs; ++i) {
        note_use(draw, graph->outputs[i], (int64_t)(draw->inputs + draw->nodes + i));
    }
}

/* Gives each far tensor the innermost lane that is free over its rows; ends[i] is the last row that
 * lane i is taken for. Tensors come up in the order of the rows that make them. */
static bool assign_lanes(drawing *draw)
{
    size_t count = draw->facts->graph.tensor_count;
    int64_t *ends = malloc((count + 1) * sizeof *ends);
    if (ends == NULL) return false;
    for (int64_t row = 0; row < (int64_t)draw->rows; ++row) {
        midge_node_info node = {0};
        size_t made = row < (int64_t)draw->inputs ? 1 : 0;
        const int32_t *tensors = draw->facts->graph.inputs + (made > 0 ? row : 0);
        if (made == 0 &&
            midge_inspect_node(draw->facts->model, 0, (size_t)row - draw->inputs, &node)) {
            made = node.output_count;
            tensors = node.outputs;
        }
        for (size_t k = 0; k < made; ++k) {
            flow *at = tensors[k] >= 0 ? &draw->flows[tensors[k]] : NULL;
            size_t lane = 0;
            if (at == NULL || !at->far || at->from != row) continue;
            while (lane < draw->lanes && ends[lane] >= at->from) ++lane;
            if (lane == draw->lanes) ++draw->lanes;
            ends[lane] = at->last;
            at->lane = lane;
        }
    }
    free(ends);
    draw->box_left = MARGIN + LANE_WIDTH * ((double)draw->lanes + 1.5);
    return true;
}

static void draw_box(const drawing *draw, size_t row, const char *title, const char *colour,
                     int32_t tensor)
{
    midge_tensor_info info;
    char shape[CLI_SHAPE_TEXT];
    double middle = row_middle((int64_t)row);
    (void)fprintf(draw->stream,
                  "<rect x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\" rx=\"4\" fill=\"%s\"/>"
                  "<text x=\"%.1f\" y=\"%.1f\">",
                  draw->box_left, middle - BOX_HEIGHT / 2.0, BOX_WIDTH, BOX_HEIGHT, colour,
                  draw->box_left + 6, middle + 4);
    cli_svg_text(draw->stream, title);
    (void)fputs("</text>\n", draw->stream);
    if (tensor < 0 || !midge_inspect_tensor(draw->facts->model, 0, (size_t)tensor, &info)) return;
    (void)fprintf(draw->stream, "<text class=\"t\" x=\"%.1f\" y=\"%.1f\">%s %s<title>",
                  draw->box_left + BOX_WIDTH + 8, middle + 4, midge_type_name(info.type),
                  cli_shape_text(info.rank, info.shape, shape));
    cli_svg_text(draw->stream, info.name);
    (void)fputs("</title></text>\n", draw->stream);
}

static void draw_boxes(const drawing *draw)
{
    const midge_graph_info *graph = &draw->facts->graph;
    char title[80];
    midge_node_info node;
    for (size_t i = 0; i < draw->inputs; ++i) {
        (void)snprintf(title, sizeof title, "input %zu", i);
        draw_box(draw, i, title, PLAIN, graph->inputs[i]);
    }
    for (size_t i = 0; i < draw->nodes; ++i) {
        if (!midge_inspect_node(draw->facts->model, 0, i, &node)) break;
        (void)snprintf(title, sizeof title, "%zu %.40s", i, node.op);
        draw_box(draw, draw->inputs + i, title, cli_svg_colour(node.op),
                 node.output_count > 0 ? node.outputs[0] : -1);
    }
    for (size_t i = 0; i < draw->outputs; ++i) {
        (void)snprintf(title, sizeof title, "output %zu", i);
        draw_box(draw, draw->inputs + draw->nodes + i, title, PLAIN, graph->outputs[i]);
    }
}

/* The line by which a row takes a tensor. */
static void draw_use(const drawing *draw, int32_t tensor, int64_t row)
{
    if (tensor < 0 || (size_t)tensor >= draw->facts->graph.tensor_count) return;
    const flow *at = &draw->flows[tensor];
    if (at->from == NO_ROW) return;
    double from = row_middle(at->from), to = row_middle(row);
    if (row == at->from + 1) {
        (void)fprintf(draw->stream, "<path d=\"M%.1f %.1fV%.1f\"/>\n", draw->box_left + 30,
                      from + BOX_HEIGHT / 2.0, to - BOX_HEIGHT / 2.0);
        return;
    }
    double lane = draw->box_left - LANE_WIDTH * ((double)at->lane + 1.5);
    (void)fprintf(
        draw->stream,
        "<path d=\"M%.1f %.1fH%.1fQ%.1f %.1f %.1f %.1fV%.1fQ%.1f %.1f %.1f %.1fH%.1f\"/>\n",
        draw->box_left, from + 2, lane + 4, lane, from + 2, lane, from + 6, to - 6, lane, to - 2,
        lane + 4, to - 2, draw->box_left);
}

static void draw_uses(const drawing *draw)
{
    midge_node_info node;
    (void)fputs("<g class=\"e\">\n", draw->stream);
    for (size_t i = 0; i < draw->nodes; ++i) {
        if (!midge_inspect_node(draw->facts->model, 0, i, &node)) break;
        for (size_t k = 0; k < node.input_count; ++k) {
            draw_use(draw, node.inputs[k], (int64_t)(draw->inputs + i));
        }
    }
    for (size_t i = 0; i < draw->outputs; ++i) {
        draw_use(draw, draw->facts->graph.outputs[i], (int64_t)(draw->inputs + draw->nodes + i));
    }
    (void)fputs("</g>\n", draw->stream);
}

/* The name of the operator that makes a tensor, which gives its colour. */
static const char *maker_of(const drawing *draw, size_t tensor)
{
    midge_node_info node;
    int64_t row = draw->flows[tensor].from - (int64_t)draw->inputs;
    if (row < 0 || !midge_inspect_node(draw->facts->model, 0, (size_t)row, &node)) return "";
    return node.op;
}

static void draw_placed(const drawing *draw, const cli_placed *at, double left, double scale)
{
    midge_tensor_info info;
    char bytes[CLI_BYTES_TEXT];
    int64_t first = at->first < 0 ? 0 : at->first + (int64_t)draw->inputs;
    int64_t last = at->last + (int64_t)draw->inputs;
    if (last >= (int64_t)draw->rows) last = (int64_t)draw->rows - 1;
    double x = left + (double)at->offset * scale, width = (double)at->bytes * scale;
    double y = TOP + (double)first * ROW + 1, height = (double)(last - first + 1) * ROW - 2;
    const char *maker = maker_of(draw, at->tensor);
    if (!midge_inspect_tensor(draw->facts->model, 0, at->tensor, &info)) return;
    (void)fprintf(draw->stream,
                  "<g><rect class=\"m\" x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\" "
                  "fill=\"%s\"/>",
                  x, y, width < 0.5 ? 0.5 : width, height,
                  maker[0] == '\0' ? PLAIN : cli_svg_colour(maker));
    (void)cli_bytes_text((double)at->bytes, bytes);
    if (width > 50) {
        (void)fprintf(draw->stream, "<text class=\"t\" x=\"%.1f\" y=\"%.1f\">%s</text>", x + 4,
                      y + 14, bytes);
    }
    (void)fprintf(draw->stream, "<title>tensor %zu, %s at offset %zu: ", at->tensor, bytes,
                  at->offset);
    cli_svg_text(draw->stream, info.name);
    (void)fputs("</title></g>\n", draw->stream);
}

static void draw_arena(const drawing *draw)
{
    char bytes[CLI_BYTES_TEXT];
    double left = draw->box_left + BOX_WIDTH + TEXT_WIDTH;
    const cli_memory_plan *plan = draw->plan;
    if (plan == NULL || plan->arena_bytes == 0) return;
    (void)fprintf(draw->stream,
                  "<text x=\"%.1f\" y=\"%d\">arena</text>"
                  "<text x=\"%.1f\" y=\"%d\" text-anchor=\"end\">%s</text>"
                  "<rect class=\"f\" x=\"%.1f\" y=\"%d\" width=\"%d\" height=\"%zu\"/>\n",
                  left, TOP - 8, left + ARENA_WIDTH, TOP - 8,
                  cli_bytes_text((double)plan->arena_bytes, bytes), left, TOP, ARENA_WIDTH,
                  draw->rows * ROW);
    for (size_t i = 0; i < plan->count; ++i) {
        draw_placed(draw, &plan->tensors[i], left, ARENA_WIDTH / (double)plan->arena_bytes);
    }
}

static void draw_all(const drawing *draw)
{
    double width = draw->box_left + BOX_WIDTH + TEXT_WIDTH + ARENA_WIDTH + MARGIN;
    if (draw->plan == NULL) width -= ARENA_WIDTH;
    size_t height = TOP + draw->rows * ROW + MARGIN;
    (void)fprintf(draw->stream,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%zu\" "
                  "font-family=\"sans-serif\" font-size=\"11\">\n"
                  "<style>.t{fill:#555;font-size:10px}.e{fill:none;stroke:#888}"
                  ".m{stroke:#777;stroke-width:.5}.f{fill:#fafafa;stroke:#bbb}"
                  "</style>\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
                  "<text x=\"%d\" y=\"26\" font-size=\"15\">",
                  width, height, MARGIN);
    cli_svg_text(draw->stream, draw->facts->path);
    (void)fputs("</text>\n", draw->stream);
    draw_uses(draw);
    draw_boxes(draw);
    draw_arena(draw);
    (void)fputs("</svg>\n", draw->stream);
}

midge_status cli_inspect_svg(const cli_model_facts *facts, const cli_memory_plan *plan,
                             FILE *stream, midge_error *error)
{
    const midge_graph_info *graph = &facts->graph;
    drawing draw = {.facts = facts,
                    .plan = plan,
                    .stream = stream,
                    .inputs = graph->input_count,
                    .nodes = graph->node_count,
                    .outputs = graph->output_count};
    draw.rows = draw.inputs + draw.nodes + draw.outputs;
    draw.flows = calloc(graph->tensor_count + 1, sizeof *draw.flows);
    if (draw.flows == NULL) {
        return cli_fail_memory(error, facts->path, graph->tensor_count * sizeof *draw.flows);
    }
    find_flows(&draw);
    bool complete = assign_lanes(&draw);
    if (complete) draw_all(&draw);
    free(draw.flows);
    if (complete) return MIDGE_OK;
    return cli_fail_memory(error, facts->path, graph->tensor_count * sizeof(int64_t));
}
