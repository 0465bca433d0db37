/* SPDX-License-Identifier: Apache-2.0 */
/* A model that is run if it can be. The first four bytes choose how: kernels, threads, data, and
 * the allocation that is refused. */
#include "fuzz.h"

#include "drive.h"

enum { HEAD = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD) return 0;
    drive_options options = drive_defaults();
    options.kernels = data[0] % 2 == 0 ? "auto" : "ref";
    options.threads = 1 + data[0] / 2 % 3;
    options.fill = (drive_fill)(data[1] % DRIVE_FILLS);
    options.milliseconds = 500;
    options.memory_bytes = 8u << 20;
    if (data[2] > 0) {
        options.refuse_from = data[2] - 1u;
        options.refuse_count = data[3] % 2 == 0 ? 1 : SIZE_MAX;
    }
    fuzz_require(drive(data + HEAD, size - HEAD, &options).broken);
    return 0;
}
