/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recurrent operators against the answers of the reference runtime, over several invocations:
 * recurrent_goldens.bin, which goldens_recurrent.py writes. Floats may differ by 3e-5 of the
 * largest value of a tensor.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "golden_file.h"

static golden_file goldens;
static const float tolerance = 3e-5f;

static void plain_kernels_agree_with_the_reference(void **state)
{
    (void)state;
    golden_check(&goldens, "ref", 1, tolerance);
}

static void fast_kernels_agree_with_the_reference(void **state)
{
    (void)state;
    golden_check(&goldens, "auto", 1, tolerance);
}

static void threads_agree_with_the_reference(void **state)
{
    (void)state;
    golden_check(&goldens, "auto", 3, tolerance);
}

static int read_goldens(void **state)
{
    (void)state;
    golden_read(&goldens, MIDGE_SOURCE_DIR "/tests/op/recurrent_goldens.bin");
    return 0;
}

static int free_goldens(void **state)
{
    (void)state;
    golden_free(&goldens);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_kernels_agree_with_the_reference),
        cmocka_unit_test(fast_kernels_agree_with_the_reference),
        cmocka_unit_test(threads_agree_with_the_reference),
    };
    return cmocka_run_group_tests(tests, read_goldens, free_goldens);
}
