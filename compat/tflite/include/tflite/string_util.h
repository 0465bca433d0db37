/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_STRING_UTIL_H_
#define TFLITE_STRING_UTIL_H_
#include "tensorflow/lite/string_util.h"
#endif
