/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RANDOM_UNIFORM, RANDOM_STANDARD_NORMAL, MULTINOMIAL and STABLEHLO_RNG_BIT_GENERATOR. The first
 * three keep a stream of numbers from one run to the next; prepare starts it anew.
 */
#include "base/clock.h"
#include "kernel/ref/random_bits.h"
#include "op/movement.h"

#include <string.h>

#include "op/shape.h"

/* TensorFlow Lite keeps 32 bits of a seed, with their sign. */
static uint64_t cut_seed(int64_t seed)
{
    const uint64_t low = (uint64_t)seed & UINT32_MAX;
    return low <= INT32_MAX ? low : low | ~(uint64_t)UINT32_MAX;
}

/* Without seeds every session has its own numbers. */
static midge_status begin_stream(midge_op_context *context)
{
    const mg_RandomOptions *options = MG_OPTIONS(context, RandomOptions);
    uint64_t seed = cut_seed(options->seed), seed_2 = cut_seed(options->seed2);
    void *memory = NULL;
    TRY(mg_prepared(context, sizeof(mg_random_stream), &memory));
    if (seed == 0 && seed_2 == 0) {
        seed = mg_clock_nanoseconds();
        seed_2 = (uint64_t)(uintptr_t)memory;
    }
    mg_random_begin(memory, seed, seed_2);
    return MIDGE_OK;
}

/* ---- RANDOM_UNIFORM and RANDOM_STANDARD_NORMAL ---------------------------------------------- */

static midge_status prepare_filled(midge_op_context *context)
{
    int32_t shape[MIDGE_MAX_RANK], rank = 0;
    TRY(mg_require_type(context, context->inputs[0], "shape", MG_TYPES_INDEX));
    TRY(mg_require_type(context, context->outputs[0], "output", MG_TYPES(MIDGE_FLOAT32)));
    TRY(begin_stream(context));
    if (!mg_is_known(context->inputs[0])) return mg_set_output_dynamic(context, 0);
    TRY(mg_read_shape(context, context->inputs[0], "shape", &rank, shape));
    return mg_set_output_shape(context, 0, rank, shape);
}

typedef void (*random_fill)(mg_random_stream *stream, float *result, size_t count);

static midge_status run_filled(midge_op_context *context, random_fill fill)
{
    int32_t shape[MIDGE_MAX_RANK], rank = 0;
    TRY(mg_read_shape(context, context->inputs[0], "shape", &rank, shape));
    TRY(mg_settle_output(context, 0, rank, shape));
    fill(context->prepared, context->outputs[0]->data, context->outputs[0]->elements);
    return MIDGE_OK;
}

midge_status mg_prepare_random_uniform(midge_op_context *context)
{
    return prepare_filled(context);
}

midge_status mg_run_random_uniform(midge_op_context *context)
{
    return run_filled(context, mg_random_uniform);
}

midge_status mg_prepare_random_normal(midge_op_context *context)
{
    return prepare_filled(context);
}

midge_status mg_run_random_normal(midge_op_context *context)
{
    return run_filled(context, mg_random_normal);
}

/* ---- MULTINOMIAL: classes drawn by logits --------------------------------------------------- */

static midge_status read_samples(midge_op_context *context, int32_t shape[2])
{
    int64_t samples = 0;
    TRY(mg_read_integer(context, context->inputs[1], "number of samples", &samples));
    if (samples < 0 || samples > INT32_MAX)
        return mg_op_fail(context, mg_blame(context->inputs[1]), "the number of samples is %lld",
                          (long long)samples);
    shape[0] = context->inputs[0]->shape[0];
    shape[1] = (int32_t)samples;
    return MIDGE_OK;
}

midge_status mg_prepare_multinomial(midge_op_context *context)
{
    const midge_tensor *logits = context->inputs[0], *number = context->inputs[1];
    int32_t shape[2];
    size_t bytes = 0;
    TRY(mg_require_type(context, logits, "logits", MG_TYPES(MIDGE_FLOAT32)));
    TRY(mg_require_rank(context, logits, "logits", 2, 2));
    TRY(mg_require_type(context, number, "number of samples", MG_TYPES(MIDGE_INT32)));
    TRY(mg_require_elements(context, number, "number of samples", 1));
    TRY(mg_require_type(context, context->outputs[0], "output", MG_TYPES_INDEX));
    if (logits->shape[1] < 1 || !mg_size_multiply((size_t)logits->shape[1], sizeof(double), &bytes))
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%d classes", (int)logits->shape[1]);
    TRY(begin_stream(context));
    TRY(mg_request_scratch(context, bytes));
    if (!mg_is_known(number)) return mg_set_output_dynamic(context, 0);
    TRY(read_samples(context, shape));
    return mg_set_output_shape(context, 0, 2, shape);
}

midge_status mg_run_multinomial(midge_op_context *context)
{
    const midge_tensor *logits = context->inputs[0];
    midge_tensor *output = context->outputs[0];
    const size_t classes = (size_t)logits->shape[1];
    mg_random_stream *stream = context->prepared;
    int32_t shape[2];
    TRY(read_samples(context, shape));
    TRY(mg_settle_output(context, 0, 2, shape));
    const size_t rows = (size_t)shape[0], samples = (size_t)shape[1];
    mg_random_words words = {.stream = *stream, .used = 4};
    /* Far more than are drawn here: TensorFlow keeps such a distance between runs. */
    mg_random_skip(stream, (uint64_t)rows * ((samples + 3) / 4 * 4) * 512);
    for (size_t i = 0; i < output->elements; ++i) {
        if (i % samples == 0)
            mg_random_weigh((const float *)logits->data + i / samples * classes, classes,
                            context->scratch);
        const size_t drawn = mg_random_class(&words, context->scratch, classes);
        if (output->type == MIDGE_INT64)
            ((int64_t *)output->data)[i] = (int64_t)drawn;
        else
            ((int32_t *)output->data)[i] = (int32_t)drawn;
    }
    return MIDGE_OK;
}

/* ---- STABLEHLO_RNG_BIT_GENERATOR: the state goes in and comes out --------------------------- */

midge_status mg_prepare_rng_bit_generator(midge_op_context *context)
{
    const midge_tensor *state = context->inputs[0], *output = context->outputs[1];
    const int8_t algorithm = MG_OPTIONS_2(context, StablehloRngBitGeneratorOptions)->algorithm;
    const mg_tensor *stated = output->definition;
    TRY(mg_require_type(context, state, "state", MG_TYPES(MIDGE_UINT64)));
    TRY(mg_require_type(context, context->outputs[0], "new state", MG_TYPES(MIDGE_UINT64)));
    TRY(mg_require_type(context, output, "output",
                        MG_TYPES_INDEX | MG_TYPES_2(MIDGE_UINT32, MIDGE_UINT64)));
    TRY(mg_require_rank(context, state, "state", 1, 1));
    if (algorithm < MG_RNG_DEFAULT || algorithm > MG_RNG_THREEFRY)
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "algorithm %d is unknown", (int)algorithm);
    if (state->shape[0] != 2 && (state->shape[0] != 3 || algorithm == MG_RNG_THREEFRY))
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "a state of %d numbers",
                          (int)state->shape[0]);
    TRY(mg_set_output_like(context, 0, state));
    return mg_set_output_shape(context, 1, stated->rank, stated->shape);
}

/* Only the lower half of the counter counts on. */
static void count_up(uint32_t counter[2])
{
    if (++counter[0] == 0) ++counter[1];
}

midge_status mg_run_rng_bit_generator(midge_op_context *context)
{
    const midge_tensor *state = context->inputs[0], *output = context->outputs[1];
    const bool threefry =
        MG_OPTIONS_2(context, StablehloRngBitGeneratorOptions)->algorithm == MG_RNG_THREEFRY;
    const size_t block = threefry ? 2 : 4;
    uint32_t words[6], bits[4];
    memcpy(words, state->data, state->bytes);
    const uint32_t *upper = state->shape[0] == 3 ? words + 4 : words;
    uint32_t counter[4] = {words[2], words[3], upper[0], upper[1]};
    for (size_t done = 0; done < output->bytes;) {
        if (threefry)
            mg_threefry(words, counter, bits);
        else
            mg_philox(words, counter, bits);
        const size_t left = output->bytes - done, made = block * sizeof bits[0];
        memcpy((char *)output->data + done, bits, left < made ? left : made);
        done += made;
        count_up(counter);
    }
    words[2] = counter[0];
    words[3] = counter[1];
    memcpy(context->outputs[0]->data, words, state->bytes);
    return MIDGE_OK;
}
