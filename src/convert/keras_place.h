/* SPDX-License-Identifier: Apache-2.0 */
/* Where each value of a document goes, in the order of the model's layers. */
#ifndef MG_KERAS_PLACE_H
#define MG_KERAS_PLACE_H

#include "convert/keras_write.h"

typedef struct mg_keras_place {
    mg_keras_value value;
    const mg_keras_layer *top; /* the outermost layer around it */
    const char *path;          /* in the weights of an archive: "/layers/dense/vars/0" */
    int index;
} mg_keras_place;

typedef struct mg_keras_places {
    size_t count;
    mg_keras_place *all; /* layer by layer, weights of a layer in stored order */
} mg_keras_places;

/* Refuses a document that is not whole. */
midge_status mg_keras_find_places(mg_region *region, const mg_keras_document *document,
                                  mg_keras_places *places, midge_error *error);

#endif
