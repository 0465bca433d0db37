/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges that the model brings from quantisation-aware training. */
#ifndef MG_QUANTIZE_LEARNED_RANGES_H
#define MG_QUANTIZE_LEARNED_RANGES_H

#include "network/network.h"
#include "quantize/range.h"

bool mg_has_learned_ranges(const mg_network_graph *graph);

/* Puts them in the place of those that samples have shown, or have not; the network has them no
 * more. */
midge_status mg_take_learned_ranges(mg_network *network, mg_range *ranges);

#endif
