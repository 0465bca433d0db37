/* SPDX-License-Identifier: Apache-2.0 */
/* descend with AVX2: the plain loops, compiled for it. No multiplication is fused with an addition,
 * so all tiers have the same bits. */
#include "kernel/ref/descend_body.h"

const mg_descend_kernel mg_descend_avx2 = {momentum, adam, root_mean_square};
