/* SPDX-License-Identifier: Apache-2.0 */
/* The labels that go with a model's output. */
#ifndef CLI_MODEL_LABELS_H
#define CLI_MODEL_LABELS_H

#include "labels.h"
#include "midge_tools.h"

/*
 * Finds labels, in this order: the file `given` (may be NULL), the label file that the metadata
 * names for the output (in the archive behind the model), and BASE.txt, BASE_labels.txt or
 * labels.txt beside the model at `path` (NULL: not from a file). None is fine: the count is then 0.
 * `source` gets where they came from, in at most `capacity` bytes.
 */
midge_status cli_model_labels(const char *path, const midge_model *model,
                              const midge_metadata *metadata, size_t output, const char *given,
                              cli_labels *labels, char *source, size_t capacity,
                              midge_error *error);

/*
 * Holds the number of labels against the number of scores. One more or one less is most often a
 * class "background" that one side has, and gives a note; any other difference means that the
 * labels belong to another model, and fails.
 */
midge_status cli_labels_check(const cli_labels *labels, const char *source, size_t scores,
                              midge_error *error);

#endif
