/* SPDX-License-Identifier: Apache-2.0 */
/* The two functions by which a runtime makes and ends a delegate in a shared library. */
#ifndef ABI_PLUGIN_ENTRY_H
#define ABI_PLUGIN_ENTRY_H

#include "tensorflow/lite/c/common.h"

#define PLUGIN_EXPORT __attribute__((visibility("default")))

PLUGIN_EXPORT TfLiteDelegate *tflite_plugin_create_delegate(const char *const *keys,
                                                            const char *const *values, size_t count,
                                                            void (*report_error)(const char *));
PLUGIN_EXPORT void tflite_plugin_destroy_delegate(TfLiteDelegate *delegate);

#endif
