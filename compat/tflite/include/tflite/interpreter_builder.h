/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_INTERPRETER_BUILDER_H_
#define TFLITE_INTERPRETER_BUILDER_H_
#include "tensorflow/lite/interpreter_builder.h"
#endif
