/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_CORE_MODEL_BUILDER_H_
#define TFLITE_CORE_MODEL_BUILDER_H_
#include "tensorflow/lite/core/model_builder.h"
#endif
