/* SPDX-License-Identifier: Apache-2.0 */
/* Which steps of a sequence count, beside the tensors of which they are the steps. */
#ifndef MG_KERAS_MASK_H
#define MG_KERAS_MASK_H

#include "convert/keras.h"

/* The mask of a tensor; -1 for none. */
int32_t mg_keras_mask_of(const mg_keras *keras, int32_t tensor);
midge_status mg_keras_set_mask(mg_keras *keras, int32_t tensor, int32_t mask);
/* The mask that a call is given, or else that of its first input; -1 for none. */
int32_t mg_keras_call_mask(const mg_keras *keras, const mg_keras_call *call);
/* Sets the mask of what a layer has made. */
midge_status mg_keras_pass_mask(mg_keras *keras, const mg_keras_layer *layer,
                                const mg_keras_call *call);

/* Where the mask says so, `yes`, which has the shape of the result, else `no`. */
midge_status mg_keras_mask_choose(mg_keras *keras, int32_t mask, int32_t yes, int32_t no,
                                  int32_t *output);
/* With a last dimension of 1. */
midge_status mg_keras_mask_column(mg_keras *keras, int32_t mask, int32_t *output);
/* What both allow; either may be -1. */
midge_status mg_keras_mask_both(mg_keras *keras, int32_t a, int32_t b, int32_t *output);

#endif
