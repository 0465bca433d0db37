/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_CORE_INTERPRETER_H_
#define TFLITE_CORE_INTERPRETER_H_
#include "tensorflow/lite/core/interpreter.h"
#endif
