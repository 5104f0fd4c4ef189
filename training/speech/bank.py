"""All that training hears, as samples with words and their places: made once, kept in a file.

    nice python bank.py --to /tmp/turnstream-speech/bank.npz
"""

import argparse
import collections
import glob
import json
import os
import sys
import tempfile

import numpy as np
from scipy.signal import resample_poly

from morph import morphed
from voices import Espeak, festival, festival_alone, flite, loud_part, read_wav
from words import ACCENTED, ACCENTED_VOICES, ACCENTS, DIGITS, HOMOPHONES, INDEX, OTHERS, TOKENS, UNKNOWN, WORDS

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../shared/data")
SPEAKERS = ["george", "jackson", "lucas", "nicolas"]  # theo and yweweler are for the measure only
UNK = INDEX[UNKNOWN]
# What a part of an utterance may be: a word, or speech of which only is known that it is none of ours.
WORD, FREE = 0, 1

Said = collections.namedtuple("Said", "samples spans kind")  # spans: [(token, first, last, WORD | FREE)]


def stretched(samples, factor):
    """The same pitch, `factor` times as long (WSOLA with frames of 32 ms)."""
    if factor == 1:
        return samples
    x, frame, hop, seek = samples.astype(np.float32), 256, 128, 60
    count = max(1, int(len(x) * factor - frame) // hop + 1)
    x = np.concatenate([np.zeros(seek, np.float32), x, np.zeros(frame + hop + 2 * seek, np.float32)])
    window = np.hanning(frame + 1)[:frame].astype(np.float32)
    out, weight = np.zeros(count * hop + frame, np.float32), np.full(count * hop + frame, 1e-3, np.float32)
    at = seek
    for i in range(count):
        wanted = int(i * hop / factor) + seek
        if i:
            natural = x[at + hop : at + hop + frame]
            area = x[wanted - seek : wanted + seek + frame]
            match = np.correlate(area, natural, "valid")
            at = wanted - seek + int(match.argmax())
        else:
            at = wanted
        out[i * hop : i * hop + frame] += x[at : at + frame] * window
        weight[i * hop : i * hop + frame] += window
    return (out / weight).astype(np.int16)


PITCHES = [(19, 16), (9, 8), (17, 16), (1, 1), (15, 16), (8, 9), (16, 19)]
STRETCHES = [0.82, 1.0, 1.22]


def varied(samples, pitch, stretch):
    """Another throat and pace: resampled by a ratio of small numbers, then stretched."""
    up, down = PITCHES[pitch]
    x = resample_poly(samples.astype(np.float32), up, down) if up != down else samples
    return stretched(np.clip(x, -32768, 32767).astype(np.int16), STRETCHES[stretch])


def digits():
    """Real speakers' digits, in 21 variants each; the kind names speaker and variant, so that strings keep one voice."""
    for path in sorted(glob.glob(f"{DATA}/voice/fsdd/wav/*.wav")):
        digit, speaker, _ = os.path.basename(path).split("_")
        if speaker not in SPEAKERS:
            continue
        samples = read_wav(path)
        for pitch in range(len(PITCHES)):
            for stretch in range(len(STRETCHES)):
                x = varied(samples, pitch, stretch)
                token = INDEX[WORDS[int(digit)]]
                yield Said(x, [(token, *loud_part(x, 0, len(x)), WORD)], f"{speaker}{pitch}{stretch}")


def other_real():
    """Real speech without our words: a fourth of picovoice, a few sentences, Chinese words."""
    pico = sorted(glob.glob(f"{DATA}/voice/picovoice-s2i/wav/*.wav"))[0::4]
    misc = [f"{DATA}/voice/misc/wav/{name}.wav" for name in ("librispeech_1995-1837-0001", "aishell_BAC009S0724W0121", "uberi_chinese", "silero_vad_60s")]
    for path in pico + misc:
        samples = read_wav(path)
        for pitch in range(len(PITCHES)):
            x = varied(samples, pitch, pitch % 3)
            yield Said(x, [(UNK, 0, len(x), FREE)], "other")
    for path in sorted(glob.glob(f"{DATA}/voice/zh-words/wav/*.wav")):
        x = read_wav(path)
        yield Said(x, [(UNK, *loud_part(x, 0, len(x)), FREE)], "other")


def tokens(words, sentence):
    """Spans with tokens: in sentences, what only sounds like one of ours is another word."""
    for word, first, last in words:
        known = word in INDEX and not (sentence and word in HOMOPHONES)
        yield (INDEX[word] if known else UNK, first, last, WORD if known or not sentence else FREE)


def random_words(rng):
    """One to seven words: mostly all digits or all from the list, with foreign ones between."""
    count = int(rng.integers(1, 8))
    pool = DIGITS if rng.random() < 0.45 else WORDS
    return [str(rng.choice(OTHERS if rng.random() < 0.15 else pool)) for _ in range(count)]


def sentences(part="train"):
    """Requests of customers, as text: read aloud, they are the speech in which none of our words should be heard."""
    for name in ("banking77", "clinc150", "restaurant8k"):
        path = f"{DATA}/nlu/{name}/{part}.jsonl"
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                for line in file:
                    text = json.loads(line)["text"]
                    if 15 < len(text) < 90 and text.isascii() and not any(c.isdigit() for c in text):
                        yield text


def espeak_all(rng, espeak, scale):
    variants = sorted(os.listdir("/usr/lib/x86_64-linux-gnu/espeak-ng-data/voices/!v"))
    variants = [v for v in variants if "hisper" not in v and v not in ("fast", "announcer", "Demonic")]
    english = ["en-us", "en-us", "en-us", "en", "en", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029"]
    foreign = "de fr es it nl el pl pt ru tr hi sv fi hu ro cs da".split()
    texts = list(sentences())

    def manner():
        return dict(rate=rng.integers(95, 240), pitch=rng.integers(15, 85), span=rng.integers(10, 90), gap=rng.integers(0, 12) if rng.random() < 0.4 else 0)

    for i in range(4200 * scale // 4):
        said = espeak.say(" ".join(random_words(rng)), f"{rng.choice(english)}+{rng.choice(variants)}", **manner())
        if said:
            yield Said(said[0], list(tokens(said[1], False)), "synth-espeak")
    for i in range(2600 * scale // 4):
        language = rng.choice(english) if i % 3 else rng.choice(foreign)
        said = espeak.say(str(rng.choice(texts)), f"{language}+{rng.choice(variants)}", **manner())
        if said:
            # A foreign voice mangles ours as well: what it says is nobody's word.
            spans = tokens(said[1], True) if i % 3 else [(UNK, 0, len(said[0]), FREE)]
            yield Said(said[0], list(spans), "sentence")
    for language, spelt in ACCENTS.items():
        for _ in range(40 * scale // 4):
            chosen = rng.integers(0, len(spelt), rng.integers(1, 6))
            said = espeak.say(" ".join(spelt[k] for k in chosen), f"{language}+{rng.choice(variants)}", **manner())
            if said and len(said[1]) == len(chosen):
                yield Said(said[0], [(INDEX[ACCENTED[k]], a, b, WORD) for k, (_, a, b) in zip(chosen, said[1])], "synth-accent")


def flite_all(rng, scale):
    for voice, pitch in (("kal", 105), ("awb", 130), ("rms", 105), ("slt", 175)):
        for _ in range(420 * scale // 4):
            said = flite(random_words(rng), voice, rng.uniform(0.75, 1.4), pitch * rng.uniform(0.8, 1.3))
            if said:
                yield Said(said[0], list(tokens(said[1], False)), f"synth-{voice}")


def festival_all(rng, scale):
    with tempfile.TemporaryDirectory() as folder:
        # A hyphen or apostrophe would make two words of one.
        lines = [[w for w in random_words(rng) if w.isalpha()] or ["no"] for _ in range(400 * scale // 4)]
        for samples, words in festival(lines, "cmu_us_slt_arctic_hts", folder):
            yield Said(samples, list(tokens(words, False)), "synth-hts")


def accents_all(rng):
    """Digits, yes and no by voices of other languages, each at all pitches: few words, but other throats."""
    for voice, (spelt, stretches) in ACCENTED_VOICES.items():
        with tempfile.TemporaryDirectory() as folder:
            for samples, [(word, _, _)] in festival_alone(spelt, voice, stretches, folder):
                loud = (samples * (9000 / max(1, np.abs(samples).max()))).astype(np.int16)
                for pitch in range(len(PITCHES)):
                    x = varied(loud, pitch, int(rng.integers(len(STRETCHES))))
                    yield Said(x, [(INDEX[word], *loud_part(x, 0, len(x)), WORD)], f"accent-{voice}{pitch}")


def between(rng, said):
    """Every speaker's digits, on the way to every other voice: see morph.py. All of a kind keep one voice."""
    clips = collections.defaultdict(lambda: collections.defaultdict(list))
    for s in said:
        speaker = s.kind.removesuffix(f"{PITCHES.index((1, 1))}{STRETCHES.index(1.0)}")
        if s.kind.startswith("accent-"):  # of these, the pitch as it was made
            speaker = s.kind[:-1] if s.kind.endswith(str(PITCHES.index((1, 1)))) else "none"
        if speaker in SPEAKERS or speaker.startswith("accent-") or speaker.startswith("synth-") and speaker != "synth-accent":
            for token, first, last, kind in s.spans:
                if kind == WORD and token != UNK and last - first > 1000 and WORDS.index(TOKENS[token]) < 10:
                    clips[speaker][token].append(s.samples[first:last])
    for speaker in SPEAKERS:
        for other in sorted(clips):
            for share in (0.45, 0.85):
                if other == speaker:
                    continue
                pitch, stretch = rng.integers(len(PITCHES)), rng.integers(len(STRETCHES))
                few = other.startswith("accent-")
                for token, own in clips[speaker].items():
                    theirs = clips[other][token]
                    for samples in own[:: 8 if few else 1] if theirs else []:
                        x = varied(morphed(samples, theirs[rng.integers(len(theirs))], share), pitch, stretch)
                        yield Said(x, [(token, *loud_part(x, 0, len(x)), WORD)], f"{speaker}>{other}{share}")


def pack(said):
    """As flat arrays, which share memory between processes and load at once."""
    kinds = sorted({s.kind for s in said})
    return dict(
        samples=np.concatenate([s.samples for s in said]),
        starts=np.cumsum([0] + [len(s.samples) for s in said]),
        spans=np.array([span for s in said for span in s.spans], np.int32),
        span_starts=np.cumsum([0] + [len(s.spans) for s in said]),
        kinds=np.array(kinds),
        kind=np.array([kinds.index(s.kind) for s in said], np.int16),
    )


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--to", required=True)
    options.add_argument("--scale", type=int, default=4, help="how much is synthesised, in fourths")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    if not os.path.isdir(f"{DATA}/voice/fsdd/wav"):
        sys.exit("training needs the recordings in ../shared/data/voice beside the repository (see README.md, Data)")
    rng, said = np.random.default_rng(given.seed), []
    for name, part in (
        ("digits", digits()),
        ("other", other_real()),
        ("espeak", espeak_all(rng, Espeak(), given.scale)),
        ("flite", flite_all(rng, given.scale)),
        ("festival", festival_all(rng, given.scale)),
        ("accents", accents_all(rng)),
    ):
        before = len(said)
        said += part
        print(f"{name}: {len(said) - before} utterances, {sum(len(s.samples) for s in said[before:]) / 8000:.0f} s", flush=True)
    before = len(said)
    said += list(between(rng, said))
    print(f"between: {len(said) - before} words", flush=True)
    os.makedirs(os.path.dirname(given.to), exist_ok=True)
    np.savez(given.to, **pack(said))


if __name__ == "__main__":
    main()
