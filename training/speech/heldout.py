"""Words read by a voice that training has not heard (festival's ked), for `measure.ts --said DIR`:

    python heldout.py --to /tmp/turnstream-speech/ked
"""

import argparse
import os
import tempfile
import wave

import numpy as np

from voices import RATE, festival
from words import DIGITS, SERVICE


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--to", required=True)
    options.add_argument("--digits", action="store_true", help="strings of digits instead, to choose settings by")
    given = options.parse_args()
    os.makedirs(given.to, exist_ok=True)
    rng = np.random.default_rng(5)
    lines = [[str(w) for w in rng.choice(DIGITS, rng.integers(4, 9)) if given.digits] or [str(w) for w in rng.choice(SERVICE, rng.integers(1, 4))] for _ in range(150)]
    with tempfile.TemporaryDirectory() as folder, open(f"{given.to}/transcripts.tsv", "w", encoding="utf-8") as index:
        for i, (samples, words) in enumerate(festival(lines, "ked_diphone", folder)):
            with wave.open(f"{given.to}/{i}.wav", "wb") as file:
                file.setparams((1, 2, RATE, 0, "NONE", ""))
                file.writeframes(samples.tobytes())
            index.write(f"{i}.wav\t{' '.join(word for word, _, _ in words)}\n")


if __name__ == "__main__":
    main()
