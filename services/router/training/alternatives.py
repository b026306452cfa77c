"""Other first stages, measured beside ours: a one- and a two-layer encoder and static token vectors, all taught by the chosen encoder.

    python alternatives.py --data DATA --encoder DIR --out OUT     (after train.py; writes OUT/alternatives.json)
"""

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np
import torch

import data
import encoder
import first
import graph
import measures
from runner import Runner


def static_vectors(word, ids, targets, teacher, seed):
    """Mean of the encoder's token vectors and a hidden layer (Model2Vec-like, without its weighting)."""
    torch.manual_seed(seed)
    bag = lambda lists: np.stack([word[x].mean(0) for x in lists]).astype(np.float32)  # noqa: E731
    x = torch.from_numpy(bag(ids))
    net = torch.nn.Sequential(torch.nn.Linear(graph.DIM, 256), torch.nn.ReLU(), torch.nn.Dropout(0.2), torch.nn.Linear(256, 8))
    opt = torch.optim.Adam(net.parameters(), 1e-3)
    t, soft = {k: torch.from_numpy(v) for k, v in targets.items()}, torch.from_numpy(teacher)
    for _ in range(12):
        net.train()
        order = torch.randperm(len(x))
        for s in range(0, len(x), 128):
            j = order[s : s + 128]
            y = net(x[j])
            loss = 0.5 * first.hard(y, {k: v[j] for k, v in t.items()}) + 0.5 * encoder.distilled(y, soft[j])
            opt.zero_grad()
            loss.backward()
            opt.step()
    net.eval()

    def run(lists):
        with torch.no_grad():
            return net(torch.from_numpy(bag(lists))).numpy()

    return run


def coverage(scores, rows, tokens):
    """Accuracy of the surest, by share answered: what a first stage is worth."""
    right, sure = measures.verdicts(scores, rows)[0], scores.max(1)
    order = np.argsort(-sure)
    return {f"{q}%": round(float(right[order[: len(order) * q // 100]].mean() * 100), 2) for q in (50, 60, 70, 80, 90, 100)}


def at_32(run, ids):
    some = [x for x in ids if 28 <= len(x) <= 36][:60]
    run(some[:5])
    t = []
    for x in some:
        a = time.perf_counter()
        run([x])
        t.append(time.perf_counter() - a)
    return round(float(np.median(t)) * 1e3, 3)


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("data", "encoder", "out"):
        a.add_argument("--" + name, type=Path, required=True)
    a.add_argument("--teacher", default="full")
    a.add_argument("--work", type=Path)
    a.add_argument("--seed", type=int, default=7)
    a.add_argument("--limit", type=int, default=0)
    o = a.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)
    sets = data.Sets(o.data, o.limit)
    read = data.Reader(o.out / "tokenizer.json", 128)
    teacher = dict(np.load((o.work or o.out / "work") / f"{o.teacher}.npz"))
    rows = data.epoch(sets.train, o.seed)
    ids, targets = read([r["text"] for r in rows]), data.targets(rows)
    soft = encoder.run(teacher, ids)[2]
    test = read([r["text"] for r in sets.test])
    none = np.zeros((len(rows), graph.DIM), np.float32)
    out = {}
    run = static_vectors(teacher["word"], ids, targets, soft, o.seed)
    out["static token vectors + hidden layer"] = dict(coverage=coverage(measures.sigmoid(run(test)[:, :4]), sets.test, test), ms_at_32_tokens=at_32(run, test), note="without tokenizing")
    for n in (1, 2):
        start = {k: v for k, v in teacher.items() if not k.split(".")[0].isdigit() or int(k.split(".")[0]) < n}
        start = {k: v for k, v in start.items() if not k.startswith(("head", "emb", "tok"))}  # the teacher's own lower layers
        opts = dict(lr=1e-4, lr_head=1e-3, decay=0.9, tokens=2600, dropout=0.1, smooth=0.05, w_guard=0.7, w_cx=0.25, w_embed=0.0, w_pairs=0.0, soft=0.6, frozen_layers=0, epochs=2)
        params = encoder.finetune(start, lambda e: (ids, targets, none, soft), opts, o.seed, print)
        y = encoder.run(params, test)[2]
        path = o.out / f"layers{n}.onnx"
        graph.quantise(params, path, True)
        fast = Runner(path, 1, alone=True)
        out[f"encoder of {n} layer(s)"] = dict(coverage=coverage(measures.sigmoid(y[:, :4]), sets.test, test), ms_at_32_tokens=at_32(fast, test), note="int8, without tokenizing")
    (o.out / "alternatives.json").write_text(json.dumps(out, indent=1))
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
