/* SPDX-License-Identifier: Apache-2.0 */
/* Rewrites of a network that keep what it computes: with fewer and cheaper nodes. Each looks at
 * every graph once; the result depends on the network alone. */
#ifndef MG_PASSES_H
#define MG_PASSES_H

#include "network/network.h"

/* Who makes and who reads each tensor of a graph, so that passes need not search. */
typedef struct mg_links {
    int32_t *producer; /* node, or -1 */
    int32_t *reader;   /* one of the nodes that read it, or -1 */
    uint32_t *uses;    /* by nodes, and 1 for each output of the graph */
    size_t count;      /* of tensors at the time */
} mg_links;

midge_status mg_links_find(mg_network *network, const mg_network_graph *graph, mg_links *links);

/* Whether a tensor is made by a node that may be changed with it: read once, by a node. */
bool mg_links_private(const mg_links *links, int32_t tensor);
/* float32 constant. */
bool mg_holds_floats(const mg_network_graph *graph, int32_t tensor);

/* All of the below, in the order that lets each prepare the next. */
midge_status mg_network_simplify(mg_network *network);

/* RESHAPE of RESHAPE becomes one; RESHAPE to the same shape goes. */
midge_status mg_fold_reshape(mg_network *network);
/* TRANSPOSE of TRANSPOSE becomes one, or none, also past functions of each element between them. */
midge_status mg_fold_transpose(mg_network *network);
/* MUL, DIV, ADD and SUB by constants of one value a channel go into weights and bias of the
 * convolution, product or depthwise convolution before: batch normalisation. */
midge_status mg_fold_batch_normalization(mg_network *network);
/* What divides by the length along the last dimension becomes L2_NORMALIZATION. */
midge_status mg_fuse_l2_normalization(mg_network *network);
/* RELU, RELU6 and RELU_N1_TO_1 go into the node before that can do it. */
midge_status mg_fuse_activation(mg_network *network);
/* PAD before a convolution with padding VALID becomes padding SAME where that pads the same. */
midge_status mg_fold_padding(mg_network *network);

#endif
