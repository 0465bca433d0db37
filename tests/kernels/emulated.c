/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that can be checked on instructions in plain C. */
#include <string.h>

#include "base/cpu.h"
#include "check_run.h"

#ifdef CHECK_EMULATED_X86
extern const mg_gemm_int_kernel emulated_gemm_int_avxvnni, emulated_gemm_int_avx512vnni;
extern const mg_gemm_f32_kernel emulated_gemm_f32_avx512;
extern const mg_unpacked_f32_kernel emulated_unpacked_f32_avx512;
#endif

static const struct {
    const char *name;
    const void *kernel;
    uint32_t needs; /* tier of the instructions that stay real */
} emulated[] = {
#ifdef CHECK_EMULATED_X86
    {"gemm_f32_avx512", &emulated_gemm_f32_avx512, MG_TIER_avx2},
    {"unpacked_f32_avx512", &emulated_unpacked_f32_avx512, MG_TIER_avx2},
    {"gemm_int_avxvnni", &emulated_gemm_int_avxvnni, MG_TIER_avx2},
    {"gemm_int_avx512vnni", &emulated_gemm_int_avx512vnni, MG_TIER_avx2},
#endif
    {NULL, NULL, 0}};

const void *check_emulated_kernel(const mg_kernel_row *row)
{
    for (size_t i = 0; emulated[i].name != NULL; ++i)
        if (strcmp(emulated[i].name, row->name) == 0 && (emulated[i].needs & mg_cpu_tiers()) != 0)
            return emulated[i].kernel;
    return NULL;
}
