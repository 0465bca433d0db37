/* SPDX-License-Identifier: Apache-2.0 */
/* A table of samples. The first byte chooses what is known of them beforehand, the rest is the
 * file, whose name every message begins with. */
#define _POSIX_C_SOURCE 200809L
#include "fuzz.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "dataset.h"
#include "fuzz_file.h"

static const char *check(const cli_dataset *dataset)
{
    char row[CLI_DATASET_ROW_TEXT];
    for (size_t i = 0; i < dataset->count; ++i) {
        const float *target = cli_dataset_target(dataset, i);
        (void)cli_dataset_row(dataset, i, row);
        for (size_t k = 0; k < dataset->values; ++k)
            if (!isfinite(dataset->numbers[i * dataset->values + k])) return "a number is none";
        if (dataset->class_count > 0 && !(*target >= 0 && *target < (float)dataset->class_count))
            return "a class is none";
    }
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const columns[] = {NULL, "first", "last", "2", "label", "none"};
    char path[] = FUZZ_FILE, name[sizeof path + 4];
    midge_error error = {MIDGE_OK, ""};
    cli_dataset dataset;
    if (size == 0) return 0;
    cli_dataset_wish wish = {.any_shape = true,
                             .classes = data[0] % 2 != 0,
                             .outputs = data[0] / 2 % 4,
                             .label_column = columns[data[0] / 8 % 6]};
    fuzz_write_file(path, data + 1, size - 1);
    (void)snprintf(name, sizeof name, "%s.csv", path);
    if (rename(path, name) != 0) __builtin_trap();
    if (cli_dataset_open(name, &wish, &dataset, &error) == MIDGE_OK)
        fuzz_require(check(&dataset));
    else
        fuzz_require(strncmp(error.message, name, strlen(name)) == 0 ? NULL : error.message);
    cli_dataset_free(&dataset);
    (void)unlink(name);
    return 0;
}
