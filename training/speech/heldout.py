"""Words read by a voice that training has not heard (festival's ked), for `measure.ts --said DIR`:

    python heldout.py --to /tmp/turnstream-speech/ked [--what service]

and what settings are chosen by: strings of digits, digits with other words between them, answers with other words
before or after them, and sentences of customers, in which only the words that stand in their text may be heard.
"""

import argparse
import os
import tempfile
import wave

import numpy as np

from bank import sentences
from voices import RATE, festival
from words import DIGITS, SERVICE, WORDS

ODD = "please thanks and then sorry my is the number account code dash space after that comma pardon erm letter london monday street about eleven twenty".split()
ANSWERS = """yes please|no thanks|no thank you|yes i do|yes that is right|um yes|well no|uh okay|okay thanks|help me please
please help|agent please|i want an operator|operator please|please cancel|cancel my order|stop it|go back please|back please
repeat that please|please repeat|the menu please|hello there|hello good morning|thanks goodbye|goodbye then|human please
a representative please|yes exactly|no not really|it is seven|number four please|i think five|three please|two of them
the six|maybe eight|support please""".replace("\n", "|").split("|")
SOUNDS_LIKE = {"to": "two", "too": "two", "for": "four", "won": "one", "ate": "eight", "know": "no", "ok": "okay"}


def lines_of(what, rng):
    """What is read, as lists of words."""
    some = lambda pool, least, most: [str(word) for word in rng.choice(pool, rng.integers(least, most + 1))]
    if what == "digits":
        return [some(DIGITS, 4, 8) for _ in range(150)]
    if what == "mixed":
        return [[str(rng.choice(ODD if rng.random() < 0.25 else DIGITS)) for _ in range(rng.integers(4, 9))] for _ in range(90)]
    if what == "answers":
        return [answer.split() for answer in ANSWERS]
    if what == "sentences":
        texts = [text.lower().strip(".?!").split() for text in sentences("test")]
        texts = [words for words in texts if all(word.isalpha() for word in words)]
        return [texts[i] for i in rng.permutation(len(texts))[:160]]
    return [some(SERVICE, 1, 3) for _ in range(150)]


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--to", required=True)
    options.add_argument("--what", choices=["service", "digits", "mixed", "answers", "sentences"], default="service")
    given = options.parse_args()
    os.makedirs(given.to, exist_ok=True)
    lines = lines_of(given.what, np.random.default_rng(5))
    with tempfile.TemporaryDirectory() as folder, open(f"{given.to}/transcripts.tsv", "w", encoding="utf-8") as index:
        for i, (samples, words) in enumerate(festival(lines, "ked_diphone", folder)):
            with wave.open(f"{given.to}/{i}.wav", "wb") as file:
                file.setparams((1, 2, RATE, 0, "NONE", ""))
                file.writeframes(samples.tobytes())
            said = [SOUNDS_LIKE.get(word, word) for word, _, _ in words]
            index.write(f"{i}.wav\t{' '.join(word for word in said if word in WORDS)}\n")


if __name__ == "__main__":
    main()
