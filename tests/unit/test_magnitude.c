/* SPDX-License-Identifier: Apache-2.0 */
/* Magnitudes of complex numbers: exact where the result is, else within one unit of the last place
 * of the C library's; no overflow, and the rules for inf and NaN. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "expect.h"
#include "kernel/ref/magnitude.h"

/* For m > n > 0: (m^2 - n^2)^2 + (2 m n)^2 = (m^2 + n^2)^2, all of them below 2^53. */
static void check_whole_triangles(void)
{
    static const int exponents[] = {-1000, -600, -1, 0, 1, 600, 960};
    size_t wrong = 0;
    for (uint64_t m = 2; m < 40000000; m = m * 5 / 3 + 1) {
        for (uint64_t n = 1; n < m; n = n * 7 / 3 + 1) {
            for (size_t i = 0; i < sizeof exponents / sizeof exponents[0]; ++i) {
                double a = ldexp((double)(m * m - n * n), exponents[i]);
                double b = ldexp((double)(2 * m * n), exponents[i]);
                double c = ldexp((double)(m * m + n * n), exponents[i]);
                wrong += mg_magnitude_f64(a, b) != c || mg_magnitude_f64(-b, a) != c;
            }
        }
    }
    EXPECT(wrong == 0, "%zu whole triangles have another side", wrong);
    EXPECT(mg_magnitude_f32(3, -4) == 5 && mg_magnitude_f32(0x3p100f, 0x4p100f) == 0x5p100f &&
               mg_magnitude_f32(0x3p-140f, 0x4p-140f) == 0x5p-140f,
           "3, 4, 5 as float");
}

static uint64_t next_bits(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state ^ *state >> 29;
}

/* A number of 53 random bits and an exponent from -spread to spread. */
static double draw(uint64_t *state, int spread)
{
    double fraction = (double)(next_bits(state) >> 11);
    return ldexp(fraction, (int)(next_bits(state) >> 40) % (2 * spread) - spread);
}

static void check_against_the_c_library(void)
{
    uint64_t state = 1;
    double furthest = 0;
    for (int i = 0; i < 200000; ++i) {
        double a = draw(&state, i % 2 == 0 ? 3 : 40), b = draw(&state, 3);
        double want = hypot(a, b), unit = nextafter(want, INFINITY) - want;
        furthest = fmax(furthest, fabs(mg_magnitude_f64(a, b) - want) / unit);
    }
    EXPECT(furthest <= 1, "%g units of the last place of a double", furthest);
    furthest = 0;
    for (int i = 0; i < 200000; ++i) {
        float a = (float)draw(&state, 12), b = (float)draw(&state, 12);
        float want = hypotf(a, b), unit = nextafterf(want, INFINITY) - want;
        furthest = fmax(furthest, fabs((double)mg_magnitude_f32(a, b) - want) / unit);
    }
    EXPECT(furthest <= 1, "%g units of the last place of a float", furthest);
}

/* One unit of the last place at most, and never a negative zero. */
static bool is_near(double got, double want, double unit)
{
    if (!isfinite(want)) return isnan(want) ? isnan(got) : got == want;
    return fabs(got - want) <= unit && !signbit(got);
}

static void check_ends(void)
{
    static const double parts[] = {0.0, -0.0, 0x1p-1074, -1.0, 0x1p1023, INFINITY, -INFINITY, NAN};
    enum { COUNT = sizeof parts / sizeof parts[0] };
    size_t wrong = 0;
    for (size_t i = 0; i < COUNT * COUNT; ++i) {
        double a = parts[i / COUNT], b = parts[i % COUNT], want = hypot(a, b);
        float want_float = hypotf((float)a, (float)b);
        wrong += !is_near(mg_magnitude_f64(a, b), want, nextafter(want, INFINITY) - want);
        wrong += !is_near(mg_magnitude_f32((float)a, (float)b), want_float,
                          nextafterf(want_float, INFINITY) - want_float);
    }
    EXPECT(wrong == 0, "%zu results with zeros, ends, inf or NaN", wrong);
}

int main(void)
{
    check_whole_triangles();
    check_against_the_c_library();
    check_ends();
    return expect_finish();
}
