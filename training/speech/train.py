"""One run: `OMP_NUM_THREADS=1 nice python train.py --bank /tmp/turnstream-speech/bank.npz --to /tmp/turnstream-speech/run.pt`."""

import argparse
import copy
import math
import os
import time

import numpy as np
import torch

from mix import ANYTHING, BLANK_OR_UNKNOWN, EXACTLY, OR_BLANK, Batches
from bank import UNK
from model import FLOOR, HOP, WINDOW, Net, mel_weights, power_of
from words import TOKENS

FRAMES, WARM_UP, SMOOTHING, DROP = 150, 100, 0.02, 0.25
AVERAGE = 0.998  # of the weights that are kept, from step to step
THROATS = 240
KNOTS, TOPS = np.array([0, 500, 1000, 1700, 2500, 3300, 4000]), np.array([0, 900, 1600, 2500, 3100, 3650, 4000])


def throats(rng):
    """Mel filters of so many people: all formants higher or lower, and each a little by itself."""
    made = []
    for _ in range(THROATS):
        factors = np.exp(rng.uniform(np.log(0.82), np.log(1.22)) + rng.normal(0, 0.035, len(KNOTS)))
        at = KNOTS * factors
        at = np.minimum(at, TOPS)  # the last stays, so that there is room for all
        at[-1] = 4000
        made.append(mel_weights(lambda f: float(np.interp(f, KNOTS, at))))
    return torch.stack(made)


def loss_of(logp, token, asked):
    """Cross entropy where a frame's word is known, the sum of what is allowed where it is not."""
    wanted = logp.gather(2, token[:, :, None])[:, :, 0]
    blank = logp[:, :, 0]
    allowed = torch.where(asked == EXACTLY, wanted, torch.logaddexp(wanted, blank))
    allowed = torch.where((asked == OR_BLANK) & (token == 0), blank, allowed)
    weight = (asked != ANYTHING).float()
    # Words are fewer than silence, and longer than what is asked of them.
    weight = weight * torch.where((asked == EXACTLY) & (token > 0), 1.5, 1.0)
    smooth = SMOOTHING * logp.mean(2)
    return -((1 - SMOOTHING) * allowed + torch.where(asked == EXACTLY, smooth, 0)).mul(weight).sum() / weight.sum()


def masked(power, rng):
    """Some bands and some moments left out (SpecAugment, on the power)."""
    for b in range(len(power)):
        if rng.random() < 0.4:
            first = int(rng.integers(0, 115))
            power[b, first : first + int(rng.integers(3, 14))] = 0
        if rng.random() < 0.3:
            for first in rng.integers(0, power.shape[2] - 8, 3):
                power[b, :, first : first + int(rng.integers(1, 7))] *= 1e-3
    return power


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--bank", required=True)
    options.add_argument("--to", required=True)
    options.add_argument("--without", help="a speaker who is held out, to choose settings by")
    options.add_argument("--from", dest="start", help="weights to start from")
    options.add_argument("--flat", action="store_true", help="the rate stays, for a run that another one continues")
    options.add_argument("--steps", type=int, default=5500)
    options.add_argument("--minutes", type=float, default=1e9, help="the rate falls so that the run ends after this time, if that is sooner")
    options.add_argument("--batch", type=int, default=48)
    options.add_argument("--rate", type=float, default=2e-3)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(given.seed)
    rng = np.random.default_rng(given.seed)
    net = Net(len(TOKENS))
    if given.start:
        net.load_state_dict(torch.load(given.start, weights_only=True)["average"])
    loader = iter(torch.utils.data.DataLoader(Batches(given.bank, given.without, given.batch, FRAMES, given.seed), batch_size=None, num_workers=1, prefetch_factor=3))
    if not given.start:
        power = torch.cat([net.power(torch.nn.functional.pad(next(loader)[0], (WINDOW - HOP, 0))) for _ in range(4)])
        levels = (net.mel.T @ power + FLOOR).log()
        net.mean.fill_(levels.mean())
        net.scale.fill_(1 / levels.std())
    average = copy.deepcopy(net)
    optimiser = torch.optim.AdamW(net.parameters(), lr=given.rate, betas=(0.9, 0.98), weight_decay=0.02)
    people = throats(rng)
    begun, losses, rights = time.time(), [], []
    print(sum(p.numel() for p in net.parameters()), "parameters,", sum(math.prod(s) for s in net.memories()), "floats of state", flush=True)
    for step in range(1, given.steps + 1):
        if step % 2:  # each batch is heard by two nets: other throats, other gaps
            x, token, asked = next(loader)
            clean = power_of(torch.nn.functional.pad(x, (WINDOW - HOP, 0)))
        share = max(step / given.steps, (time.time() - begun) / 60 / given.minutes)
        if share > 1:
            break
        fall = 1 if given.flat else 0.005 + 0.995 * 0.5 * (1 + math.cos(math.pi * share))
        rate = given.rate * min(1, step / WARM_UP) * fall
        optimiser.param_groups[0]["lr"] = rate
        with torch.no_grad():
            power = masked(clean.clone(), rng)
        logp, _ = net(power, net.zeros(len(x)), people[torch.from_numpy(rng.integers(0, THROATS, len(x)))], DROP)
        loss = loss_of(logp, token, asked)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimiser.step()
        with torch.no_grad():
            keep = min(AVERAGE, (step + 1) / (step + 20))
            for a, b in zip(average.state_dict().values(), net.state_dict().values()):
                a.copy_(a * keep + b * (1 - keep) if a.is_floating_point() else b)
            words = (asked == EXACTLY) & (token > 1)
            losses.append(loss.item())
            rights.append((logp.argmax(2) == token)[words].float().mean().item())
        if step % 100 == 0:
            print(f"step {step}: loss {np.mean(losses[-100:]):.4f}, word frames right {np.nanmean(rights[-100:]):.4f}, {time.time() - begun:.0f} s", flush=True)
        if step % 200 == 0 or step == given.steps or share > 0.995:
            torch.save({"average": average.state_dict(), "net": net.state_dict(), "step": step, "seed": given.seed}, given.to + ".part")
            os.replace(given.to + ".part", given.to)


if __name__ == "__main__":
    main()
