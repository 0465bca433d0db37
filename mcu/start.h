/* SPDX-License-Identifier: Apache-2.0 */
#ifndef START_H
#define START_H

/* Text and exit status for an emulator or debugger with semihosting. */
void board_write(const char *text);
_Noreturn void board_exit(int status);

#endif
