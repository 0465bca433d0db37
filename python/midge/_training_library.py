# SPDX-License-Identifier: Apache-2.0
"""Structures and functions of midge_tools.h that train."""
from __future__ import annotations

from ctypes import (CFUNCTYPE, POINTER, Structure, c_bool, c_char_p, c_double, c_float, c_int,
                    c_int32, c_size_t, c_uint64, c_void_p)

from midge import _library
from midge._conversion_library import ConvertOptions
from midge._library import Error

_RANK, MOST_METRICS = 8, 8
_floats, _doubles = POINTER(c_float), POINTER(c_double)


class TrainerOptions(Structure):
    _fields_ = [("size", c_size_t), ("allocator", c_void_p), ("threads", c_int),
                ("seed", c_uint64), ("input_rank", c_int32), ("input_shape", POINTER(c_int32)),
                ("classes", c_int32), ("freeze_count", c_size_t), ("freeze", POINTER(c_char_p)),
                ("freeze_all_but_last", c_bool)]


class CompileOptions(Structure):
    _fields_ = [("size", c_size_t), ("loss", c_char_p), ("from_logits", c_bool),
                ("label_smoothing", c_double), ("huber_delta", c_double), ("optimizer", c_char_p),
                ("learning_rate", c_double), ("momentum", c_double), ("nesterov", c_bool),
                ("beta_1", c_double), ("beta_2", c_double), ("rho", c_double),
                ("epsilon", c_double), ("centered", c_bool), ("amsgrad", c_bool),
                ("weight_decay", c_double), ("clip_norm", c_double),
                ("clip_global_norm", c_double), ("clip_value", c_double),
                ("metric_count", c_size_t), ("metrics", POINTER(c_char_p)),
                ("learning_rate_schedule", c_char_p)]


class TrainerInfo(Structure):
    _fields_ = [("x_elements", c_size_t), ("y_elements", c_size_t), ("output_elements", c_size_t),
                ("input_rank", c_int32), ("input_shape", c_int32 * _RANK),
                ("output_rank", c_int32), ("output_shape", c_int32 * _RANK),
                ("layer_count", c_size_t), ("weight_count", c_size_t), ("parameters", c_uint64),
                ("trained_parameters", c_uint64), ("metric_count", c_size_t), ("steps", c_uint64),
                ("memory_bytes", c_uint64), ("memory_peak", c_uint64)]


class TrainerLayer(Structure):
    _fields_ = [("name", c_char_p), ("class_name", c_char_p), ("rank", c_int32),
                ("shape", c_int32 * _RANK), ("parameters", c_uint64), ("trained", c_bool)]


class TrainerWeight(Structure):
    _fields_ = [("layer", c_char_p), ("name", c_char_p), ("rank", c_int32),
                ("shape", POINTER(c_int32)), ("elements", c_size_t), ("values", _floats),
                ("trained", c_bool)]


SAMPLE = CFUNCTYPE(c_int, c_void_p, c_size_t, _floats, _floats, POINTER(Error))


class TrainData(Structure):
    _fields_ = [("size", c_size_t), ("count", c_size_t), ("x", c_void_p), ("y", c_void_p),
                ("sample_weights", c_void_p), ("sample", SAMPLE), ("context", c_void_p),
                ("bytes", c_void_p), ("byte_values", c_void_p)]


class Augmentation(Structure):
    _fields_ = [("shift_x", c_double), ("shift_y", c_double), ("rotate", c_double),
                ("zoom", c_double), ("flip_x", c_bool), ("flip_y", c_bool),
                ("brightness", c_double), ("contrast", c_double), ("noise", c_double)]


class FitProgress(Structure):
    _fields_ = [("epoch", c_int32), ("epochs", c_int32), ("step", c_size_t), ("steps", c_size_t),
                ("epoch_end", c_bool), ("loss", c_double), ("metrics", c_double * MOST_METRICS),
                ("validated", c_bool), ("validation_loss", c_double),
                ("validation_metrics", c_double * MOST_METRICS), ("learning_rate", c_double),
                ("seconds", c_double), ("best", c_bool)]


PROGRESS = CFUNCTYPE(c_bool, c_void_p, POINTER(FitProgress))


class FitOptions(Structure):
    _fields_ = [("size", c_size_t), ("epochs", c_int32), ("batch", c_int32), ("shuffle", c_bool),
                ("validation_share", c_double), ("class_weight_count", c_size_t),
                ("class_weights", _doubles), ("augmentation", Augmentation), ("schedule", c_int),
                ("schedule_factor", c_double), ("schedule_epochs", c_int32),
                ("schedule_least", c_double), ("monitor_metric", c_bool),
                ("least_improvement", c_double), ("patience", c_int32), ("restore_best", c_bool),
                ("quantize_aware", c_bool), ("prune_share", c_double), ("prune_epochs", c_int32),
                ("clusters", c_int32), ("cluster_epochs", c_int32),
                ("resume", c_bool), ("progress", PROGRESS), ("context", c_void_p)]


_handle, _error = c_void_p, POINTER(Error)
SLOW = {
    "midge_trainer_create": (c_int, c_char_p, POINTER(TrainerOptions), POINTER(_handle), _error),
    "midge_trainer_free": (None, _handle),
    "midge_trainer_fit": (c_int, _handle, POINTER(TrainData), POINTER(TrainData),
                          POINTER(FitOptions), _error),
    "midge_trainer_train_on_batch": (c_int, _handle, c_size_t, c_void_p, c_void_p, c_void_p,
                                     _doubles, _doubles, _error),
    "midge_trainer_evaluate": (c_int, _handle, POINTER(TrainData), c_int32, _doubles, _doubles,
                               _error),
    "midge_trainer_predict": (c_int, _handle, c_size_t, c_void_p, c_void_p, _error),
    "midge_trainer_save": (c_int, _handle, c_char_p, _error),
    "midge_trainer_convert": (c_int, _handle, POINTER(ConvertOptions), POINTER(c_void_p),
                              POINTER(c_size_t), _error),
}
QUICK = {
    "midge_trainer_options_default": (TrainerOptions,),
    "midge_compile_options_default": (CompileOptions, c_char_p),
    "midge_trainer_compiled": (CompileOptions, _handle),
    "midge_trainer_compile": (c_int, _handle, POINTER(CompileOptions), _error),
    "midge_trainer_set_learning_rate": (c_int, _handle, c_double, _error),
    "midge_trainer_describe": (TrainerInfo, _handle),
    "midge_trainer_layer_at": (c_bool, _handle, c_size_t, POINTER(TrainerLayer)),
    "midge_trainer_weight_at": (c_bool, _handle, c_size_t, POINTER(TrainerWeight)),
    "midge_trainer_set_weight": (c_int, _handle, c_size_t, c_size_t, c_void_p, _error),
    "midge_trainer_set_trained": (c_int, _handle, c_char_p, c_bool, _error),
    "midge_trainer_metric_name": (c_char_p, _handle, c_size_t),
    "midge_trainer_json": (c_int, _handle, POINTER(c_char_p), _error),
    "midge_fit_options_default": (FitOptions,),
}
slow = _library.declare(_library.slow, SLOW)
quick = _library.declare(_library.quick, QUICK)
