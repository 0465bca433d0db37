/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MG_TENSORFLOW_PATH_H
#define MG_TENSORFLOW_PATH_H

#include "base/file.h"

typedef struct mg_tensorflow_file {
    bool found;           /* false: the path is something else */
    mg_file file;         /* saved_model.pb or a frozen graph */
    char variables[4096]; /* beginning of the paths of its variables; "" for none */
} mg_tensorflow_file;

/* Looks for a folder with a saved_model.pb, that file itself, or a frozen graph. */
midge_status mg_tensorflow_open(mg_heap *heap, const char *path, mg_tensorflow_file *file);
void mg_tensorflow_close(mg_heap *heap, mg_tensorflow_file *file);

#endif
