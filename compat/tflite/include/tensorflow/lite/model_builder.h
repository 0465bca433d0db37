/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TENSORFLOW_LITE_MODEL_BUILDER_H_
#define TENSORFLOW_LITE_MODEL_BUILDER_H_
#include "tensorflow/lite/core/model_builder.h"
#endif
