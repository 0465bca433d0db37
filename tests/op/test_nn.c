/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pooling, softmax, normalisation, reductions, resizing, Fourier transforms and detection against
 * LiteRT's answers (nn_goldens.bin, which goldens_nn.py writes), and the audio front end against
 * tflite-micro's (signal_goldens.bin, goldens_signal.py). Floats may differ by 3e-6 of the largest
 * value of a tensor.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "golden_file.h"

static golden_file layers, signals;
static const float tolerance = 3e-6f;

static void plain_kernels_agree_with_the_reference(void **state)
{
    (void)state;
    golden_check(&layers, "ref", 1, tolerance);
}

static void fast_kernels_agree_with_the_reference(void **state)
{
    (void)state;
    golden_check(&layers, "auto", 1, tolerance);
}

static void threads_agree_with_the_reference(void **state)
{
    (void)state;
    golden_check(&layers, "auto", 3, tolerance);
}

static void signal_operators_agree_with_tflite_micro(void **state)
{
    (void)state;
    golden_check(&signals, "auto", 1, tolerance);
}

static int read_goldens(void **state)
{
    (void)state;
    golden_read(&layers, MIDGE_SOURCE_DIR "/tests/op/nn_goldens.bin");
    golden_read(&signals, MIDGE_SOURCE_DIR "/tests/op/signal_goldens.bin");
    return 0;
}

static int free_goldens(void **state)
{
    (void)state;
    golden_free(&layers);
    golden_free(&signals);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_kernels_agree_with_the_reference),
        cmocka_unit_test(fast_kernels_agree_with_the_reference),
        cmocka_unit_test(threads_agree_with_the_reference),
        cmocka_unit_test(signal_operators_agree_with_tflite_micro),
    };
    return cmocka_run_group_tests(tests, read_goldens, free_goldens);
}
