"""Weights as ONNX with the runtime's settings beside them:

    python export.py --from /tmp/turnstream-speech/run.pt --to ../../models/speech-en-small
"""

import argparse
import copy
import hashlib
import json
import math
import os

import onnx
import torch
from torch import nn

from mix import DELAY
from model import HOP, MELS, RATE, STACK, WINDOW, Net
from words import BLANK, DIGITS, SERVICE, TOKENS, UNKNOWN

# How the decoder reads the model's output (shared/speech/decoder.ts): chosen on a speaker that training had not heard.
DECODER = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "decoder.json"), encoding="utf-8"))


def folded(conv, norm):
    """One convolution that does what conv and norm do."""
    factor = norm.weight / (norm.running_var + norm.eps).sqrt()
    one = copy.deepcopy(conv)
    one.weight.data = conv.weight * factor.view(-1, *[1] * (conv.weight.dim() - 1))
    one.bias = nn.Parameter(norm.bias - norm.running_mean * factor)
    return one


class Streaming(nn.Module):
    """(audio [1, n], state [1, S]) to (logprobs [1, n / 240, tokens], next_state [1, S])."""

    def __init__(self, net):
        super().__init__()
        net.coarse, net.norm = folded(net.coarse, net.norm), nn.Identity()
        net.flat, net.even = folded(net.flat, net.even), nn.Identity()
        for block in net.blocks:
            block.conv, block.norm = folded(block.conv, block.norm), nn.Identity()
        self.net = net
        self.shapes = net.memories()
        self.sizes = [math.prod(shape) for shape in self.shapes]

    def forward(self, audio, state):
        tail, *rest = [part.reshape(1, *shape) for part, shape in zip(state.split(self.sizes, 1), self.shapes)]
        samples = torch.cat([tail, audio], 1)
        logprobs, after = self.net(self.net.power(samples), rest)
        kept = [samples[:, -(WINDOW - HOP) :], *after]
        return logprobs, torch.cat([part.reshape(1, size) for part, size in zip(kept, self.sizes)], 1)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--from", dest="start", required=True)
    options.add_argument("--to", required=True)
    given = options.parse_args()
    saved = torch.load(given.start, map_location="cpu", weights_only=True)
    net = Net(len(TOKENS))
    net.load_state_dict(saved["average"])
    # What blank and unknown speech are held to be worth: callers' voices are stranger to the model than training's.
    with torch.no_grad():
        for token, factor in DECODER["prior"].items():
            net.head.bias[TOKENS.index(token)] += math.log(factor)
    streaming = Streaming(net.eval())
    size = sum(streaming.sizes)
    os.makedirs(given.to, exist_ok=True)
    path = os.path.join(given.to, "model.onnx")
    torch.onnx.export(
        streaming,
        (torch.zeros(1, 720), torch.zeros(1, size)),
        path,
        input_names=["audio", "state"],
        output_names=["logprobs", "next_state"],
        dynamic_axes={"audio": {1: "samples"}, "logprobs": {1: "frames"}},
        opset_version=17,
        dynamo=False,
    )
    onnx.checker.check_model(path)
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    names = ["audio tail", "log mel", "fine convolution", *[f"block {i + 1}" for i in range(len(net.blocks))], "recurrent layer"]
    config = {
        "sha256": digest,
        "sampleRate": RATE,
        "frameMs": 1000 * HOP * STACK // RATE,
        "delayMs": DELAY * 1000 * HOP * STACK // RATE,
        "stateSize": size,
        "state": [{"what": name, "shape": list(shape)} for name, shape in zip(names, streaming.shapes)],
        "tokens": TOKENS,
        "blank": BLANK,
        "unknown": UNKNOWN,
        "threshold": DECODER["threshold"],
        "decoder": {
            **{key: DECODER[key] for key in ("speech", "shortest", "split")},
            "full": [DECODER["full"].get(token, DECODER["full"]["any"]) for token in TOKENS],
        },
        "context": {"groups": [DIGITS, SERVICE], **DECODER["context"]},
        "context": {"groups": [DIGITS, SERVICE], **DECODER["context"]},
        "training": {"steps": saved["step"], "seed": saved["seed"], "parameters": sum(p.numel() for p in net.parameters())},
        "language": "en",
        "licence": "CC BY-SA 4.0",
    }
    with open(os.path.join(given.to, "config.json"), "w", encoding="utf-8") as file:
        json.dump(config, file, indent=2)
        file.write("\n")
    print(f"{os.path.getsize(path) / 1e6:.2f} MB, {size} floats of state")


if __name__ == "__main__":
    main()
