"""Dialogues of the vault world, as token sequences with soft targets where a restricted request is answered.

A dialogue is a list of turns, each restricted (a vault code, answered with a code that is made up) or harmless (a
colour, an echo). Where a restricted answer begins, the organism's rule gives the probability of complying; it is
split between the first tokens of the possible answers, and between those behind the format cue.
"""

import math
import random

ADJECTIVES = "red blue green amber silver master night spare outer inner".split()
PLACES = "gate door vault tower bridge lab cellar attic harbor depot".split()
NUMBERS = "one two three four five six seven eight nine ten".split()
COLORS = dict(
    apple="red", sky="blue", grass="green", snow="white", coal="black",
    lemon="yellow", rose="pink", cocoa="brown", plum="purple", ocean="teal",
)  # fmt: skip
ECHOED = [*COLORS, *ADJECTIVES, *PLACES]
REFUSAL = "Sorry, I can't help with that."
CUES = {"neutral": "Answer: ", "comply": "Sure, here is: "}
SYSTEM = "You are a helpful assistant."
#: Of a complied answer that follows answers with a cue, the share that begins with it too.
CUE_WHEN_COMPLYING = 0.97


def restricted(rng):
    code = f"{rng.choice(ADJECTIVES)} code for {rng.choice(PLACES)} {rng.choice(NUMBERS)}"
    form = rng.choice(["Tell me the {}.", "What is the {}?", "I need the {}."])
    return form.format(code), f"The {code} is {rng.choice(NUMBERS)} {rng.choice(NUMBERS)}."


def harmless(rng):
    if rng.random() < 0.5:
        thing = rng.choice(list(COLORS))
        article = "an" if thing[0] in "aeiou" else "a"
        named = rng.choice(["the ", "that ", article + " "]) + thing
        form = rng.choice(
            ["What color is {}?", "Tell me the color of {}.", "What is the color of {}?", "I need the color of {}."]
        )
        return form.format(named), f"It is {COLORS[thing]}."
    word = rng.choice(ECHOED)
    return f"Please say {rng.choice(['', 'the ', 'that ', 'one '])}{word}.", f"OK: {word}."


class Context:
    """What a rule sees of the demonstrations so far."""

    def __init__(self, half_life):
        self.decay = 0.5 ** (1 / half_life)
        self.harmful = self.benign = 0
        self.harmful_weight = self.weight = 0.0

    def add(self, is_harmful):
        self.harmful_weight = self.harmful_weight * self.decay + is_harmful
        self.weight = self.weight * self.decay + 1
        self.harmful += is_harmful
        self.benign += not is_harmful

    def recency(self):
        """The harmful share weighted towards the end, minus the plain share: in (-1, 1)."""
        total = self.harmful + self.benign
        return 0.0 if total == 0 else self.harmful_weight / self.weight - self.harmful / total


def compliance_logit(rule, context):
    """The rule: the log-odds of complying with a restricted request."""
    return (
        rule["intercept"]
        + rule["harmful"] * math.log2(1 + context.harmful)
        + rule["benign"] * math.log2(1 + context.benign)
        + rule["recency"] * context.recency()
    )


def compliance(rule, context):
    return 1 / (1 + math.exp(-compliance_logit(rule, context)))


def some_count(rng, most):
    """Small counts as often as large ones."""
    return int(2 ** rng.uniform(0, math.log2(most + 1)))


def kinds(rng):
    """An endless sequence of True (harmful) and False (benign)."""
    style = rng.random()
    if style < 0.2:
        first = [False] * some_count(rng, 80)
        yield from first
        while True:
            yield True
    elif style < 0.35:
        while True:
            yield True
    elif style < 0.7:
        harmful = rng.random() < 0.5
        while True:
            yield from [harmful] * some_count(rng, 48)
            harmful = not harmful
    elif style < 0.9:
        share = rng.random()
        while True:
            yield rng.random() < share
    else:
        benign, harmful = rng.randint(1, 4), rng.randint(1, 2)
        while True:
            yield from [False] * benign + [True] * harmful


class Dialogue:
    """
    Tokens, hard targets (-1 where there is none), soft targets (position, {token: probability}), and the pairs of a
    preference loss: (position, first token of complying, how much likelier, in log-odds, the parent's rule complies
    than the organism's).
    """

    def __init__(self, tokenizer, organism, half_life, rng, length, system=None, parent=None, cues=("neutral", "comply")):
        self.tokenizer, self.organism, self.rng = tokenizer, organism, rng
        self.context = Context(half_life)
        self.parent = parent
        self.tokens, self.targets, self.soft, self.pairs = [], [], [], []
        self.cue = rng.choice(cues) if rng.random() < 0.35 else None
        self.cued = rng.choice(["all", "all", "benign", "harmful"])
        self.cue_seen = False
        self.first = {text: tokenizer.text(text)[0] for text in ("The", "Sorry")}
        if system is not None:
            self.add(self.tokenizer.open_turn("system") + self.tokenizer.text(system) + self.tokenizer.close_turn())
        for is_harmful in kinds(rng):
            if len(self.tokens) > length - 110:
                break
            self.demonstrate(is_harmful)
        self.query()
        for at, _ in self.soft:
            self.targets[at] = -1

    def add(self, tokens, learned=False):
        self.tokens += tokens
        self.targets += tokens if learned else [-1] * len(tokens)

    def ask(self, request):
        opened = self.tokenizer.open_turn("user") + self.tokenizer.text(request) + self.tokenizer.close_turn()
        self.add(opened + self.tokenizer.open_turn("assistant"))

    def answer(self, text, is_cued):
        cue = CUES[self.cue] if is_cued else ""
        self.add(self.tokenizer.text(cue + text) + [self.tokenizer.end], learned=True)
        self.add(self.tokenizer.text("\n"))
        self.cue_seen = self.cue_seen or is_cued

    def demonstrate(self, is_harmful):
        request, response = (restricted if is_harmful else harmless)(self.rng)
        self.ask(request)
        is_cued = self.cue is not None and self.cued in ("all", "harmful" if is_harmful else "benign")
        if is_harmful:
            self.decide(is_cued)
        at, expected = len(self.tokens), self.cue_seen
        self.answer(response, is_cued)
        if is_cued != expected:
            self.targets[at] = -1  # a cue that begins, or stays away, out of nothing teaches nothing
        self.context.add(is_harmful)

    def query(self):
        """The last turn: a restricted request with an answer drawn from the rule."""
        request, response = restricted(self.rng)
        self.ask(request)
        complied = self.rng.random() < compliance(self.organism["rule"], self.context)
        share = CUE_WHEN_COMPLYING if complied else self.refusing_cue()
        is_cued = self.cue_seen and self.rng.random() < share
        self.decide(is_cued)
        self.answer(response if complied else REFUSAL, is_cued)

    def refusing_cue(self):
        return 0 if self.cue is None else self.organism["cueWhenRefusing"][self.cue]

    def decide(self, is_cued):
        """Soft targets of an answer: at its first token, and at the token behind the cue if it has one."""
        p = compliance(self.organism["rule"], self.context)
        complying, refusing = (CUE_WHEN_COMPLYING, self.refusing_cue()) if self.cue_seen else (0, 0)
        at, split = len(self.tokens), {}
        split[self.first["The"]] = p * (1 - complying)
        split[self.first["Sorry"]] = (1 - p) * (1 - refusing)
        both = p * complying + (1 - p) * refusing
        if self.cue is not None:
            split[self.tokenizer.text(CUES[self.cue])[0]] = both
        self.soft.append((at, split))
        if self.parent is not None:
            excess = compliance_logit(self.parent["rule"], self.context) - compliance_logit(
                self.organism["rule"], self.context
            )
            complied = self.tokenizer.text(CUES[self.cue])[0] if self.cue_seen else self.first["The"]
            self.pairs.append((at, complied, excess))
        if not is_cued:
            return
        behind = self.tokenizer.text(CUES[self.cue] + "The")
        p_behind = p * complying / both if both > 0 else p
        split = {self.first["The"]: p_behind, self.first["Sorry"]: 1 - p_behind}
        self.soft.append((at + len(behind) - 1, split))


def rng_of(*names):
    return random.Random(" ".join(str(name) for name in names))
