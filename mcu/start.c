/* SPDX-License-Identifier: Apache-2.0 */
/* What runs before and after main on a bare Cortex-M: vectors, memory, the floating-point unit, and
 * the emulator's semihosting for text and the exit status. */
#include "start.h"

#include <stdint.h>
#include <string.h>

extern unsigned char data_begin[], data_end[], data_source[], bss_begin[], bss_end[];
extern uint32_t stack_top[];

int main(void);

static uintptr_t semihost(uintptr_t operation, const void *argument)
{
    register uintptr_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void board_write(const char *text)
{
    enum { SYS_WRITE0 = 4 };
    (void)semihost(SYS_WRITE0, text);
}

void board_exit(int status)
{
    enum { SYS_EXIT_EXTENDED = 0x20, STOPPED_BY_APPLICATION = 0x20026 };
    const uintptr_t block[2] = {STOPPED_BY_APPLICATION, (uintptr_t)status};
    for (;;) (void)semihost(SYS_EXIT_EXTENDED, block);
}

static void fault(void)
{
    board_write("fault\n");
    board_exit(2);
}

__attribute__((used)) void start(void)
{
    /* Coprocessors 10 and 11, the floating-point unit, for everybody. */
    *(volatile uint32_t *)0xe000ed88 |= 0xfu << 20;
    __asm__ volatile("dsb\n\tisb");
    memcpy(data_begin, data_source, (size_t)(data_end - data_begin));
    memset(bss_begin, 0, (size_t)(bss_end - bss_begin));
    board_exit(main());
}

/* Stack, reset, then the faults. */
__attribute__((section(".vectors"), used)) static const void *const vectors[] = {
    stack_top,     (void *)start, (void *)fault, (void *)fault,
    (void *)fault, (void *)fault, (void *)fault};
