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
} share;

static double milliseconds_of(const midge_node_info *node)
{
    return node->runs > 0 ? (double)node->nanoseconds / 1e6 / (double)node->runs : 0.0;
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
    } else {
        cli_table_add(table, "%s", "");
    }
    cli_table_add(table, "%s", single ? row->kernel : "");
}

static midge_status print_shares(const share *shares, size_t count, double total, bool single,
                                 midge_error *error)
{
    static const char *const kinds[] = {"count", "operator", "ms", "share", "GOP/s", ""};
    static const char *const nodes[] = {"node", "operator", "ms", "share", "GOP/s", "kernel"};
    cli_table table = cli_table_make(6, single ? nodes : kinds, 0x1d);
    for (size_t i = 0; i < count; ++i) add_row(&table, &shares[i], total, single);
    (void)printf("\n");
    return cli_table_print(&table, 2, error);
}

midge_status cli_profile_text(const char *name, const midge_session *session, midge_error *error)
{
    size_t nodes = midge_session_node_count(session);
    share *shares = calloc(nodes + 1, sizeof *shares);
    double total = 0.0;
    if (shares == NULL) return cli_fail_memory(error, name, (nodes + 1) * sizeof *shares);
    for (size_t i = 0; i < nodes; ++i) {
        midge_node_info node = {.op = "", .kernel = ""};
        (void)midge_session_node(session, i, &node);
        shares[i] =
            (share){node.op, node.kernel, i, 1, milliseconds_of(&node), node.multiply_accumulates};
        total += shares[i].milliseconds;
    }
    qsort(shares, nodes, sizeof *shares, slower);
    size_t shown = nodes < SLOWEST_NODES ? nodes : SLOWEST_NODES;
    midge_status status = print_shares(shares, shown, total, true, error);
    size_t kinds = add_up(shares, nodes);
    qsort(shares, kinds, sizeof *shares, slower);
    if (status == MIDGE_OK) status = print_shares(shares, kinds, total, false, error);
    free(shares);
    return status;
}

void cli_profile_json(const midge_session *session, cli_json *json)
{
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
        cli_json_end(json, '}');
    }
    cli_json_end(json, ']');
}
