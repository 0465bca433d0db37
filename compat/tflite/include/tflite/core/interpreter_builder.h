/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_CORE_INTERPRETER_BUILDER_H_
#define TFLITE_CORE_INTERPRETER_BUILDER_H_
#include "tensorflow/lite/core/interpreter_builder.h"
#endif
