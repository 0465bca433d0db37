/* SPDX-License-Identifier: Apache-2.0 */
#include "profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

enum { SLOWEST_NODES = 10 };

/* The time of one node, or of all nodes of a kind. */
typedef struct share {
    const char *op;
    const char *kernel;
    size_t node;
    size_t count;
    double milliseconds; /* per run */
    uint64_t multiply_accumulates;
    double least; /* milliseconds that they would take at the peak */
} share;

static double milliseconds_of(const midge_node_info *node)
{
    return node->runs > 0 ? (double)node->nanoseconds / 1e6 / (double)node->runs : 0.0;
}

static midge_status measure_peak(const char *name, midge_session *session, int threads,
                                 midge_peak *peak, midge_error *error)
{
    midge_status status = midge_session_peak(session, peak);
    if (status != MIDGE_OK)
        return cli_fail(error, status, "%s: %s", name, midge_session_message(session));
    peak->float_macs *= threads;
    peak->integer_macs *= threads;
    return MIDGE_OK;
}

/* Kernels are named by what they multiply. */
static double least_milliseconds(const midge_node_info *node, const midge_peak *peak)
{
    const bool integers = strstr(node->kernel, "_int_") != NULL;
    return (double)node->multiply_accumulates * 1e3 /
           (integers ? peak->integer_macs : peak->float_macs);
}

static int slower(const void *a, const void *b)
{
    const share *first = a, *second = b;
    if (first->milliseconds != second->milliseconds) {
        return first->milliseconds > second->milliseconds ? -1 : 1;
    }
    return first->node < second->node ? -1 : first->node > second->node;
}

/* Adds up the nodes of each kind at the front of `shares`; returns the number of kinds. */
static size_t add_up(share *shares, size_t nodes)
{
    size_t kinds = 0;
    for (size_t i = 0; i < nodes; ++i) {
        share node = shares[i];
        size_t k = 0;
        while (k < kinds && strcmp(shares[k].op, node.op) != 0) ++k;
        if (k == kinds) {
            shares[kinds++] = node;
            continue;
        }
        shares[k].count += node.count;
        shares[k].milliseconds += node.milliseconds;
        shares[k].multiply_accumulates += node.multiply_accumulates;
        shares[k].least += node.least;
    }
    return kinds;
}

static void add_row(cli_table *table, const share *row, double total, bool single)
{
    if (single) {
        cli_table_add(table, "%zu", row->node);
    } else {
        cli_table_add(table, "%zu", row->count);
    }
    cli_table_add(table, "%s", row->op);
    cli_table_add(table, "%.3f", row->milliseconds);
    cli_table_add(table, "%.1f %%", total > 0.0 ? 100.0 * row->milliseconds / total : 0.0);
    if (row->multiply_accumulates > 0 && row->milliseconds > 0.0) {
        cli_table_add(table, "%.1f",
                      2.0 * (double)row->multiply_accumulates / row->milliseconds / 1e6);
        cli_table_add(table, "%.0f %%", 100.0 * row->least / row->milliseconds);
    } else {
        cli_table_add(table, "%s", "");
        cli_table_add(table, "%s", "");
    }
    cli_table_add(table, "%s", single ? row->kernel : "");
}

static midge_status print_shares(const share *shares, size_t count, double total, bool single,
                                 midge_error *error)
{
    static const char *const kinds[] = {"count", "operator", "ms", "share", "GOP/s", "of peak", ""};
    static const char *const nodes[] = {"node",  "operator", "ms",    "share",
                                        "GOP/s", "of peak",  "kernel"};
    cli_table table = cli_table_make(7, single ? nodes : kinds, 0x3d);
    for (size_t i = 0; i < count; ++i) add_row(&table, &shares[i], total, single);
    (void)printf("\n");
    return cli_table_print(&table, 2, error);
}

midge_status cli_profile_text(const char *name, midge_session *session, int threads,
                              midge_error *error)
{
    size_t nodes = midge_session_node_count(session);
    midge_peak peak;
    TRY(measure_peak(name, session, threads, &peak, error));
    share *shares = calloc(nodes + 1, sizeof *shares);
    double total = 0.0;
    if (shares == NULL) return cli_fail_memory(error, name, (nodes + 1) * sizeof *shares);
    for (size_t i = 0; i < nodes; ++i) {
        midge_node_info node = {.op = "", .kernel = ""};
        (void)midge_session_node(session, i, &node);
        shares[i] = (share){node.op,
                            node.kernel,
                            i,
                            1,
                            milliseconds_of(&node),
                            node.multiply_accumulates,
                            least_milliseconds(&node, &peak)};
        total += shares[i].milliseconds;
    }
    qsort(shares, nodes, sizeof *shares, slower);
    size_t shown = nodes < SLOWEST_NODES ? nodes : SLOWEST_NODES;
    midge_status status = print_shares(shares, shown, total, true, error);
    (void)printf("\n  peak of the matrix kernels: %.1f GOP/s float, %.1f GOP/s int8\n",
                 2e-9 * peak.float_macs, 2e-9 * peak.integer_macs);
    size_t kinds = add_up(shares, nodes);
    qsort(shares, kinds, sizeof *shares, slower);
    if (status == MIDGE_OK) status = print_shares(shares, kinds, total, false, error);
    free(shares);
    return status;
}

midge_status cli_profile_json(const char *name, midge_session *session, int threads, cli_json *json,
                              midge_error *error)
{
    midge_peak peak;
    TRY(measure_peak(name, session, threads, &peak, error));
    cli_json_begin(json, "peak", '{');
    cli_json_integer(json, "float_macs", (int64_t)peak.float_macs);
    cli_json_integer(json, "integer_macs", (int64_t)peak.integer_macs);
    cli_json_end(json, '}');
    cli_json_begin(json, "profile", '[');
    for (size_t i = 0; i < midge_session_node_count(session); ++i) {
        midge_node_info node;
        if (!midge_session_node(session, i, &node)) break;
        cli_json_begin(json, NULL, '{');
        cli_json_integer(json, "node", (int64_t)i);
        cli_json_text(json, "operator", node.op);
        cli_json_text(json, "kernel", node.kernel);
        cli_json_time(json, "ms", milliseconds_of(&node));
        cli_json_integer(json, "macs", (int64_t)node.multiply_accumulates);
        cli_json_time(json, "least_ms", least_milliseconds(&node, &peak));
        cli_json_end(json, '}');
    }
    cli_json_end(json, ']');
    return MIDGE_OK;
}
