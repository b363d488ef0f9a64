"""`model.onnx`: the same network for ONNX Runtime, which needs neither Keras nor TensorFlow.

tf2onnx copies a graph many times over, with every constant in it: 200 MB of weights as constants took 3 minutes and
11 GB. So the weights are inputs of the graph that it sees, and become constants of the file afterwards: 10 seconds and
300 MB for the same model.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from shared.preprocess_spec import PreprocessSpec

# The newest that tf2onnx 1.17 writes.
OPSET = 18
INPUT = "image"
# A protobuf message holds 2 GiB; the network around the weights needs little of it.
MOST_BYTES = 2**31 - 2**24


class ExportFailed(Exception):
    """Raised when a model has no equal in ONNX, or none that this release can write."""


def onnx_file(model: Any, to: PreprocessSpec) -> bytes:
    """Returns `model.onnx`: input `image`, float32 (any, height, width, channels); one output, as the model's.

    The same weights give the same bytes.

    Args:
        model: a Keras model with one input and one output.
        to: the size of its input.

    Raises:
        ExportFailed: why not, in a sentence.
    """
    size = sum(int(np.prod(variable.shape)) * 4 for variable in model.variables)
    if size > MOST_BYTES:
        raise ExportFailed(f"Its weights have {size:,} bytes, and an ONNX file holds at most {MOST_BYTES:,}.")
    try:
        proto = _converted(model, (to.height, to.width, to.channels))
        _hold_weights(proto.graph, model)
        _name_by_place(proto.graph)
        data: bytes = proto.SerializeToString(deterministic=True)
    except Exception as error:
        # tf2onnx and TensorFlow have an error each for every layer that they cannot convert.
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ExportFailed(f"tf2onnx cannot convert it: {first[:300]}") from error
    return data


def _variables(model: Any) -> list[Any]:
    return [*model.trainable_variables, *model.non_trainable_variables]


def _converted(model: Any, shape: tuple[int, int, int]) -> Any:
    """Returns the graph as an ONNX model, whose inputs are the pictures and the weights, `w0`, `w1` …"""
    import tensorflow as tf
    import tf2onnx

    trainable = len(model.trainable_variables)

    def answer(image: Any, *weights: Any) -> Any:
        outputs, _ = model.stateless_call(weights[:trainable], weights[trainable:], image, training=False)
        return outputs

    signature = [
        tf.TensorSpec((None, *shape), tf.float32, name=INPUT),
        *(tf.TensorSpec(v.shape, v.dtype, name=f"w{i}") for i, v in enumerate(_variables(model))),
    ]
    function = tf.function(answer, input_signature=signature, autograph=False)
    proto, _ = tf2onnx.convert.from_function(function, input_signature=signature, opset=OPSET)
    return proto


def _hold_weights(graph: Any, model: Any) -> None:
    """Makes constants of the inputs that are weights; what no node reads, such as a dropout's seed, is left out."""
    from onnx.numpy_helper import from_array

    pictures = next(value for value in graph.input if value.name == INPUT)
    used = {name for node in graph.node for name in node.input}
    graph.ClearField("input")
    graph.input.append(pictures)
    for i, variable in enumerate(_variables(model)):
        if f"w{i}" in used:
            graph.initializer.append(from_array(np.asarray(variable.value), f"w{i}"))


def _name_by_place(graph: Any) -> None:
    """Names everything by its place: the converter numbers what it names, and counts on from model to model."""
    if any(attribute.HasField("g") for node in graph.node for attribute in node.attribute):
        # Names reach into the branches of a condition; such a graph keeps those that it has.
        return
    _order_constants(graph)
    made = [name for node in graph.node for name in node.output if name]
    names = {name: f"t{i}" for i, name in enumerate(made)}
    names |= {constant.name: f"c{i}" for i, constant in enumerate(graph.initializer)}
    names[graph.output[0].name] = "probabilities"
    for i, node in enumerate(graph.node):
        node.name = f"n{i}"
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    for value in (*graph.input, *graph.output, *graph.initializer):
        value.name = names.get(value.name, value.name)
    for value in (*graph.input, *graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "pictures"
    graph.ClearField("value_info")
    graph.ClearField("doc_string")


def _order_constants(graph: Any) -> None:
    """Puts constants in the order of their use; the converter's follows its names."""
    read = [name for node in graph.node for name in node.input]
    constants = sorted(graph.initializer, key=lambda constant: read.index(constant.name))
    graph.ClearField("initializer")
    graph.initializer.extend(constants)
