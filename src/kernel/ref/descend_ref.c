/* SPDX-License-Identifier: Apache-2.0 */
/* descend in plain C. No multiplication is fused with an addition, so all tiers have the same bits.
 */
#include "kernel/ref/descend_body.h"

const mg_descend_kernel mg_descend_ref = {momentum, adam, root_mean_square};
