/* SPDX-License-Identifier: Apache-2.0 */
/*
 * depthwise_f32 with NEON: four output pixels at a time, channels innermost, so that all streams
 * are contiguous and a weight serves four outputs.
 *
 * Packed filter: biases, then [tap][channel]. Taps outside the input are left out.
 */
#include "kernel/arm/lanes_neon.h"
#include "kernel/compiler.h"
#include "kernel/depthwise.h"
#include "kernel/repeat.h"

#include <stdbool.h>

enum { GROUP = 4, MOST_TAPS = 64 };

typedef struct tap {
    const float *in; /* of the first output of a group, channel 0 */
    const float *weights;
} tap;

typedef struct clamp_range {
    float32x4_t minimum;
    float32x4_t maximum;
} clamp_range;

/* Some taps of neighbouring outputs. */
typedef struct tap_sums {
    const tap *taps;
    size_t count;
    size_t step;        /* floats of input from output to output */
    const float *start; /* what the sums start from */
    size_t start_step;  /* floats from output to output */
    size_t channels;
    float *out;
} tap_sums;

static MG_ALWAYS_INLINE float32x4_t load(const float *from, size_t count)
{
    return count >= 4 ? vld1q_f32(from) : mg_load_part_f32_neon(from, count);
}

static MG_ALWAYS_INLINE void store(float *to, float32x4_t value, size_t count)
{
    if (count >= 4)
        vst1q_f32(to, value);
    else
        mg_store_part_f32_neon(to, value, count);
}

#define START_OUTPUT(i) float32x4_t sum##i = load(sums->start + i * sums->start_step + c, count);
#define ADD_TAP(i) \
    sum##i = vfmaq_f32(sum##i, load(sums->taps[t].in + i * sums->step + c, count), weight);
#define STORE_OUTPUT(i)                       \
    store(sums->out + i * sums->channels + c, \
          mg_clamp_neon(sum##i, limits->minimum, limits->maximum), count);

#define DEFINE_ADD_TAPS(name, REPEAT)                                                         \
    static MG_ALWAYS_INLINE void name##_part(const tap_sums *sums, const clamp_range *limits, \
                                             size_t c, size_t count)                          \
    {                                                                                         \
        REPEAT(START_OUTPUT)                                                                  \
        for (size_t t = 0; t < sums->count; t++) {                                            \
            const float32x4_t weight = load(sums->taps[t].weights + c, count);                \
            REPEAT(ADD_TAP)                                                                   \
        }                                                                                     \
        REPEAT(STORE_OUTPUT)                                                                  \
    }                                                                                         \
    static void name(const tap_sums *sums, const clamp_range *limits)                         \
    {                                                                                         \
        size_t c = 0;                                                                         \
        for (; c + 4 <= sums->channels; c += 4) name##_part(sums, limits, c, 4);              \
        if (c < sums->channels) name##_part(sums, limits, c, sums->channels - c);             \
    }

DEFINE_ADD_TAPS(add_taps_to_one, MG_REPEAT_1)
DEFINE_ADD_TAPS(add_taps_to_four, MG_REPEAT_4)

/* One output, or GROUP whose taps are all inside. Filters of many taps take several rounds, the
 * first of which starts from the biases. */
static void run_outputs(const mg_depthwise_window *window, const float *packed, size_t pixel,
                        bool four, const clamp_range *limits, float *out)
{
    const size_t channels = window->channels;
    const clamp_range open = {vdupq_n_f32(-__builtin_inff()), vdupq_n_f32(__builtin_inff())};
    const ptrdiff_t first_x = window->first_x + (ptrdiff_t)(pixel * window->stride);
    tap taps[MOST_TAPS];
    tap_sums sums = {taps, 0, window->stride * channels, packed, 0, channels, out};
    const float *weights = packed + channels;
    for (size_t y = 0; y < window->filter_height; y++)
        for (size_t i = 0; i < window->filter_width; i++, weights += channels) {
            const float *row = window->rows[y];
            const ptrdiff_t x = first_x + (ptrdiff_t)(i * window->dilation);
            if (row == NULL || x < 0 || x >= (ptrdiff_t)window->width) continue;
            if (sums.count == MOST_TAPS) {
                (four ? add_taps_to_four : add_taps_to_one)(&sums, &open);
                sums.count = 0;
                sums.start = out;
                sums.start_step = channels;
            }
            taps[sums.count++] = (tap){row + (size_t)x * channels, weights};
        }
    (four ? add_taps_to_four : add_taps_to_one)(&sums, limits);
}

static void run(const mg_depthwise_window *window, const float *packed, float minimum,
                float maximum, float *out)
{
    const clamp_range limits = {vdupq_n_f32(minimum), vdupq_n_f32(maximum)};
    size_t begin, end;
    mg_depthwise_inside(window, &begin, &end);
    for (size_t p = 0; p < window->pixels;) {
        const bool four = p >= begin && p + GROUP <= end;
        run_outputs(window, packed, p, four, &limits, out + p * window->channels);
        p += four ? GROUP : 1;
    }
}

static size_t filter_floats(size_t taps, size_t channels)
{
    return (taps + 1) * channels;
}

static void pack(const float *filter, const float *bias, size_t taps, size_t channels,
                 float *packed)
{
    for (size_t c = 0; c < channels; c++) packed[c] = bias ? bias[c] : 0.0f;
    memcpy(packed + channels, filter, taps * channels * sizeof(float));
}

const mg_depthwise_f32_kernel mg_depthwise_f32_neon = {filter_floats, pack, run};
