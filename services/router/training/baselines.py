"""What others would do, on the same rows: majority class, TF-IDF, the frozen encoder, nearest neighbours."""

from collections import Counter

import numpy as np

import data
from measures import verdicts


def figures(p, rows):
    strict, lenient = verdicts(p, rows)
    return dict(strict=round(float(strict.mean()) * 100, 2), lenient=round(float(lenient.mean()) * 100, 2))


def tfidf(texts, labels, rows):
    """TF-IDF (words 1-2, characters 2-4) and logistic regression, one against the rest."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_union

    u = make_union(TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, max_features=120_000), TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=3, sublinear_tf=True, max_features=120_000))
    m = OneVsRestClassifier(LogisticRegression(solver="liblinear", C=4)).fit(u.fit_transform(texts), labels)
    return figures(m.predict_proba(u.transform([r["text"] for r in rows]))[:, [list(m.classes_).index(d) for d in data.DOMAINS]], rows)


def all_of(sets, original, log):
    """Strict and lenient accuracy of each on the test rows, trained on the single-domain rows of public sets and
    hand-written ones. `original`: embeddings of the untouched encoder."""
    from sklearn.linear_model import LogisticRegression

    single = [r for r in sets.train if len(r["labels"]) == 1]
    texts, labels = [r["text"] for r in single], [r["labels"][0] for r in single]
    most = Counter(labels).most_common(1)[0][0]
    out = {"majority class": figures(np.array([[d == most for d in data.DOMAINS]] * len(sets.test), float), sets.test)}
    out["TF-IDF + logistic regression"] = tfidf(texts, labels, sets.test)
    log("TF-IDF", out["TF-IDF + logistic regression"])
    a, b = original(texts), original([r["text"] for r in sets.test])
    m = LogisticRegression(max_iter=300, C=10).fit(a, labels)
    out["frozen MiniLM + logistic regression"] = figures(m.predict_proba(b)[:, [list(m.classes_).index(d) for d in data.DOMAINS]], sets.test)
    near = np.argsort(-(b @ a.T), 1)[:, :10]
    votes = np.array([[sum(labels[j] == d for j in js) for d in data.DOMAINS] for js in near]) / 10
    out["frozen MiniLM, 10 nearest neighbours"] = figures(votes, sets.test)
    log("baselines", out)
    return dict(sorted(out.items(), key=lambda kv: kv[1]["strict"]))
