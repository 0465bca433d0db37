/* SPDX-License-Identifier: Apache-2.0 */
/* midge_optimize: reads the request, chooses the mode, writes the file. */
#include <string.h>

#include "quantize/integer_graph.h"

/* Of one optimisation, beyond the model: several copies of the constants, never more. */
#define MAX_MEMORY ((size_t)(UINT64_C(8) << 30 > SIZE_MAX ? SIZE_MAX : UINT64_C(8) << 30))

midge_optimize_options midge_optimize_options_default(void)
{
    return (midge_optimize_options){.size = sizeof(midge_optimize_options), .threads = 1};
}

/* What the caller's version of the struct lacks is 0. */
static void read_options(const midge_optimize_options *given, midge_optimize_options *options)
{
    *options = midge_optimize_options_default();
    if (given == NULL) return;
    memcpy(options, given, given->size < sizeof *options ? given->size : sizeof *options);
}

/* Interfaces that the integer arithmetic of a mode can have. */
static bool interface_fits(midge_optimize_mode mode, midge_type type)
{
    if (type == MIDGE_FLOAT32) return true;
    if (mode == MIDGE_OPTIMIZE_INT8) return type == MIDGE_INT8 || type == MIDGE_UINT8;
    return mode == MIDGE_OPTIMIZE_INT16X8 && type == MIDGE_INT16;
}

static midge_status check_options(const midge_optimize_options *options, midge_error *error)
{
    if (options->mode < MIDGE_OPTIMIZE_NONE || options->mode > MIDGE_OPTIMIZE_INT16X8)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "optimisation %d is none of 0 to %d",
                       (int)options->mode, (int)MIDGE_OPTIMIZE_INT16X8);
    for (int k = 0; k < 2; ++k) {
        midge_type type = k == 0 ? options->input_type : options->output_type;
        if (interface_fits(options->mode, type)) continue;
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "%ss cannot be %s: int8 arithmetic takes float32, int8 or uint8, int16x8 "
                       "float32 or int16, all else float32",
                       k == 0 ? "input" : "output", midge_type_name(type));
    }
    if (options->clusters == 1 || options->clusters < 0)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "weights cannot have %d different values",
                       (int)options->clusters);
    if (!(options->sparsity >= 0 && options->sparsity < 1))
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "a share of %g of the weights cannot be 0: it lies within 0 and 1",
                       options->sparsity);
    return MIDGE_OK;
}

/* Tensors that were added since the calibration are constants and need no range. */
static midge_status cover_tensors(mg_network *network, mg_calibration *calibration)
{
    void *memory = NULL;
    size_t now = network->graphs[0].tensor_count;
    TRY(mg_network_memory(network, now * sizeof(mg_range), &memory));
    memcpy(memory, calibration->ranges, calibration->tensor_count * sizeof(mg_range));
    calibration->ranges = memory;
    TRY(mg_network_memory(network, now * sizeof(mg_channel_means), &memory));
    memcpy(memory, calibration->means, calibration->tensor_count * sizeof(mg_channel_means));
    calibration->means = memory;
    calibration->tensor_count = now;
    return MIDGE_OK;
}

/* What the integer modes make of a network, once the ranges are known. */
static midge_status make_integer(mg_network *network, midge_model *model,
                                 const midge_optimize_options *options)
{
    mg_calibration calibration;
    mg_scales scales;
    TRY(mg_widen_constants(network));
    TRY(mg_calibrate(network, model, options, &calibration));
    TRY(mg_narrow_to_dynamic(network, options));
    TRY(cover_tensors(network, &calibration));
    TRY(mg_scales_choose(network, options, &calibration, &scales));
    TRY(mg_make_integer(network, options, &scales));
    return options->correct_bias ? mg_correct_biases(network, model, options, &scales) : MIDGE_OK;
}

static midge_status change(mg_network *network, midge_model *model,
                           const midge_optimize_options *options)
{
    switch (options->mode) {
    case MIDGE_OPTIMIZE_FLOAT16: return mg_narrow_to_float16(network, options);
    case MIDGE_OPTIMIZE_DYNAMIC:
        TRY(mg_widen_constants(network));
        return mg_narrow_to_dynamic(network, options);
    case MIDGE_OPTIMIZE_INT8:
    case MIDGE_OPTIMIZE_INT16X8: return make_integer(network, model, options);
    default: return MIDGE_OK;
    }
}

static midge_status optimize(mg_heap *heap, midge_model *model,
                             const midge_optimize_options *options, void **bytes, size_t *size,
                             midge_error *error)
{
    mg_network network = {0};
    midge_status status = mg_network_read(heap, model, error, &network);
    if (status == MIDGE_OK) status = change(&network, model, options);
    if (status == MIDGE_OK && options->prune) status = mg_prune(&network);
    if (status == MIDGE_OK) status = mg_network_write(&network, bytes, size);
    mg_network_free(&network);
    return status;
}

midge_status midge_optimize(midge_model *model, const midge_optimize_options *given, void **bytes,
                            size_t *size, midge_error *error)
{
    midge_optimize_options options;
    midge_error reason = {MIDGE_OK, ""};
    mg_heap heap;
    mg_rework work;
    read_options(given, &options);
    TRY(check_options(&options, error));
    mg_heap_init(&heap, options.allocator, MAX_MEMORY);
    midge_status status = mg_rework_model(&heap, model, &options, &reason, &work);
    if (status == MIDGE_OK)
        status = optimize(&heap, work.model, &work.options, bytes, size, &reason);
    mg_rework_free(&heap, &work);
    return status == MIDGE_OK ? MIDGE_OK : mg_fail(error, status, "%s", reason.message);
}

void midge_optimize_free(const midge_allocator *allocator, void *bytes)
{
    mg_heap heap;
    mg_heap_init(&heap, allocator, SIZE_MAX);
    heap.live = SIZE_MAX; /* of this account only the release is of interest */
    mg_heap_release(&heap, bytes);
}
