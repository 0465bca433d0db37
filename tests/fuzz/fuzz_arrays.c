/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Samples and targets as array or IDX files, compressed or not. Bytes are taken as
 *   0       what is known of them beforehand
 *   1 … 2   size of the first file, the lower byte first
 *   then the two files; messages name one of them
 */
#define _POSIX_C_SOURCE 200809L
#include "fuzz.h"

#include <stdio.h>
#include <string.h>

#include "dataset.h"
#include "fuzz_file.h"

enum { HEAD = 3, MOST_VALUES = 10000 };

static void read_all(const cli_dataset *dataset)
{
    static float values[MOST_VALUES];
    volatile float sum = 0;
    for (size_t i = 0; i < dataset->count; ++i) {
        const float *target = cli_dataset_target(dataset, i);
        for (size_t k = 0; k < dataset->target_values; ++k) sum = sum + target[k];
        if (dataset->values <= MOST_VALUES) cli_dataset_sample(dataset, i, values);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char samples[] = FUZZ_FILE, targets[] = FUZZ_FILE, name[2 * sizeof samples];
    midge_error error = {MIDGE_OK, ""};
    cli_dataset dataset;
    if (size < HEAD) return 0;
    size_t first = data[1] | (size_t)data[2] << 8, rest = size - HEAD;
    if (first > rest) first = rest;
    cli_dataset_wish wish = {
        .any_shape = true, .classes = data[0] % 2 != 0, .outputs = data[0] / 2 % 4};
    fuzz_write_file(samples, data + HEAD, first);
    fuzz_write_file(targets, data + HEAD + first, rest - first);
    (void)snprintf(name, sizeof name, "%s,%s", samples, targets);
    if (cli_dataset_open(name, &wish, &dataset, &error) == MIDGE_OK)
        read_all(&dataset);
    else
        fuzz_require(strstr(error.message, samples) != NULL ||
                             strstr(error.message, targets) != NULL
                         ? NULL
                         : error.message);
    cli_dataset_free(&dataset);
    (void)unlink(samples);
    (void)unlink(targets);
    return 0;
}
