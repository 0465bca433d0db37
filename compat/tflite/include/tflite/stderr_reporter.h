/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_STDERR_REPORTER_H_
#define TFLITE_STDERR_REPORTER_H_
#include "tensorflow/lite/stderr_reporter.h"
#endif
