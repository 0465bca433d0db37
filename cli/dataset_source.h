/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of samples; each fills all of a dataset but its scale. */
#ifndef CLI_DATASET_SOURCE_H
#define CLI_DATASET_SOURCE_H

#include "dataset.h"

/* Two files of arrays. */
midge_status cli_dataset_arrays(const char *samples, const char *targets,
                                const cli_dataset_wish *wish, cli_dataset *dataset,
                                midge_error *error);

/* The IDX files of a folder whose names begin with `part`, "train" or "t10k". */
midge_status cli_dataset_idx(const char *folder, const char *part, const cli_dataset_wish *wish,
                             cli_dataset *dataset, midge_error *error);
bool cli_dataset_is_idx(const char *folder, const char *part);

midge_status cli_dataset_csv(const char *path, const cli_dataset_wish *wish, cli_dataset *dataset,
                             midge_error *error);

/* A folder with a folder of pictures for each class. */
midge_status cli_dataset_pictures(const char *folder, const cli_dataset_wish *wish,
                                  cli_dataset *dataset, midge_error *error);

/* Names for classes, copied. */
midge_status cli_dataset_name_classes(const char *const *names, size_t count, cli_dataset *dataset,
                                      midge_error *error);

/* The number of a class by its name, or -1. */
int64_t cli_dataset_class(const cli_labels *classes, const char *name);

#endif
