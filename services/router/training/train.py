#!/usr/bin/env python3
"""Trains, calibrates, exports, quantises and measures the router's two-stage classifier, in one seeded run.

    python train.py --data DIR --encoder DIR --out DIR

--data     folder with README.md (tables of sources), router/{train,test}.jsonl, guard/train.jsonl, cascade/*.jsonl (or .gz)
--encoder  folder with the MiniLM weights (model.safetensors) and tokenizer.json
--out      gets model.onnx, first_stage.safetensors, tokenizer.json, manifest.toml, MODEL_CARD.md, report.json

Variants are compared on whole sources held out of training (`data.HELD`) and on hand-written rows held out by hash; the best one is
distilled into the first stage, quantised, calibrated there, and only then measured on router/test.jsonl. See README.md.
"""

import argparse
import hashlib
import json
import os
import pickle
import random
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file

import alternatives
import baselines
import card
import data
import encoder
import export
import first
import graph
import measures
import stages

MAX_TOKENS = 128  # of one pass, with [CLS] and [SEP]; the first stage reads the rest too
ENCODER = dict(lr=1e-4, lr_head=1e-3, decay=0.9, tokens=2600, dropout=0.1, smooth=0.05, w_guard=1.5, w_cx=0.25, w_embed=3.0, w_pairs=5.0, soft=0.0)
VARIANTS = {"frozen": dict(frozen_layers=6, lr=0.0), "last2": dict(frozen_layers=4), "full": dict(frozen_layers=0)}
FIRST = dict(bits=(16, 16), dim=16, hidden=48, lr=0.01, batch=128, epochs=6, drop=0.1, feature_drop=0.2, soft=0.7, w_guard=1.5)
FRAGMENTS = 60_000
began = time.time()


def log(*a):
    print(f"[{time.time() - began:6.1f}s]", *a, flush=True)


class Run:
    """Options, rows, the original encoder and what was trained so far (kept in --work, used again with --reuse)."""

    def __init__(self, o):
        self.o = o
        self.sets = data.Sets(o.data, o.limit)
        self.full = graph.from_bert(load_file(str(o.encoder / "model.safetensors")))
        self.full_read = data.Reader(o.encoder / "tokenizer.json", MAX_TOKENS)
        self.read, self.start, self.vocabulary = export.prune(o.encoder / "tokenizer.json", self.full, [r["text"] for r in self.sets.train], MAX_TOKENS, o.out)
        self.kept = {}

    def recall(self, name, texts, read):
        """What `read` gives for each text; kept in --work under a name, since reading a hundred thousand texts takes a while."""
        path = self.o.work / f"{name}.pickle"
        if name not in self.kept:
            self.kept[name] = pickle.loads(path.read_bytes()) if self.o.reuse and path.exists() else {}
        known = self.kept[name]
        new = sorted({t for t in texts if t not in known})
        if new:
            known.update(zip(new, read(new)))
            path.write_bytes(pickle.dumps(known))
        return np.stack([known[t] for t in texts])

    def original(self, texts):
        """Embeddings of the untouched encoder: what ours is held to."""
        return self.recall("originals", texts, lambda new: encoder.run(self.full, self.full_read(new), half=True)[0])

    def rows_of_epoch(self, e):
        rows = data.epoch(self.sets.train, self.o.seed * 1000 + e)
        ids = self.read([r["text"] for r in rows], random.Random(self.o.seed * 77 + e))
        want = np.zeros((len(rows), graph.DIM), np.float32)
        keep = [i for i, r in enumerate(rows) if r["text"] == r["clean"] and not r["source"].startswith(("mix", "outside"))]
        want[keep] = self.original([rows[i]["text"] for i in keep])
        log(f"epoch {e + 1}: {len(rows)} rows, {sum(map(len, ids))} tokens")
        return ids, data.targets(rows), want, None

    def variant(self, name):
        path = self.o.work / f"{name}.npz"
        if self.o.reuse and path.exists():
            return dict(np.load(path))
        params = encoder.finetune(self.start, self.rows_of_epoch, {**ENCODER, **VARIANTS[name], "epochs": self.o.epochs}, self.o.seed, log)
        np.savez(path, **params)
        return params

    def answers(self, params, texts):
        """The eight logits of each text, for the first stage to learn."""
        which = hashlib.sha256(b"".join(np.ascontiguousarray(params[k]).tobytes() for k in sorted(params))).hexdigest()[:16]
        return self.recall(f"answers-{which}", texts, lambda new: encoder.run(params, self.read(new), half=True)[2])

    def logits(self, params, rows):
        """(embedding, the eight logits) in full precision."""
        emb, _, y = encoder.run(params, self.read([r["text"] for r in rows]))
        return emb, y


def choose(run):
    """Trains the variants, compares them on held-out rows, returns (figures of all, name, weights)."""
    held, written, guard = run.sets.held, run.sets.held_written, run.sets.held_guard
    original = run.original([r["text"] for r in held])
    seen, best = [], None

    def consider(name, params):
        nonlocal best
        emb, h = run.logits(params, held)
        w, g = run.logits(params, written)[1], run.logits(params, guard)[1]
        a, b = measures.domain_report(h[:, :4], 1.0, held), measures.domain_report(w[:, :4], 1.0, written)
        gr = measures.guard_report(np.concatenate([g, h, w])[:, 4:7], 1.0, guard + held + written)
        figures = dict(name=name, held_sources=a["macro_source"], held_written=b["strict"], guard_auc=gr["auc"], guard_recall=gr["guard_flag"]["recall"], cosine=round(float((emb * original).sum(1).mean()), 4))
        log("variant", json.dumps(figures), json.dumps(b.get("compound")))
        seen.append(figures)
        score = a["macro_source"] + b["strict"]
        if best is None or score > best[0]:
            best = (score, name, params)

    for name in run.o.variants.split(","):
        params = run.variant(name)
        consider(name, params)
        if name != "frozen":  # between the original and the tuned weights: often better on what was never seen (Wortsman et al. 2022)
            consider(f"{name}, 0.8 of the way", {k: (0.8 * v + 0.2 * run.start[k]).astype(np.float32) if k in run.start else v for k, v in params.items()})
    _, name, params = best
    return seen, name, closed_branch(run, params)


def closed_branch(run, params):
    """The embedding's branch once more in closed form (ridge regression towards the original), kept where it is nearer."""
    texts = [r["text"] for r in random.Random(run.o.seed).sample(run.sets.train, min(len(run.sets.train), 6000))]
    want = run.original(texts)
    bare = {k: v for k, v in params.items() if k != "emb.w"}
    f = encoder.run(bare, run.read(texts), half=True)[1].astype(np.float64)
    a = f.T @ f
    w = np.linalg.solve(a + 1e-3 * np.trace(a) / len(a) * np.eye(len(a)), f.T @ want.astype(np.float64)).astype(np.float32)
    held = [r["text"] for r in run.sets.held]
    near = lambda p: float((encoder.run(p, run.read(held))[0] * run.original(held)).sum(1).mean())  # noqa: E731
    trained, closed = near(params), near({**bare, "emb.w": w})
    log(f"embedding branch: trained {trained:.4f}, closed form {closed:.4f}")
    return {**bare, "emb.w": w} if closed > trained else params


def distil(run, params):
    """The first stage, from labels and from the encoder's answers to the same rows and to fragments of them."""
    rng = random.Random(run.o.seed)
    clean = run.sets.train
    rows = clean + data.epoch(clean, run.o.seed * 1000 + 500)
    rows += [data.row(t, "fragment") for t in data.fragments([r["text"] for r in clean], min(FRAGMENTS, 3 * len(clean)), rng)]
    log(f"first stage: {len(rows)} rows")
    teacher = run.answers(params, [r.get("clean", r["text"]) for r in rows]).astype(np.float32)
    for i, r in enumerate(rows):  # in other languages the labels teach better than the encoder
        if r["lang"] != "en" and r["labels"]:
            teacher[i, :4] = [3.0 if d in r["labels"] else -4.0 for d in data.DOMAINS]
    net = first.train(first.read([r["text"] for r in rows], FIRST["bits"]), data.targets(rows), teacher, FIRST, run.o.seed, log)
    return first.save(net, run.o.out / "first_stage.safetensors")


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    a.add_argument("--data", type=Path, required=True)
    a.add_argument("--encoder", type=Path, required=True)
    a.add_argument("--out", type=Path, required=True)
    a.add_argument("--work", type=Path, help="keeps weights of each variant; default OUT/work")
    a.add_argument("--reuse", action="store_true", help="use the weights in --work instead of training them again")
    a.add_argument("--variants", default="full", help="of frozen, last2, full; comma-separated")
    a.add_argument("--epochs", type=int, default=3)
    a.add_argument("--seed", type=int, default=7)
    a.add_argument("--limit", type=int, default=0, help="rows of each set, for a smoke test")
    a.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    a.add_argument("--alternatives", action="store_true", help="also train other first stages, for the card")
    a.add_argument("--no-baselines", action="store_true")
    o = a.parse_args()
    o.work = o.work or o.out / "work"
    for folder in (o.out, o.work):
        folder.mkdir(parents=True, exist_ok=True)
    random.seed(o.seed)
    np.random.seed(o.seed)
    torch.manual_seed(o.seed)
    torch.set_num_threads(o.threads)

    run = Run(o)
    log({k: len(v) for k, v in vars(run.sets).items()}, f"vocabulary: {run.vocabulary} tokens")
    seen, name, params = choose(run)
    log("chosen:", name)
    net = distil(run, params)
    held = run.sets.held + run.sets.held_written
    beside = first.logits(net, first.read([r["text"] for r in held], FIRST["bits"]))
    int8 = export.quantised(held, beside, [r["text"] for r in run.sets.train[::90]], run.read, params, o, log)
    fitted = stages.fit(run.sets, run.read, net, FIRST["bits"], o.out / "model.onnx", o.threads, log)
    report = stages.report(run.sets, run.read, run.original, net, FIRST["bits"], o.out, params, fitted, o.threads, log)
    report |= dict(seed=o.seed, epochs=o.epochs, max_tokens=MAX_TOKENS, first_stage={k: v for k, v in FIRST.items()}, variants=seen, chosen=name, int8=int8, vocabulary=run.vocabulary)
    if o.alternatives:
        report["alternatives"] = alternatives.all_of(run, params, net, FIRST["bits"], log)
    if not o.no_baselines:
        report["baselines"] = baselines.all_of(run.sets, run.original, log)
    (o.out / "manifest.toml").write_text(card.manifest(o.out, fitted, MAX_TOKENS), encoding="utf-8")
    readme = o.data / "README.md"
    report["seconds"] = round(time.time() - began, 1)
    (o.out / "report.json").write_text(json.dumps(report, indent=1, ensure_ascii=False), encoding="utf-8")
    (o.out / "MODEL_CARD.md").write_text(card.card(report, card.sources(readme.read_text(encoding="utf-8") if readme.exists() else ""), run.sets), encoding="utf-8")
    log("done", {f.name: f.stat().st_size for f in o.out.iterdir() if f.is_file()})


if __name__ == "__main__":
    main()
