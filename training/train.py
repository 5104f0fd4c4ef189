"""Trains a shipped start on all sets at once and writes it with its card's figures: see README.md.

    OMP_NUM_THREADS=1 python train.py --out ../models/intent-start
"""

import argparse
import hashlib
import json
import math
import os
import time

import numpy as np
import torch

import data
import export
import teachers
from batches import Texts
from features import BITS
from model import Net
from optimiser import RowAdam

DIM, HIDDEN, LAYERS = 96, 128, 1
WITHOUT = "helpdesk,banking77"  # bots are judged on these: a start that has seen them would be too good there
BATCH, WARM_UP, SMOOTHING = 128, 200, 0.1
TOKEN_DROP, FEATURE_DROP = 0.1, 0.1
TRUST = 2.0  # how much the teachers count beside the labels
MOST_OF_A_SET = 12_000  # rows of one set in an epoch: MultiDoGO would drown the others


class Task:
    """All sets as one: texts, targets over the columns of all heads, and which columns belong to which head."""

    def __init__(self, sets):
        self.labels, self.heads = [], {}
        for name, rows in sets.items():
            names = sorted({label for _, shares in rows for label in shares})
            self.heads[name] = [len(self.labels), len(self.labels) + len(names)]
            self.labels += names
        column = {(n, self.labels[c]): c for n, (a, b) in self.heads.items() for c in range(a, b)}
        self.mask = torch.full((len(sets), len(self.labels)), -1e4)
        self.groups, texts, self.targets, self.head = [], [], [], []
        for number, (name, rows) in enumerate(sets.items()):
            first, last = self.heads[name]
            self.mask[number, first:last] = 0
            self.groups.append(np.arange(len(texts), len(texts) + len(rows)))
            for text, shares in rows:
                texts.append(text)
                self.targets.append([(column[name, label], share) for label, share in shares.items()])
                self.head.append(number)
        self.head = np.array(self.head)
        self.texts = Texts(texts)

    def epoch(self, rng):
        order = np.concatenate([rng.permutation(group)[:MOST_OF_A_SET] for group in self.groups])
        rng.shuffle(order)
        return order

    def target(self, chosen):
        mask = self.mask[self.head[chosen]]
        inside = (mask == 0).float()
        wanted = inside * (SMOOTHING / inside.sum(1, keepdim=True))
        for row, i in enumerate(chosen):
            for column, share in self.targets[i]:
                wanted[row, column] += share * (1 - SMOOTHING)
        return wanted, mask


def fit(task, epochs, rate, seed, hidden, dropout, said=None):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = Net(2**BITS, DIM, hidden, len(task.labels), LAYERS, dropout)
    rest = [p for name, p in net.named_parameters() if name != "table"]
    dense = torch.optim.Adam(rest, betas=(0.9, 0.98), fused=True)
    sparse = RowAdam(net.table)
    steps = epochs * math.ceil(len(task.epoch(np.random.default_rng(0))) / BATCH)
    step, begun = 0, time.process_time()
    for epoch in range(epochs):
        order, losses = task.epoch(rng), []
        for i in range(0, len(order), BATCH):
            chosen = order[i : i + BATCH]
            now = rate * min(1, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * step / steps))
            wanted, mask = task.target(chosen)
            logits = net(task.texts.batch(chosen, rng, TOKEN_DROP, FEATURE_DROP))
            loss = -(wanted * (logits + mask).log_softmax(1)).sum(1).mean()
            if said is not None:
                loss = loss + TRUST * teachers.distance(logits, said[torch.from_numpy(chosen)], task.heads)
            net.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(rest, 5.0)
            dense.param_groups[0]["lr"] = now
            dense.step()
            sparse.step(now)
            losses.append(loss.item())
            step += 1
        print(f"epoch {epoch + 1} of {epochs}: loss {np.mean(losses):.3f}, {time.process_time() - begun:.0f} s of CPU", flush=True)
    return net.eval()


@torch.no_grad()
def accuracy(net, task, name, rows):
    """Percent of a set with one intent each that its head names right."""
    first, last = task.heads[name]
    texts, hits = Texts([text for text, _ in rows]), 0
    for i in range(0, len(rows), 256):
        chosen = range(i, min(i + 256, len(rows)))
        best = net(texts.batch(chosen))[:, first:last].argmax(1)
        hits += sum(task.labels[first + int(b)] == rows[j][1] for b, j in zip(best, chosen))
    return round(100 * hits / len(rows), 2)


def measured(net, task):
    parts = {"clinc150": ["dev", "test"], "hwu64": ["dev", "test"], "banking77": ["test"], "snips": ["test"]}
    figures = {f"{n} {p}": accuracy(net, task, n, data.intents(n, p)) for n, ps in parts.items() if n in task.heads for p in ps}
    if "helpdesk" in task.heads:
        for language in ("zh", "en"):
            rows = data.helpdesk_test(language)
            if rows:
                figures[f"helpdesk {language} test"] = accuracy(net, task, "helpdesk", rows)
    return figures


def fixture(net, task, count=24):
    """Texts of our own set with what goes in and what comes out, to hold onnxruntime and TypeScript to torch."""
    rows = data.helpdesk("zh")[:: len(data.helpdesk("zh")) // (count // 2)][: count // 2] + data.helpdesk("en")[:: len(data.helpdesk("en")) // (count // 2)][: count // 2]
    texts = [text for text, _ in rows] + ["", "😀", "ＡＢＣ１２ don’t", "a" * 40, "x\ud800y 退款"]
    whole, factors = export.quantised(net.table.detach().numpy())
    with torch.no_grad():
        net.table.copy_(torch.from_numpy(whole * factors[:, None]))
        features = Texts(texts)
        sentences = net.sentence(features.batch(range(len(texts))))
        logits = net.head(sentences)
    return [
        {"text": text, "rows": features.rows[i].tolist(), "counts": features.counts[i].tolist(), "logits": [round(v, 4) for v in logits[i, :40].tolist()]}
        for i, text in enumerate(texts)
    ]


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", required=True)
    options.add_argument("--without", default=WITHOUT, help="sets that are left out, comma-separated")
    options.add_argument("--epochs", type=int, default=14)
    options.add_argument("--rate", type=float, default=3e-3)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--hidden", type=int, default=HIDDEN)
    options.add_argument("--dropout", type=float, default=0.3)
    options.add_argument("--teachers", help="ONNX files of other starts of the same sets, comma-separated")
    given = options.parse_args()
    torch.set_num_threads(1)
    task = Task(data.shipped(tuple(given.without.split(","))))
    said = teachers.said(given.teachers.split(","), task) if given.teachers else None
    net = fit(task, given.epochs, given.rate, given.seed, given.hidden, given.dropout, said)
    figures = measured(net, task)
    print(json.dumps(figures))
    os.makedirs(given.out, exist_ok=True)
    path = os.path.join(given.out, "model.onnx")
    state = {name: value.numpy() for name, value in net.state_dict().items()}
    export.write(path, state, task.heads, task.labels, BITS, {"seed": given.seed, "epochs": given.epochs})
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    rows = {name: len(group) for name, group in zip(task.heads, task.groups)}
    with open(os.path.join(given.out, "model.json"), "w", encoding="utf-8") as file:
        json.dump({"sha256": digest, "rows": rows, "figures": figures}, file, indent=2)
        file.write("\n")
    with open(os.path.join(given.out, "fixture.json"), "w", encoding="utf-8") as file:
        json.dump(fixture(net, task), file, ensure_ascii=True)
        file.write("\n")


if __name__ == "__main__":
    main()
