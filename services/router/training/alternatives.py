"""Other first stages beside ours: static token vectors, and encoders of one and two layers, all taught by the chosen encoder."""

import time

import numpy as np
import torch

import data
import encoder
import first
import graph
import measures
from runner import Runner

SHORT = dict(lr=1e-4, lr_head=1e-3, decay=0.9, tokens=2600, dropout=0.1, smooth=0.05, w_guard=1.0, w_cx=0.25, w_embed=0.0, w_pairs=0.0, soft=0.6, frozen_layers=0, epochs=1)


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


def coverage(logits, rows):
    """Accuracy of the surest, by share answered: what a first stage is worth."""
    scores = measures.sigmoid(logits[:, :4])
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


def all_of(run, params, net, bits, log):
    """Coverage of each on held-out rows of one domain, and its milliseconds for a text of 32 tokens."""
    o, sets = run.o, run.sets
    rows = data.epoch(sets.train, o.seed * 1000 + 500)  # those that ours learnt from too
    ids, targets = run.read([r["text"] for r in rows]), data.targets(rows)
    soft = run.answers(params, [r["clean"] for r in rows]).astype(np.float32)
    held = [r for r in sets.held + sets.held_written if len(r["labels"]) == 1]
    texts = [r["text"] for r in held]
    held_ids = run.read(texts)
    out = {"bag of hashed features (ours)": dict(coverage=coverage(first.logits(net, first.read(texts, bits)), held), ms=None)}
    static = static_vectors(params["word"], ids, targets, soft, o.seed)
    out["static token vectors, hidden layer"] = dict(coverage=coverage(static(held_ids), held), ms=at_32(static, held_ids))
    log("alternatives", out)
    none = np.zeros((len(rows), graph.DIM), np.float32)
    for n in (1, 2):
        start = {k: v for k, v in params.items() if not k.split(".")[0].isdigit() or int(k.split(".")[0]) < n}
        start = {k: v for k, v in start.items() if not k.startswith(("head", "emb", "tok"))}  # the teacher's own lower layers
        small = encoder.finetune(start, lambda e: (ids, targets, none, soft), SHORT, o.seed, log)
        path = o.work / f"layers{n}.onnx"
        graph.quantise(small, path, True)
        fast = Runner(path, 1, alone=True)
        out[f"encoder of {n} layer{'s' * (n > 1)}, int8"] = dict(coverage=coverage(encoder.run(small, held_ids)[2], held), ms=at_32(fast, held_ids))
        log("alternatives", out)
    return out
