/* SPDX-License-Identifier: Apache-2.0 */
/* A picture file of any format. */
#include "fuzz.h"

#include "image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cli_image made = {0};
    midge_error error = {0};
    if (cli_image_decode("fuzz", data, size, &made, &error) == MIDGE_OK)
        cli_image_free(&made);
    else
        fuzz_require(error.message[0] == '\0' ? "a failure without a message" : NULL);
    return 0;
}
