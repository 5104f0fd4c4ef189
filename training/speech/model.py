"""The net: a front end from samples to log mel, causal convolutions, one recurrent layer.

Everything it remembers is one row of floats, so that a stream can go on anywhere: see `Streaming` in export.py.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

RATE, HOP, WINDOW, MELS = 8_000, 80, 200, 40
BINS, STACK = 129, 3  # a frame of what comes out is STACK hops: 30 ms
FLOOR = 1e-6  # power under which all is silence: about -83 dB of full scale
WIDE, TIGHT, RECURRENT = 192, 128, 192
DILATIONS = (1, 1, 2)


def mel_weights(warp=1.0, low=80.0, high=3_900.0):
    """[BINS, MELS]; a warp other than 1 is another length of throat."""
    mel = lambda f: 1127 * math.log(1 + f / 700)
    edges = [700 * (math.exp((mel(low) + i * (mel(high) - mel(low)) / (MELS + 1)) / 1127) - 1) for i in range(MELS + 2)]
    knee = 3_200.0 / max(1.0, warp)
    bent = lambda f: f * warp if f <= knee else 4_000 - (4_000 - knee * warp) * (4_000 - f) / (4_000 - knee)
    edges = [bent(edge) for edge in edges]
    at = torch.linspace(0, RATE / 2, BINS)
    return torch.stack([torch.clamp(torch.minimum((at - a) / (b - a), (c - at) / (c - b)), min=0) for a, b, c in zip(edges, edges[1:], edges[2:])], 1)


def dft_weights():
    """[2 * BINS, 1, WINDOW]: windowed cosines, then sines, as a convolution."""
    n = torch.arange(WINDOW, dtype=torch.float64)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * (n + 0.5) / WINDOW)
    angle = 2 * math.pi * torch.arange(BINS, dtype=torch.float64)[:, None] * n / 256
    return torch.cat([window * torch.cos(angle), window * torch.sin(angle)])[:, None].float()


class Block(nn.Module):
    """A causal convolution of width 3 with a way past it."""

    def __init__(self, dilation):
        super().__init__()
        self.memory = 2 * dilation
        self.conv = nn.Conv1d(TIGHT, WIDE, 3, dilation=dilation, bias=False)
        self.norm = nn.BatchNorm1d(WIDE)
        self.out = nn.Conv1d(WIDE, TIGHT, 1)

    def forward(self, x, before):
        x = torch.cat([before, x], 2)
        return x[:, :, self.memory :] + self.out(F.silu(self.norm(self.conv(x)))), x[:, :, -self.memory :]


class Net(nn.Module):
    def __init__(self, tokens):
        super().__init__()
        self.register_buffer("dft", dft_weights(), persistent=False)
        self.register_buffer("mel", mel_weights(), persistent=False)
        self.register_buffer("mean", torch.full((MELS, 1), -6.0))
        self.register_buffer("scale", torch.full((MELS, 1), 0.3))
        self.first = nn.Conv1d(MELS, 64, 3)
        self.second = nn.Conv1d(64, TIGHT, 6, stride=STACK, bias=False)
        self.norm = nn.BatchNorm1d(TIGHT)
        self.blocks = nn.ModuleList([Block(d) for d in DILATIONS])
        self.gru = nn.GRU(TIGHT, RECURRENT, batch_first=True)
        self.head = nn.Linear(RECURRENT + TIGHT, tokens)

    def memories(self):
        """Shapes of what is remembered, in the order in which it stands in the state: see `forward`."""
        return [(WINDOW - HOP,), (MELS, 2), (64, 3), *[(TIGHT, block.memory) for block in self.blocks], (RECURRENT,)]

    def power(self, samples):
        """[batch, n + 120] to [batch, BINS, n / 80]."""
        spectrum = F.conv1d(samples[:, None], self.dft, stride=HOP)
        return spectrum[:, :BINS] ** 2 + spectrum[:, BINS:] ** 2

    def forward(self, power, state, mel=None, drop=0.0):
        """From power to log probabilities [batch, frames, tokens]; `state` as `memories` without the first."""
        mel = self.mel if mel is None else mel
        x = (torch.matmul(mel.transpose(-1, -2), power) + FLOOR).log()
        x = (x - self.mean) * self.scale
        state, after = list(state), []
        x = torch.cat([state.pop(0), x], 2)
        after.append(x[:, :, -2:])
        x = torch.cat([state.pop(0), F.silu(self.first(x))], 2)
        after.append(x[:, :, -3:])
        x = F.silu(self.norm(self.second(x)))
        for block in self.blocks:
            x, kept = block(x, state.pop(0))
            after.append(kept)
        x = F.dropout(x.transpose(1, 2), drop, self.training)
        y, hidden = self.gru(x, state.pop(0)[None])
        after.append(hidden[0])
        y = F.dropout(torch.cat([y, x], 2), drop, self.training)
        return self.head(y).log_softmax(-1), after

    def zeros(self, batch):
        return [torch.zeros(batch, *shape) for shape in self.memories()[1:]]
