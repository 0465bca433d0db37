/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_CORE_C_C_API_H_
#define TFLITE_CORE_C_C_API_H_
#include "tensorflow/lite/core/c/c_api.h"
#endif
