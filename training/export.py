"""A trained net as ONNX with an 8-bit table: what onnxruntime runs and shared/nlu/net starts from.

Inputs: `features` [batch, length, most], rows of the table, -1 where there is none; `lengths` [batch], tokens of each
text. Outputs: `sentence`, what heads see; `logits`, of all heads one behind another (names in the metadata).
"""

import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def quantised(table):
    """Whole numbers from -127 to 127 and one factor for each row."""
    factors = np.abs(table).max(1) / 127
    whole = np.round(table / np.where(factors == 0, 1, factors)[:, None]).astype(np.int8)
    return whole, factors.astype(np.float32)


def write(path, state, heads, labels, bits, about):
    """State is the net's state dict as numpy arrays; returns the bytes' count."""
    table, factors = quantised(state["table"])
    dim, hidden = table.shape[1], state["convs.0.bias"].shape[0]
    layers = sum(name.endswith(".weight") and name.startswith("convs") for name in state)
    constants = {
        # One row more, of zeros: where there is no feature.
        "table": np.concatenate([table, np.zeros((1, dim), np.int8)]),
        "factors": np.concatenate([factors, np.zeros(1, np.float32)])[:, None],
        "head.weights": state["head.weight"].T.copy(),
        "head.bias": state["head.bias"],
        "zero": np.array(0, np.int64),
        "rows": np.array(len(table), np.int64),
        "last": np.array([2], np.int64),
        "middle": np.array([1], np.int64),
        "one": np.array(1, np.float32),
    }
    nodes = []

    def node(op, inputs, output, **attributes):
        nodes.append(helper.make_node(op, inputs, [output], **attributes))
        return output

    node("Less", ["features", "zero"], "absent")
    node("Where", ["absent", "rows", "features"], "ids")
    node("Gather", ["table", "ids"], "whole")
    node("Cast", ["whole"], "whole.float", to=TensorProto.FLOAT)
    node("Gather", ["factors", "ids"], "factor")
    node("Mul", ["whole.float", "factor"], "embedded")
    node("ReduceSum", ["embedded", "last"], "summed", keepdims=0)
    node("Not", ["absent"], "present")
    node("Cast", ["present"], "present.float", to=TensorProto.FLOAT)
    node("ReduceSum", ["present.float", "last"], "counts", keepdims=1)
    node("Max", ["counts", "one"], "counts.some")
    node("Sqrt", ["counts.some"], "counts.root")
    node("Div", ["summed", "counts.root"], "tokens")
    node("Min", ["counts", "one"], "mask")
    node("Transpose", ["mask"], "mask.turned", perm=[0, 2, 1])
    previous = node("Transpose", ["tokens"], "turned", perm=[0, 2, 1])
    for i in range(layers):
        weight = state[f"convs.{i}.weight"]
        constants[f"conv.{i}.weights"] = weight.reshape(hidden, 3, -1).transpose(0, 2, 1).copy()
        constants[f"conv.{i}.bias"] = state[f"convs.{i}.bias"]
        node("Conv", [previous, f"conv.{i}.weights", f"conv.{i}.bias"], f"conv.{i}", pads=[1, 1], kernel_shape=[3])
        node("Relu", [f"conv.{i}"], f"relu.{i}")
        masked = node("Mul", [f"relu.{i}", "mask.turned"], f"masked.{i}")
        previous = masked if i == 0 else node("Add", [previous, masked], f"state.{i}")
    node("Cast", ["lengths"], "lengths.float", to=TensorProto.FLOAT)
    node("Sqrt", ["lengths.float"], "lengths.root")
    node("Unsqueeze", ["lengths.root", "middle"], "root")
    node("ReduceMax", [previous], "most", axes=[2], keepdims=0)
    node("ReduceSum", [previous, "last"], "sum", keepdims=0)
    node("Div", ["sum", "root"], "mean")
    node("ReduceSum", ["tokens", "middle"], "bag.sum", keepdims=0)
    node("Div", ["bag.sum", "root"], "bag")
    node("Concat", ["most", "mean", "bag"], "sentence", axis=1)
    node("Gemm", ["sentence", "head.weights", "head.bias"], "logits")

    graph = helper.make_graph(
        nodes,
        "intent",
        [
            helper.make_tensor_value_info("features", TensorProto.INT64, ["batch", "length", "most"]),
            helper.make_tensor_value_info("lengths", TensorProto.INT64, ["batch"]),
        ],
        [
            helper.make_tensor_value_info("sentence", TensorProto.FLOAT, ["batch", 2 * hidden + dim]),
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", len(labels)]),
        ],
        [numpy_helper.from_array(np.ascontiguousarray(v), k) for k, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    shape = {"bits": bits, "dim": dim, "hidden": hidden, "layers": layers}
    for key, value in {"shape": shape, "heads": heads, "labels": labels, **about}.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, json.dumps(value, ensure_ascii=False)
    onnx.checker.check_model(model)
    onnx.save(model, path)
