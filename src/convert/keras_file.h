/* SPDX-License-Identifier: Apache-2.0 */
/* The containers of Keras models: legacy HDF5, the .keras archive, and its folder. */
#ifndef MG_KERAS_FILE_H
#define MG_KERAS_FILE_H

#include "base/file.h"
#include "convert/keras.h"

typedef struct mg_keras_file {
    mg_file file;         /* the HDF5 file, the archive, or config.json of the folder */
    mg_file weights_file; /* of the folder */
    void *config_bytes, *metadata_bytes, *weights_bytes; /* of the archive */
    json_t *config;
    json_t *metadata;
} mg_keras_file;

/* Opens `path` and sets version, tree and weights of `keras`. To be closed also after a failure. */
midge_status mg_keras_file_open(mg_keras *keras, const char *path, mg_keras_file *file);
void mg_keras_file_close(mg_keras *keras, mg_keras_file *file);

#endif
