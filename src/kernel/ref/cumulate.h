/* SPDX-License-Identifier: Apache-2.0 */
/* Running sums along the middle of outer x size x inner numbers. */
#ifndef MG_CUMULATE_H
#define MG_CUMULATE_H

#include <stdbool.h>

#include "kernel/ref/number.h"

/* `exclusive`: each sum leaves its own element out; `reverse`: from the end. F32, I32 and I64;
 * integers wrap around. */
void mg_cumulate(mg_number number, const void *source, size_t outer, size_t size, size_t inner,
                 bool exclusive, bool reverse, void *destination);

#endif
