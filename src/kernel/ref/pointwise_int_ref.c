/* SPDX-License-Identifier: Apache-2.0 */
/* pointwise_int in plain C. */
#include "kernel/ref/lookup.h"
#include "kernel/ref/quantized_rows.h"
#include "kernel/ref/requantize.h"
#include "kernel/rows.h"

const mg_pointwise_int_kernel mg_pointwise_int_ref = {{
#define ROW(name) mg_row_##name,
    MG_INT_ROWS(ROW)
#undef ROW
}};
