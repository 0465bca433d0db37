/* SPDX-License-Identifier: Apache-2.0 */
/* Quantisation-aware runs. */
#ifndef MG_TRAIN_FAKE_H
#define MG_TRAIN_FAKE_H

#include "train/trainer.h"

midge_status mg_train_reserve_fakes(midge_trainer *trainer, midge_error *error);
/* Which tensors are rounded; after mg_train_link and mg_train_reserve. */
void mg_train_choose_rounded(midge_trainer *trainer);

/* train_ranges.c: what was learned, from the model's JSON and into it; and no more. */
void mg_train_read_ranges(midge_trainer *trainer);
midge_status mg_train_write_ranges(midge_trainer *trainer, midge_error *error);
void mg_train_forget_ranges(midge_trainer *trainer);

/* Rounded kernels for a pass, and the others again after it. */
void mg_train_round_weights(midge_trainer *trainer);
void mg_train_restore_weights(midge_trainer *trainer);
/* A tensor as int8 leaves it; while learning its range follows what occurs. */
void mg_train_round_tensor(const mg_train_pass *pass, mg_train_tensor *tensor);
/* No gradient where values are at the ends of the range. */
void mg_train_stop_gradient(const mg_train_pass *pass, const mg_train_tensor *tensor);

#endif
