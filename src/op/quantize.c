/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QUANTIZE, DEQUANTIZE and FAKE_QUANT.
 *
 * Tensors with a scale per slice of a dimension take their scales and zero points as further
 * operands that lie along it. Types with less than a byte per element are worked on as bytes in
 * scratch memory.
 */
#include <math.h>

#include "kernel/ref/convert_elements.h"
#include "kernel/ref/unary_rows.h"
#include "op/activation.h"
#include "op/cast.h"
#include "op/shape.h"
#include "op/table.h"

enum {
    PACKED = MG_TYPES_3(MIDGE_INT4, MIDGE_UINT4, MIDGE_INT2),
    FLOATS = MG_TYPES_FLOAT,
    SMALL_FLOATS = MG_TYPES_2(MIDGE_FLOAT16, MIDGE_BFLOAT16) |
                   MG_TYPES_2(MIDGE_FLOAT8_E4M3FN, MIDGE_FLOAT8_E5M2)
};

static bool is_one_of(const midge_tensor *tensor, uint32_t types)
{
    return (types >> tensor->type & 1) != 0;
}

/* The range of stored values, packed types included. */
static void stored_range(midge_type type, int32_t *least, int32_t *most)
{
    switch (type) {
    case MIDGE_INT2: *least = -2, *most = 1; break;
    case MIDGE_INT4: *least = -8, *most = 7; break;
    case MIDGE_UINT4: *least = 0, *most = 15; break;
    default: mg_type_range(type, least, most); break;
    }
}

/* One scale, or one per slice of a dimension that has as many. */
static midge_status require_scales(midge_op_context *context, const midge_tensor *tensor,
                                   const char *role, const midge_tensor *shaped)
{
    int axis = tensor->quantization.axis;
    if (tensor->quantization.count <= 1)
        return mg_require_pointwise_quantized(context, tensor, role);
    if (axis < 0 || axis >= shaped->rank)
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "%s has scales along dimension %d of %d dimensions", role, axis,
                          (int)shaped->rank);
    return mg_require_quantized_channels(context, tensor, role, axis, shaped->shape[axis]);
}

/* The row for a stored type: 8-bit rows serve the packed types. */
typedef struct stored_rows {
    mg_elementwise_row unsigned_8;
    mg_elementwise_row signed_8;
    mg_elementwise_row signed_16;
} stored_rows;

static mg_elementwise_row row_for(const stored_rows *rows, midge_type type)
{
    return type == MIDGE_INT16   ? rows->signed_16
           : type == MIDGE_UINT8 ? rows->unsigned_8
                                 : rows->signed_8;
}

/*
 * Prepares the row between real and stored values; `quantized` is the input or output that carries
 * the scales. With a scale per slice their values follow the mg_requantization in memory.
 */
static midge_status prepare_scaled(midge_op_context *context, const midge_tensor *quantized,
                                   const stored_rows *one, const stored_rows *channels,
                                   const char *role)
{
    const midge_tensor *input = context->inputs[0];
    const midge_quantization *scales = &quantized->quantization;
    mg_pointwise *pointwise;
    void *parameters;
    TRY(require_scales(context, quantized, role, input));
    bool per_slice = scales->count > 1;
    size_t zero_bytes = per_slice ? scales->count * sizeof(int32_t) : 0;
    TRY(mg_pointwise_begin(context, 1, row_for(per_slice ? channels : one, quantized->type),
                           sizeof(mg_requantization) + zero_bytes, MG_POINTWISE_MIDDLE, &pointwise,
                           &parameters));
    mg_requantization *p = parameters;
    stored_range(quantized->type, &p->least, &p->most);
    p->scale_in = p->scale_out = mg_scale(quantized);
    p->zero_in = p->zero_out = mg_zero_point(quantized);
    if (per_slice) {
        int32_t *zeros = (int32_t *)(p + 1);
        for (size_t i = 0; i < scales->count; ++i) zeros[i] = (int32_t)scales->zero_point[i];
        mg_pointwise_add_along(pointwise, input, scales->axis, scales->scale, sizeof(float));
        mg_pointwise_add_along(pointwise, input, scales->axis, zeros, sizeof *zeros);
    }
    if (is_one_of(quantized, PACKED)) {
        if (quantized == input)
            pointwise->plan.element_bytes[0] = 1;
        else
            pointwise->plan.result_bytes = 1;
        TRY(mg_request_scratch(context, input->elements));
    }
    mg_pointwise_finish(pointwise);
    return MIDGE_OK;
}

/* ---- QUANTIZE */

static midge_status prepare_from_float(midge_op_context *context)
{
    static const stored_rows one = {mg_row_quantize_u8, mg_row_quantize_i8, mg_row_quantize_i16};
    static const stored_rows channels = {mg_row_quantize_u8_channels, mg_row_quantize_i8_channels,
                                         mg_row_quantize_i16_channels};
    const midge_tensor *output = context->outputs[0];
    TRY(mg_require_type(context, output, "output", MG_TYPES_QUANTIZED | PACKED));
    return prepare_scaled(context, output, &one, &channels, "output");
}

static mg_elementwise_row requantize_row(midge_type from, midge_type to)
{
    static const struct {
        midge_type from, to;
        mg_elementwise_row row;
    } rows[] = {
        {MIDGE_UINT8, MIDGE_INT16, mg_row_requantize_u8_to_i16},
        {MIDGE_INT8, MIDGE_INT16, mg_row_requantize_i8_to_i16},
        {MIDGE_INT8, MIDGE_INT32, mg_row_requantize_i8_to_i32},
        {MIDGE_INT16, MIDGE_UINT8, mg_row_requantize_i16_to_u8},
        {MIDGE_INT16, MIDGE_INT8, mg_row_requantize_i16_to_i8},
        {MIDGE_INT16, MIDGE_INT16, mg_row_requantize_i16_to_i16},
        {MIDGE_INT16, MIDGE_INT32, mg_row_requantize_i16_to_i32},
        {MIDGE_INT32, MIDGE_INT8, mg_row_requantize_i32_to_i8},
        {MIDGE_INT32, MIDGE_INT16, mg_row_requantize_i32_to_i16},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i)
        if (rows[i].from == from && rows[i].to == to) return rows[i].row;
    return NULL;
}

static midge_status prepare_requantize(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *output = context->outputs[0];
    const uint32_t bytes = MG_TYPES_2(MIDGE_UINT8, MIDGE_INT8);
    mg_requantization p;
    void *parameters;
    TRY(mg_require_quantized(context, input, "input"));
    TRY(mg_require_quantized(context, output, "output"));
    TRY(mg_requantization_of(context, &p));
    TRY(mg_factor(context, (double)mg_scale(input) / (double)mg_scale(output), &p.factor));
    if (is_one_of(input, bytes) && is_one_of(output, bytes))
        return mg_prepare_stored_table(context, mg_requantize_stored, &p);
    mg_elementwise_row row = requantize_row(input->type, output->type);
    if (row == NULL)
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "%s to %s is not supported here",
                          midge_type_name(input->type), midge_type_name(output->type));
    TRY(mg_pointwise_prepare(context, 1, row, sizeof p, MG_POINTWISE_MIDDLE, &parameters));
    *(mg_requantization *)parameters = p;
    return MIDGE_OK;
}

midge_status mg_prepare_quantize(midge_op_context *context)
{
    if (is_one_of(context->inputs[0], FLOATS)) return prepare_from_float(context);
    return prepare_requantize(context);
}

midge_status mg_run_quantize(midge_op_context *context)
{
    midge_tensor *output = context->outputs[0];
    if (!is_one_of(output, PACKED)) return mg_pointwise_run(context);
    midge_tensor bytes = {.data = context->scratch};
    midge_tensor *outputs[1] = {&bytes};
    midge_op_context step = *context;
    step.outputs = outputs;
    TRY(mg_pointwise_run(&step));
    mg_pack_bits(context->scratch, (int)midge_type_bits(output->type), output->data,
                 output->elements);
    return MIDGE_OK;
}

/* ---- DEQUANTIZE */

midge_status mg_prepare_dequantize(midge_op_context *context)
{
    static const stored_rows one = {mg_row_dequantize_u8, mg_row_dequantize_i8,
                                    mg_row_dequantize_i16};
    static const stored_rows channels = {mg_row_dequantize_u8_channels,
                                         mg_row_dequantize_i8_channels,
                                         mg_row_dequantize_i16_channels};
    const midge_tensor *input = context->inputs[0];
    TRY(mg_require_type(context, context->outputs[0], "output", MG_TYPES(MIDGE_FLOAT32)));
    if (is_one_of(input, SMALL_FLOATS)) return mg_set_output_like(context, 0, input);
    TRY(mg_require_type(context, input, "input", MG_TYPES_QUANTIZED | PACKED));
    return prepare_scaled(context, input, &one, &channels, "input");
}

midge_status mg_run_dequantize(midge_op_context *context)
{
    midge_tensor *input = context->inputs[0];
    if (is_one_of(input, SMALL_FLOATS)) {
        mg_convert_tensor(context, input, context->outputs[0]);
        return MIDGE_OK;
    }
    if (!is_one_of(input, PACKED)) return mg_pointwise_run(context);
    mg_unpack_bits(input->data, (int)midge_type_bits(input->type), input->type != MIDGE_UINT4,
                   context->scratch, input->elements);
    midge_tensor bytes = {.data = context->scratch};
    midge_tensor *inputs[1] = {&bytes};
    midge_op_context step = *context;
    step.inputs = inputs;
    return mg_pointwise_run(&step);
}

/* ---- FAKE_QUANT */

/* Moves the range so that 0 becomes one of the numbers it is rounded to. */
midge_status mg_prepare_fake_quant(midge_op_context *context)
{
    const mg_FakeQuantOptions *options = MG_OPTIONS(context, FakeQuantOptions);
    void *parameters;
    TRY(mg_require_type(context, context->inputs[0], "input", FLOATS));
    TRY(mg_require_same_type(context, context->inputs[0], "input", context->outputs[0], "output"));
    if (options->num_bits < 2 || options->num_bits > 16)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%d bits, need 2 to 16",
                          (int)options->num_bits);
    if (!(options->min < options->max) || !isfinite(options->max - options->min))
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "range %g to %g is empty or infinite",
                          (double)options->min, (double)options->max);
    float least = options->narrow_range ? 1.0f : 0.0f;
    float most = (float)((1 << options->num_bits) - 1);
    float scale = (options->max - options->min) / (most - least);
    float zero = least - options->min / scale;
    zero = zero < least ? least : zero > most ? most : roundf(zero);
    TRY(mg_pointwise_prepare(context, 1, mg_row_fake_quantize_f32, sizeof(mg_fake_quantization),
                             MG_POINTWISE_MIDDLE, &parameters));
    *(mg_fake_quantization *)parameters =
        (mg_fake_quantization){scale, (least - zero) * scale, (most - zero) * scale};
    return MIDGE_OK;
}

midge_status mg_run_fake_quant(midge_op_context *context)
{
    return mg_pointwise_run(context);
}
