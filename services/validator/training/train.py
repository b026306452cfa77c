"""Fits the weights of `confidence` and says how good they are on questions that they have not seen. See README.md."""

import argparse
import datetime
import hashlib
import json
import math
import pathlib
import re
import subprocess
import tomllib

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import figures

HERE = pathlib.Path(__file__).parent
WEIGHTS = HERE.parent / "src/domain/confidence/weights.toml"
VECTORS = HERE.parent / "tests/confidence_vectors.jsonl"
INPUTS = HERE / "inputs.jsonl"
WEAK, STRONG = "mixtral-8x7b-instruct", "gpt-4-1106-preview"
FILES = {"worked": "gsm8k_dev.jsonl", "choice": "mmlu_dev.jsonl"}
PROGRAM = ["cargo", "run", "--quiet", "-p", "plexus-validator", "--example", "confidence_features"]
STRENGTH = {"worked": 0.03, "choice": 0.01}
HIGHEST = 0.9
PROVENANCE = """\
# Weights of the confidence: probability = 1 / (1 + exp(-(bias + sum of weight * (feature - mean)))).
# Written by training/train.py on {date}; do not edit. Fitted to answers of Mixtral-8x7B-Instruct to GSM8K (worked) and
# MMLU (choice) questions, from lm-sys/RouteLLM @ 0b64fdafe049 (Apache-2.0); the questions are MIT. Only to questions
# whose sha256 (of the prompt without surrounding white space) begins with an even byte: {worked} and {choice} of them.
"""


def for_training(row):
    return hashlib.sha256(row["prompt"].strip().encode()).digest()[0] % 2 == 0


def unstyled(text):
    """An answer as engines write it that were not shown the data set's marks."""
    text = re.sub(r"<<[^<>]*>>", "", text).strip()
    return re.sub(r"####\s*([^\n]*)$", r"The answer is \1.", text)


def rows_of(folder, part):
    path = folder / "cascade" / FILES[part]
    rows, seen = [], set()
    for line in path.read_text().strip("\n").split("\n"):
        row = json.loads(line)
        if row["prompt"].strip() not in seen:
            seen.add(row["prompt"].strip())
            rows.append(row)
    return rows


def see(program, items):
    """What the service sees of each (question, answer): name and value of each feature, and the part."""
    text = "".join(json.dumps({"question": question, "answer": answer}) + "\n" for question, answer in items)
    done = subprocess.run(program, input=text, capture_output=True, text=True, check=True, cwd=HERE)
    return [json.loads(line) for line in done.stdout.splitlines()]


def pairs(rows, change=lambda text: text):
    return [(row["prompt"], change(row["engines"][WEAK].get("text", ""))) for row in rows]


def fit(program, part, rows):
    """Bias, weights and means. Worked answers are shown twice, with and without the marks of their data set."""
    items, right = pairs(rows), [row["engines"][WEAK]["correct"] for row in rows]
    if part == "worked":
        items, right = items + pairs(rows, unstyled), right * 2
    known = [(seen["features"], y) for seen, y in zip(see(program, items), right) if seen.get("part") == part]
    names = list(known[0][0])
    X, y = np.array([[x[name] for name in names] for x, _ in known]), np.array([y for _, y in known])
    scaler = StandardScaler().fit(X)
    model = LogisticRegression(C=STRENGTH[part], max_iter=1000).fit(scaler.transform(X), y)
    terms = zip(names, model.coef_[0] / scaler.scale_, scaler.mean_)
    return {
        "bias": round(float(model.intercept_[0]), 4),
        "features": {name: {"weight": round(float(w), 4), "mean": round(float(m), 4)} for name, w, m in terms},
    }


def confidence(model, seen):
    z = model["bias"] + sum(t["weight"] * (seen[name] - t["mean"]) for name, t in model["features"].items())
    return min(HIGHEST, 1 / (1 + math.exp(-z)))


def write_weights(models, counts):
    text = PROVENANCE.format(date=datetime.date.today(), **counts)
    for part, model in models.items():
        text += f"\n[{part}]\nbias = {model['bias']}\n\n[{part}.features]\n"
        for name, term in model["features"].items():
            text += f"{name} = {{ weight = {term['weight']}, mean = {term['mean']} }}\n"
    WEIGHTS.write_text(text)


def judged(program, part, model, rows, change):
    """Confidence, whether each engine was right, and what each costs: of the rows of which there is an opinion."""
    known = [(row, seen) for row, seen in zip(rows, see(program, pairs(rows, change))) if seen.get("part") == part]
    rows = [row for row, _ in known]
    right = [np.array([row["engines"][name]["correct"] for row in rows], float) for name in (WEAK, STRONG)]
    p = np.array([confidence(model, seen["features"]) for _, seen in known])
    return p, *right, *figures.costs(rows, WEAK, STRONG)


def report(program, part, model, seen, unseen, change=lambda text: text, what=""):
    columns = p, weak, strong, _, _ = judged(program, part, model, unseen, change)
    print(f"\n{part}{what}: {len(unseen)} unseen questions, an opinion on {len(p)}")
    base = figures.log_loss(weak, np.full(len(weak), weak.mean()))
    print(f"  right: weak {weak.mean():.3f}, strong {strong.mean():.3f}; said on average {p.mean():.3f}")
    print(f"  AUC {figures.auc(weak, p):.3f}, log loss {figures.log_loss(weak, p):.3f} (always the mean: {base:.3f})")
    (calls, cost), error = figures.saved_at_95(*columns), figures.spread(*columns)
    print(f"  saved at 95 %: calls {calls:.1%} (+-{error[0]:.1%}), cost {cost:.1%} (+-{error[1]:.1%})")
    learnt = figures.threshold_at_95(*judged(program, part, model, seen, change))
    thresholds = [("learnt on the other half", learnt)] + [("as it is", t) for t in (0.5, 0.6, 0.65, 0.7, 0.75, 0.8)]
    for name, threshold in thresholds:
        kept, calls, cost = figures.at(threshold, *columns)
        print(f"  threshold {threshold:.3f}, {name}: keeps {kept:.1%}, saves calls {calls:.1%}, cost {cost:.1%}")
    for low, high, n, said, was in figures.calibration(weak, p):
        print(f"  confidence {low:.2f} to {high:.2f}: {n:5d} rows, said {said:.2f}, right {was:.2f}")


def write_vectors(program):
    models = tomllib.loads(WEIGHTS.read_text())
    items = [json.loads(line) for line in INPUTS.read_text().strip("\n").split("\n")]
    seen = see(program, [(item["question"], item.get("answer", "")) for item in items])
    for item, features in zip(items, seen):
        if "part" in features:
            item |= {"part": features["part"], "features": features["features"]}
            item["confidence"] = confidence(models[features["part"]], features["features"])
    VECTORS.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items))
    print(f"{len(items)} vectors written")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, help="folder that holds cascade/*_dev.jsonl")
    parser.add_argument("--split-out", type=pathlib.Path, help="where the unseen half of each file goes")
    parser.add_argument("--vectors", action="store_true", help="write the vectors that the service's tests check")
    parser.add_argument("--program", type=lambda text: [text], default=PROGRAM, help="confidence_features, once built")
    arguments = parser.parse_args()
    program = arguments.program
    if arguments.data:
        rows = {part: rows_of(arguments.data, part) for part in FILES}
        seen = {part: [row for row in rows[part] if for_training(row)] for part in FILES}
        unseen = {part: [row for row in rows[part] if not for_training(row)] for part in FILES}
        counts = {part: len(rows) for part, rows in seen.items()}
        write_weights({part: fit(program, part, rows) for part, rows in seen.items()}, counts)
        # The figures are those of the weights as written.
        models = tomllib.loads(WEIGHTS.read_text())
        for part in FILES:
            report(program, part, models[part], seen[part], unseen[part])
        halves = seen["worked"], unseen["worked"]
        report(program, "worked", models["worked"], *halves, unstyled, ", without the marks of the data set")
        if arguments.split_out:
            arguments.split_out.mkdir(parents=True, exist_ok=True)
            for part, name in FILES.items():
                text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in unseen[part])
                (arguments.split_out / name.replace("_dev", "_unseen")).write_text(text)
    if arguments.vectors:
        write_vectors(program)


if __name__ == "__main__":
    main()
