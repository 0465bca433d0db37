/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

enum { PASSED, FAILED, SKIPPED };

static jmp_buf leave;

_Noreturn void stand_in_fail(const char *file, int line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)printf("%s:%d: error: ", file, line);
    (void)vprintf(format, arguments);
    (void)printf("\n");
    va_end(arguments);
    longjmp(leave, FAILED);
}

_Noreturn void stand_in_skip(void)
{
    longjmp(leave, SKIPPED);
}

void stand_in_same(uintmax_t a, uintmax_t b, int expected, const char *text, const char *file,
                   int line)
{
    if ((a == b) != expected) stand_in_fail(file, line, "%s: %#jx and %#jx", text, a, b);
}

void stand_in_near(double a, double b, double most, const char *text, const char *file, int line)
{
    if (!(fabs(a - b) <= most)) stand_in_fail(file, line, "%s: %g and %g", text, a, b);
}

void stand_in_in_range(uintmax_t value, uintmax_t least, uintmax_t most, const char *file, int line)
{
    if (value < least || value > most)
        stand_in_fail(file, line, "%ju is not within %ju and %ju", value, least, most);
}

void stand_in_same_bytes(const void *a, const void *b, size_t bytes, int expected, const char *file,
                         int line)
{
    const unsigned char *left = a, *right = b;
    size_t same = 0;
    while (same < bytes && left[same] == right[same]) ++same;
    if ((same == bytes) != expected)
        stand_in_fail(file, line, "%zu of %zu bytes are the same", same, bytes);
}

void stand_in_same_text(const char *a, const char *b, int expected, const char *file, int line)
{
    if ((strcmp(a, b) == 0) != expected) stand_in_fail(file, line, "\"%s\" and \"%s\"", a, b);
}

static int run_one(const struct CMUnitTest *at, void **state)
{
    int verdict = setjmp(leave);
    if (verdict == PASSED) at->test(state);
    return verdict;
}

int stand_in_run(const char *name, const struct CMUnitTest *tests, size_t count,
                 CMFixtureFunction setup, CMFixtureFunction teardown)
{
    void *state = NULL;
    int counts[3] = {0, 0, 0};
    if (setup != NULL && setup(&state) != 0) {
        (void)printf("%s: setup failed\n", name);
        counts[FAILED] = 1;
        count = 0;
    }
    for (size_t i = 0; i < count; ++i) {
        int verdict = run_one(&tests[i], &state);
        ++counts[verdict];
        if (verdict == FAILED) (void)printf("[  FAILED  ] %s\n", tests[i].name);
    }
    if (teardown != NULL && teardown(&state) != 0) ++counts[FAILED];
    (void)printf("%d passed, %d failed, %d skipped\n", counts[PASSED], counts[FAILED],
                 counts[SKIPPED]);
    return counts[FAILED];
}
