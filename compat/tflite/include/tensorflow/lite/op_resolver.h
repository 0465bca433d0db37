/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TENSORFLOW_LITE_OP_RESOLVER_H_
#define TENSORFLOW_LITE_OP_RESOLVER_H_
#include "tensorflow/lite/core/api/op_resolver.h"
#endif
