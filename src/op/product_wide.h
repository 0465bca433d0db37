/* SPDX-License-Identifier: Apache-2.0 */
/* Integer products of int16 activations with sums in int64, requantised to int16. */
#ifndef MG_PRODUCT_WIDE_H
#define MG_PRODUCT_WIDE_H

#include "op/product.h"

/* As for integer products; `integers` has neither bias nor finish. */
bool mg_product_wide_scratch(const mg_product_int *integers, int workers, size_t *bytes);

/* bias: of column 0, int64 if wide_bias, else int32; or NULL. */
void mg_product_wide_run(const mg_product_int *integers, const void *bias, bool wide_bias,
                         const mg_requantised *finish, mg_pool *pool, void *scratch);

#endif
