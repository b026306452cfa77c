"""Measures, and what is fitted on held-out data: temperatures and thresholds."""

import math
import re
from collections import Counter, defaultdict

import numpy as np

from data import DOMAINS


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


def domain_report(logits, temperature, rows, lengths=None):
    return scores_report(sigmoid(logits / temperature), rows, lengths)


def scores_report(p, rows, lengths=None):
    """Everything about the domains, from probabilities [n, 4]; `lengths`: tokens of each row, for the length bands."""
    strict, lenient = verdicts(p, rows)
    single = [i for i, r in enumerate(rows) if len(r["labels"]) == 1]
    truth = np.array([DOMAINS.index(rows[i]["labels"][0]) for i in single], int)
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
    lengths = np.array(lengths if lengths is not None else [])
    for lo, hi in ((0, 16), (17, 32), (33, 64), (65, 128), (129, 256), (257, 10**9)):
        j = (lengths >= lo) & (lengths <= hi)
        if len(lengths) and j.any():
            bands[f"{lo}-{hi}" if hi < 10**9 else f"{lo}+"] = (round(float(strict[j].mean()) * 100, 2), int(j.sum()))
    out["by_tokens"] = bands
    langs = defaultdict(list)
    for s, r in zip(strict, rows):
        langs[r["lang"]].append(s)
    out["by_language"] = {k: (round(float(np.mean(v)) * 100, 2), len(v)) for k, v in sorted(langs.items())}
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
        flag = max(0.2, up(0.982))
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
