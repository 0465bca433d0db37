/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a frozen graph, or as the saved_model.pb of a folder without variables. */
#define _POSIX_C_SOURCE 200809L
#include "fuzz.h"

#include <stdlib.h>
#include <unistd.h>

#include "midge_tools.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[] = "/tmp/midge-fuzz-XXXXXX";
    void *bytes = NULL;
    size_t made = 0;
    midge_error error = {MIDGE_OK, ""};
    midge_model *model = NULL;
    /* Anything else would be taken for another container. */
    if (size == 0 || (data[0] != 0x08 && data[0] != 0x0a)) return 0;
    int file = mkstemp(path);
    if (file < 0 || write(file, data, size) != (ssize_t)size) __builtin_trap();
    (void)close(file);
    if (midge_convert_file(path, NULL, &bytes, &made, &error) != MIDGE_OK)
        fuzz_require(error.message[0] == '\0' ? "a failure without a message" : NULL);
    else if (midge_model_load_memory(bytes, made, NULL, &model, &error) != MIDGE_OK)
        fuzz_require(error.message);
    midge_model_free(model);
    midge_convert_free(NULL, bytes);
    (void)unlink(path);
    return 0;
}
