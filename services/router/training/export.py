"""From weights to the files that run: a vocabulary without what is never used, and the int8 graph behind a gate."""

import json
import os

import numpy as np

import data
import encoder
import graph
import measures
from runner import Runner

BESIDE = 0.4  # of the first stage's logits, about what the fit gives
COMMON = 20_000  # tokens below are kept even if training never shows them
GATE = -0.3  # points of accuracy that int8 may lose


def prune(tokenizer, params, texts, limit, out):
    """Leaves out reserved tokens, longer pieces of other scripts than the Latin one, and rare words that training never shows;
    writes tokenizer.json. Such a word is read in smaller pieces, in training as later. Returns (reader, weights, tokens kept)."""
    spec = json.loads(tokenizer.read_text(encoding="utf-8"))
    vocab = spec["model"]["vocab"]
    seen = {i for e in data.Reader(tokenizer, 10**6).tok.encode_batch(texts, add_special_tokens=False) for i in e.ids}
    special = {t["content"] for t in spec["added_tokens"]}

    def latin(token):
        return all(ord(c) < 0x250 or 0x2000 <= ord(c) < 0x2300 for c in token)

    def kept(t, i):
        if t in special or t.startswith("[unused"):
            return t in special
        return i in seen or i < COMMON if latin(t) else len(t.removeprefix("##")) == 1 and i in seen

    keep = sorted((i, t) for t, i in vocab.items() if kept(t, i))  # the vocabulary is sorted by frequency, roughly
    new = {t: k for k, (_, t) in enumerate(keep)}
    spec["model"]["vocab"] = new
    for t in spec["added_tokens"]:
        t["id"] = new[t["content"]]
    for t in (spec.get("post_processor") or {}).get("special_tokens", {}).values():
        t["ids"] = [new[name] for name in t["tokens"]]
    post = spec.get("post_processor") or {}
    for side in ("sep", "cls"):  # the older kind of post-processor
        if isinstance(post.get(side), list):
            post[side][1] = new[post[side][0]]
    for key in ("truncation", "padding"):
        spec[key] = None
    (out / "tokenizer.json").write_text(json.dumps(spec, ensure_ascii=False), encoding="utf-8")
    return data.Reader(out / "tokenizer.json", limit), {**params, "word": params["word"][[i for i, _ in keep]], "pos": params["pos"][:limit]}, len(keep)


def quantised(rows, beside, sample, read, params, o, log):
    """Writes model.onnx in int8, backing off layer by layer until at most 0.3 points are lost against fp32 on held-out rows.

    `beside`: the first stage's logits of the rows; both forms are judged as they are used, with those added. `sample`: texts of training,
    from which the width of each channel is learnt."""
    ids = read([r["text"] for r in rows])
    full = Runner(graph.build(params).SerializeToString(), o.threads)(ids)
    apart = float(np.abs(np.concatenate([full["domain_logits"], full["guard_logits"]], 1) - encoder.run(params, ids)[2][:, :7]).max())
    log(f"the graph and torch agree within {apart:.5f}")
    assert apart < 5e-3, "the graph does not compute what was trained"
    strict = lambda y: float(measures.verdicts(measures.sigmoid(y["domain_logits"] + BESIDE * beside[:, :4]), rows)[0].mean() * 100)  # noqa: E731
    s32 = strict(full)
    even = {**params, **graph.evened(params, encoder.widest(params, read(sample)))}
    downs = tuple(f"{i}.down" for i in range(graph.layers(params)))
    path = o.out / "model.onnx"
    tries = []
    for reduce_range, keep in ((True, ()), (False, ()), (True, downs[-1:]), (True, downs)):
        graph.quantise(even, path, reduce_range, keep)
        y = Runner(path, o.threads, alone=True)(ids)
        s8 = strict(y)
        t = dict(reduce_range=reduce_range, fp32_arithmetic=list(keep), rows=len(rows), strict_fp32=round(s32, 2), strict_int8=round(s8, 2), delta=round(s8 - s32, 2), megabytes=round(os.path.getsize(path) / 1e6, 2),
                 cosine_to_fp32=round(float((y["embedding"] * full["embedding"]).sum(1).mean()), 4), agreement=round(float((y["domain_logits"].argmax(1) == full["domain_logits"].argmax(1)).mean() * 100), 2), passed=bool(s8 - s32 >= GATE or (s32 - s8) * len(rows) <= 200))  # a row or two of a small set say nothing
        log("int8", json.dumps(t))
        tries.append(t)
        if t["passed"]:
            return dict(t, tries=len(tries))
    raise SystemExit(f"no int8 form loses at most {-GATE} points: {tries}")
