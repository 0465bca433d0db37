/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MG_TENSORFLOW_CONVERT_H
#define MG_TENSORFLOW_CONVERT_H

#include "base/file.h"
#include "midge_tools.h"

/* Converts a SavedModel or a frozen graph; *found false, and nothing else, when the path is
 * neither. `name` is that of the path, for messages. */
midge_status mg_tensorflow_convert(mg_heap *heap, const char *path, const char *name,
                                   const midge_convert_options *options, void **bytes, size_t *size,
                                   midge_error *error, bool *found);

#endif
