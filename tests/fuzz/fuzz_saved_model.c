/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a frozen graph, or as the saved_model.pb of a folder without variables. */
#define _POSIX_C_SOURCE 200809L
#include "fuzz.h"

#include "fuzz_file.h"
#include "midge_tools.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[] = FUZZ_FILE;
    void *bytes = NULL;
    size_t made = 0;
    midge_error error = {MIDGE_OK, ""};
    midge_model *model = NULL;
    /* Anything else would be taken for another container. */
    if (size == 0 || (data[0] != 0x08 && data[0] != 0x0a)) return 0;
    fuzz_write_file(path, data, size);
    if (midge_convert_file(path, NULL, &bytes, &made, &error) != MIDGE_OK)
        fuzz_require(error.message[0] == '\0' ? "a failure without a message" : NULL);
    else if (midge_model_load_memory(bytes, made, NULL, &model, &error) != MIDGE_OK)
        fuzz_require(error.message);
    midge_model_free(model);
    midge_convert_free(NULL, bytes);
    (void)unlink(path);
    return 0;
}
