/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a Keras model and writes it again, for check_convert.
 * usage: copy_keras FROM TO, where TO ends in .keras or .h5 */
#include <stdio.h>
#include <string.h>

#include "base/file_write.h"
#include "keras_copy.h"

int main(int count, char **arguments)
{
    mg_heap heap;
    midge_error error = {MIDGE_OK, ""};
    void *bytes = NULL;
    size_t size = 0;
    if (count != 3) return 2;
    const char *ending = strrchr(arguments[2], '.');
    bool legacy = ending != NULL && strcmp(ending, ".h5") == 0;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    midge_status status = keras_copy(
        &heap, arguments[1], legacy ? MG_KERAS_LEGACY : MG_KERAS_ARCHIVE, &bytes, &size, &error);
    if (status == MIDGE_OK) status = mg_file_write(&heap, arguments[2], bytes, size, &error);
    mg_heap_release(&heap, bytes);
    if (status == MIDGE_OK) return 0;
    (void)fprintf(stderr, "%s\n", error.message);
    return 1;
}
