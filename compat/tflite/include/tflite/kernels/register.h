/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_KERNELS_REGISTER_H_
#define TFLITE_KERNELS_REGISTER_H_
#include "tensorflow/lite/kernels/register.h"
#endif
