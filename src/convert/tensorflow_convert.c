/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/tensorflow_convert.h"

#include "convert/tensorflow_operation.h"
#include "convert/tensorflow_path.h"
#include "network/passes.h"

static midge_status build(mg_tensorflow *tf, const mg_file *file, const char *variables,
                          void **bytes, size_t *size)
{
    TRY(mg_tensorflow_convert_bytes(tf, file->bytes, file->size, variables));
    tf->network->description = "made by midge from a TensorFlow model";
    TRY(mg_tf_fuse_lstm(tf->network));
    TRY(mg_network_simplify(tf->network));
    return mg_network_write(tf->network, bytes, size);
}

/* `variables` begins the paths of the variables, NULL for none. */
static midge_status convert(mg_heap *heap, const mg_file *file, const char *name,
                            const char *variables, const midge_convert_options *options,
                            void **bytes, size_t *size, midge_error *error)
{
    mg_network network;
    mg_tensorflow tf = {.heap = heap,
                        .error = error,
                        .network = &network,
                        .file = name,
                        .batch = options != NULL ? options->batch : 0,
                        .options = options};
    if (options != NULL && options->size >= sizeof *options) tf.signature = options->signature;
    mg_region_init(&tf.region, heap);
    midge_status status = mg_network_create(heap, error, &network);
    if (status == MIDGE_OK) status = build(&tf, file, variables, bytes, size);
    mg_bundle_close(&tf.bundle);
    mg_network_free(&network);
    mg_region_free(&tf.region);
    return status;
}

midge_status mg_tensorflow_convert(mg_heap *heap, const char *path, const char *name,
                                   const midge_convert_options *options, void **bytes, size_t *size,
                                   midge_error *error, bool *found)
{
    mg_tensorflow_file file;
    midge_status status = mg_tensorflow_open(heap, path, &file);
    *found = status != MIDGE_OK || file.found;
    if (status != MIDGE_OK) return mg_fail(error, status, "%s: cannot be read", name);
    if (!file.found) return MIDGE_OK;
    status = convert(heap, &file.file, name, file.variables[0] != '\0' ? file.variables : NULL,
                     options, bytes, size, error);
    mg_tensorflow_close(heap, &file);
    return status;
}
