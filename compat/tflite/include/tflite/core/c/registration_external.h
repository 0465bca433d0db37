/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_CORE_C_REGISTRATION_EXTERNAL_H_
#define TFLITE_CORE_C_REGISTRATION_EXTERNAL_H_
#include "tensorflow/lite/core/c/registration_external.h"
#endif
