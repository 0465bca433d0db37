/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libmidge-delegates.so: the C interface of TensorFlow Lite over the shared libmidge-tools.so, for
 * programs that use midge.h and want delegates of TensorFlow Lite. Interpreters and sessions are
 * the same objects to both libraries. The Python package loads it when it is given a delegate.
 *
 * `key` is that of a signature, or NULL for the primary graph; statuses are TfLiteStatus.
 */
#ifndef MIDGE_SESSION_INTERPRETER_H
#define MIDGE_SESSION_INTERPRETER_H

#include "midge.h"
#include "midge_tools.h"

#include "tensorflow/lite/core/c/c_api.h"

/* The model must outlive the interpreter. NULL when it fails, which is reported. */
TFL_CAPI_EXPORT extern TfLiteInterpreter *
midge_tflite_interpreter_of(midge_model *model, const TfLiteInterpreterOptions *options);

/* The session that the interpreter runs, until a delegate is applied or taken off again: ask anew
 * after every call that may do so (resize, allocate, ModifyGraphWithDelegate). */
TFL_CAPI_EXPORT extern midge_session *midge_tflite_session(const TfLiteInterpreter *interpreter);

/* An input by its tensor; any size may change. */
TFL_CAPI_EXPORT extern TfLiteStatus midge_tflite_resize(TfLiteInterpreter *interpreter,
                                                        const char *key, int32_t tensor, int rank,
                                                        const int *shape);
TFL_CAPI_EXPORT extern TfLiteStatus midge_tflite_allocate(TfLiteInterpreter *interpreter,
                                                          const char *key);
TFL_CAPI_EXPORT extern TfLiteStatus midge_tflite_invoke(TfLiteInterpreter *interpreter,
                                                        const char *key);
/* The data of a string input, as the file format has them. */
TFL_CAPI_EXPORT extern TfLiteStatus midge_tflite_write_strings(TfLiteInterpreter *interpreter,
                                                               const char *key, int32_t tensor,
                                                               const void *data, size_t bytes);

/* Nodes of the primary graph, kernels of delegates behind those of the model. */
TFL_CAPI_EXPORT extern size_t midge_tflite_node_count(const TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT extern bool midge_tflite_node(const TfLiteInterpreter *interpreter, size_t index,
                                              midge_node_info *about);

#endif
