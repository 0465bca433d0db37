/* SPDX-License-Identifier: Apache-2.0 */
/* The row gemm_int_avx512vnni on emulated instructions. */
#include "emulated_x86.h"

#define mg_gemm_int_avx512vnni emulated_gemm_int_avx512vnni
#include "kernel/x86/gemm_int_avx512vnni.c"
