/* SPDX-License-Identifier: Apache-2.0 */
/* The basic form of the LSTM operator: see kernel/ref/lstm_basic.h. */
#ifndef MG_RECURRENT_LSTM_BASIC_H
#define MG_RECURRENT_LSTM_BASIC_H

#include "op/op.h"

midge_status mg_prepare_lstm_basic(midge_op_context *context);
midge_status mg_run_lstm_basic(midge_op_context *context);

#endif
