/* SPDX-License-Identifier: Apache-2.0 */
/* A NumPy array file. */
#include "fuzz.h"

#include "npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cli_array made = {0};
    midge_error error = {0};
    if (cli_npy_decode("fuzz", data, size, &made, &error) == MIDGE_OK)
        cli_array_free(&made);
    else
        fuzz_require(error.message[0] == '\0' ? "a failure without a message" : NULL);
    return 0;
}
