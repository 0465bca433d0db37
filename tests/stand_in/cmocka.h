/* SPDX-License-Identifier: Apache-2.0 */
/* The part of cmocka's interface that our tests use, for machines that we cross compile to and
 * whose cmocka is not at hand. The real one is used everywhere else. */
#ifndef STAND_IN_CMOCKA_H
#define STAND_IN_CMOCKA_H

#include <setjmp.h>
#include <stdint.h>
#include <string.h>

typedef int (*CMFixtureFunction)(void **state);

struct CMUnitTest {
    const char *name;
    void (*test)(void **state);
};

#define cmocka_unit_test(function) \
    {                              \
#function, function        \
    }

/* Returns the number of failures, after cmocka's lines of summary. */
int stand_in_run(const char *name, const struct CMUnitTest *tests, size_t count,
                 CMFixtureFunction setup, CMFixtureFunction teardown);
#define cmocka_run_group_tests(tests, setup, teardown) \
    stand_in_run(#tests, tests, sizeof(tests) / sizeof(tests)[0], setup, teardown)
#define cmocka_run_group_tests_name(name, tests, setup, teardown) \
    stand_in_run(name, tests, sizeof(tests) / sizeof(tests)[0], setup, teardown)

/* Ends the test at hand. */
_Noreturn void stand_in_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
_Noreturn void stand_in_skip(void);

void stand_in_same(uintmax_t a, uintmax_t b, int expected, const char *text, const char *file,
                   int line);
void stand_in_near(double a, double b, double most, const char *text, const char *file, int line);
void stand_in_in_range(uintmax_t value, uintmax_t least, uintmax_t most, const char *file,
                       int line);
void stand_in_same_bytes(const void *a, const void *b, size_t bytes, int expected, const char *file,
                         int line);
void stand_in_same_text(const char *a, const char *b, int expected, const char *file, int line);

#define fail_msg(...) stand_in_fail(__FILE__, __LINE__, __VA_ARGS__)
#define fail() stand_in_fail(__FILE__, __LINE__, "failed")
#define skip() stand_in_skip()
#define STAND_IN_SAME(a, b, expected) \
    stand_in_same((uintmax_t)(a), (uintmax_t)(b), expected, #a ", " #b, __FILE__, __LINE__)
#define assert_true(c) STAND_IN_SAME((c) ? 1 : 0, 1, 1)
#define assert_false(c) STAND_IN_SAME((c) ? 1 : 0, 0, 1)
#define assert_int_equal(a, b) STAND_IN_SAME(a, b, 1)
#define assert_int_not_equal(a, b) STAND_IN_SAME(a, b, 0)
#define assert_null(p) STAND_IN_SAME((uintptr_t)(p), 0, 1)
#define assert_non_null(p) STAND_IN_SAME((uintptr_t)(p), 0, 0)
#define assert_ptr_equal(a, b) STAND_IN_SAME((uintptr_t)(a), (uintptr_t)(b), 1)
#define assert_ptr_not_equal(a, b) STAND_IN_SAME((uintptr_t)(a), (uintptr_t)(b), 0)
#define assert_float_equal(a, b, most) \
    stand_in_near((double)(a), (double)(b), (double)(most), #a ", " #b, __FILE__, __LINE__)
#define assert_in_range(value, least, most) \
    stand_in_in_range((uintmax_t)(value), (uintmax_t)(least), (uintmax_t)(most), __FILE__, __LINE__)
#define assert_memory_equal(a, b, bytes) stand_in_same_bytes(a, b, bytes, 1, __FILE__, __LINE__)
#define assert_memory_not_equal(a, b, bytes) stand_in_same_bytes(a, b, bytes, 0, __FILE__, __LINE__)
#define assert_string_equal(a, b) stand_in_same_text(a, b, 1, __FILE__, __LINE__)
#define assert_string_not_equal(a, b) stand_in_same_text(a, b, 0, __FILE__, __LINE__)

#endif
