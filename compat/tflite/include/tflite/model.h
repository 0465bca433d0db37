/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_MODEL_H_
#define TFLITE_MODEL_H_
#include "tensorflow/lite/model.h"
#endif
