/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_ERROR_REPORTER_H_
#define TFLITE_ERROR_REPORTER_H_
#include "tensorflow/lite/error_reporter.h"
#endif
