/* SPDX-License-Identifier: Apache-2.0 */
/* MG_REPEAT_n(X) is X(0) … X(n - 1): loops over registers, which compilers do not unroll reliably,
 * so that every accumulator has a name of its own. */
#ifndef MG_REPEAT_H
#define MG_REPEAT_H

#define MG_REPEAT_1(X) X(0)
#define MG_REPEAT_2(X) MG_REPEAT_1(X) X(1)
#define MG_REPEAT_3(X) MG_REPEAT_2(X) X(2)
#define MG_REPEAT_4(X) MG_REPEAT_3(X) X(3)
#define MG_REPEAT_5(X) MG_REPEAT_4(X) X(4)
#define MG_REPEAT_6(X) MG_REPEAT_5(X) X(5)
#define MG_REPEAT_7(X) MG_REPEAT_6(X) X(6)
#define MG_REPEAT_8(X) MG_REPEAT_7(X) X(7)
#define MG_REPEAT_9(X) MG_REPEAT_8(X) X(8)
#define MG_REPEAT_10(X) MG_REPEAT_9(X) X(9)

#endif
