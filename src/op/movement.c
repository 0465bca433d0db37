/* SPDX-License-Identifier: Apache-2.0 */
#include "op/movement.h"

#include <string.h>

#include "op/shape.h"
#include "op/strings.h"

/* Bytes that one thread should move at least. */
enum { GRAIN_BYTES = 1 << 16 };

void mg_dense_steps(int32_t rank, const int32_t *shape, ptrdiff_t steps[MIDGE_MAX_RANK])
{
    ptrdiff_t step = 1;
    for (int32_t i = 0; i < rank; ++i) {
        if (shape[i] == 0) step = 0;
    }
    for (int32_t i = rank - 1; i >= 0; --i) {
        steps[i] = step;
        step *= shape[i];
    }
}

void mg_move_of(const midge_tensor *tensor, mg_move *move)
{
    mg_move_begin(move, (int32_t)midge_type_bits(tensor->type));
}

typedef struct share {
    const mg_move *move;
    const void *source;
    void *destination;
} share;

static void run_share(void *argument, size_t begin, size_t end, int worker)
{
    const share *own = argument;
    (void)worker;
    mg_move_run(own->move, own->source, own->destination, begin, end);
}

void mg_move_parallel(midge_op_context *context, const mg_move *move, const void *source,
                      void *destination)
{
    share all = {move, source, destination};
    size_t iterations = mg_move_iterations(move);
    if (iterations == 0) return;
    const size_t bytes = mg_move_elements(move) / iterations * (size_t)move->bits / 8;
    const size_t worth = GRAIN_BYTES / (bytes + 1) + 1, least = mg_move_grain(move);
    mg_parallel_for(context->pool, iterations, worth > least ? worth : least, run_share, &all);
}

void mg_copy_elements(const midge_tensor *input, midge_tensor *output)
{
    if (input->data != output->data && output->bytes > 0)
        memcpy(output->data, input->data, output->bytes);
}

static size_t string_source(const void *argument, size_t index)
{
    return mg_move_source(argument, index);
}

midge_status mg_move_tensor(midge_op_context *context, const mg_move *move,
                            const midge_tensor *input, size_t output_index)
{
    if (input->type == MIDGE_STRING)
        return mg_select_strings(context, output_index, input, string_source, move);
    midge_tensor *output = context->outputs[output_index];
    if (move->bits < 8 && output->bytes > 0) ((unsigned char *)output->data)[output->bytes - 1] = 0;
    mg_move_parallel(context, move, input->data, output->data);
    return MIDGE_OK;
}

midge_status mg_settle_output(midge_op_context *context, size_t index, int32_t rank,
                              const int32_t *shape)
{
    const midge_tensor *output = context->outputs[index];
    if (output->dynamic) return mg_resize_output(context, index, rank, shape);
    if (output->rank == rank && memcmp(output->shape, shape, (size_t)rank * sizeof shape[0]) == 0)
        return MIDGE_OK;
    char planned[MG_SHAPE_TEXT], wanted[MG_SHAPE_TEXT];
    return mg_op_fail(context, MIDGE_RUN_ERROR, "output was prepared as %s and became %s",
                      mg_shape_text(output->rank, output->shape, planned),
                      mg_shape_text(rank, shape, wanted));
}

midge_status mg_read_integers(midge_op_context *context, const midge_tensor *tensor,
                              const char *role, size_t count, int64_t *values)
{
    TRY(mg_require_elements(context, tensor, role, count));
    for (size_t i = 0; i < count; ++i) values[i] = mg_index_at(tensor, i);
    return MIDGE_OK;
}

midge_status mg_read_integer(midge_op_context *context, const midge_tensor *tensor,
                             const char *role, int64_t *value)
{
    return mg_read_integers(context, tensor, role, 1, value);
}
