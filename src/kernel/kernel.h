/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of kernels: the inner loops, one row of kernels.def per implementation.
 *
 * A family is one job with one contract (gemm.h, depthwise.h, …), implemented once in plain C (tier
 * ref, in ref/, which is the specification) and again per tier where that pays (x86/, arm/). An
 * implementation is a const struct `mg_<family>_<tier>` of type mg_<family>_kernel: functions that
 * belong together, such as a packer, its tile sizes and the loop that reads what it packed.
 *
 * Kernels allocate nothing, keep no state and lock nothing. They compute a range that the caller
 * split off; the split never changes results. They never touch memory outside the extents that
 * their contract states. Integer kernels equal ref bit for bit; float kernels keep the bound of
 * their contract.
 *
 * To add an implementation: one file ref|x86|arm/<family>_<tier>.c and one row in kernels.def. The
 * row is selected, listed, checked and measured from then on.
 */
#ifndef MG_KERNEL_H
#define MG_KERNEL_H

#include "kernel/blend.h"
#include "kernel/depthwise.h"
#include "kernel/descend.h"
#include "kernel/dynamic.h"
#include "kernel/gate.h"
#include "kernel/gemm.h"
#include "kernel/pool.h"
#include "kernel/row_dots.h"
#include "kernel/rows.h"
#include "kernel/softmax.h"
#include "kernel/winograd.h"

#include <stdbool.h>

typedef enum mg_kernel_family {
#define MG_FAMILY(family) MG_FAMILY_##family,
#define MG_KERNEL(family, tier, types, exact)
#include "kernel/kernels.def"
    MG_FAMILY_COUNT
} mg_kernel_family;

/* The chosen implementation of each family; never NULL. */
typedef struct mg_kernels {
#define MG_FAMILY(family) const mg_##family##_kernel *family;
#define MG_KERNEL(family, tier, types, exact)
#include "kernel/kernels.def"
} mg_kernels;

typedef struct mg_kernel_row {
    mg_kernel_family family;
    uint32_t tier;      /* one bit of base/cpu.h */
    const char *name;   /* "gemm_f32_avx2" */
    const char *types;  /* what goes in and comes out, for listings */
    bool exact;         /* equal to ref bit for bit; else within the contract's bound */
    const void *kernel; /* a const mg_<family>_kernel */
} mg_kernel_row;

/* Chooses, for each family, the last row whose tier is in the mask. The caller intersects the mask
 * with mg_cpu_tiers(); ref is always allowed. */
void mg_kernels_select(uint32_t tiers, mg_kernels *kernels);

/* All rows of this architecture in the order of kernels.def. */
const mg_kernel_row *mg_kernel_rows(size_t *count);

/* The row that mg_kernels_select chooses for a family. */
const mg_kernel_row *mg_kernel_selected(mg_kernel_family family, uint32_t tiers);

/* The name of a row by its kernel, "" when there is none. */
const char *mg_kernel_name(const void *kernel);

const char *mg_kernel_family_name(mg_kernel_family family);

#endif
