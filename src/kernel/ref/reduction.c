/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/reduction.h"

void mg_reduction_plan(mg_reduction *plan, size_t rank, const int32_t *shape, const bool *reduced)
{
    bool kinds[MG_REDUCTION_RANK] = {false};
    plan->sizes[0] = 1;
    plan->rank = 1;
    plan->outputs = 1;
    plan->inputs_per_output = 1;
    for (size_t i = 0; i < rank; i++) {
        size_t size = (size_t)shape[i];
        *(reduced[i] ? &plan->inputs_per_output : &plan->outputs) *= size;
        if (size == 1) continue;
        if (reduced[i] != kinds[plan->rank - 1]) {
            kinds[plan->rank] = reduced[i];
            plan->sizes[plan->rank++] = 1;
        }
        plan->sizes[plan->rank - 1] *= size;
    }
    if (plan->rank == 1) { /* nothing but kept dimensions: one row of them */
        plan->sizes[1] = plan->sizes[0];
        plan->sizes[0] = 1;
        plan->rank = 2;
    }
    size_t input_stride = 1, output_stride = 1;
    for (size_t i = plan->rank; i-- > 0;) {
        plan->input_strides[i] = input_stride;
        plan->output_strides[i] = kinds[i] ? 0 : output_stride;
        input_stride *= plan->sizes[i];
        if (!kinds[i]) output_stride *= plan->sizes[i];
    }
}

/* Steps the indices of dimensions 0 … rank - 2; false when they are through. */
static bool advance(const mg_reduction *plan, size_t end, size_t *indices)
{
    for (size_t i = plan->rank - 1; i-- > 0;) {
        if (++indices[i] < (i == 0 ? end : plan->sizes[i])) return true;
        if (i > 0) indices[i] = 0;
    }
    return false;
}

void mg_reduce(const mg_reduction *plan, const mg_reducer *reducer, const void *input,
               void *accumulators, size_t begin, size_t end)
{
    size_t inner = plan->rank - 1;
    size_t indices[MG_REDUCTION_RANK] = {begin};
    if (begin >= end || plan->outputs * plan->inputs_per_output == 0) return;
    do {
        size_t from = 0, to = 0;
        bool first = true;
        for (size_t i = 0; i < inner; i++) {
            from += indices[i] * plan->input_strides[i];
            to += indices[i] * plan->output_strides[i];
            if (plan->output_strides[i] == 0 && indices[i] != 0) first = false;
        }
        reducer->row((const char *)input + from * reducer->input_bytes, plan->sizes[inner],
                     plan->output_strides[inner], first, reducer->parameters,
                     (char *)accumulators + to * reducer->accumulator_bytes);
    } while (advance(plan, end, indices));
}

/* A row function. `first_value` and `next_value` are expressions of the accumulator a and of the
 * input b, which is of the accumulator's type. */
#define ROW(name, in_type, out_type, first_value, next_value)                               \
    void name(const void *input, size_t count, size_t step, bool first, const void *unused, \
              void *accumulators)                                                           \
    {                                                                                       \
        const in_type *inputs = input;                                                      \
        out_type *results = accumulators;                                                   \
        size_t i = 0;                                                                       \
        (void)unused;                                                                       \
        if (step == 0) {                                                                    \
            out_type a = *results;                                                          \
            if (first) {                                                                    \
                out_type b = (out_type)inputs[i++];                                         \
                a = (out_type)(first_value);                                                \
            }                                                                               \
            for (; i < count; i++) {                                                        \
                out_type b = (out_type)inputs[i];                                           \
                a = (out_type)(next_value);                                                 \
            }                                                                               \
            *results = a;                                                                   \
            return;                                                                         \
        }                                                                                   \
        if (first) {                                                                        \
            for (; i < count; i++) {                                                        \
                out_type b = (out_type)inputs[i];                                           \
                results[i] = (out_type)(first_value);                                       \
            }                                                                               \
            return;                                                                         \
        }                                                                                   \
        for (; i < count; i++) {                                                            \
            out_type a = results[i], b = (out_type)inputs[i];                               \
            results[i] = (out_type)(next_value);                                            \
        }                                                                                   \
    }

ROW(mg_sum_row_f32, float, float, 0.0f + b, a + b)
ROW(mg_sum_row_s32, int32_t, int32_t, b, (uint32_t)a + (uint32_t)b)
ROW(mg_sum_row_s64, int64_t, int64_t, b, (uint64_t)a + (uint64_t)b)
ROW(mg_sum_row_s32_s64, int32_t, int64_t, b, (uint64_t)a + (uint64_t)b)
ROW(mg_sum_row_s8_s32, int8_t, int32_t, b, (uint32_t)a + (uint32_t)b)
ROW(mg_sum_row_u8_s32, uint8_t, int32_t, b, (uint32_t)a + (uint32_t)b)
ROW(mg_sum_row_s16_s32, int16_t, int32_t, b, (uint32_t)a + (uint32_t)b)

ROW(mg_product_row_f32, float, float, b, a *b)
ROW(mg_product_row_s32, int32_t, int32_t, b, (uint32_t)a *(uint32_t)b)
ROW(mg_product_row_s64, int64_t, int64_t, b, (uint64_t)a *(uint64_t)b)
ROW(mg_product_row_s8, int8_t, int8_t, b, a *b)
ROW(mg_product_row_u8, uint8_t, uint8_t, b, a *b)
ROW(mg_product_row_s16, int16_t, int16_t, b, a *b)

#define ORDERED(suffix, type)                                  \
    ROW(mg_maximum_row_##suffix, type, type, b, b > a ? b : a) \
    ROW(mg_minimum_row_##suffix, type, type, b, b < a ? b : a)

ORDERED(f32, float)
ORDERED(s32, int32_t)
ORDERED(s64, int64_t)
ORDERED(s8, int8_t)
ORDERED(u8, uint8_t)
ORDERED(s16, int16_t)

#define QUANTIZED_PRODUCT(name, type)                                                           \
    void name(const void *input, size_t count, size_t step, bool first, const void *parameters, \
              void *accumulators)                                                               \
    {                                                                                           \
        const mg_quantized_product *product = parameters;                                       \
        const type *inputs = input;                                                             \
        int32_t *results = accumulators;                                                        \
        for (size_t i = 0; i < count; i++) {                                                    \
            int32_t *result = results + i * step;                                               \
            int32_t value = inputs[i] - product->zero_point;                                    \
            *result =                                                                           \
                first && (step == 1 || i == 0)                                                  \
                    ? value                                                                     \
                    : mg_multiply_by_quantized_64((int64_t)*result * value, product->factor);   \
        }                                                                                       \
    }

QUANTIZED_PRODUCT(mg_quantized_product_row_s8, int8_t)
QUANTIZED_PRODUCT(mg_quantized_product_row_s16, int16_t)
