/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_CORE_KERNELS_REGISTER_H_
#define TFLITE_CORE_KERNELS_REGISTER_H_
#include "tensorflow/lite/core/kernels/register.h"
#endif
