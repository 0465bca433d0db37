/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of runtime tensors, and the memory of those that own theirs. */
#include <string.h>

#include "run/session.h"

midge_status mg_tensor_set_shape(midge_tensor *tensor, int32_t rank, const int32_t *shape,
                                 midge_error *error)
{
    size_t elements, bytes = 0;
    char name[80];
    if (rank < 0 || rank > MIDGE_MAX_RANK)
        return mg_fail(
            error, MIDGE_INVALID_ARGUMENT, "tensor %s: %d dimensions, 0 to %d are possible",
            mg_printable(tensor->definition->name, name, sizeof name), (int)rank, MIDGE_MAX_RANK);
    if (!mg_shape_elements(rank, shape, &elements))
        return mg_fail(error, MIDGE_LIMIT_EXCEEDED,
                       "tensor %s: a size is negative, or their product passes 2^31 - 1",
                       mg_printable(tensor->definition->name, name, sizeof name));
    if (tensor->type != MIDGE_STRING && tensor->type != MIDGE_VARIANT &&
        !mg_type_bytes(tensor->type, elements, &bytes))
        return mg_fail(error, MIDGE_LIMIT_EXCEEDED, "%zu elements of %s are too large", elements,
                       midge_type_name(tensor->type));
    tensor->rank = rank;
    if (rank > 0) memmove(tensor->shape, shape, (size_t)rank * sizeof *shape);
    tensor->elements = elements;
    tensor->bytes = bytes;
    return MIDGE_OK;
}

midge_status mg_tensor_own(midge_session *session, midge_tensor *tensor, size_t bytes)
{
    if (tensor->storage == MG_STORAGE_OWNED && tensor->capacity >= bytes && tensor->data != NULL)
        return MIDGE_OK;
    mg_tensor_disown(session, tensor);
    void *memory = NULL;
    TRY(mg_heap_get(&session->heap, bytes, &memory, &session->error));
    tensor->data = memory;
    tensor->capacity = bytes;
    tensor->storage = MG_STORAGE_OWNED;
    return MIDGE_OK;
}

void mg_tensor_disown(midge_session *session, midge_tensor *tensor)
{
    if (tensor->storage != MG_STORAGE_OWNED) return;
    mg_heap_release(&session->heap, tensor->data);
    tensor->data = NULL;
    tensor->capacity = 0;
    tensor->storage = MG_STORAGE_NONE;
}
