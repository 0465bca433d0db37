/* SPDX-License-Identifier: Apache-2.0 */
/* What this processor can run, in tiers. A tier is a bundle of instruction sets that is compiled
 * and tested together; the suffix of a kernel's file name is its tier. */
#ifndef MG_CPU_H
#define MG_CPU_H

#include <stdbool.h>
#include <stdint.h>

/* Ascending: of two usable tiers the later one is preferred. */
enum {
    MG_TIER_ref = 1 << 0,        /* plain C */
    MG_TIER_avx2 = 1 << 1,       /* AVX2, FMA, F16C, BMI2 */
    MG_TIER_avxvnni = 1 << 2,    /* AVX2 and VEX-coded VNNI */
    MG_TIER_avx512 = 1 << 3,     /* AVX-512 F, BW, DQ, VL */
    MG_TIER_avx512vnni = 1 << 4, /* the above and VNNI */
    MG_TIER_neon = 1 << 8,       /* ARMv7 with NEON and VFPv4, or AArch64 */
    MG_TIER_dotprod = 1 << 9,    /* AArch64 with SDOT and UDOT */
    MG_TIER_i8mm = 1 << 10       /* AArch64 with SMMLA and USMMLA */
};

/* The tiers that this processor and its operating system run. Always has MG_TIER_ref. */
uint32_t mg_cpu_tiers(void);

/* "auto" or NULL: all tiers; a tier's name: that tier and those below it. False: no such name. */
bool mg_tiers_parse(const char *name, uint32_t *tiers);

/* The name of the highest tier in the mask. */
const char *mg_tier_name(uint32_t tiers);

#endif
