/* SPDX-License-Identifier: Apache-2.0 */
/* A label file. */
#include "fuzz.h"

#include "labels.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cli_labels made = {0};
    midge_error error = {0};
    if (cli_labels_parse("fuzz", data, size, &made, &error) == MIDGE_OK)
        cli_labels_free(&made);
    else
        fuzz_require(error.message[0] == '\0' ? "a failure without a message" : NULL);
    return 0;
}
