/* SPDX-License-Identifier: Apache-2.0 */
/* EMBEDDING_LOOKUP, EMBEDDING_LOOKUP_SPARSE and HASHTABLE_LOOKUP: rows of a table. */
#include "op/movement.h"

#include <math.h>
#include <string.h>

#include "kernel/ref/embedding.h"
#include "op/numbers.h"
#include "op/shape.h"
#include "op/strings.h"

/* ---- EMBEDDING_LOOKUP ---------------------------------------------------------------------- */

#define TYPES_PACKED (MG_TYPES_2(MIDGE_UINT8, MIDGE_INT8) | MG_TYPES_2(MIDGE_INT4, MIDGE_INT2))

/* Whether rows of quantised values become floats on the way. */
static bool is_hybrid(const midge_op_context *context)
{
    return context->inputs[1]->type != context->outputs[0]->type;
}

/*
 * Scales of blocks are a constant of their own. It is not an input, but lies in the same list of
 * tensors as the table, at an index that was checked when the model was read.
 */
static midge_status find_block_scales(midge_op_context *context, mg_embedding *table)
{
    const midge_tensor *value = context->inputs[1];
    const mg_BlockwiseQuantization *blocks = value->definition->quantization_details;
    const mg_tensor *scales = value->definition - context->node->inputs[1] + blocks->scales;
    const size_t block = (size_t)blocks->block_size;
    size_t needed = 0;
    TRY(mg_require_type(context, value, "table", MG_TYPES_2(MIDGE_INT4, MIDGE_INT2)));
    TRY(mg_require_rank(context, value, "table", 2, 2));
    if (block == 0 || table->columns % block != 0)
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "rows of %zu do not divide into blocks of %d", table->columns,
                          (int)blocks->block_size);
    table->blocks = table->columns / block;
    if (scales->type != MIDGE_FLOAT16 || scales->constant == NULL || scales->sparsity != NULL ||
        !mg_size_multiply((size_t)value->shape[0], table->blocks * sizeof(uint16_t), &needed) ||
        scales->constant_bytes < needed)
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "the scales are no constant of %d times %zu float16",
                          (int)value->shape[0], table->blocks);
    table->half_scales = scales->constant;
    table->scale_step = table->blocks;
    return MIDGE_OK;
}

static midge_status find_scales(midge_op_context *context, mg_embedding *table)
{
    const midge_tensor *value = context->inputs[1];
    const midge_quantization *quantization = &value->quantization;
    TRY(mg_require_type(context, value, "table", TYPES_PACKED));
    TRY(mg_require_quantized_channels(context, value, "table", 0, value->shape[0]));
    for (size_t i = 0; i < quantization->count; ++i) {
        if (quantization->zero_point[i] != 0)
            return mg_op_fail(context, MIDGE_UNSUPPORTED, "zero point %zu of the table is %lld", i,
                              (long long)quantization->zero_point[i]);
    }
    table->scales = quantization->scale;
    table->blocks = 1;
    table->scale_step = quantization->count > 1 ? 1 : 0;
    return MIDGE_OK;
}

static midge_status plan_hybrid(midge_op_context *context, mg_embedding *table)
{
    const midge_tensor *value = context->inputs[1];
    *table = (mg_embedding){.values = value->data,
                            .bits = (int32_t)midge_type_bits(value->type),
                            .columns = mg_elements_between(value, 1, value->rank)};
    TRY(mg_require_type(context, context->outputs[0], "output",
                        MG_TYPES_2(MIDGE_FLOAT32, MIDGE_FLOAT16)));
    if (value->definition->quantization_details_type == MG_DETAILS_BlockwiseQuantization)
        return find_block_scales(context, table);
    return find_scales(context, table);
}

static midge_status check_ids(midge_op_context *context, const midge_tensor *ids, int32_t rows)
{
    const mg_indices indices = mg_indices_of(ids);
    for (size_t i = 0; i < ids->elements; ++i) {
        const int64_t id = mg_indices_at(&indices, i);
        if (id < 0 || id >= rows)
            return mg_op_fail(context, mg_blame(ids), "id %zu is %lld, of %d rows", i,
                              (long long)id, (int)rows);
    }
    return MIDGE_OK;
}

midge_status mg_prepare_embedding_lookup(midge_op_context *context)
{
    const midge_tensor *ids = context->inputs[0], *value = context->inputs[1];
    int32_t shape[MIDGE_MAX_RANK];
    mg_embedding table;
    TRY(mg_require_type(context, ids, "ids", MG_TYPES(MIDGE_INT32)));
    TRY(mg_require_rank(context, ids, "ids", 1, 1));
    TRY(mg_require_rank(context, value, "table", 2, MIDGE_MAX_RANK));
    TRY(mg_require_type(context, value, "table", MG_TYPES_SIZED));
    if (is_hybrid(context)) TRY(plan_hybrid(context, &table));
    if (ids->constant) TRY(check_ids(context, ids, value->shape[0]));
    memcpy(shape, value->shape, sizeof shape);
    shape[0] = ids->shape[0];
    return mg_set_output_shape(context, 0, value->rank, shape);
}

static midge_status copy_rows(midge_op_context *context)
{
    const midge_tensor *ids = context->inputs[0], *value = context->inputs[1];
    const size_t bits = mg_elements_between(value, 1, value->rank) * midge_type_bits(value->type);
    if (bits % 8 != 0)
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "rows of %zu bits are not whole bytes", bits);
    for (size_t i = 0; i < ids->elements; ++i)
        memcpy((char *)context->outputs[0]->data + i * (bits / 8),
               (const char *)value->data + (size_t)((const int32_t *)ids->data)[i] * (bits / 8),
               bits / 8);
    return MIDGE_OK;
}

midge_status mg_run_embedding_lookup(midge_op_context *context)
{
    const midge_tensor *ids = context->inputs[0], *output = context->outputs[0];
    mg_embedding table;
    TRY(check_ids(context, ids, context->inputs[1]->shape[0]));
    if (output->elements == 0) return MIDGE_OK;
    if (!is_hybrid(context)) return copy_rows(context);
    TRY(plan_hybrid(context, &table));
    for (size_t i = 0; i < ids->elements; ++i) {
        const size_t row = (size_t)((const int32_t *)ids->data)[i];
        if (output->type == MIDGE_FLOAT32)
            mg_embed_f32(&table, row, (float *)output->data + i * table.columns);
        else
            mg_embed_f16(&table, row, (uint16_t *)output->data + i * table.columns);
    }
    return MIDGE_OK;
}

/* ---- EMBEDDING_LOOKUP_SPARSE: weighted sums of rows, one for each cell of a sparse tensor --- */

midge_status mg_prepare_embedding_lookup_sparse(midge_op_context *context)
{
    midge_tensor *const *in = context->inputs;
    const int8_t combiner = MG_OPTIONS(context, EmbeddingLookupSparseOptions)->combiner;
    static const char *const roles[] = {"ids", "indices", "dense shape"};
    for (int i = 0; i < 3; ++i) {
        TRY(mg_require_type(context, in[i], roles[i], MG_TYPES(MIDGE_INT32)));
        TRY(mg_require_rank(context, in[i], roles[i], i == 1 ? 2 : 1, i == 1 ? 2 : 1));
    }
    TRY(mg_require_type(context, in[3], "weights", MG_TYPES(MIDGE_FLOAT32)));
    TRY(mg_require_rank(context, in[3], "weights", 1, 1));
    TRY(mg_require_type(context, in[4], "table", MG_TYPES(MIDGE_FLOAT32)));
    TRY(mg_require_type(context, context->outputs[0], "output", MG_TYPES(MIDGE_FLOAT32)));
    TRY(mg_require_rank(context, in[4], "table", 2, MIDGE_MAX_RANK));
    if (in[1]->shape[0] != in[0]->shape[0] || in[3]->shape[0] != in[0]->shape[0])
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%d ids, %d indices and %d weights",
                          (int)in[0]->shape[0], (int)in[1]->shape[0], (int)in[3]->shape[0]);
    TRY(mg_require_elements(context, in[2], "dense shape", (size_t)in[1]->shape[1]));
    if (in[1]->shape[1] < 1 || in[1]->shape[1] - 1 + in[4]->rank - 1 > MIDGE_MAX_RANK)
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "indices of %d into a table of rank %d",
                          (int)in[1]->shape[1], (int)in[4]->rank);
    if (combiner < MG_COMBINER_SUM || combiner > MG_COMBINER_SQRTN)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "combiner %d is unknown", (int)combiner);
    return mg_set_output_dynamic(context, 0);
}

/* All but the last dimension of the sparse tensor, then all but the first of the table. */
static midge_status bucket_shape(midge_op_context *context, int32_t *rank,
                                 int32_t shape[MIDGE_MAX_RANK])
{
    const midge_tensor *dense = context->inputs[2], *table = context->inputs[4];
    *rank = 0;
    for (size_t i = 0; i + 1 < dense->elements; ++i) {
        const int32_t size = ((const int32_t *)dense->data)[i];
        if (size < 0)
            return mg_op_fail(context, mg_blame(dense), "size %zu of the dense shape is %d", i,
                              (int)size);
        shape[(*rank)++] = size;
    }
    for (int32_t i = 1; i < table->rank; ++i) shape[(*rank)++] = table->shape[i];
    return MIDGE_OK;
}

/* Which output row entry `entry` belongs to. */
static midge_status bucket_of(midge_op_context *context, size_t entry, size_t *bucket)
{
    const midge_tensor *indices = context->inputs[1], *dense = context->inputs[2];
    const size_t depth = dense->elements;
    *bucket = 0;
    for (size_t i = 0; i + 1 < depth; ++i) {
        const int32_t at = ((const int32_t *)indices->data)[entry * depth + i];
        const int32_t size = ((const int32_t *)dense->data)[i];
        if (at < 0 || at >= size)
            return mg_op_fail(context, MIDGE_RUN_ERROR, "index %zu of entry %zu is %d, of %d", i,
                              entry, (int)at, (int)size);
        *bucket = *bucket * (size_t)size + (size_t)at;
    }
    return MIDGE_OK;
}

/* What the sum of a run of entries is divided by. */
static float divisor(int8_t combiner, float weights, float squares)
{
    return combiner == MG_COMBINER_MEAN ? weights : sqrtf(squares);
}

/* Entries of one output row follow each other; what comes back to it later is a sum of its own. */
midge_status mg_run_embedding_lookup_sparse(midge_op_context *context)
{
    const midge_tensor *ids = context->inputs[0], *table = context->inputs[4];
    const float *weights = context->inputs[3]->data, *rows = table->data;
    const int8_t combiner = MG_OPTIONS(context, EmbeddingLookupSparseOptions)->combiner;
    const size_t length = mg_elements_between(table, 1, table->rank);
    int32_t shape[MIDGE_MAX_RANK], rank = 0;
    size_t current = 0, first = 0;
    float sum = 0, squares = 0;
    TRY(bucket_shape(context, &rank, shape));
    TRY(mg_resize_output(context, 0, rank, shape));
    TRY(check_ids(context, ids, table->shape[0]));
    midge_tensor *output = context->outputs[0];
    float *result = output->data;
    if (output->elements == 0) return MIDGE_OK;
    memset(result, 0, output->bytes);
    for (size_t i = 0; i <= ids->elements; ++i) {
        size_t bucket = SIZE_MAX;
        if (i < ids->elements) TRY(bucket_of(context, i, &bucket));
        if (bucket != current) {
            if (combiner != MG_COMBINER_SUM && i > first)
                mg_divide_row(length, divisor(combiner, sum, squares), result + current * length);
            current = bucket;
            first = i;
            sum = squares = 0;
        }
        if (i == ids->elements) break;
        sum += weights[i];
        squares += weights[i] * weights[i];
        mg_add_weighted_row(rows + (size_t)((const int32_t *)ids->data)[i] * length, length,
                            weights[i], result + current * length);
    }
    return MIDGE_OK;
}

/* ---- HASHTABLE_LOOKUP: rows whose key is asked for; others are 0 ---------------------------- */

midge_status mg_prepare_hashtable_lookup(midge_op_context *context)
{
    const midge_tensor *asked = context->inputs[0], *keys = context->inputs[1];
    const midge_tensor *values = context->inputs[2];
    int32_t shape[MIDGE_MAX_RANK];
    TRY(mg_require_type(context, asked, "lookup", MG_TYPES(MIDGE_INT32)));
    TRY(mg_require_type(context, keys, "keys", MG_TYPES(MIDGE_INT32)));
    TRY(mg_require_type(context, values, "values", MG_TYPES_BYTES | MG_TYPES(MIDGE_STRING)));
    TRY(mg_require_same_type(context, values, "values", context->outputs[0], "output"));
    TRY(mg_require_type(context, context->outputs[1], "hits", MG_TYPES(MIDGE_UINT8)));
    TRY(mg_require_rank(context, asked, "lookup", 1, 1));
    TRY(mg_require_rank(context, keys, "keys", 1, 1));
    TRY(mg_require_rank(context, values, "values", 1, MIDGE_MAX_RANK));
    if (keys->shape[0] != values->shape[0])
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%d keys for %d values",
                          (int)keys->shape[0], (int)values->shape[0]);
    memcpy(shape, values->shape, sizeof shape);
    shape[0] = asked->shape[0];
    TRY(mg_set_output_shape(context, 0, values->rank, shape));
    return mg_set_output_shape(context, 1, 1, asked->shape);
}

/* The row of a key among ascending keys; SIZE_MAX when it is not there. */
static size_t find_key(const midge_tensor *keys, int32_t wanted)
{
    const int32_t *key = keys->data;
    size_t begin = 0, end = keys->elements;
    while (begin < end) {
        const size_t middle = begin + (end - begin) / 2;
        if (key[middle] == wanted) return middle;
        if (key[middle] < wanted)
            begin = middle + 1;
        else
            end = middle;
    }
    return SIZE_MAX;
}

static size_t string_of_key(const void *argument, size_t index)
{
    const midge_op_context *context = argument;
    const midge_tensor *values = context->inputs[2];
    const size_t length = mg_elements_between(values, 1, values->rank);
    const int32_t wanted = ((const int32_t *)context->inputs[0]->data)[index / length];
    const size_t row = find_key(context->inputs[1], wanted);
    return row == SIZE_MAX ? SIZE_MAX : row * length + index % length;
}

midge_status mg_run_hashtable_lookup(midge_op_context *context)
{
    const midge_tensor *asked = context->inputs[0], *values = context->inputs[2];
    midge_tensor *output = context->outputs[0];
    const size_t bytes =
        mg_elements_between(values, 1, values->rank) * midge_type_bits(values->type) / 8;
    for (size_t i = 0; i < asked->elements; ++i) {
        const size_t row = find_key(context->inputs[1], ((const int32_t *)asked->data)[i]);
        char *to = (char *)output->data + i * bytes;
        ((uint8_t *)context->outputs[1]->data)[i] = row != SIZE_MAX;
        if (bytes == 0) continue;
        if (row == SIZE_MAX)
            memset(to, 0, bytes);
        else
            memcpy(to, (const char *)values->data + row * bytes, bytes);
    }
    if (values->type == MIDGE_STRING)
        return mg_select_strings(context, 0, values, string_of_key, context);
    return MIDGE_OK;
}
