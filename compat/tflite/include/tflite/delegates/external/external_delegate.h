/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_DELEGATES_EXTERNAL_EXTERNAL_DELEGATE_H_
#define TFLITE_DELEGATES_EXTERNAL_EXTERNAL_DELEGATE_H_
#include "tensorflow/lite/delegates/external/external_delegate.h"
#endif
