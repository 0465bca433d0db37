/* SPDX-License-Identifier: Apache-2.0 */
/* The row gemm_f32_avx512 on emulated instructions. */
#include "emulated_x86.h"

#define mg_gemm_f32_avx512 emulated_gemm_f32_avx512
#include "kernel/x86/gemm_f32_avx512.c"
