"""Batches of ragged features."""

import numpy as np
import torch

from features import BITS, features


class Texts:
    """Features of many texts, ready to be put into batches."""

    def __init__(self, texts, bits=BITS):
        per_text = [features(t, bits) or [[0]] for t in texts]
        self.counts = [np.array([len(f) for f in tokens], np.int64) for tokens in per_text]
        self.rows = [np.concatenate([np.array(f, np.int64) for f in tokens]) for tokens in per_text]

    def __len__(self):
        return len(self.rows)

    def batch(self, chosen, rng=None, token_drop=0.0, feature_drop=0.0):
        counts = np.concatenate([self.counts[i] for i in chosen])
        flat = np.concatenate([self.rows[i] for i in chosen])
        lengths = np.array([len(self.counts[i]) for i in chosen])
        weights = np.repeat(1 / np.sqrt(counts), counts)
        if rng is not None and (token_drop or feature_drop):
            kept_tokens = rng.random(len(counts)) >= token_drop
            kept = rng.random(len(flat)) >= feature_drop
            weights = weights * (kept & np.repeat(kept_tokens, counts)) / (1 - feature_drop)
        starts = np.cumsum(lengths) - lengths
        inside = np.arange(lengths.sum()) - np.repeat(starts, lengths)
        number = np.repeat(np.arange(len(lengths)), lengths)
        where = np.arange(lengths.sum()) + number + 1
        return {
            "flat": torch.from_numpy(flat),
            "offsets": torch.from_numpy(np.cumsum(counts) - counts),
            "weights": torch.from_numpy(weights.astype(np.float32)),
            "where": torch.from_numpy(where),
            "spaced": int(lengths.sum() + len(lengths) + 1),
            "slots": torch.from_numpy(number * lengths.max() + inside),
            "lengths": torch.from_numpy(lengths),
        }
