/* SPDX-License-Identifier: Apache-2.0 */
/* What the C++ and Python interfaces have beyond the C interface. */
#include "midge_tflite.h"
#include "objects.h"

void midge_tflite_options_preserve_all_tensors(TfLiteInterpreterOptions *options, bool preserve)
{
    if (options != NULL) options->preserve_all_tensors = preserve;
}

void midge_tflite_options_kernels(TfLiteInterpreterOptions *options, const char *kernels)
{
    if (options != NULL) options->kernels = kernels;
}

TfLiteStatus midge_tflite_set_threads(TfLiteInterpreter *interpreter, int32_t num_threads)
{
    if (interpreter == NULL) return kTfLiteError;
    if (num_threads < -1) {
        tfl_report(&interpreter->reporter,
                   "num_threads is %d: it must be 0 or more, or -1 for the default",
                   (int)num_threads);
        return kTfLiteError;
    }
    int threads = num_threads < 1 ? 1 : num_threads;
    if (threads == interpreter->threads) return kTfLiteOk;
    interpreter->threads = threads;
    interpreter->threads_changed = true;
    return tfl_threads_renew(interpreter);
}

TfLiteStatus midge_tflite_set_external_context(TfLiteInterpreter *interpreter,
                                               TfLiteExternalContextType type,
                                               TfLiteExternalContext *context)
{
    if (interpreter == NULL || (int)type < 0 || type >= kTfLiteMaxExternalContexts)
        return kTfLiteError;
    interpreter->external_contexts[type] = context;
    return kTfLiteOk;
}
