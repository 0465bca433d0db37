/* SPDX-License-Identifier: Apache-2.0 */
/* What kernels need of the compiler and C99 lacks. */
#ifndef MG_COMPILER_H
#define MG_COMPILER_H

#if defined(__GNUC__)
#define MG_ALWAYS_INLINE inline __attribute__((always_inline))
#define MG_NEVER_INLINE __attribute__((noinline))
#else
#define MG_ALWAYS_INLINE inline
#define MG_NEVER_INLINE
#endif

#endif
