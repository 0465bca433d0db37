/* SPDX-License-Identifier: Apache-2.0 */
/* newlib gives no formats for 64 bits when the compiler brings a stdint.h of its own. */
#ifndef PORT_INTTYPES_H
#define PORT_INTTYPES_H

#include_next <inttypes.h>

#ifndef PRIu64
#define PRIu64 "llu"
#endif
#ifndef PRIi64
#define PRIi64 "lli"
#endif

#endif
