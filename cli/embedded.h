/* SPDX-License-Identifier: Apache-2.0 */
/* Files inside the executable: the built-in model, its labels and sample pictures. The build makes
 * them (cmake/embed.cmake) from models/. */
#ifndef CLI_EMBEDDED_H
#define CLI_EMBEDDED_H

#include <stddef.h>

typedef struct embedded_file {
    const char *name; /* "fashion_mnist_int8.tflite", …, "pictures/bag.png" */
    const unsigned char *bytes;
    size_t size;
} embedded_file;

extern const embedded_file embedded_files[];
extern const size_t embedded_file_count;

#endif
