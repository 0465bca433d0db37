/* SPDX-License-Identifier: Apache-2.0 */
/* The row unpacked_f32_avx512 on emulated instructions. */
#include "emulated_x86.h"

#define mg_unpacked_f32_avx512 emulated_unpacked_f32_avx512
#include "kernel/x86/unpacked_f32_avx512.c"
