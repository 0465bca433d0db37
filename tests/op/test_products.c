/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Convolutions, fully connected layers and matrix products against LiteRT's answers
 * (products_goldens.bin, which goldens_products.py writes). Floats may differ by 1e-5 of the
 * largest value of a tensor: LiteRT's sums are off by up to 3e-6 themselves, those of Winograd's
 * transforms by more than plain ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "golden_file.h"

static golden_file products;
static const float tolerance = 1e-5f;

static void plain_kernels_agree_with_the_reference(void **state)
{
    (void)state;
    golden_check(&products, "ref", 1, tolerance);
}

static void fast_kernels_agree_with_the_reference(void **state)
{
    (void)state;
    golden_check(&products, "auto", 1, tolerance);
}

static void threads_agree_with_the_reference(void **state)
{
    (void)state;
    golden_check(&products, "auto", 3, tolerance);
}

static int read_goldens(void **state)
{
    (void)state;
    golden_read(&products, MIDGE_SOURCE_DIR "/tests/op/products_goldens.bin");
    return 0;
}

static int free_goldens(void **state)
{
    (void)state;
    golden_free(&products);
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
