/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TENSORFLOW_LITE_KERNELS_REGISTER_REF_H_
#define TENSORFLOW_LITE_KERNELS_REGISTER_REF_H_
#include "tensorflow/lite/core/api/op_resolver.h"
#endif
