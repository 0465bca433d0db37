/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TFLITE_OP_RESOLVER_H_
#define TFLITE_OP_RESOLVER_H_
#include "tensorflow/lite/op_resolver.h"
#endif
