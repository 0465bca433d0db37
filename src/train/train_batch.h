/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MG_TRAIN_BATCH_H
#define MG_TRAIN_BATCH_H

#include "train/trainer.h"

/* Sample `place` of the batch, where it may lie already, and its target; `index` is its number for
 * messages. */
midge_status mg_train_put_sample(midge_trainer *trainer, size_t place, size_t index, const float *x,
                                 midge_error *error);
/* All samples of the batch, and of those after it what helps to have them sooner. */
void mg_train_put_bytes(midge_trainer *trainer, const unsigned char *const *bytes, size_t count,
                        const float *values, const unsigned char *const *next, size_t next_count);
midge_status mg_train_put_target(midge_trainer *trainer, size_t place, size_t index, const float *y,
                                 midge_error *error);
/* Refuses infinities and what is no number. */
midge_status mg_train_check_sample(size_t index, size_t elements, const float *x,
                                   midge_error *error);

/* ---- train_augment.c */

/* Changes a sample of the first input, of its rank and shape; `scratch` has as many floats. */
void mg_train_augment(const midge_augmentation *how, uint64_t stream, int32_t rank,
                      const int32_t *shape, float *sample, float *scratch);
bool mg_train_augments(const midge_augmentation *how);

#endif
