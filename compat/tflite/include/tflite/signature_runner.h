/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_SIGNATURE_RUNNER_H_
#define TFLITE_SIGNATURE_RUNNER_H_
#include "tensorflow/lite/signature_runner.h"
#endif
