/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_CORE_SIGNATURE_RUNNER_H_
#define TFLITE_CORE_SIGNATURE_RUNNER_H_
#include "tensorflow/lite/core/signature_runner.h"
#endif
