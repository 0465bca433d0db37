/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_CORE_API_OP_RESOLVER_H_
#define TFLITE_CORE_API_OP_RESOLVER_H_
#include "tensorflow/lite/core/api/op_resolver.h"
#endif
