/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SPACE_TO_DEPTH, DEPTH_TO_SPACE, SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND: positions of a block in
 * space become channels or batches, and back.
 */
#include "op/movement.h"

#include <string.h>

#include "op/shape.h"

/* ---- SPACE_TO_DEPTH and DEPTH_TO_SPACE ------------------------------------------------------ */

static midge_status check_depth(midge_op_context *context, int32_t block)
{
    const midge_tensor *input = context->inputs[0];
    TRY(mg_require_type(context, input, "input", MG_TYPES_BYTES));
    TRY(mg_require_same_type(context, input, "input", context->outputs[0], "output"));
    TRY(mg_require_rank(context, input, "input", 4, 4));
    if (block >= 1 && block <= INT16_MAX) return MIDGE_OK;
    return mg_op_fail(context, MIDGE_INVALID_MODEL, "block_size is %d, need 1 to %d", (int)block,
                      INT16_MAX);
}

midge_status mg_prepare_space_to_depth(midge_op_context *context)
{
    const int32_t *in = context->inputs[0]->shape;
    const int32_t block = MG_OPTIONS(context, SpaceToDepthOptions)->block_size;
    int32_t depth = 0;
    TRY(check_depth(context, block));
    if (in[1] % block != 0 || in[2] % block != 0 ||
        !mg_int32_multiply(in[3], block * block, &depth))
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "%d by %d by %d does not divide by block %d", (int)in[1], (int)in[2],
                          (int)in[3], (int)block);
    return mg_set_output_shape(context, 0, 4,
                               (int32_t[]){in[0], in[1] / block, in[2] / block, depth});
}

midge_status mg_run_space_to_depth(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const int32_t *out = context->outputs[0]->shape;
    const ptrdiff_t block = MG_OPTIONS(context, SpaceToDepthOptions)->block_size;
    const ptrdiff_t pixel = input->shape[3], row = input->shape[2] * pixel;
    const ptrdiff_t out_pixel = out[3], out_row = out[2] * out_pixel;
    mg_move move;
    mg_move_of(input, &move);
    mg_move_loop(&move, (size_t)out[0] * (size_t)out[1], row * block, out_row);
    mg_move_loop(&move, (size_t)out[2], block * pixel, out_pixel);
    mg_move_loop(&move, (size_t)block, row, block * pixel);
    mg_move_loop(&move, (size_t)(block * pixel), 1, 1);
    mg_move_merge(&move);
    return mg_move_tensor(context, &move, input, 0);
}

midge_status mg_prepare_depth_to_space(midge_op_context *context)
{
    const int32_t *in = context->inputs[0]->shape;
    const int32_t block = MG_OPTIONS(context, DepthToSpaceOptions)->block_size;
    int32_t height = 0, width = 0;
    TRY(check_depth(context, block));
    if (in[3] % (block * block) != 0 || !mg_int32_multiply(in[1], block, &height) ||
        !mg_int32_multiply(in[2], block, &width))
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "%d channels do not divide by the square of block %d", (int)in[3],
                          (int)block);
    return mg_set_output_shape(context, 0, 4,
                               (int32_t[]){in[0], height, width, in[3] / (block * block)});
}

midge_status mg_run_depth_to_space(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const int32_t *in = input->shape, *out = context->outputs[0]->shape;
    const ptrdiff_t block = MG_OPTIONS(context, DepthToSpaceOptions)->block_size;
    const ptrdiff_t pixel = in[3], out_pixel = out[3], out_row = out[2] * out_pixel;
    mg_move move;
    mg_move_of(input, &move);
    mg_move_loop(&move, (size_t)in[0] * (size_t)in[1], in[2] * pixel, block * out_row);
    mg_move_loop(&move, (size_t)block, block * out_pixel, out_row);
    mg_move_loop(&move, (size_t)in[2], pixel, block * out_pixel);
    mg_move_loop(&move, (size_t)(block * out_pixel), 1, 1);
    mg_move_merge(&move);
    return mg_move_tensor(context, &move, input, 0);
}

/* ---- SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND ------------------------------------------------ */

/*
 * The plain side has shape [batch, size…, rest…], the packed side [block product * batch, count…,
 * rest…]. Packed position k of a dimension, in the part for offset o of the block, is plain
 * position k * block + o - before.
 */
typedef struct batching {
    int32_t spatial;
    int64_t block[MIDGE_MAX_RANK];
    int64_t before[MIDGE_MAX_RANK];
    int64_t after[MIDGE_MAX_RANK];
    int64_t parts; /* product of block */
} batching;

static midge_status read_batching(midge_op_context *context, batching *b)
{
    const midge_tensor *block = context->inputs[1], *border = context->inputs[2];
    int64_t pairs[2 * MIDGE_MAX_RANK];
    b->spatial = (int32_t)block->elements;
    b->parts = 1;
    TRY(mg_read_integers(context, block, "block shape", block->elements, b->block));
    TRY(mg_read_integers(context, border, "borders", 2 * block->elements, pairs));
    for (int32_t i = 0; i < b->spatial; ++i) {
        b->before[i] = pairs[2 * i];
        b->after[i] = pairs[2 * i + 1];
        bool fits = b->block[i] >= 1 && b->block[i] <= INT32_MAX / b->parts && b->before[i] >= 0 &&
                    b->before[i] <= INT32_MAX && b->after[i] >= 0 && b->after[i] <= INT32_MAX;
        if (!fits)
            return mg_op_fail(context, mg_blame(block),
                              "block size %lld with borders %lld and %lld in dimension %d",
                              (long long)b->block[i], (long long)b->before[i],
                              (long long)b->after[i], (int)i + 1);
        b->parts *= b->block[i];
    }
    return MIDGE_OK;
}

static midge_status batched_shape(midge_op_context *context, const batching *b, bool pack,
                                  int32_t shape[MIDGE_MAX_RANK])
{
    const midge_tensor *input = context->inputs[0];
    int64_t sizes[MIDGE_MAX_RANK];
    bool fits = pack || input->shape[0] % b->parts == 0;
    for (int32_t i = 0; i < input->rank; ++i) sizes[i] = input->shape[i];
    sizes[0] = pack ? sizes[0] * b->parts : sizes[0] / b->parts;
    for (int32_t i = 0; i < b->spatial; ++i) {
        const int64_t border = b->before[i] + b->after[i];
        if (pack) fits = fits && (sizes[i + 1] + border) % b->block[i] == 0;
        sizes[i + 1] =
            pack ? (sizes[i + 1] + border) / b->block[i] : sizes[i + 1] * b->block[i] - border;
    }
    for (int32_t i = 0; i < input->rank; ++i) {
        fits = fits && sizes[i] >= 0 && sizes[i] <= INT32_MAX;
        shape[i] = (int32_t)sizes[i];
    }
    if (fits) return MIDGE_OK;
    char text[MG_SHAPE_TEXT];
    return mg_op_fail(context, mg_blame(context->inputs[1]),
                      "shape %s does not divide by this block and these borders",
                      mg_shape_text(input->rank, input->shape, text));
}

static midge_status prepare_batching(midge_op_context *context, bool pack)
{
    const midge_tensor *input = context->inputs[0];
    int32_t shape[MIDGE_MAX_RANK];
    batching b;
    TRY(mg_require_type(context, input, "input", MG_TYPES_BYTES));
    TRY(mg_require_same_type(context, input, "input", context->outputs[0], "output"));
    TRY(mg_require_type(context, context->inputs[1], "block shape", MG_TYPES_INDEX));
    TRY(mg_require_type(context, context->inputs[2], "borders", MG_TYPES_INDEX));
    TRY(mg_require_rank(context, context->inputs[1], "block shape", 1, 1));
    if (mg_is_quantized(context->outputs[0]))
        TRY(mg_require_quantized(context, context->outputs[0], "output"));
    if (context->inputs[1]->elements >= (size_t)(input->rank < 1 ? 1 : input->rank))
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%zu block sizes for %d dimensions",
                          context->inputs[1]->elements, (int)input->rank);
    TRY(mg_require_elements(context, context->inputs[2], "borders",
                            2 * context->inputs[1]->elements));
    if (!mg_is_known(context->inputs[1]) || !mg_is_known(context->inputs[2]))
        return mg_set_output_dynamic(context, 0);
    TRY(read_batching(context, &b));
    TRY(batched_shape(context, &b, pack, shape));
    return mg_set_output_shape(context, 0, input->rank, shape);
}

/* Moves part `part` between the two sides. */
static void move_part(midge_op_context *context, const batching *b, bool pack, int64_t part)
{
    const midge_tensor *plain = pack ? context->inputs[0] : context->outputs[0];
    const midge_tensor *packed = pack ? context->outputs[0] : context->inputs[0];
    ptrdiff_t plain_steps[MIDGE_MAX_RANK], packed_steps[MIDGE_MAX_RANK];
    ptrdiff_t plain_start = 0, packed_start = 0;
    int64_t first[MIDGE_MAX_RANK], end[MIDGE_MAX_RANK], rest = part;
    mg_move move;
    mg_dense_steps(plain->rank, plain->shape, plain_steps);
    mg_dense_steps(packed->rank, packed->shape, packed_steps);
    for (int32_t i = b->spatial - 1; i >= 0; --i) {
        const int64_t block = b->block[i], shift = b->before[i] - rest % block;
        const int64_t size = plain->shape[i + 1], count = packed->shape[i + 1];
        rest /= block;
        first[i] = shift <= 0 ? 0 : (shift + block - 1) / block;
        end[i] = size + shift <= 0 ? 0 : (size + shift + block - 1) / block;
        if (end[i] > count) end[i] = count;
        if (first[i] >= end[i]) return;
        packed_start += (ptrdiff_t)first[i] * packed_steps[i + 1];
        plain_start += (ptrdiff_t)(first[i] * block - shift) * plain_steps[i + 1];
    }
    packed_start += (ptrdiff_t)part * plain->shape[0] * packed_steps[0];
    mg_move_of(plain, &move);
    move.from_start = pack ? plain_start : packed_start;
    move.to_start = pack ? packed_start : plain_start;
    for (int32_t i = 0; i < plain->rank; ++i) {
        const bool spatial = i >= 1 && i <= b->spatial;
        const ptrdiff_t a = plain_steps[i] * (ptrdiff_t)(spatial ? b->block[i - 1] : 1);
        const size_t count = (size_t)(spatial ? end[i - 1] - first[i - 1] : plain->shape[i]);
        mg_move_loop(&move, count, pack ? a : packed_steps[i], pack ? packed_steps[i] : a);
    }
    mg_move_merge(&move);
    mg_move_parallel(context, &move, context->inputs[0]->data, context->outputs[0]->data);
}

static midge_status run_batching(midge_op_context *context, bool pack)
{
    midge_tensor *output = context->outputs[0];
    int32_t shape[MIDGE_MAX_RANK];
    batching b;
    TRY(read_batching(context, &b));
    TRY(batched_shape(context, &b, pack, shape));
    TRY(mg_settle_output(context, 0, context->inputs[0]->rank, shape));
    if (output->elements == 0) return MIDGE_OK;
    if (pack) {
        unsigned char zero[16] = {0};
        int32_t point = mg_is_quantized(output) ? mg_zero_point(output) : 0;
        memcpy(zero, &(int16_t){(int16_t)point}, sizeof(int16_t));
        mg_fill(output->data, zero, midge_type_bits(output->type) / 8, output->elements);
    }
    for (int64_t part = 0; part < b.parts; ++part) move_part(context, &b, pack, part);
    return MIDGE_OK;
}

midge_status mg_prepare_space_to_batch(midge_op_context *context)
{
    return prepare_batching(context, true);
}

midge_status mg_run_space_to_batch(midge_op_context *context)
{
    return run_batching(context, true);
}

midge_status mg_prepare_batch_to_space(midge_op_context *context)
{
    return prepare_batching(context, false);
}

midge_status mg_run_batch_to_space(midge_op_context *context)
{
    return run_batching(context, false);
}
