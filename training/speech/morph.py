"""A speaker half way to another: the pitch and timing of one, part of the other's spectral envelope.

Four speakers are few. Between them, and between them and synthetic voices, lie many more.
"""

import numpy as np

from model import mel_weights

FRAME, HOP, SIZE = 200, 80, 256
_MEL = mel_weights().numpy()
_WIDTH = _MEL.sum(0)
_BACK = (_MEL / np.maximum(_MEL.sum(1, keepdims=True), 1e-6)).T  # bands to bins: between neighbours, a straight line
_WINDOW = np.hanning(FRAME + 1)[:FRAME].astype(np.float32)


def _spectra(samples):
    x = np.concatenate([np.zeros(FRAME - HOP, np.float32), samples.astype(np.float32), np.zeros(FRAME, np.float32)])
    count = (len(x) - FRAME) // HOP + 1
    frames = np.lib.stride_tricks.sliding_window_view(x, FRAME)[: count * HOP : HOP]
    return np.fft.rfft(frames * _WINDOW, SIZE)


def _levels(spectra):
    return np.log((np.abs(spectra) ** 2) @ _MEL / _WIDTH + 1e4)


def _path(a, b):
    """For each frame of a, the frame of b that dynamic time warping gives it."""
    cost = ((a[:, None] - b[None]) ** 2).sum(2)
    n, m = cost.shape
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0
    # Row by row: along a row only the step from the left is left to be done in order.
    for i in range(n):
        best = np.minimum(total[i, :-1], total[i, 1:]) + cost[i]
        run = np.cumsum(cost[i])
        total[i + 1, 1:] = np.minimum.accumulate(best - run) + run
    i, j, path = n, m, np.zeros(n, int)
    while i > 0:
        path[i - 1] = j - 1
        step = int(np.argmin([total[i - 1, j - 1], total[i - 1, j], total[i, j - 1]]))
        i, j = (i - 1, j - 1) if step == 0 else (i - 1, j) if step == 1 else (i, j - 1)
        j = max(j, 1)
    return path


def morphed(samples, other, share):
    """`samples` with `share` of the way (0 to 1) to the envelope of `other`, which says the same word."""
    spectra = _spectra(samples)
    own, theirs = _levels(spectra), _levels(_spectra(other))
    centred = lambda levels: levels - levels.mean(0)
    path = _path(centred(own), centred(theirs))
    change = 0.5 * share * (centred(theirs)[path] - centred(own) + 0.5 * (theirs.mean(0) - own.mean(0)))
    change = np.clip(change - change.mean(), -3, 3)
    frames = np.fft.irfft(spectra * np.exp(change @ _BACK), SIZE)[:, :FRAME] * _WINDOW
    out, weight = np.zeros(len(samples) + 3 * FRAME), np.full(len(samples) + 3 * FRAME, 1e-3)
    for i, frame in enumerate(frames):
        out[i * HOP : i * HOP + FRAME] += frame
        weight[i * HOP : i * HOP + FRAME] += _WINDOW**2
    out = (out / weight)[FRAME - HOP :][: len(samples)]
    return np.clip(out, -32768, 32767).astype(np.int16)
