/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

double cli_milliseconds(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 0.0;
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* The first line of a small file without its end; "" when there is none. */
static const char *read_line(const char *path, char *buffer, size_t capacity)
{
    FILE *stream = fopen(path, "r");
    buffer[0] = '\0';
    if (stream == NULL) return buffer;
    if (fgets(buffer, (int)capacity, stream) == NULL) buffer[0] = '\0';
    buffer[strcspn(buffer, "\n")] = '\0';
    (void)fclose(stream);
    return buffer;
}

static unsigned long read_number(const char *path)
{
    char line[40];
    return strtoul(read_line(path, line, sizeof line), NULL, 10);
}

/* Copies the value of the first line "KEY   : value" of /proc/cpuinfo. */
static bool find_in_cpuinfo(const char *key, char *buffer, size_t capacity)
{
    char line[300];
    bool found = false;
    FILE *stream = fopen("/proc/cpuinfo", "r");
    while (stream != NULL && !found && fgets(line, sizeof line, stream) != NULL) {
        const char *colon = strchr(line, ':');
        if (colon == NULL || strncmp(line, key, strlen(key)) != 0) continue;
        colon += 1 + strspn(colon + 1, " \t");
        (void)snprintf(buffer, capacity, "%.*s", (int)strcspn(colon, "\n"), colon);
        found = true;
    }
    if (stream != NULL) (void)fclose(stream);
    return found;
}

const char *cli_processor_name(char *buffer, size_t capacity)
{
    /* A device tree names the board, which says more than an ARM part number. */
    if (read_line("/proc/device-tree/model", buffer, capacity)[0] != '\0') return buffer;
    if (find_in_cpuinfo("model name", buffer, capacity)) return buffer;
    if (find_in_cpuinfo("Model", buffer, capacity)) return buffer;
    if (find_in_cpuinfo("Hardware", buffer, capacity)) return buffer;
    (void)snprintf(buffer, capacity, "unknown");
    return buffer;
}

int cli_processor_count(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (int)count : 1;
}

size_t cli_resident_kilobytes(void)
{
    unsigned long pages = 0;
    long page = sysconf(_SC_PAGESIZE);
    FILE *stream = fopen("/proc/self/statm", "r");
    if (stream == NULL) return 0;
    if (fscanf(stream, "%*u %lu", &pages) != 1) pages = 0;
    (void)fclose(stream);
    return page > 0 ? pages * ((size_t)page / 1024) : 0;
}

unsigned cli_current_megahertz(void)
{
    char text[60];
    unsigned long kilohertz = read_number("/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq");
    if (kilohertz > 0) return (unsigned)(kilohertz / 1000);
    if (!find_in_cpuinfo("cpu MHz", text, sizeof text)) return 0;
    return (unsigned)strtoul(text, NULL, 10);
}

unsigned cli_highest_megahertz(void)
{
    return (unsigned)(read_number("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq") / 1000);
}

const char *cli_slowed_by(char *buffer, size_t capacity)
{
    char line[60];
    size_t used = 0;
    buffer[0] = '\0';
    unsigned long throttled =
        read_number("/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count");
    if (throttled > 0) {
        used += (size_t)snprintf(buffer, capacity, "throttled by heat %lu times since start, ",
                                 throttled);
    }
    read_line("/sys/devices/platform/soc/soc:firmware/get_throttled", line, sizeof line);
    if (line[0] != '\0' && strtoul(line, NULL, 16) != 0 && used < capacity) {
        used += (size_t)snprintf(buffer + used, capacity - used,
                                 "firmware reports low voltage or heat (%s), ", line);
    }
    read_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", line, sizeof line);
    if ((strcmp(line, "powersave") == 0 || strcmp(line, "conservative") == 0) && used < capacity) {
        used += (size_t)snprintf(buffer + used, capacity - used, "governor %s, ", line);
    }
    if (used >= 2 && used < capacity) buffer[used - 2] = '\0';
    return buffer;
}

bool cli_is_terminal(int file)
{
    return isatty(file) == 1;
}

int cli_terminal_columns(int file)
{
    struct winsize size = {0};
    if (ioctl(file, TIOCGWINSZ, &size) != 0 || size.ws_col < 20) return 80;
    return size.ws_col;
}
