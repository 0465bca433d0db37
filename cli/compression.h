/* SPDX-License-Identifier: Apache-2.0 */
/* What pruned and clustered weights save where files travel compressed. */
#ifndef CLI_COMPRESSION_H
#define CLI_COMPRESSION_H

#include "model_facts.h"

typedef struct cli_compression {
    size_t deflated; /* bytes of the file; 0: this midge was built without zlib */
    size_t weights;  /* elements of constants with 2 dimensions or more */
    size_t zeros;    /* of those */
} cli_compression;

cli_compression cli_compression_measure(const cli_model_facts *facts);

#endif
