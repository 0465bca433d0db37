/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of layer families use to put tensors, weights and nodes into a trainer while it is
 * made. Messages name the layer at hand. */
#ifndef MG_TRAIN_BUILD_H
#define MG_TRAIN_BUILD_H

#include "train/train_product.h"
#include "train/trainer.h"

/* A row of layers.def. */
typedef struct mg_train_class {
    const char *name;
    midge_status (*build)(midge_trainer *trainer, const mg_keras_layer *layer, mg_keras_call *call);
} mg_train_class;

#define LAYER(name, function)                                                                   \
    midge_status mg_train_build_##function(midge_trainer *trainer, const mg_keras_layer *layer, \
                                           mg_keras_call *call);
#include "train/layers.def"

/* A tensor that is the output of a new node with these inputs. *node, unless NULL, is for its
 * members, until the next is added. */
midge_status mg_train_add_node(midge_trainer *trainer, const mg_keras_layer *layer,
                               const mg_train_operation *operation, size_t input_count,
                               const int32_t *inputs, int32_t rank, const int32_t *shape,
                               int32_t *output, mg_train_node **node);
/* Zero-filled memory of the trainer. */
midge_status mg_train_plan(midge_trainer *trainer, size_t bytes, void **plan);

/* The weight `name` of a layer, the same one for each of its calls; *index -1 where the
 * configuration leaves it out. `initializer` and `regularizer` are keys of the configuration. */
typedef struct mg_train_weight_form {
    const char *name;
    const char *initializer;
    const char *fallback; /* the initialiser of configurations that name none: "glorot_uniform" */
    const char *regularizer; /* NULL: none */
    bool statistic;
    int32_t rank;
    int32_t shape[4];
} mg_train_weight_form;
midge_status mg_train_add_weight(midge_trainer *trainer, const mg_keras_layer *layer,
                                 const mg_train_weight_form *form, int32_t *index);

/* train_ranges.c: the tensor is the output of the layer, or its part of this name. */
midge_status mg_train_note_result(midge_trainer *trainer, const mg_keras_layer *layer,
                                  const char *part, int32_t tensor);

/* train_dropout.c: what a layer is given, with some of its features left out of all steps of a
 * sample; the rate is member `key` of the configuration. */
midge_status mg_train_drop_features(midge_trainer *trainer, const mg_keras_layer *layer,
                                    const mg_keras_call *call, const char *key, int32_t *output);

/* The activation that JSON names, as a node. */
midge_status mg_train_activate(midge_trainer *trainer, const mg_keras_layer *layer,
                               const json_t *name, int32_t input, int32_t *output);

/* Refuses unless the one input has this rank, the batch not counted. */
midge_status mg_train_check_rank(midge_trainer *trainer, const mg_keras_layer *layer,
                                 const mg_keras_call *call, int32_t rank);
/* A count in the configuration, at least 1. */
midge_status mg_train_count(midge_trainer *trainer, const mg_keras_layer *layer, const char *key,
                            int32_t *count);
/* The product of all sizes; refuses what is too large. */
midge_status mg_train_elements(midge_trainer *trainer, const mg_keras_layer *layer, int32_t rank,
                               const int32_t *shape, size_t *elements);

/* sums[c] = the sum of values[r * columns + c] over rows, in an order of its own. */
void mg_train_sum_rows(const mg_train_pass *pass, const float *values, size_t rows, size_t columns,
                       float *sums);

/* ---- train_build.c */

midge_status mg_train_build(midge_trainer *trainer);
/* train_initializer.c */
midge_status mg_train_initialize(midge_trainer *trainer, const mg_train_weight *weight,
                                 const json_t *initializer, const char *fallback, size_t index);

#endif
