/* SPDX-License-Identifier: Apache-2.0 */
/* A Keras model read from one file and written into another. */
#ifndef KERAS_COPY_H
#define KERAS_COPY_H

#include "convert/keras_write.h"

/* What mg_keras_write makes of the model at `path`, in memory of the heap. The weights are those
 * that its conversion reads. */
midge_status keras_copy(mg_heap *heap, const char *path, mg_keras_format format, void **bytes,
                        size_t *size, midge_error *error);

#endif
