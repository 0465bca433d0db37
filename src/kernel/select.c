/* SPDX-License-Identifier: Apache-2.0 */
/* kernels.def as data, and the choice of a row per family. */
#include "base/cpu.h"
#include "kernel/kernel.h"

#define MG_FAMILY(family)
#define MG_KERNEL(family, tier, types, exact) \
    extern const mg_##family##_kernel mg_##family##_##tier;
#include "kernel/kernels.def"

static const mg_kernel_row rows[] = {
#define MG_FAMILY(family)
#define MG_KERNEL(family, tier, types, exact)                            \
    {MG_FAMILY_##family, MG_TIER_##tier,       #family "_" #tier, types, \
     (exact) != 0,       &mg_##family##_##tier},
#include "kernel/kernels.def"
};

static const char *const family_names[] = {
#define MG_FAMILY(family) #family,
#define MG_KERNEL(family, tier, types, exact)
#include "kernel/kernels.def"
};

void mg_kernels_select(uint32_t tiers, mg_kernels *kernels)
{
    tiers |= MG_TIER_ref;
#define MG_FAMILY(family)
#define MG_KERNEL(family, tier, types, exact) \
    if ((tiers & MG_TIER_##tier) != 0) kernels->family = &mg_##family##_##tier;
#include "kernel/kernels.def"
}

const mg_kernel_row *mg_kernel_rows(size_t *count)
{
    *count = sizeof rows / sizeof rows[0];
    return rows;
}

const mg_kernel_row *mg_kernel_selected(mg_kernel_family family, uint32_t tiers)
{
    const mg_kernel_row *selected = NULL;
    tiers |= MG_TIER_ref;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].family == family && (rows[i].tier & tiers) != 0) selected = &rows[i];
    return selected;
}

const char *mg_kernel_name(const void *kernel)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].kernel == kernel) return rows[i].name;
    return "";
}

const char *mg_kernel_family_name(mg_kernel_family family)
{
    return family_names[family];
}
