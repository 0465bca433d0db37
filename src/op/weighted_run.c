/* SPDX-License-Identifier: Apache-2.0 */
/* Products of operators with weights, by kind. */
#include "op/product_wide.h"
#include "op/weighted.h"

midge_status mg_scratch_add(midge_op_context *context, size_t *total, size_t bytes, size_t *offset)
{
    *offset = *total;
    if (mg_size_add(*total, bytes, total) && mg_size_align(*total, MG_ALIGNMENT, total))
        return MIDGE_OK;
    return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "scratch memory passes the address space");
}

static mg_product_f32 product_f32(const midge_op_context *context,
                                  const mg_weighted_product *product)
{
    const mg_product_f32 result = {context->kernels,
                                   product->rows,
                                   product->columns,
                                   product->bias,
                                   product->weighted->minimum,
                                   product->weighted->maximum,
                                   product->out,
                                   product->out_stride,
                                   product->placement,
                                   product->packed};
    return result;
}

static mg_product_int product_int(const midge_op_context *context,
                                  const mg_weighted_product *product)
{
    mg_product_int result = {context->kernels,
                             product->weighted->form,
                             product->rows,
                             product->columns,
                             NULL,
                             NULL,
                             NULL,
                             product->packed};
    result.form.depth = product->columns.depth;
    return result;
}

midge_status mg_weighted_keep(midge_op_context *context, const mg_weighted_product *product,
                              bool *kept)
{
    const mg_weighted_kind kind = product->weighted->kind;
    const mg_product_f32 floats = product_f32(context, product);
    mg_product_int integers = product_int(context, product);
    size_t bytes = 0;
    void *memory;
    bool fresh;
    /* Of dynamically quantised rows the bias is added in float. */
    if (kind == MG_WEIGHTED_INT) integers.bias = product->bias;
    *kept = kind == MG_WEIGHTED_F32    ? mg_product_f32_keeps(&floats, &bytes)
            : kind == MG_WEIGHTED_WIDE ? false
                                       : mg_product_int_keeps(&integers, &bytes);
    if (!*kept) return MIDGE_OK;
    TRY(mg_packed(context, bytes, &memory, &fresh));
    if (fresh && kind == MG_WEIGHTED_F32) mg_product_f32_pack(&floats, memory);
    if (fresh && kind != MG_WEIGHTED_F32) mg_product_int_pack(&integers, memory);
    return MIDGE_OK;
}

midge_status mg_weighted_scratch(midge_op_context *context, const mg_weighted_product *product,
                                 size_t *bytes)
{
    const int workers = mg_worker_count(context);
    bool fits;
    if (product->weighted->kind == MG_WEIGHTED_F32) {
        const mg_product_f32 floats = product_f32(context, product);
        mg_name_kernel(context, mg_product_f32_kernel(&floats));
        fits = mg_product_f32_scratch(&floats, workers, bytes);
    } else {
        const mg_product_int integers = product_int(context, product);
        mg_name_kernel(context, product->weighted->kind == MG_WEIGHTED_WIDE
                                    ? context->kernels->gemm_int
                                    : mg_product_int_kernel(&integers));
        fits = product->weighted->kind == MG_WEIGHTED_WIDE
                   ? mg_product_wide_scratch(&integers, workers, bytes)
                   : mg_product_int_scratch(&integers, workers, bytes);
    }
    if (fits) return MIDGE_OK;
    return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "a depth of %zu is too large",
                      product->columns.depth);
}

static mg_requantised requantised(const midge_op_context *context,
                                  const mg_weighted_product *product)
{
    const mg_weighted *weighted = product->weighted;
    const mg_requantised result = {
        context->kernels->requantise,
        mg_requantisation_from(&weighted->how, product->first_column),
        weighted->real_factors ? weighted->real_factors + product->first_column : NULL,
        product->out,
        product->out_stride,
        product->placement};
    return result;
}

void mg_weighted_finish_of(const midge_op_context *context, const mg_weighted_product *product,
                           mg_weighted_finish *finish)
{
    const mg_weighted *weighted = product->weighted;
    if (weighted->kind == MG_WEIGHTED_INT) {
        finish->requantised = requantised(context, product);
        finish->finish = mg_finish_requantised;
        finish->argument = &finish->requantised;
        finish->bias = product->bias;
        return;
    }
    const mg_scaled_sums scaled = {
        context->kernels->requantise,
        {weighted->column_scale + product->first_column * weighted->column_scale_step,
         weighted->column_scale_step, 0.0f, product->bias, weighted->minimum, weighted->maximum},
        product->row_scale,
        product->rows_per_scale,
        product->out,
        product->out_stride,
        product->placement};
    finish->scaled = scaled;
    finish->finish = mg_finish_scaled;
    finish->argument = &finish->scaled;
    finish->bias = NULL;
}

void mg_weighted_run(midge_op_context *context, const mg_weighted_product *product, void *scratch)
{
    const mg_weighted *weighted = product->weighted;
    if (weighted->kind == MG_WEIGHTED_F32) {
        const mg_product_f32 floats = product_f32(context, product);
        mg_product_f32_run(&floats, context->pool, scratch);
        return;
    }
    mg_product_int integers = product_int(context, product);
    if (weighted->kind == MG_WEIGHTED_WIDE) {
        const mg_requantised finish = requantised(context, product);
        mg_product_wide_run(&integers, product->bias, weighted->wide_bias, &finish, context->pool,
                            scratch);
        return;
    }
    mg_weighted_finish finish;
    mg_weighted_finish_of(context, product, &finish);
    integers.bias = finish.bias;
    integers.finish = finish.finish;
    integers.argument = finish.argument;
    mg_product_int_run(&integers, context->pool, scratch);
}
