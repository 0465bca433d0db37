/* SPDX-License-Identifier: Apache-2.0 */
/* What measurements need to say of the machine they ran on. */
#ifndef CLI_MACHINE_H
#define CLI_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

/* Of a clock that only moves forward. */
double cli_milliseconds(void);

/* "Raspberry Pi 5 Model B" or the processor's own name; returns `buffer`. */
const char *cli_processor_name(char *buffer, size_t capacity);
int cli_processor_count(void);

/* Resident memory of this process now; 0 where the system does not tell. */
size_t cli_resident_kilobytes(void);

/* The clock of the first processor; 0 where unknown. */
unsigned cli_current_megahertz(void);
unsigned cli_highest_megahertz(void);

/* Why the processor may not run at its full speed, such as "governor powersave"; "" when nothing is
 * known to slow it. Returns `buffer`. */
const char *cli_slowed_by(char *buffer, size_t capacity);

/* Whether a terminal reads what this program prints. */
bool cli_is_terminal(int file);

/* Columns of the terminal at a file; 80 where it does not tell. */
int cli_terminal_columns(int file);

#endif
