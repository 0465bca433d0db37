/* SPDX-License-Identifier: Apache-2.0 */
/* Detection of tiers. On x86 a tier counts only if the operating system saves its registers too;
 * on ARM the kernel's word is taken. */
#include "base/cpu.h"

#include <stddef.h>
#include <string.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#elif defined(__linux__) && (defined(__aarch64__) || defined(__arm__))
#include <sys/auxv.h>
#endif

static const struct {
    const char *name;
    uint32_t tier;
} tiers_by_name[] = {
    {"ref", MG_TIER_ref},         {"avx2", MG_TIER_avx2}, {"avxvnni", MG_TIER_avxvnni},
    {"avx512", MG_TIER_avx512},   {"neon", MG_TIER_neon}, {"avx512vnni", MG_TIER_avx512vnni},
    {"dotprod", MG_TIER_dotprod}, {"i8mm", MG_TIER_i8mm},
};

enum { TIER_COUNT = sizeof tiers_by_name / sizeof tiers_by_name[0] };

bool mg_tiers_parse(const char *name, uint32_t *tiers)
{
    if (name == NULL || strcmp(name, "auto") == 0) {
        *tiers = UINT32_MAX;
        return true;
    }
    for (size_t i = 0; i < TIER_COUNT; i++) {
        if (strcmp(name, tiers_by_name[i].name) != 0) continue;
        *tiers = tiers_by_name[i].tier * 2 - 1;
        return true;
    }
    return false;
}

const char *mg_tier_name(uint32_t tiers)
{
    const char *name = "ref";
    uint32_t best = MG_TIER_ref;
    for (size_t i = 0; i < TIER_COUNT; i++) {
        const uint32_t tier = tiers_by_name[i].tier;
        if ((tiers & tier) != 0 && tier > best) {
            best = tier;
            name = tiers_by_name[i].name;
        }
    }
    return name;
}

#if defined(__x86_64__) || defined(__i386__)

/* The register sets that the operating system saves (XCR0), or 0. */
static uint32_t saved_registers(void)
{
    unsigned eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || (ecx & bit_OSXSAVE) == 0) return 0;
    __asm__ volatile("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
    return eax;
}

uint32_t mg_cpu_tiers(void)
{
    enum { XCR0_AVX = 0x06, XCR0_AVX512 = 0xE6, AVX_VNNI = 1 << 4, AVX512_VNNI = 1 << 11 };
    const unsigned avx2_base = bit_FMA | bit_F16C | bit_AVX;
    const unsigned avx2_extended = bit_AVX2 | bit_BMI2;
    const unsigned avx512 = bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL;

    uint32_t tiers = MG_TIER_ref;
    unsigned eax, base_ecx, edx, ebx, ecx;
    if (!__get_cpuid(1, &eax, &ebx, &base_ecx, &edx)) return tiers;
    const uint32_t saved = saved_registers();
    if ((saved & XCR0_AVX) != XCR0_AVX || (base_ecx & avx2_base) != avx2_base) return tiers;
    if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) return tiers;
    if ((ebx & avx2_extended) != avx2_extended) return tiers;
    tiers |= MG_TIER_avx2;
    if ((saved & XCR0_AVX512) == XCR0_AVX512 && (ebx & avx512) == avx512) {
        tiers |= MG_TIER_avx512;
        if ((ecx & AVX512_VNNI) != 0) tiers |= MG_TIER_avx512vnni;
    }
    if (eax >= 1 && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) && (eax & AVX_VNNI) != 0)
        tiers |= MG_TIER_avxvnni;
    return tiers;
}

#elif defined(__linux__) && defined(__aarch64__)

uint32_t mg_cpu_tiers(void)
{
    enum { DOTPROD = 1 << 20, I8MM = 1 << 13 };
    uint32_t tiers = MG_TIER_ref | MG_TIER_neon;
    if ((getauxval(AT_HWCAP) & DOTPROD) != 0) {
        tiers |= MG_TIER_dotprod;
        if ((getauxval(AT_HWCAP2) & I8MM) != 0) tiers |= MG_TIER_i8mm;
    }
    return tiers;
}

#elif defined(__linux__) && defined(__arm__)

uint32_t mg_cpu_tiers(void)
{
    enum { NEON = 1 << 12, VFPV4 = 1 << 16 };
    const unsigned long both = NEON | VFPV4;
    return (getauxval(AT_HWCAP) & both) == both ? MG_TIER_ref | MG_TIER_neon : MG_TIER_ref;
}

#elif defined(__aarch64__)

uint32_t mg_cpu_tiers(void)
{
    return MG_TIER_ref | MG_TIER_neon;
}

#else

uint32_t mg_cpu_tiers(void)
{
    return MG_TIER_ref;
}

#endif
