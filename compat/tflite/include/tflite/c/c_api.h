/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_C_C_API_H_
#define TFLITE_C_C_API_H_
#include "tensorflow/lite/c/c_api.h"
#endif
