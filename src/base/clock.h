/* SPDX-License-Identifier: Apache-2.0 */
/* Time since an arbitrary start that never runs backwards. */
#ifndef MG_CLOCK_H
#define MG_CLOCK_H

#include <stdint.h>

uint64_t mg_clock_nanoseconds(void);

#endif
