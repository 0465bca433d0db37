/* SPDX-License-Identifier: Apache-2.0 */
/* What a unit test needs: count checks, say which failed and where, close with the count. */
#ifndef EXPECT_H
#define EXPECT_H

#include <stdio.h>
#include <string.h>

typedef struct expect_counts {
    int passed, failed, skipped;
} expect_counts;

static expect_counts expect_total;

/* EXPECT(condition, "what went wrong: %d", …) */
#define EXPECT(condition, ...)                                           \
    do {                                                                 \
        if (condition) {                                                 \
            ++expect_total.passed;                                       \
        } else {                                                         \
            ++expect_total.failed;                                       \
            (void)printf("%s:%d: %s: ", __FILE__, __LINE__, #condition); \
            (void)printf(__VA_ARGS__);                                   \
            (void)printf("\n");                                          \
        }                                                                \
    } while (0)

static inline void expect_skip(const char *why)
{
    ++expect_total.skipped;
    (void)printf("skipped: %s\n", why);
}

/* Prints the count; what main returns. */
static inline int expect_finish(void)
{
    (void)printf("%d passed, %d failed, %d skipped\n", expect_total.passed, expect_total.failed,
                 expect_total.skipped);
    return expect_total.failed == 0 ? 0 : 1;
}

/* 64-bit FNV-1a, as the golden tables have it. */
static inline unsigned long long expect_hash(const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    unsigned long long value = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; ++i) value = (value ^ byte[i]) * 0x100000001b3u;
    return value;
}

#endif
