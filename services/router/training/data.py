"""Rows to train on and to measure with: public sets from a folder, hand-written ones from `written/` and `phrases.py`."""

import gzip
import hashlib
import json
import random
import re
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

import phrases

DOMAINS = ["code", "math", "reasoning", "language"]
GUARD = ["benign", "injection", "jailbreak"]
WRITTEN = Path(__file__).parent / "written"
# Whole sources kept out of training: for choosing variants, temperatures and thresholds.
HELD = {"human-eval", "bipia-code", "mmlu-high_school_computer_science", "mmlu-college_computer_science", "svamp", "mmlu-high_school_statistics", "quartz-t0", "prontoqa",
        "mmlu-conceptual_physics", "commongen-t0", "duorc-t0", "dbpedia14-t0", "mmlu-high_school_geography", "self-instruct-seed"}
HELD_GUARD = {"garak-grandma", "garak-whois", "garak-latentinjection", "garak-dan", "garak-autodan"}  # and a sixth of the others, by hash
# Attack rows whose text alone shows no attack (they need a system prompt beside them): left out, or half weight.
GUARD_DROP = {"different_user_input_language", "indirect_reference"}
GUARD_HALF = {"overload_with_information", "hypothetical_scenario", "repeated_token_attack"}
HELD_WRITTEN = 8  # one in so many hand-written rows is held out, by hash
CAP = 320  # rows of one public source: more of the same does not help
CAP_CASCADE = 1400  # rows of each cascade file


def rows_of(path):
    path = Path(path)
    f = open(path, encoding="utf-8") if path.exists() else gzip.open(str(path) + ".gz", "rt", encoding="utf-8")
    with f:
        return [json.loads(line) for line in f if line.strip()]


def part(text, n):
    """A stable number below n from the letters and digits of a text: same question, same part."""
    return int(hashlib.sha256(re.sub(r"\W+", "", text.lower()).encode()).hexdigest()[:8], 16) % n


def row(text, source, labels=None, also=(), guard=-1, guard_w=0.0, cx=0.5, cx_w=0.0, lang="en"):
    return dict(text=text, source=source, labels=labels or [], also=list(also), guard=guard, guard_w=guard_w, cx=cx, cx_w=cx_w, lang=lang)


def written():
    """The hand-written rows of `written/*.jsonl`."""
    out = []
    for path in sorted(WRITTEN.glob("*.jsonl")):
        for x in rows_of(path):
            cx = x.get("cx")
            weak = {} if cx is None else dict(cx=cx, cx_w=0.15)
            g = GUARD.index(x.get("guard", "benign"))
            out.append(row(x["text"], "written-" + path.stem, x.get("labels"), x.get("also") or (), guard=g, guard_w=1.0 if g or path.stem.startswith("guard") else 0.3, lang=x.get("lang", "en"), **weak))
    return out


class Sets:
    """train, and what is kept out of it: held (domains), held_written, held_guard, held_cx; test."""

    def __init__(self, data, limit=0):
        self.train, self.held, self.held_written, self.held_guard, self.held_cx = [], [], [], [], []
        for x in rows_of(data / "router/train.jsonl"):
            labels = x.get("labels") or [x["label"]]
            hint = x.get("complexity_hint")
            seen_in_cascade = x["source"].startswith(("mmlu", "gsm8k"))  # real outcomes of these come from the cascade files
            weak = {} if hint is None or seen_in_cascade else dict(cx=0.2 if hint == "simple" else 0.65, cx_w=0.15)
            r = row(x["text"], x["source"], labels, x.get("also_ok") or (), guard=0, guard_w=0.3, **weak)
            (self.held if x["source"] in HELD else self.train).append(r)
        for r in written():
            (self.held_written if part(r["text"], HELD_WRITTEN) == 0 else self.train).append(r)
        for x in rows_of(data / "guard/train.jsonl"):
            g = GUARD.index(x["label"])
            if x["source"].startswith("router-train"):
                continue  # already there
            attack_of_eval = bool(g) and x["source"].startswith("cyberseceval")
            if attack_of_eval and x.get("subtype") in GUARD_DROP:
                continue
            r = row(x["text"], x["source"], guard=g, guard_w=0.5 if attack_of_eval and x.get("subtype") in GUARD_HALF else 1.0)
            (self.held_guard if x["source"] in HELD_GUARD or part(x["text"], 6) == 0 else self.train).append(r)
        for name in ("gsm8k_dev", "mmlu_dev"):
            for x in rows_of(data / f"cascade/{name}.jsonl"):
                weak = x["engines"]["mixtral-8x7b-instruct"]["correct"]
                r = row(re.sub(r"\s*Answer:\s*$", "", x["prompt"]), "cascade-" + name, guard=0, guard_w=0.05, cx=0.05 if weak else 0.95, cx_w=1.0)
                (self.held_cx if part(r["text"], 5) == 0 else self.train).append(r)
        # what the written guard rows hold out belongs to the guard
        self.held_guard += [r for r in self.held_written if r["source"].startswith("written-guard")]
        self.held_written = [r for r in self.held_written if r["labels"] and r["guard"] == 0]
        self.test = [row(x["text"], x["source"], x.get("labels") or [x["label"]], x.get("also_ok") or (), guard=0) for x in rows_of(data / "router/test.jsonl")]
        if limit:
            rng = random.Random(1)
            for name, rows in vars(self).items():
                setattr(self, name, rng.sample(rows, min(limit, len(rows))))


def capped(train, rng):
    """At most CAP rows of each public source, drawn anew each time; hand-written and guard rows all."""
    by = defaultdict(list)
    for r in train:
        by[r["source"]].append(r)
    out = []
    for source, rows in sorted(by.items()):
        cap = CAP_CASCADE if source.startswith("cascade") else len(rows) if source.startswith("written") or rows[0]["guard_w"] >= 0.5 else CAP
        out += rng.sample(rows, min(cap, len(rows)))
    return out


def noisy(text, rng):
    """Cheap variety: case, punctuation, typos, conversational wrapping."""
    u = rng.random()
    if u < 0.12:
        text = text.lower()
    elif u < 0.14:
        text = text.upper() if len(text) < 60 else text
    if rng.random() < 0.10:
        text = re.sub(r"[?.!,]+(\s|$)", r"\1", text)
    if rng.random() < 0.10 and len(text) > 8:
        chars = list(text)
        for _ in range(max(1, len(chars) // 60)):
            i = rng.randrange(len(chars) - 1)
            if chars[i].isalpha() and chars[i + 1].isalpha():
                k = rng.random()
                if k < 0.4:
                    chars[i], chars[i + 1] = chars[i + 1], chars[i]
                elif k < 0.7:
                    chars[i] = ""
                else:
                    chars[i] *= 2
        text = "".join(chars)
    if rng.random() < 0.10:
        text = rng.choice(phrases.WRAP).replace("{x}", text)
    return text


def handwritten(seed):
    """Slot-filled phrases, other ones for each seed."""
    out = []
    for x in phrases.build(seed):
        cx = {} if x["cx"] is None else dict(cx=x["cx"], cx_w=0.15)
        out.append(row(x["text"], x["source"], x["labels"], guard=GUARD.index(x["guard"]), guard_w=1.5 if x["source"] == "hand-scary" else 1.0, lang=x["source"][-2:] if x["source"].startswith("hand-foreign") else "en", **cx))
    return out


def mixed(train, rng, compounds, planted):
    """Compound queries and planted instructions, made of other rows."""
    out = []
    real = [r for r in train if len(r["labels"]) == 1 and r["guard"] == 0 and 8 < len(r["text"]) < 200 and r["lang"] == "en" and not r["source"].startswith("synthetic-multi")]
    by = {d: [r for r in real if r["labels"] == [d]] for d in DOMAINS}
    for _ in range(compounds if real else 0):
        d1, d2 = rng.choice(DOMAINS), rng.choice(DOMAINS)
        a, b = rng.choice(by[d1] or real), rng.choice(by[d2] or real)
        x, y = a["text"].strip().rstrip(".;"), b["text"].strip()
        if y[:1].isupper() and rng.random() < 0.5:
            y = y[0].lower() + y[1:]
        text = rng.choice(phrases.JOINERS).replace("{x}", x).replace("{y}", y)
        out.append(row(text, "mix-compound", sorted(set(a["labels"] + b["labels"])), guard=0, guard_w=0.3, cx=0.7, cx_w=0.1))
    long = [r for r in train if r["guard"] == 0 and r["labels"] == ["language"] and len(r["text"]) > 250]
    orders = [r["text"] for r in train if r["guard"] > 0 and len(r["text"]) < 160]
    for _ in range(planted if long else 0):
        text = rng.choice(long)["text"]
        cuts = [m.end() for m in re.finditer(r"[.!?]\s|\n", text)] or [len(text)]
        at = rng.choice(cuts + [len(text)])
        pool = phrases.PLANTED + phrases.DIRECT_INJ if rng.random() < 0.5 or not orders else orders
        bad = rng.choice(pool).replace("{{", "{").replace("}}", "}")
        out.append(row(text[:at] + " " + bad + " " + text[at:], "mix-planted", guard=1, guard_w=1.0))
    return out


def mashed(rng):
    """A word of keys hit at random, or of neighbours on a keyboard."""
    keys = rng.choice(["asdfghjkl", "qwertyuiop", "zxcvbnm", "qwertz", "abcdefghijklmnopqrstuvwxyz", "фывапролджэ", "ghjkl;'[]"])
    size = rng.randint(2, 10)
    if rng.random() < 0.5:  # along the row
        at = rng.randrange(max(1, len(keys) - size + 1))
        return (keys[at : at + size] * rng.choice([1, 1, 1, 2]))[:: rng.choice([1, 1, -1])]
    return "".join(rng.choice(keys) for _ in range(size))


def outside(rng, n):
    """Texts that belong to no domain: keys hit at random, torn words, noise. All four domains shall score low."""
    out = []
    for _ in range(n):
        k = rng.random()
        if k < 0.5:
            text = " ".join(mashed(rng) for _ in range(rng.randint(1, 7)))
        elif k < 0.7:
            text = "".join(rng.choice("!@#$%^&*()_+-=[]{}|;:,.<>?/~` ") for _ in range(rng.randint(3, 40)))
        elif k < 0.85:
            text = "".join(rng.choice("abcdef0123456789ABCXYZ") for _ in range(rng.randint(12, 90)))
        else:
            text = " ".join("".join(chr(rng.randrange(0x2500, 0x27B0)) for _ in range(rng.randint(1, 6))) for _ in range(rng.randint(1, 5)))
        out.append(row(text, "outside", guard=0, guard_w=0.3))
    return out


def fragments(texts, n, rng):
    """Pieces of 4 to 24 words, without labels: a teacher reads them for the first stage, which learns single words and phrases that way."""
    pool = [w for w in (t.split(" ") for t in texts) if len(w) > 10]
    out = set()
    while pool and len(out) < n:
        words = rng.choice(pool)
        size = rng.randint(4, min(24, len(words)))
        u = rng.random()
        at = 0 if u < 0.4 else len(words) - size if u < 0.6 else rng.randrange(len(words) - size + 1)
        out.add(" ".join(words[at : at + size]))
    return sorted(out)


def epoch(train, seed, compounds=900, planted=350):
    """One epoch's rows: a fresh draw, noisy, with fresh phrases and mixtures."""
    rng = random.Random(seed)
    scale = min(1.0, len(train) / 15000)
    rows = capped(train, rng) + handwritten(seed)
    rows += mixed(train, rng, int(compounds * scale), int(planted * scale)) + outside(rng, int(400 * scale))
    return [{**r, "text": noisy(r["text"], rng), "clean": r["text"]} for r in rows]


def targets(rows):
    n = len(rows)
    t = dict(dom=np.zeros((n, 4), np.float32), dom_w=np.zeros(n, np.float32), single=np.full(n, -1, np.int64), guard=np.zeros(n, np.int64), guard_w=np.zeros(n, np.float32), cx=np.zeros(n, np.float32), cx_w=np.zeros(n, np.float32))
    for i, r in enumerate(rows):
        if r["labels"] or r["source"] == "outside":
            t["dom"][i] = 0.015
            for d in r["also"]:
                t["dom"][i, DOMAINS.index(d)] = 0.3
            for d in r["labels"]:
                t["dom"][i, DOMAINS.index(d)] = 0.97
            t["dom_w"][i] = 1.0 if len(r["labels"]) < 2 else 2.5  # few, and each teaches two things
            if len(r["labels"]) == 1:
                t["single"][i] = DOMAINS.index(r["labels"][0])
        t["guard"][i], t["guard_w"][i] = max(r["guard"], 0), r["guard_w"]
        t["cx"][i], t["cx_w"][i] = r["cx"], r["cx_w"]
    return t


class Reader:
    """Text to token ids: [CLS] head + tail [SEP], at most `limit`; whoever runs the model cuts the same way."""

    def __init__(self, path, limit):
        from tokenizers import Tokenizer

        self.tok = Tokenizer.from_file(str(path))
        self.tok.no_truncation()
        self.tok.no_padding()
        self.limit = limit
        self.ends = [self.tok.token_to_id(t) for t in ("[CLS]", "[SEP]")]

    def __call__(self, texts, rng=None):
        """Ids of each text. With `rng` (training) a long text is sometimes read elsewhere: several views of it are learnt."""
        room = self.limit - 2
        out = []
        for e in self.tok.encode_batch(list(texts), add_special_tokens=False):
            ids = e.ids
            if len(ids) > room:
                head = (room + 1) // 2
                if rng and rng.random() < 0.5:
                    head = rng.randrange(room // 4, room + 1)
                ids = ids[:head] + (ids[len(ids) - (room - head) :] if head < room else [])
            out.append([self.ends[0], *ids, self.ends[1]])
        return out

    def lengths(self, texts):
        """Tokens of the whole texts, with [CLS] and [SEP]."""
        return [len(e.ids) + 2 for e in self.tok.encode_batch(list(texts), add_special_tokens=False)]


def count(rows):
    return dict(Counter(" ".join(r["labels"]) or GUARD[max(r["guard"], 0)] for r in rows).most_common())
