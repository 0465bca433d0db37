/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_CORE_C_COMMON_H_
#define TFLITE_CORE_C_COMMON_H_
#include "tensorflow/lite/core/c/common.h"
#endif
