/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_CORE_C_OPERATOR_H_
#define TFLITE_CORE_C_OPERATOR_H_
#include "tensorflow/lite/core/c/operator.h"
#endif
