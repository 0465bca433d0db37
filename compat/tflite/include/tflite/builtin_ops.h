/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_BUILTIN_OPS_H_
#define TFLITE_BUILTIN_OPS_H_
#include "tensorflow/lite/builtin_ops.h"
#endif
