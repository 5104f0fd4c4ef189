"""Batches: utterances and words put one behind another, then sent through rooms, noise and telephones."""

import numpy as np
import torch

from bank import FREE, UNK

FRAME = 240
DELAY = 3  # frames between a sound and what is said of it: 90 ms, which hide in the silence that ends an utterance
# What a frame's target asks for.
EXACTLY, OR_BLANK, BLANK_OR_UNKNOWN, ANYTHING = 0, 1, 2, 3


class Bank:
    def __init__(self, path, without=None):
        data = np.load(path)
        self.samples, self.starts = data["samples"], data["starts"]
        self.spans, self.span_starts = data["spans"], data["span_starts"]
        kinds = [str(k) for k in data["kinds"]]
        self.kind = data["kind"]
        of = lambda *names: np.flatnonzero(np.isin(self.kind, [kinds.index(n) for n in names]))
        self.sentence, self.other = of("sentence"), of("other")
        synth = [k for k in kinds if k.startswith("synth-")]
        self.synth = of(*synth)
        self.voices = [of(k) for k in kinds if k not in ("sentence", "other", *synth) and not (without and without in k)]
        self.lone = np.concatenate(self.voices)

    def get(self, i):
        spans = self.spans[self.span_starts[i] : self.span_starts[i + 1]]
        return self.samples[self.starts[i] : self.starts[i + 1]].astype(np.float32), [tuple(s) for s in spans]


def played(x, spans, speed):
    """Faster or slower, as a tape is: a little higher or lower with it."""
    count = int(len(x) / speed)
    at = np.arange(count, dtype=np.float32) * speed
    return np.interp(at, np.arange(len(x), dtype=np.float32), x).astype(np.float32), [(t, int(a / speed), min(count, int(b / speed)), k) for t, a, b, k in spans]


class Composer:
    """Makes items of `frames` frames: samples with targets (token, what is asked)."""

    def __init__(self, bank, rng, frames):
        self.bank, self.rng, self.frames = bank, rng, frames

    def piece(self, sort, voice):
        rng, bank = self.rng, self.bank
        if sort == "digits":
            x, spans = bank.get(rng.choice(voice if rng.random() < 0.75 else bank.lone))
            chance = rng.random()
            if chance < 0.03:  # a real voice that says nothing of ours
                return x[::-1], [(UNK, 0, len(x), FREE)]
            if chance < 0.05:  # the beginning of a word, broken off
                cut = int(len(x) * rng.uniform(0.15, 0.4))
                return x[:cut], [(UNK, 0, cut, FREE)]
            return x, spans
        x, spans = bank.get(rng.choice({"synth": bank.synth, "sentence": bank.sentence, "other": bank.other}[sort]))
        limit = self.frames * FRAME
        if len(x) > limit:  # a part of it, without half words
            first = int(rng.integers(0, len(x) - limit // 2))
            last = min(len(x), first + limit)
            kept = []
            for token, a, b, kind in spans:
                if kind == FREE or (a >= first and b <= last):
                    if b > first and a < last:
                        kept.append((token, max(a, first) - first, min(b, last) - first, kind))
                elif b > first and a < last:
                    kept.append((UNK, max(a, first) - first, min(b, last) - first, ANYTHING))
            return x[first:last], kept
        return x, spans

    def item(self):
        rng, total = self.rng, self.frames * FRAME
        samples, spans = np.zeros(total, np.float32), []
        main = rng.choice(["digits", "synth", "sentence", "other", "silence"], p=[0.46, 0.34, 0.1, 0.08, 0.02])
        voice = self.bank.voices[rng.integers(len(self.bank.voices))]
        pace = rng.choice(3, p=[0.35, 0.4, 0.25])  # fluent, by the way, slow
        speed = rng.uniform(0.87, 1.15)
        at = int(rng.uniform(0, 0.6) * 8000)
        while main != "silence" and at < total - 1200:
            sort = main if rng.random() < 0.93 else rng.choice(["digits", "synth", "sentence", "other"])
            x, inside = self.piece(sort, voice)
            if len(x) < 400:
                continue
            if rng.random() < 0.5:
                x, inside = played(x, inside, speed)
            if sort == "digits" and pace == 0 and rng.random() < 0.7:  # tighter: without the silence of its own edges
                a, b = inside[0][1], inside[0][2]
                x, inside = x[a:b], [(t, s - a, e - a, k) for t, s, e, k in inside]
                if len(x) < 400:
                    continue
            level = np.sqrt((x**2).mean()) + 1
            x = x * (10 ** (rng.normal(0, 2.5) / 20) * 2000 / level)
            fade = min(80, len(x) // 4)
            x[:fade] *= np.linspace(0, 1, fade)
            x[-fade:] *= np.linspace(1, 0, fade)
            end = min(total, at + len(x))
            samples[at:end] += x[: end - at]
            spans += [(t, at + a, at + b, k) for t, a, b, k in inside]
            gap = (rng.uniform(-0.05, 0.04), rng.uniform(0.02, 0.25), rng.exponential(0.4))[pace]
            at = end + int(gap * 8000)
        return samples, self.targets(spans)

    def targets(self, spans):
        token, asked = np.zeros(self.frames, np.int64), np.zeros(self.frames, np.int64)
        at = (np.arange(self.frames) + 1 - DELAY) * FRAME
        for t, a, b, kind in spans:
            if kind == FREE or kind == ANYTHING:
                inside = (at >= a) & (at < b + 480)
                token[inside], asked[inside] = UNK, BLANK_OR_UNKNOWN if kind == FREE else ANYTHING
                continue
            # The end of the word before may have been written over its beginning.
            length = b - a
            token[(at >= a) & (at < b)], asked[(at >= a) & (at < a + 0.25 * length)] = t, EXACTLY
            token[(at >= a) & (at < a + 0.25 * length)] = 0
            between = (at >= a + 0.25 * length) & (at < a + 0.55 * length)
            asked[between] = OR_BLANK
            asked[(at >= a + 0.55 * length) & (at < b)] = EXACTLY
            after = (at >= b) & (at < b + 480)
            token[after], asked[after] = t, OR_BLANK
        return token, asked


def to_mulaw(x):
    """Through 8 bits and back, as G.711 does it (by its formula)."""
    y = torch.sign(x) * torch.log1p(255 * x.abs().clamp(max=1)) / np.log(256)
    y = torch.round(y * 127.5 - 0.5) / 127.5 + 0.5 / 127.5
    return torch.sign(y) * (256 ** y.abs() - 1) / 255


def to_alaw(x):
    a, b = x.abs().clamp(max=1), 1 + np.log(87.6)
    y = torch.where(a < 1 / 87.6, 87.6 * a / b, (1 + torch.log((87.6 * a).clamp(min=1e-9))) / b)
    y = (torch.round(y * 127.5 - 0.5) + 0.5) / 127.5
    back = torch.where(y < 1 / b, y * b / 87.6, torch.exp(y * b - 1) / 87.6)
    return torch.sign(x) * back


class Channel:
    """What happens between a mouth and the model, for a whole batch at once."""

    def __init__(self, rng, bank):
        self.rng, self.bank = rng, bank

    def babble(self, length):
        out = np.zeros(length, np.float32)
        for _ in range(int(self.rng.integers(1, 7))):
            i = self.rng.choice(self.bank.other if self.rng.random() < 0.4 else self.bank.sentence)
            x, _ = self.bank.get(i)
            x = np.resize(np.roll(x, self.rng.integers(len(x))), length)
            out += x / (np.sqrt((x**2).mean()) + 1)
        return out

    def __call__(self, samples):
        """[batch, n] floats of int16 size to floats from -1 to 1."""
        rng, (batch, n) = self.rng, samples.shape
        x = torch.from_numpy(samples) / 32768
        size = n + 4_000  # 40,000 for 150 frames: a product of small primes
        spoken = (x.abs() > 1e-4).float()
        power = (x**2).sum(1) / spoken.sum(1).clamp(min=1)
        power = torch.where(power > 0, power, power.new_tensor(1e-3))

        # Rooms: echoes that die away, behind the direct sound.
        room = np.zeros((batch, 4000), np.float32)
        room[:, 0] = 1
        for b in range(batch):
            if rng.random() < 0.4:
                t = np.arange(1, 4000)
                tail = rng.standard_normal(3999) * 10 ** (-3 * t / (8000 * rng.uniform(0.08, 0.5)))
                tail *= 10 ** (rng.uniform(-18, -2) / 20) / np.sqrt((tail**2).sum())
                room[b, 1:] = tail * (t > rng.integers(8, 120))
        # Microphones and lines: a smooth random curve, often with a telephone's band.
        at = np.linspace(0, 4000, size // 2 + 1)
        curve = np.zeros((batch, len(at)), np.float32)
        for b in range(batch):
            knots = np.cumsum(rng.normal(0, rng.uniform(0, 4), 8))
            curve[b] = np.interp(at, np.array([0, 150, 300, 600, 1200, 2000, 3000, 4000]), knots - knots.mean())
            chance = rng.random()
            if chance < 0.5:
                low, high = rng.uniform(100, 400), rng.uniform(2700, 3700)
                curve[b] -= 24 * np.clip(np.log2(low / np.maximum(at, 20)), 0, None) + 60 * np.clip(np.log2(np.maximum(at, 20) / high), 0, None)
        gain = torch.from_numpy(10 ** (curve / 20))
        spectrum = torch.fft.rfft(x, size) * torch.fft.rfft(torch.from_numpy(room), size) * gain
        x = torch.fft.irfft(spectrum, size)[:, :n]
        x = x * (power / ((x**2).sum(1) / spoken.sum(1).clamp(min=1)).clamp(min=1e-12)).sqrt()[:, None]

        # Noise of a random colour, or others talking, or both; sometimes it comes and goes.
        white = torch.fft.rfft(torch.from_numpy(rng.standard_normal((batch, n)).astype(np.float32)), size)
        slope = torch.from_numpy(rng.uniform(-1.1, 0.3, (batch, 1)).astype(np.float32))
        tint = torch.clamp(torch.from_numpy(at.astype(np.float32)), min=40)[None] ** slope
        line = torch.from_numpy((rng.random((batch, 1)) < 0.5).astype(np.float32))
        noise = torch.fft.irfft(white * tint * (gain * line + 1 - line), size)[:, :n]
        noise = noise / noise.std(1, keepdim=True)
        for b in range(batch):
            chance = rng.random()
            if chance < 0.3:
                others = torch.from_numpy(self.babble(n))
                noise[b] = noise[b] * rng.uniform(0, 0.7) + others / (others.std() + 1e-3)
            elif chance < 0.45:
                swing = np.interp(np.arange(n), np.sort(rng.uniform(0, n, 8)), rng.uniform(-12, 6, 8))
                noise[b] *= torch.from_numpy(10 ** (swing / 20)).float()
            elif chance < 0.52:
                t = np.arange(n) / 8000
                hum = sum(np.sin(2 * np.pi * rng.choice([50, 60, 440, 1000]) * k * t + rng.uniform(0, 6)) / k for k in (1, 2, 3))
                noise[b] = noise[b] * 0.3 + torch.from_numpy(hum.astype(np.float32))
        noise = noise / (noise**2).mean(1, keepdim=True).sqrt().clamp(min=1e-6)
        snr = np.where(rng.random(batch) < 0.2, rng.uniform(35, 70, batch), rng.uniform(2, 35, batch))
        x = x + noise * (power * torch.from_numpy(10 ** (-snr / 10)).float()).sqrt()[:, None]

        # Loudness, converters, codecs, lost packets.
        level = torch.from_numpy(10 ** (rng.uniform(-58, -8, batch) / 20)).float()
        x = x * (level / power.sqrt())[:, None]
        for b in range(batch):
            chance = rng.random()
            if chance < 0.35:
                x[b] = to_mulaw(x[b])
            elif chance < 0.45:
                x[b] = to_alaw(x[b])
            if rng.random() < 0.05:
                for at_ in rng.integers(0, n - 160, 6):
                    x[b, at_ : at_ + 160] = 0
        return (x.clamp(-1, 1) * 32768).round() / 32768


class Batches(torch.utils.data.IterableDataset):
    """Endless; the same seed gives the same batches."""

    def __init__(self, path, without, batch, frames, seed):
        self.path, self.without, self.batch, self.frames, self.seed = path, without, batch, frames, seed

    def __iter__(self):
        torch.set_num_threads(1)
        worker = torch.utils.data.get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0])
        bank = Bank(self.path, self.without)
        composer, channel = Composer(bank, rng, self.frames), Channel(rng, bank)
        while True:
            made = [composer.item() for _ in range(self.batch)]
            x = channel(np.stack([samples for samples, _ in made]))
            yield x, torch.from_numpy(np.stack([t for _, (t, _) in made])), torch.from_numpy(np.stack([a for _, (_, a) in made]))
