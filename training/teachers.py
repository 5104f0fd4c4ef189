"""What other starts say: a start that learns from several of them knows more than each (README.md)."""

import json

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from model import Net

HEAT = 2.0  # makes the teachers less sure, so that their second and third guesses count


def load(path):
    """A net from the file that export.py wrote, and its heads."""
    model = onnx.load(path)
    stored = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    about = {entry.key: json.loads(entry.value) for entry in model.metadata_props}
    shape = about["shape"]
    net = Net(2 ** shape["bits"], shape["dim"], shape["hidden"], stored["head.bias"].shape[0], shape["layers"])
    copied = lambda values: torch.from_numpy(np.array(values, np.float32))
    with torch.no_grad():
        # The file's last row, of zeros, stands for "no feature".
        net.table.copy_(copied((stored["table"] * stored["factors"])[:-1]))
        for i, conv in enumerate(net.convs):
            conv.weight.copy_(copied(stored[f"conv.{i}.weights"].transpose(0, 2, 1).reshape(shape["hidden"], -1)))
            conv.bias.copy_(copied(stored[f"conv.{i}.bias"]))
        net.head.weight.copy_(copied(stored["head.weights"].T))
        net.head.bias.copy_(copied(stored["head.bias"]))
    return net.eval(), about["heads"]


@torch.no_grad()
def said(paths, task):
    """The mean of the teachers' shares under every head, not only a text's own: a row for each text."""
    mean = 0
    for path in paths:
        net, heads = load(path)
        if heads != task.heads:
            raise SystemExit(f"{path} was trained on other sets")
        parts = []
        for i in range(0, len(task.texts), 512):
            logits = net(task.texts.batch(range(i, min(i + 512, len(task.texts))))) / HEAT
            for first, last in task.heads.values():
                logits[:, first:last] = logits[:, first:last].softmax(1)
            parts.append(logits.half())
        mean = mean + torch.cat(parts) / len(paths)
    return mean


def distance(logits, said_of_batch, heads):
    """The mean cross entropy over all heads, to what the teachers said."""
    logs = torch.cat([(logits[:, first:last] / HEAT).log_softmax(1) for first, last in heads.values()], 1)
    return -(said_of_batch.float() * logs).sum(1).mean() / len(heads)
