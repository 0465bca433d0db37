/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keras models as files that Keras 3 and midge load: the .keras archive and the legacy .h5 file.
 *
 * A model is its JSON, as Keras 3 writes it into config.json, the layers that mg_keras_read_model
 * made of this JSON (with `tree` set), and the values of their weights. Where each goes follows
 * from its layer, by the rules of the reader. Same document, same bytes.
 */
#ifndef MG_KERAS_WRITE_H
#define MG_KERAS_WRITE_H

#include "convert/hdf5_write.h"
#include "convert/keras.h"

typedef struct mg_keras_value {
    const mg_keras_layer *layer; /* of the model, or a part that mg_keras_read_part made of one */
    const char *name;            /* as in the row of the class: "kernel" */
    int32_t rank;
    int32_t shape[MIDGE_MAX_RANK];
    const float *values;
} mg_keras_value;

/* What an optimiser keeps: its learning rate (rank 0), or numbers for each element of a weight. */
typedef struct mg_keras_variable {
    const char *name; /* "model_dense_kernel_momentum"; no two are alike */
    int32_t rank;
    const int32_t *shape;
    float *values;
} mg_keras_variable;

typedef struct mg_keras_optimizer {
    const char *name; /* as the configuration calls it */
    int64_t steps;
    size_t count;
    const mg_keras_variable *variables; /* in Keras' order, which `steps` begins */
} mg_keras_optimizer;

/* A document is refused when a weight of a layer is missing, given twice, or of no layer. */
typedef struct mg_keras_document {
    /* With "compile_config" where the model shall come compiled. */
    const json_t *object;
    const mg_keras_model *model;
    size_t value_count; /* in any order; the parts of one layer in the order of Keras */
    const mg_keras_value *values;
    const mg_keras_optimizer *optimizer; /* NULL: the file has none */
} mg_keras_document;

typedef enum mg_keras_format {
    MG_KERAS_ARCHIVE,        /* .keras, members as they are, as Keras writes it */
    MG_KERAS_PACKED_ARCHIVE, /* .keras, members deflated */
    MG_KERAS_LEGACY          /* .h5 */
} mg_keras_format;

/* The file's bytes, which are the heap's. */
midge_status mg_keras_write(mg_heap *heap, const mg_keras_document *document,
                            mg_keras_format format, void **bytes, size_t *size, midge_error *error);
/* The format follows from the name: .h5 and .hdf5 are legacy, all others archives. Until all of the
 * new file is on the disk, the old one stays. */
midge_status mg_keras_write_file(mg_heap *heap, const mg_keras_document *document, const char *path,
                                 midge_error *error);

/* ---- keras_optimizer.c */

midge_status mg_keras_put_optimizer(mg_hdf5_writer *writer, mg_heap *heap,
                                    const mg_keras_optimizer *optimizer, mg_keras_format format);
/* The variables of an open file, into the memory of `optimizer`, whose names mean nothing here.
 * *found is false where the file has none, or others: some may have been written then. */
midge_status mg_keras_get_optimizer(mg_keras *keras, mg_keras_optimizer *optimizer, bool *found);

#endif
