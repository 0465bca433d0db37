/* SPDX-License-Identifier: Apache-2.0 */
/* The row gemm_int_avxvnni on emulated instructions. */
#include "emulated_x86.h"

#define mg_gemm_int_avxvnni emulated_gemm_int_avxvnni
#include "kernel/x86/gemm_int_avxvnni.c"
