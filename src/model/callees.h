/* SPDX-License-Identifier: Apache-2.0 */
/* Which subgraphs a node refers to. */
#ifndef MG_CALLEES_H
#define MG_CALLEES_H

#include "model/model.h"

/* Reference number `k` of a node: true and the subgraph's number (not checked), or false when there
 * are no more. */
bool mg_node_callee(const mg_node *node, size_t k, int32_t *graph);

#endif
