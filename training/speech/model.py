"""The net: a front end from samples to log mel, convolutions over frequency and time, causal ones over time, one recurrent layer.

Everything it remembers is one row of floats, so that a stream can go on anywhere: see `Streaming` in export.py.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

RATE, HOP, WINDOW, MELS = 8_000, 80, 200, 40
BINS, STACK = 129, 3  # a frame of what comes out is STACK hops: 30 ms
FLOOR = 1e-6  # power under which all is silence: about -83 dB of full scale
FINE, COARSE, WIDE, TIGHT, RECURRENT = 16, 32, 192, 128, 192
DILATIONS = (1, 1, 2)


def mel_weights(bent=lambda f: f, low=80.0, high=3_900.0):
    """[BINS, MELS]; `bent` says where each frequency is to be looked for: another throat (see `throats` in train.py)."""
    mel = lambda f: 1127 * math.log(1 + f / 700)
    edges = [bent(700 * (math.exp((mel(low) + i * (mel(high) - mel(low)) / (MELS + 1)) / 1127) - 1)) for i in range(MELS + 2)]
    at = torch.linspace(0, RATE / 2, BINS)
    return torch.stack([torch.clamp(torch.minimum((at - a) / (b - a), (c - at) / (c - b)), min=0) for a, b, c in zip(edges, edges[1:], edges[2:])], 1)


def _window():
    return 0.5 - 0.5 * torch.cos(2 * math.pi * (torch.arange(WINDOW, dtype=torch.float64) + 0.5) / WINDOW)


def dft_weights():
    """[2 * BINS, 1, WINDOW]: windowed cosines, then sines, as a convolution."""
    n = torch.arange(WINDOW, dtype=torch.float64)
    angle = 2 * math.pi * torch.arange(BINS, dtype=torch.float64)[:, None] * n / 256
    return torch.cat([_window() * torch.cos(angle), _window() * torch.sin(angle)])[:, None].float()


def power_of(samples):
    """What `Net.power` gives, faster, for training: [batch, n + 120] to [batch, BINS, n / 80]."""
    frames = samples.unfold(1, WINDOW, HOP) * _window().float()
    return torch.fft.rfft(frames, 256).abs().square().transpose(1, 2)


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
        # Over frequency too: a formant a little higher or lower is the same formant.
        self.fine = nn.Conv2d(1, FINE, (5, 3), stride=(2, 1), padding=(2, 0))
        self.coarse = nn.Conv2d(FINE, COARSE, (3, 4), stride=(2, STACK), padding=(1, 0), bias=False)
        self.norm = nn.BatchNorm2d(COARSE)
        self.flat = nn.Conv1d(COARSE * MELS // 4, TIGHT, 1, bias=False)
        self.even = nn.BatchNorm1d(TIGHT)
        self.blocks = nn.ModuleList([Block(d) for d in DILATIONS])
        self.gru = nn.GRU(TIGHT, RECURRENT, batch_first=True)
        self.head = nn.Linear(RECURRENT + TIGHT, tokens)

    def memories(self):
        """Shapes of what is remembered, in the order in which it stands in the state: see `forward`."""
        return [(WINDOW - HOP,), (1, MELS, 2), (FINE, MELS // 2, 1), *[(TIGHT, block.memory) for block in self.blocks], (RECURRENT,)]

    def power(self, samples):
        """[batch, n + 120] to [batch, BINS, n / 80]."""
        spectrum = F.conv1d(samples[:, None], self.dft, stride=HOP)
        return spectrum[:, :BINS] ** 2 + spectrum[:, BINS:] ** 2

    def front(self, x, state, after, drop=0.0):
        """From scaled log mel to [batch, TIGHT, frames]."""
        x = torch.cat([state.pop(0), x], 3)
        after.append(x[:, :, :, -2:])
        x = torch.cat([state.pop(0), F.silu(self.fine(x))], 3)
        after.append(x[:, :, :, -1:])
        x = F.dropout2d(F.silu(self.norm(self.coarse(x))), drop / 3, self.training)
        return F.silu(self.even(self.flat(x.flatten(1, 2))))

    def forward(self, power, state, mel=None, drop=0.0):
        """From power to log probabilities [batch, frames, tokens]; `state` as `memories` without the first."""
        mel = self.mel if mel is None else mel
        x = (torch.matmul(mel.transpose(-1, -2), power) + FLOOR).log()
        x = ((x - self.mean) * self.scale)[:, None]
        state, after = list(state), []
        x = self.front(x, state, after, drop)
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
