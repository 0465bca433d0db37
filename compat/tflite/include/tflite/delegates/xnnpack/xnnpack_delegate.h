/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_DELEGATES_XNNPACK_XNNPACK_DELEGATE_H_
#define TFLITE_DELEGATES_XNNPACK_XNNPACK_DELEGATE_H_
#include "tensorflow/lite/delegates/xnnpack/xnnpack_delegate.h"
#endif
