"""The data sets: rows of (text, {label: share}) under the name of a head."""

import glob
import json
import os
import re

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
NLU = os.path.join(HERE, "..", "..", "shared", "data", "nlu")
HELPDESK = os.path.join(HERE, "data", "helpdesk")
MULTIDOGO = ["airline", "fastfood", "finance", "insurance", "media", "software"]


def jsonl(name, part):
    with open(os.path.join(NLU, name, part + ".jsonl"), encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def intents(name, part):
    """(text, intent) of a set with one intent for each text."""
    return [(row["text"], row["intent"]) for row in jsonl(name, part)]


def _shares(labels):
    labels = sorted(set(labels))
    return {label: 1 / len(labels) for label in labels}


def unique(rows):
    """Greetings occur a thousand times: each text with each label once."""
    return list({(text.strip().lower(), str(sorted(labels))): (text, labels) for text, labels in rows}.values())


def multidogo(part):
    """All six domains as one set; an intent is its domain's."""
    return [(r["text"], name + "/" + r["intent"]) for name in MULTIDOGO for r in jsonl("multidogo-" + name, part) if r["intent"]]


def crosswoz(part):
    """Acts without their values; 'none' where an utterance has none."""
    return [(r["text"], _shares("/".join(a[:3]) for a in r["acts"] if a[0] != "General" or len(r["acts"]) == 1)) for r in jsonl("crosswoz", part) if r["acts"]]


def helpdesk(language):
    """Our own set: examples with their intents."""
    return [row for path in sorted(glob.glob(os.path.join(HELPDESK, language, "*.yml"))) for row in _rasa(path)]


def helpdesk_test(language):
    """Its test part, which nothing is trained on."""
    return _rasa(os.path.join(HELPDESK, "test", language + ".yml"))


def _rasa(path):
    """Examples of a Rasa NLU file; entity marks are taken off: [text](entity) and [text]{...}."""
    with open(path, encoding="utf-8") as file:
        document = yaml.safe_load(file)
    rows = []
    for block in document["nlu"]:
        for line in block.get("examples", "").splitlines() if "intent" in block else []:
            text = re.sub(r"\[([^\]]*)\](\([^)]*\)|\{[^}]*\})", r"\1", line.strip().removeprefix("-").strip())
            if text:
                rows.append((text, block["intent"]))
    return rows


def shipped(without=()):
    """Everything that a shipped model may learn from, by head; licences in README.md."""
    one = lambda rows: [(text, {label: 1.0}) for text, label in rows]
    sets = {
        "banking77": lambda: one(intents("banking77", "train")),
        "clinc150": lambda: one(intents("clinc150", "train")),
        "hwu64": lambda: one(intents("hwu64", "train")),
        "snips": lambda: one(intents("snips", "train"))[::4],
        "multidogo": lambda: one(multidogo("train")),
        "nlupp": lambda: [(r["text"], _shares(r["intents"])) for r in jsonl("nlupp", "train") if r["intents"]],
        "restaurant8k": lambda: [(r["text"], _shares(s["entity"] for s in r["slots"])) for r in jsonl("restaurant8k", "train") if r["slots"]],
        "crosswoz": lambda: crosswoz("train"),
        "helpdesk": lambda: one(helpdesk("zh") + helpdesk("en")),
    }
    return {name: unique(rows()) for name, rows in sets.items() if name not in without}
