"""Weights between those of several runs of one lineage:

    python blend.py --of start.pt=0.3 --of run.pt=0.7 --to blend.pt
"""

import argparse

import torch


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--of", action="append", required=True, metavar="FILE=SHARE")
    options.add_argument("--to", required=True)
    given = options.parse_args()
    parts = [(torch.load(path, weights_only=True), float(share)) for path, share in (of.rsplit("=", 1) for of in given.of)]
    total = sum(share for _, share in parts)
    last = parts[-1][0]
    average = {name: sum(saved["average"][name].double() * share / total for saved, share in parts).to(value.dtype) for name, value in last["average"].items()}
    torch.save({**last, "average": average}, given.to)


if __name__ == "__main__":
    main()
