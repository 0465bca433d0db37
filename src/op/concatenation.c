/* SPDX-License-Identifier: Apache-2.0 */
/* CONCATENATION and PACK: the inputs side by side along an axis, which PACK makes first. */
#include "op/movement.h"

#include <string.h>

#include "kernel/ref/rescale.h"
#include "op/shape.h"

static midge_status check_types(midge_op_context *context)
{
    TRY(mg_require_type(context, context->outputs[0], "output", MG_TYPES_SIZED));
    for (size_t i = 0; i < context->input_count; ++i)
        TRY(mg_require_same_type(context, context->inputs[i], "input", context->outputs[0],
                                 "output"));
    return MIDGE_OK;
}

/* Input and output as rows: `outer` of them, of `size` and `whole` elements. */
static void move_rows(midge_op_context *context, const midge_tensor *input, size_t outer,
                      size_t size, size_t whole, size_t first)
{
    mg_move move;
    mg_move_of(input, &move);
    move.to_start = (ptrdiff_t)first;
    mg_move_loop(&move, outer, (ptrdiff_t)size, (ptrdiff_t)whole);
    mg_move_loop(&move, size, 1, 1);
    mg_move_merge(&move);
    mg_move_parallel(context, &move, input->data, context->outputs[0]->data);
}

static void clear_last_byte(midge_tensor *output)
{
    if (output->bytes > 0) ((unsigned char *)output->data)[output->bytes - 1] = 0;
}

/* ---- CONCATENATION ------------------------------------------------------------------------- */

/* uint8 inputs may have another scale than the output: their elements are rescaled. */
static bool differs(const midge_tensor *input, const midge_tensor *output)
{
    return output->type == MIDGE_UINT8 && mg_is_quantized(input) && mg_is_quantized(output) &&
           (mg_scale(input) != mg_scale(output) || mg_zero_point(input) != mg_zero_point(output));
}

static midge_status check_quantization(midge_op_context *context)
{
    const midge_tensor *output = context->outputs[0];
    for (size_t i = 0; i < context->input_count; ++i) {
        const midge_tensor *input = context->inputs[i];
        if (!mg_is_quantized(input) || !mg_is_quantized(output)) continue;
        if (output->type != MIDGE_UINT8)
            TRY(mg_require_same_quantization(context, input, "input", output, "output"));
        TRY(mg_require_quantized(context, input, "input"));
        TRY(mg_require_quantized(context, output, "output"));
    }
    return MIDGE_OK;
}

midge_status mg_prepare_concatenation(midge_op_context *context)
{
    const mg_ConcatenationOptions *options = MG_OPTIONS(context, ConcatenationOptions);
    const midge_tensor *first = context->inputs[0];
    int32_t shape[MIDGE_MAX_RANK], axis = 0;
    TRY(check_types(context));
    TRY(check_quantization(context));
    TRY(mg_resolve_axis(context, options->axis, first->rank, &axis));
    if (options->fused_activation_function != MG_ACTIVATION_NONE)
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "activation %d, only none is supported",
                          (int)options->fused_activation_function);
    memcpy(shape, first->shape, sizeof shape);
    for (size_t i = 1; i < context->input_count; ++i) {
        const midge_tensor *input = context->inputs[i];
        bool fits = input->rank == first->rank;
        for (int32_t d = 0; fits && d < first->rank; ++d)
            fits = d == axis || input->shape[d] == first->shape[d];
        if (!fits) {
            char a[MG_SHAPE_TEXT], b[MG_SHAPE_TEXT];
            return mg_op_fail(context, MIDGE_INVALID_MODEL,
                              "inputs %s and %s do not fit together along dimension %d",
                              mg_shape_text(first->rank, first->shape, a),
                              mg_shape_text(input->rank, input->shape, b), (int)axis);
        }
        if (!mg_int32_add(shape[axis], input->shape[axis], &shape[axis]))
            return mg_op_fail(context, MIDGE_INVALID_MODEL, "dimension %d passes 2^31", (int)axis);
    }
    return mg_set_output_shape(context, 0, first->rank, shape);
}

static void rescale_rows(const midge_tensor *input, midge_tensor *output, size_t outer, size_t size,
                         size_t whole, size_t first)
{
    const uint8_t *from = input->data;
    uint8_t *to = (uint8_t *)output->data + first, table[256];
    mg_rescale_table_u8(mg_scale(input), mg_zero_point(input), mg_scale(output),
                        mg_zero_point(output), table);
    for (size_t row = 0; row < outer; ++row)
        mg_look_up_u8(from + row * size, size, table, to + row * whole);
}

midge_status mg_run_concatenation(midge_op_context *context)
{
    midge_tensor *output = context->outputs[0];
    int32_t axis = 0;
    TRY(mg_resolve_axis(context, MG_OPTIONS(context, ConcatenationOptions)->axis, output->rank,
                        &axis));
    const size_t outer = mg_elements_between(output, 0, axis);
    const size_t inner = mg_elements_between(output, axis + 1, output->rank);
    const size_t whole = (size_t)output->shape[axis] * inner;
    size_t first = 0;
    clear_last_byte(output);
    for (size_t i = 0; i < context->input_count; ++i) {
        const midge_tensor *input = context->inputs[i];
        const size_t size = (size_t)input->shape[axis] * inner;
        if (differs(input, output)) {
            rescale_rows(input, output, outer, size, whole, first);
        } else {
            move_rows(context, input, outer, size, whole, first);
        }
        first += size;
    }
    return MIDGE_OK;
}

/* ---- PACK ---------------------------------------------------------------------------------- */

midge_status mg_prepare_pack(midge_op_context *context)
{
    const mg_PackOptions *options = MG_OPTIONS(context, PackOptions);
    const midge_tensor *first = context->inputs[0];
    int32_t shape[MIDGE_MAX_RANK], axis = 0;
    TRY(check_types(context));
    TRY(mg_require_rank(context, first, "input", 0, MIDGE_MAX_RANK - 1));
    TRY(mg_resolve_axis(context, options->axis, first->rank + 1, &axis));
    if (options->values_count < 1 || (size_t)options->values_count != context->input_count)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "values_count is %d, there are %zu inputs",
                          (int)options->values_count, context->input_count);
    for (size_t i = 1; i < context->input_count; ++i)
        TRY(mg_require_same_shape(context, first, "the first input", context->inputs[i],
                                  "another input"));
    for (int32_t i = 0; i < first->rank; ++i) shape[i + (i >= axis)] = first->shape[i];
    shape[axis] = options->values_count;
    return mg_set_output_shape(context, 0, first->rank + 1, shape);
}

midge_status mg_run_pack(midge_op_context *context)
{
    const midge_tensor *output = context->outputs[0];
    int32_t axis = 0;
    TRY(mg_resolve_axis(context, MG_OPTIONS(context, PackOptions)->axis, output->rank, &axis));
    const size_t outer = mg_elements_between(output, 0, axis);
    const size_t inner = mg_elements_between(output, axis + 1, output->rank);
    clear_last_byte(context->outputs[0]);
    for (size_t i = 0; i < context->input_count; ++i)
        move_rows(context, context->inputs[i], outer, inner, inner * context->input_count,
                  i * inner);
    return MIDGE_OK;
}
