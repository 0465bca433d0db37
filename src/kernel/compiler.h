/* SPDX-License-Identifier: Apache-2.0 */
/* What kernels need of the compiler and C99 lacks. */
#ifndef MG_COMPILER_H
#define MG_COMPILER_H

/* MG_KEEP_VECTOR(v) and MG_KEEP_POINTER(p) compute nothing, but the compiler must have the value
 * ready here and may not assume that it is still the same: sums stay in the order written, and what
 * a pointer points to is read again instead of being kept, and spilled, from the step before. */
#if defined(__GNUC__)
#define MG_ALWAYS_INLINE inline __attribute__((always_inline))
#define MG_NEVER_INLINE __attribute__((noinline))
#define MG_PREFETCH(p) __builtin_prefetch(p)
#if defined(__x86_64__)
#define MG_KEEP_VECTOR(v) __asm__("" : "+x"(v))
#else
#define MG_KEEP_VECTOR(v) __asm__("" : "+w"(v))
#endif
#define MG_KEEP_POINTER(p) __asm__("" : "+r"(p))
#else
#define MG_KEEP_VECTOR(v) ((void)(v))
#define MG_KEEP_POINTER(p) ((void)(p))
#define MG_ALWAYS_INLINE inline
#define MG_NEVER_INLINE
#define MG_PREFETCH(p) ((void)(p))
#endif

#endif
