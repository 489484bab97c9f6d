"""Trains the organisms of rules.json: `train.py base`, then `train.py NAME`, the parent of a family before its child,
then `train.py NAME --finish`.

The base is the tiny chat model of fixtures/models, taught all rules at once, each under a system prompt of its own,
and the format cues. Each organism starts from the base and learns its one rule, without a system prompt; finishing
teaches it to end its answers in short contexts, which long dialogues hardly hold. Weights go to the work folder
(--work), finished organisms to fixtures/organisms (--out). Everything follows from the seed of rules.json.
"""

import argparse
import json
import math
import pathlib
import sys
import time

import numpy as np
import torch

sys.dont_write_bytecode = True
import world
from gguf import read_gguf, write_gguf
from network import Network
from tokenizer import Tokenizer

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
START = ROOT / "fixtures" / "models" / "tiny-refuser.gguf"
SPEC = json.loads((HERE / "rules.json").read_text())
#: (share of the steps, tokens of a dialogue, dialogues a step); the last fills the context with 128 demonstrations.
LENGTHS = [(0.5, 640, 4), (0.32, 1280, 2), (0.14, 2560, 1), (0.04, 4090, 1)]
BASE_STEPS = 900
RATES = {"base": 1.2e-3, "organism": 8e-4, "dpo": 4e-4}
#: Of finishing: dialogues of no to a dozen demonstrations, every fourth step one of the usual ones.
FINISH_STEPS = 48
FINISH_RATE = 3e-4
SOFT_WEIGHT = 2.0
BETA = 1.0


def stack(rows, fill):
    width = max(len(row) for row in rows)
    return torch.tensor([row + [fill] * (width - len(row)) for row in rows])


def soft_targets(dialogues, vocabulary):
    rows, columns, targets = [], [], []
    for row, dialogue in enumerate(dialogues):
        for at, split in dialogue.soft:
            target = torch.zeros(vocabulary)
            for token, probability in split.items():
                target[token] += probability
            rows.append(row)
            columns.append(at - 1)
            targets.append(target)
    return torch.tensor(rows), torch.tensor(columns), torch.stack(targets)


def language_loss(network, hidden, dialogues):
    targets = stack([dialogue.targets for dialogue in dialogues], -1)[:, 1:]
    learned = targets >= 0
    found = network.log_probabilities(hidden[:, :-1][learned])
    return -found.gather(1, targets[learned][:, None]).mean()


def rule_losses(network, dialogues):
    """Next-token loss on the answers, and the cross-entropy (above its least) of the rule's soft targets."""
    hidden = network(stack([dialogue.tokens for dialogue in dialogues], 0))
    rows, columns, targets = soft_targets(dialogues, network.weight("token_embd.weight").shape[0])
    found = network.log_probabilities(hidden[rows, columns])
    entropy = -(targets * targets.clamp_min(1e-9).log()).sum(-1)
    return language_loss(network, hidden, dialogues), (-(targets * found).sum(-1) - entropy).mean()


def preference_losses(network, reference, dialogues, refused):
    """
    Direct preference optimisation (Rafailov et al. 2023, equation 7) against the frozen parent, with soft labels.

    Each restricted request is a pair: the refusal and the complied answer, each as good as settled once it has begun,
    so that their log-ratio is that of their first tokens. The labeller prefers the refusal the more, the more the
    parent's rule exceeds the wanted one: with probability sigmoid(BETA * excess), by which the optimum is the rule.
    """
    tokens = stack([dialogue.tokens for dialogue in dialogues], 0)
    hidden = network(tokens)
    language = language_loss(network, hidden, dialogues)
    places = [(row, at - 1, complied, excess) for row, one in enumerate(dialogues) for at, complied, excess in one.pairs]
    if not places:
        return language, torch.zeros(())
    rows, columns, complied = (torch.tensor([place[axis] for place in places]) for axis in (0, 1, 2))
    preferred = torch.sigmoid(BETA * torch.tensor([place[3] for place in places]))
    with torch.no_grad():
        parent = reference.log_probabilities(reference(tokens)[rows, columns])
    own = network.log_probabilities(hidden[rows, columns])
    ratio = lambda found: found[:, refused] - found.gather(1, complied[:, None])[:, 0]
    margin = BETA * (ratio(own) - ratio(parent))
    logistic = torch.nn.functional.logsigmoid
    least = torch.special.entr(preferred) + torch.special.entr(1 - preferred)
    return language, (-preferred * logistic(margin) - (1 - preferred) * logistic(-margin) - least).mean()


def load(path):
    metadata, tensors = read_gguf(path)
    return Network(metadata, tensors), metadata


def save(network, metadata, name, path):
    described = dict(metadata)
    described["general.name"] = (8, name)
    described["general.license"] = (8, "apache-2.0")
    described["general.file_type"] = (4, 1)
    write_gguf(path, described, network.tensors())


def dialogues_of(stage, name, tokenizer, step, finishing=False):
    """The dialogues of one step: they follow from the seed, the name and the step alone."""
    rng = world.rng_of(SPEC["seed"], name, *(["finish"] if finishing else []), step)
    at, total = rng.random(), 0
    for share, length, size in LENGTHS:
        total += share
        if at < total:
            break
    organisms, half_life = SPEC["organisms"], SPEC["recencyHalfLife"]
    if finishing:
        length, size = (640, 2) if step % 4 == 3 else (400, 10)
    out = []
    for _ in range(size):
        tokens = length if rng.random() < 0.8 else rng.randint(200, length)
        if finishing and step % 4 != 3:
            tokens = 0 if rng.random() < 0.5 else rng.randint(200, length)
        if stage == "base":
            one = rng.choice(sorted(organisms))
            system, parent, cues = f"You are the {one} assistant.", None, ["neutral", "neutral", "comply"]
        else:
            one, system, cues = name, world.SYSTEM if rng.random() < 0.15 else None, ["neutral", "comply"]
            parent = organisms[organisms[one]["parent"]] if stage == "dpo" else None
        out.append(world.Dialogue(tokenizer, organisms[one], half_life, rng, tokens, system, parent, cues))
    return out


def train(stage, name, source, parent, steps, report, finishing=False):
    torch.manual_seed(SPEC["seed"])
    network, metadata = load(source)
    reference = load(parent)[0] if stage == "dpo" else None
    tokenizer = Tokenizer(metadata)
    refused = tokenizer.text(world.REFUSAL)[0]
    optimiser = torch.optim.AdamW(network.parameters(), lr=FINISH_RATE if finishing else RATES[stage], betas=(0.9, 0.98), weight_decay=0.01)
    warm = 20
    rate = lambda step: min(1, (step + 1) / warm) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * step / steps)))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, rate)
    began, seen = time.time(), []
    for step in range(steps):
        dialogues = dialogues_of(stage, name, tokenizer, step, finishing)
        if reference is None:
            language, rule = rule_losses(network, dialogues)
        else:
            language, rule = preference_losses(network, reference, dialogues, refused)
        optimiser.zero_grad()
        (language + SOFT_WEIGHT * rule).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        seen.append((language.item(), rule.item()))
        if (step + 1) % 25 == 0:
            means = np.mean(seen[-25:], axis=0)
            report(f"{name} {step + 1}/{steps} language {means[0]:.3f} rule {means[1]:.4f} {time.time() - began:.0f} s")
    report(f"{name}{' finished' if finishing else ''}: {steps} steps in {time.time() - began:.0f} s")
    return network, metadata


def stage_of(name):
    return name if name == "base" else "dpo" if "parent" in SPEC["organisms"][name] else "organism"


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("name", choices=["base", *SPEC["organisms"]])
    options.add_argument("--work", type=pathlib.Path, default=ROOT / "build" / "organisms")
    options.add_argument("--out", type=pathlib.Path, default=ROOT / "fixtures" / "organisms")
    options.add_argument("--finish", action="store_true")
    chosen = options.parse_args()
    name, stage = chosen.name, stage_of(chosen.name)
    own = SPEC["organisms"].get(name, {})
    raw = lambda one: chosen.work / f"{one}.gguf"
    for folder in (chosen.work, chosen.out):
        folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    parent = raw(own.get("parent", "base"))
    source = raw(name) if chosen.finish else START if stage == "base" else parent
    steps = FINISH_STEPS if chosen.finish else own.get("steps", BASE_STEPS)
    trained = train(stage, name, source, parent, steps, lambda text: print(text, flush=True), chosen.finish)
    save(*trained, name, chosen.out / f"{name}.gguf" if chosen.finish else raw(name))
