# SPDX-License-Identifier: Apache-2.0
"""Models: layers that the library trains."""
from __future__ import annotations

import json
import os
import tempfile
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from midge.keras._absent import absent
from midge.keras import layers as _layers, losses, metrics, optimizers, utils
from midge.keras._fit import Fitting
from midge.keras._graph import Graph, read_graph
from midge.keras._layer import (InputLayer, KerasTensor, Layer, flatten, unique_name)
from midge.keras._storing import Storing, open_folder
from midge.keras._summary import summary
from midge.keras._trainer import Trainer

__all__ = ["Model", "Sequential", "load_model", "model_from_json"]


_NO_SUBCLASS = ("%s: midge runs no Python for each step; call the layers on Input(shape) and make "
                "Model(inputs, outputs) of what they give, or list them in Sequential")


class Model(Fitting, Storing, Layer):
    """A model between inputs and outputs.

        inputs = Input((28, 28))
        outputs = layers.Dense(10)(layers.Flatten()(inputs))
        model = Model(inputs, outputs)

    What other models share with it, layers and their weights, stays shared. Classes made from Model
    are not supported: midge runs no Python for each step.
    """

    def __init_subclass__(cls, **named: Any):
        for name in ("call", "train_step", "test_step", "predict_step", "compute_loss"):
            if name in vars(cls):
                raise TypeError(_NO_SUBCLASS % ("class %s with its own %s()" % (cls.__name__, name)))
        super().__init_subclass__(**named)

    def __init__(self, inputs: Any = None, outputs: Any = None, name: Optional[str] = None,
                 trainable: bool = True):
        if inputs is None or outputs is None:
            raise TypeError(_NO_SUBCLASS % "a Model without inputs and outputs")
        self._inputs_given, self._outputs_given = inputs, outputs
        ins = list(inputs.values()) if isinstance(inputs, dict) else flatten(inputs)
        outs = list(outputs.values()) if isinstance(outputs, dict) else flatten(outputs)
        for tensor in ins:
            if not isinstance(tensor.node.layer, InputLayer):
                raise ValueError("%s is no input: the inputs of a model come from Input()" %
                                 tensor.name)
        self._settle({"name": name or unique_name("functional"), "trainable": trainable})
        self._graph: Optional[Graph] = Graph(ins, outs)
        self._begin()

    def _begin(self) -> None:
        self._trainer: Optional[Trainer] = None
        self._seed: Optional[int] = None
        self.optimizer: Any = None
        self.loss: Any = None
        self._metrics: List[metrics.Metric] = []
        self._stale = False
        self.stop_training = False
        self.history: Any = None

    # ---- Structure

    @property
    def graph(self) -> Graph:
        """Its nodes. Raises ValueError while the input is unknown."""
        if self._graph is None:
            raise ValueError("the input of %s is not known yet: begin with Input(shape), or give "
                             "the first layer input_shape" % self.name)
        return self._graph

    @property
    def layers(self) -> List[Layer]:
        """Its layers."""
        return list(self.graph.layers)

    @property
    def inputs(self) -> List[KerasTensor]:
        return self.graph.inputs

    @property
    def outputs(self) -> List[KerasTensor]:
        return self.graph.outputs

    @property
    def input(self) -> Any:
        """Its input, or the list of them."""
        return self.inputs[0] if len(self.inputs) == 1 else self.inputs

    @property
    def output(self) -> Any:
        """Its output, or the list of them."""
        return self.outputs[0] if len(self.outputs) == 1 else self.outputs

    @property
    def input_shape(self) -> Any:
        shapes = [tensor.shape for tensor in self.inputs]
        return shapes[0] if len(shapes) == 1 else shapes

    @property
    def output_shape(self) -> Any:
        return (None, *self._ready().shape(True))

    def get_layer(self, name: Optional[str] = None, index: Optional[int] = None) -> Layer:
        """A layer by name or by number."""
        if index is not None:
            return self.layers[index]
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise ValueError("No such layer: %s. Existing layers are: %s." %
                         (name, [layer.name for layer in self.layers]))

    def leaves(self, prefix: str = "") -> List[Tuple[str, Layer]]:
        inside = "%s%s/" % (prefix, self.name)
        return [leaf for layer in self.layers for leaf in layer.leaves(inside)]

    def _leaves(self) -> List[Tuple[str, Layer]]:
        return [leaf for layer in self.layers for leaf in layer.leaves()]

    def get_config(self) -> Dict[str, Any]:
        return self.graph.describe(self.name, self.trainable)

    def describe(self) -> Dict[str, Any]:
        return {"module": "keras.src.models.functional", "class_name": "Functional",
                "config": self.get_config(), "registered_name": "Functional"}

    @classmethod
    def from_config(cls, config: Dict[str, Any]) -> Model:
        """The model of a configuration, with new weights."""
        if "input_layers" not in config:
            return Sequential([make_layer(row) for row in config["layers"]],
                              name=config.get("name"))
        return Model(*read_graph(config, make_layer), name=config.get("name"))

    def to_json(self, **_: Any) -> str:
        """The configuration as text, compile settings among it."""
        return json.dumps(self._ready().configuration())

    # ---- Weights

    def _make_trainer(self) -> Trainer:
        if self._seed is None:
            self._seed = utils.next_seed()
        made = Trainer(json.dumps(self.describe()).encode(), self._seed)
        if self.graph.note_shapes(made.layers()) and type(self) is not Sequential:
            made = Trainer(json.dumps(self.describe()).encode(), self._seed)
        return made

    def _ready(self) -> Trainer:
        """The trainer, with the weights that its layers have now."""
        if self._trainer is None:
            self._trainer = self._make_trainer()
            self._stale = self.optimizer is not None
        leaves = self._leaves()
        for path, layer in leaves:
            if layer.home is not None and layer.home[0] is not self._trainer:
                self._trainer.set_weights(path, layer.get_weights())
            elif layer.home is None:
                layer.home = (self._trainer, path)
                if layer._initial is not None:
                    layer.set_weights(layer._initial)
        if self._stale:
            self._compile_trainer()
        return self._trainer

    def _own(self) -> None:
        """The layers' weights are this trainer's: it is going to change them."""
        for path, layer in self._leaves():
            layer.home = (self._trainer, path)

    @property
    def weights(self) -> List[Any]:
        self._ready()
        return [weight for _, layer in self._leaves() for weight in layer.weights]

    @property
    def trainable_weights(self) -> List[Any]:
        self._ready()
        return [weight for _, layer in self._leaves() if self.trainable
                for weight in layer.trainable_weights]

    trainable_variables, variables = trainable_weights, weights

    def get_weights(self) -> List[np.ndarray]:
        """Copies of all weights, layer by layer."""
        self._ready()
        return [weight for _, layer in self._leaves() for weight in layer.get_weights()]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Gives all layers other weights."""
        self._ready()
        counts = [len(layer.weights) for _, layer in self._leaves()]
        if sum(counts) != len(weights):
            raise ValueError("%s has %d weights, %d were given" %
                             (self.name, sum(counts), len(weights)))
        place = 0
        for count, (_, layer) in zip(counts, self._leaves()):
            if count:
                layer.set_weights(weights[place:place + count])
            place += count

    def count_params(self) -> int:
        return int(self._ready().facts.parameters)

    # ---- Compile

    def compile(self, optimizer: Any = "rmsprop", loss: Any = None, metrics: Any = None,
                **ignored: Any) -> None:
        """How it learns.

        Args:
            optimizer: by name ("sgd", "adam", "adamw", "rmsprop") or from midge.keras.optimizers.
            loss: by name or from midge.keras.losses; None: what suits the last layer.
            metrics: list of names or of midge.keras.metrics.
            **ignored: loss_weights and weighted_metrics are refused; run_eagerly, jit_compile,
                steps_per_execution and auto_scale_loss mean nothing here.

        Raises:
            ValueError: nothing of that name.
        """
        known = ("loss_weights", "weighted_metrics", "run_eagerly", "jit_compile",
                 "steps_per_execution", "auto_scale_loss")
        for name, value in ignored.items():
            if name not in known:
                raise TypeError("compile has no argument %s" % name)
            if name in known[:2] and value:
                raise ValueError("compile: %s is not supported" % name)
        self.optimizer = optimizers.get(optimizer)
        self.loss = None if loss is None else losses.get(loss)
        self._metrics = [_metric(one) for one in _flat(metrics)]
        self._stale = True
        if self._graph is not None:
            self._ready()

    def _compile_trainer(self) -> None:
        """Hands the settings to the trainer. Frozen layers are those that are not trainable now."""
        trainer = self._trainer
        for path, layer in self._leaves():
            if trainer.weights_of(path):
                trainer.set_trained(path, layer.trainable and self._outer_trainable(path))
        trainer.compile_with(self.optimizer, self.loss, [one.kind for one in self._metrics])
        self._bind_optimizer()
        self._rate = self.optimizer.learning_rate
        self._stale = False

    def _outer_trainable(self, path: str) -> bool:
        """Whether the models around a layer are trainable."""
        model: Any = self
        for name in path.split("/")[:-1]:
            if not model.trainable:
                return False
            model = model.get_layer(name)
        return bool(model.trainable)

    @property
    def metrics_names(self) -> List[str]:
        """Names of what evaluate() gives."""
        return ["loss"] + [metric.name for metric in self._metrics]

    def summary(self, print_fn: Any = None, **_: Any) -> None:
        """Prints layers, shapes and numbers of parameters."""
        text = self._summary() if self._graph is not None else self._unbuilt_summary()
        (print_fn or print)(text)

    def _summary(self) -> str:
        trainer = self._ready()
        calls = trainer.layers()
        shapes = {path: str(shape) for path, shape, _ in reversed(calls)}
        straight = self.graph.straight
        rows = []
        for layer in self.graph.layers:
            if isinstance(layer, InputLayer):
                if isinstance(self, Sequential):
                    continue
                shape, count = str(layer.batch_shape), 0
            else:
                inside = [path for path in shapes if path.startswith(layer.name + "/")]
                shape = shapes.get(layer.name) or (shapes[inside[-1]] if inside else "?")
                if isinstance(layer, Model):
                    shape = str(layer.output_shape)
                count = sum(int(np.prod(weight.shape))
                            for weight in trainer.weights_of(layer.name))
            sources = ", ".join(self.graph.sources(layer)) or "-"
            rows.append(("%s (%s)" % (layer.name, _kind(layer)), shape, "{:,}".format(count),
                         sources))
        facts = trainer.facts
        trained = sum(weight.elements for weight in trainer.elements() if weight.trained)
        return summary(self, rows, [31, 22, 13] if straight else [19, 17, 10, 17], trained,
                       int(facts.parameters))

    def _unbuilt_summary(self) -> str:
        rows = [("%s (%s)" % (layer.name, _kind(layer)), "?", "0 (unbuilt)", "")
                for layer in self.layers]
        return summary(self, rows, [31, 22, 13], 0, 0)

    def __repr__(self) -> str:
        return "<%s name=%s>" % (type(self).__name__, self.name)


class Sequential(Model):
    """Layers one after the other.

        model = Sequential([layers.Flatten(input_shape=(28, 28)), layers.Dense(10)])
    """

    def __init__(self, layers: Optional[Sequence[Any]] = None, name: Optional[str] = None,
                 trainable: bool = True):  # pylint: disable=super-init-not-called
        self._settle({"name": name or unique_name("sequential"), "trainable": trainable})
        self._graph = None
        self._stack: List[Layer] = []
        self._input: Optional[KerasTensor] = None
        self._begin()
        for layer in layers or []:
            self.add(layer)

    def add(self, layer: Any) -> None:
        """Puts a layer at the end."""
        if isinstance(layer, KerasTensor):
            layer = layer.node.layer
        if not isinstance(layer, Layer):
            raise TypeError("a layer is needed, got %s" % type(layer).__name__)
        if isinstance(layer, InputLayer):
            if self._stack or self._input is not None:
                raise ValueError("%s: an input is the first layer" % self.name)
            self._input = layer.output
        else:
            if layer.name in [one.name for one in self._stack]:
                raise ValueError("%s has a layer named %s already" % (self.name, layer.name))
            self._stack.append(layer)
            if self._input is None and len(self._stack) == 1:
                shape = self._shape_before(layer)
                self._input = InputLayer(batch_shape=shape).output if shape else None
        self._connect()

    @staticmethod
    def _shape_before(layer: Layer) -> Optional[tuple]:
        if isinstance(layer, Model):
            return layer.inputs[0].shape if layer._graph is not None else None
        if layer.batch_shape is None and isinstance(layer, _layers.Embedding):
            return (None, None)
        return layer.batch_shape

    def pop(self) -> Layer:
        """Takes the last layer off."""
        layer = self._stack.pop()
        self._connect()
        return layer

    def build(self, input_shape: Any = None) -> None:
        """Tells the shape of the input, the batch first."""
        if self._input is None and input_shape is not None:
            self._input = InputLayer(batch_shape=tuple(input_shape)).output
            self._connect()
        self._ready()

    def _connect(self) -> None:
        """The layers as a graph. Calls are noted by this model only: others may call them, too."""
        self._trainer = None
        self._graph = None
        if self._input is None or not self._stack:
            return
        tensor = self._input
        for layer in self._stack:
            tensor = layer(tensor)
        self._graph = Graph([self._input], [tensor])

    def _open_with(self, x: Any) -> None:
        """Takes the shape of the input from the first samples."""
        if self._input is None:
            array = np.asarray(x)
            self._input = InputLayer(batch_shape=(None, *array.shape[1:])).output
            self._connect()

    @property
    def layers(self) -> List[Layer]:
        return list(self._stack)

    def get_config(self) -> Dict[str, Any]:
        rows = []
        if self._input is not None:
            rows.append(self._input.node.layer.describe())
        for layer in self._stack:
            rows.append(layer.describe())
        return {"name": self.name, "trainable": self.trainable, "layers": rows}

    def describe(self) -> Dict[str, Any]:
        row = {"module": "keras", "class_name": "Sequential", "config": self.get_config(),
               "registered_name": None}
        if self._input is not None and self._input.node.layer.batch_shape:
            shape = list(self._input.node.layer.batch_shape)
            row["config"]["build_input_shape"] = shape
            row["build_config"] = {"input_shape": shape}
        return row

    def __call__(self, inputs: Any, *arguments: Any, **options: Any) -> Any:
        tensors = flatten(inputs)
        if tensors and self._graph is None:
            self._input = InputLayer(batch_shape=tensors[0].shape).output
            self._connect()
        return super().__call__(inputs, *arguments, **options)


Functional = Model


def _kind(layer: Layer) -> str:
    return "Functional" if type(layer) is Model else type(layer).__name__


def _flat(values: Any) -> list:
    if values is None:
        return []
    if isinstance(values, dict):
        values = list(values.values())
    if not isinstance(values, (list, tuple)):
        return [values]
    return [one for value in values for one in _flat(value)]


def _metric(identifier: Any) -> metrics.Metric:
    return metrics.get(identifier)


def make_layer(row: Dict[str, Any]) -> Layer:
    """The layer of a row of a configuration."""
    name = row["class_name"]
    if name in ("Sequential", "Functional", "Model"):
        return Model.from_config(row["config"])
    if name not in _layers.CLASSES:
        raise ValueError("layer %s has the class %s, which midge cannot train; it can train %s" %
                         (row["config"].get("name"), name, ", ".join(sorted(_layers.CLASSES))))
    return _layers.CLASSES[name].from_config(row["config"])


def model_from_json(text: str) -> Model:
    """The model of a configuration that to_json() wrote, with new weights."""
    row = json.loads(text)
    model = make_layer(row)
    if not isinstance(model, Model):
        raise ValueError("the configuration is one of a layer, not of a model")
    return model


def load_model(filepath: Any, compile: bool = True, **_: Any) -> Model:
    """Loads a model.

    Args:
        filepath: a .keras or .h5 file, or the folder of a .keras file.
        compile: take its compile settings, too.

    Raises:
        OSError: there is no such file.
        ValueError: no model, or with layers that midge cannot train, which the message names.
    """
    path = os.fspath(filepath)
    if not os.path.exists(path):
        raise OSError("there is no model at %s" % path)
    with tempfile.TemporaryDirectory(prefix="midge-") as folder:
        if os.path.isdir(path):
            path = open_folder(path, folder)
        trainer = Trainer(path.encode(), utils.next_seed())
    model = model_from_json(json.dumps(trainer.configuration()))
    model.graph.note_shapes(trainer.layers())
    model._trainer = trainer
    model._own()
    if compile:
        model._take_settings(trainer)
    return model


def shape_of(tensor: KerasTensor) -> tuple:
    """The shape of what layers will give: a model up to there tells."""
    ends, stack, seen = [], [tensor.node], set()
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node.layer, InputLayer):
            ends.append(node.layer.output)
        stack += [one.node for one in node.tensors]
    if isinstance(tensor.node.layer, InputLayer):
        return tensor.node.layer.batch_shape
    graph = Graph(ends, [tensor])
    made = Trainer(json.dumps({
        "module": "keras.src.models.functional", "class_name": "Functional",
        "config": graph.describe("shape", True), "registered_name": "Functional"}).encode(), 0)
    return (None, *made.shape(True))


def run_layer(layer: Layer, values: Any) -> Any:
    """A layer or a model on an array, as it stands."""
    if isinstance(layer, Model):
        return layer._run(values)
    array = np.asarray(values)
    model = Sequential([InputLayer(shape=array.shape[1:]), layer])
    return model._run(array)


__getattr__ = absent("midge.keras.models", __all__)
