/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_KERNELS_KERNEL_UTIL_H_
#define TFLITE_KERNELS_KERNEL_UTIL_H_
#include "tensorflow/lite/kernels/kernel_util.h"
#endif
