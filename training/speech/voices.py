"""Voices that read text and say where each word is: espeak-ng as a library, flite and festival as commands.

Every function gives (samples as int16 at 8 kHz, [(word, first sample, last sample + 1)]).
"""

import ctypes
import functools
import os
import re
import subprocess
import tempfile
import wave

import numpy as np
from scipy.signal import resample_poly

RATE = 8_000


def at_8k(samples, rate):
    samples = samples.astype(np.float32)
    if rate != RATE:
        divisor = np.gcd(RATE, rate)
        samples = resample_poly(samples, RATE // divisor, rate // divisor)
    return np.clip(samples, -32768, 32767).astype(np.int16)


def read_wav(path):
    with wave.open(path) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        return at_8k(samples[:: file.getnchannels()], file.getframerate())


def loud_part(samples, first, last, below=30):
    """The part of samples[first:last] from its first to its last 10 ms that are not `below` dB under its loudest."""
    frames = samples[first : first + (last - first) // 80 * 80].astype(np.float32).reshape(-1, 80)
    if len(frames) == 0:
        return first, last
    level = 10 * np.log10((frames**2).mean(1) + 1)
    loud = np.flatnonzero(level > level.max() - below)
    return first + loud[0] * 80, first + (loud[-1] + 1) * 80


class _Event(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("unique", ctypes.c_uint), ("text_position", ctypes.c_int), ("length", ctypes.c_int), ("audio_position", ctypes.c_int), ("sample", ctypes.c_int), ("user", ctypes.c_void_p), ("id", ctypes.c_char * 8)]


_WORD, _END = 1, 5
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class Espeak:
    """espeak-ng in this process; a second one cannot be made."""

    def __init__(self):
        self.library = ctypes.CDLL("libespeak-ng.so.1")
        self.rate = self.library.espeak_Initialize(2, 500, None, 0)
        self.heard, self.events = [], []
        self.callback = _Callback(self._take)
        self.library.espeak_SetSynthCallback(self.callback)

    def _take(self, samples, count, events):
        if samples and count > 0:
            self.heard.append(np.ctypeslib.as_array(samples, (count,)).copy())
        i = 0
        while events[i].type != 0:
            if events[i].type in (_WORD, _END):
                self.events.append((events[i].type, events[i].text_position, events[i].audio_position))
            i += 1
        return 0

    def say(self, text, voice, rate=160, pitch=50, span=50, gap=0):
        """None where the voice does not exist."""
        if self.library.espeak_SetVoiceByName(voice.encode()) != 0:
            return None
        for name, value in ((1, rate), (3, pitch), (4, span), (7, gap)):
            self.library.espeak_SetParameter(name, int(value), 0)
        self.heard, self.events = [], []
        encoded = text.encode() + b"\0"
        self.library.espeak_Synth(encoded, len(encoded), 0, 1, 0, 1, None, None)
        self.library.espeak_Synchronize()
        if not self.heard:
            return None
        samples = at_8k(np.concatenate(self.heard), self.rate)
        marks = [(kind, position, min(len(samples), ms * RATE // 1000)) for kind, position, ms in self.events]
        words = []
        for i, (kind, position, first) in enumerate(marks):
            found = re.match(r"\W*([\w'-]+)", text[position - 1 :]) if kind == _WORD else None
            last = marks[i + 1][2] if i + 1 < len(marks) else len(samples)
            if found and last - first > 400:
                words.append((found[1].lower(), *loud_part(samples, first, last)))
        return samples, words


@functools.cache
def _phones(word):
    """How many phones flite makes of a word."""
    said = subprocess.run(["flite", "-voice", "kal", "-ps", "-t", word, "-o", os.devnull], capture_output=True, text=True).stdout
    return sum(phone != "pau" for phone in said.split())


def flite(words, voice, stretch, pitch):
    """None where flite joins the words otherwise than one by one."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "said.wav")
        command = ["flite", "-voice", voice, "-psdur", "--setf", f"duration_stretch={stretch:.2f}", "--setf", f"int_f0_target_mean={pitch:.0f}", "-t", " ".join(words), "-o", path]
        ends = [(part.split(":")[0], float(part.split(":")[1])) for part in subprocess.run(command, capture_output=True, text=True).stdout.split()]
        samples = read_wav(path)
    if sum(phone != "pau" for phone, _ in ends) != sum(map(_phones, words)):
        return None
    spans, begun, left, rest = [], 0.0, 0, list(words)
    for i, (phone, end) in enumerate(ends):
        if phone == "pau":
            continue
        if left == 0:
            left, begun = _phones(rest[0]), ends[i - 1][1] if i else 0.0
        left -= 1
        if left == 0:
            spans.append((rest.pop(0), *loud_part(samples, int(begun * RATE), min(len(samples), int(end * RATE)))))
    return samples, spans


def festival(lines, voice, folder):
    """Reads all lines (lists of words) in one run; its word times come from its own segments."""
    script = [f"(voice_{voice})"]
    for i, words in enumerate(lines):
        script.append(f'(set! u (utt.synth (Utterance Text "{" ".join(words)}")))(utt.save.wave u "{folder}/{i}.wav")')
        script.append(f'(mapcar (lambda (w) (format t "{i} %s %f %f\\n" (item.name w) (item.feat w "word_start") (item.feat w "word_end"))) (utt.relation.items u \'Word))')
    path = os.path.join(folder, "all.scm")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(script))
    spans = {}
    for line in subprocess.run(["festival", "-b", path], capture_output=True, text=True, check=True).stdout.splitlines():
        number, word, first, last = line.split()
        spans.setdefault(int(number), []).append((word, float(first), float(last)))
    for i, words in enumerate(lines):
        if [word for word, _, _ in spans.get(i, [])] == list(words):
            samples = read_wav(f"{folder}/{i}.wav")
            yield samples, [(w, *loud_part(samples, int(a * RATE), min(len(samples), int(b * RATE)))) for w, a, b in spans[i]]


def festival_alone(spelt, voice, stretches, folder):
    """Each of `spelt` ({word: as the voice would spell it}) by itself, at each length, with 25 ms around it."""
    script, names = [f"(voice_{voice})"], []
    for stretch in stretches:
        script.append(f"(Parameter.set 'Duration_Stretch {stretch})")
        for word, text in spelt.items():
            script.append(f'(set! u (utt.synth (Utterance Text "{text}")))(utt.save.wave u "{folder}/{len(names)}.wav")')
            names.append(word)
    path = os.path.join(folder, "all.scm")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(script))
    subprocess.run(["festival", "-b", path], capture_output=True, check=True)
    for i, word in enumerate(names):
        samples = read_wav(f"{folder}/{i}.wav")
        first, last = loud_part(samples, 0, len(samples))
        yield samples[max(0, first - 200) : last + 200], [(word, 200, 200 + last - first)]
