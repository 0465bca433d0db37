/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_INTERPRETER_OPTIONS_H_
#define TFLITE_INTERPRETER_OPTIONS_H_
#include "tensorflow/lite/interpreter_options.h"
#endif
