/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_KERNELS_REGISTER_REF_H_
#define TFLITE_KERNELS_REGISTER_REF_H_
#include "tensorflow/lite/core/api/op_resolver.h"
#endif
