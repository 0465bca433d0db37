/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_CONVERTER_CORE_C_TFLITE_TYPES_H_
#define TFLITE_CONVERTER_CORE_C_TFLITE_TYPES_H_
#include "tensorflow/compiler/mlir/lite/core/c/tflite_types.h"
#endif
