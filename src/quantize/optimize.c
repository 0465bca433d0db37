/* SPDX-License-Identifier: Apache-2.0 */
/* midge_optimize: reads the request, chooses the mode, writes the file. */
#include <string.h>

#include "quantize/quantize.h"

/* Of one optimisation, beyond the model: several copies of the constants, never more. */
#define MAX_MEMORY ((size_t)8 << 30)

midge_optimize_options midge_optimize_options_default(void)
{
    return (midge_optimize_options){.size = sizeof(midge_optimize_options), .threads = 1};
}

/* What the caller's version of the struct lacks is 0. */
static midge_status read_options(const midge_optimize_options *given,
                                 midge_optimize_options *options, midge_error *error)
{
    *options = midge_optimize_options_default();
    if (given == NULL) return MIDGE_OK;
    size_t size = given->size < sizeof *options ? given->size : sizeof *options;
    memcpy(options, given, size);
    if (options->mode < MIDGE_OPTIMIZE_NONE || options->mode > MIDGE_OPTIMIZE_INT16X8)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "optimisation %d is none of 0 to %d",
                       (int)options->mode, (int)MIDGE_OPTIMIZE_INT16X8);
    return MIDGE_OK;
}

static midge_status change(mg_network *network, const midge_optimize_options *options)
{
    switch (options->mode) {
    case MIDGE_OPTIMIZE_FLOAT16: return mg_narrow_to_float16(network, options);
    case MIDGE_OPTIMIZE_DYNAMIC:
        TRY(mg_widen_constants(network));
        return mg_narrow_to_dynamic(network, options);
    default: return MIDGE_OK;
    }
}

midge_status midge_optimize(midge_model *model, const midge_optimize_options *given, void **bytes,
                            size_t *size, midge_error *error)
{
    midge_optimize_options options;
    midge_error reason = {MIDGE_OK, ""};
    mg_network network = {0};
    mg_heap heap;
    TRY(read_options(given, &options, error));
    mg_heap_init(&heap, options.allocator, MAX_MEMORY);
    midge_status status = mg_network_read(&heap, model, &reason, &network);
    if (status == MIDGE_OK) status = change(&network, &options);
    if (status == MIDGE_OK) status = mg_network_write(&network, bytes, size);
    mg_network_free(&network);
    return status == MIDGE_OK ? MIDGE_OK : mg_fail(error, status, "%s", reason.message);
}

void midge_optimize_free(const midge_allocator *allocator, void *bytes)
{
    mg_heap heap;
    mg_heap_init(&heap, allocator, SIZE_MAX);
    heap.live = SIZE_MAX; /* of this account only the release is of interest */
    mg_heap_release(&heap, bytes);
}
