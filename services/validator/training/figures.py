"""What a cascade gains by a confidence: figures on rows that no weight was fitted to."""

import numpy as np

# US dollars a token, read and written; a token is four characters.
PRICES = {"weak": (0.24e-6, 0.24e-6), "strong": (10e-6, 30e-6)}


def auc(right, score):
    """Probability that a right answer scores above a wrong one."""
    order = np.argsort(score, kind="stable")
    ranks = np.empty(len(score))
    ranks[order] = np.arange(1, len(score) + 1)
    for value in np.unique(score):
        ranks[score == value] = ranks[score == value].mean()
    good = right.astype(bool)
    n = good.sum()
    return (ranks[good].sum() - n * (n + 1) / 2) / (n * (len(score) - n))


def log_loss(right, p):
    return float(-np.mean(np.log(np.where(right > 0, p, 1 - p))))


def costs(rows, weak, strong):
    """What each engine's answer costs; an answer without text is one token."""
    def cost(row, engine, name):
        read, written = PRICES[name]
        text = row["engines"][engine].get("text")
        return len(row["prompt"]) / 4 * read + (1 if text is None else len(text) / 4) * written

    return np.array([cost(r, weak, "weak") for r in rows]), np.array([cost(r, strong, "strong") for r in rows])


def curve(score, weak, strong, weak_cost, strong_cost):
    """For each number of answers that the weak engine may keep: the threshold, the share of the strong engine's accuracy
    that is kept, and the shares of its calls and of its cost that are saved. The weak engine is always asked and paid."""
    order = np.argsort(-score, kind="stable")
    right = (strong.sum() + np.concatenate([[0], np.cumsum((weak - strong)[order])])) / len(order)
    asked = strong_cost.sum() - np.concatenate([[0], np.cumsum(strong_cost[order])])
    ranked = np.concatenate([[1.0], score[order]])
    # Equal scores are on the same side of every threshold.
    real = np.append(ranked[1:] != ranked[:-1], True)
    calls = np.arange(len(order) + 1) / len(order)
    cost = 1 - (asked + weak_cost.sum()) / strong_cost.sum()
    return ranked[real], (right / strong.mean())[real], calls[real], cost[real]


def saved_at_95(*columns):
    """Share of the strong engine's calls, and of its cost, that is saved at the threshold that saves most while 95 % of
    its accuracy is kept."""
    _, kept, calls, cost = curve(*columns)
    return float(calls[kept >= 0.95 - 1e-12].max()), float(cost[kept >= 0.95 - 1e-12].max())


def threshold_at_95(*columns):
    """The lowest threshold that keeps 95 % of the strong engine's accuracy."""
    threshold, kept, _, _ = curve(*columns)
    return float(threshold[kept >= 0.95 - 1e-12].min())


def at(threshold, score, weak, strong, weak_cost, strong_cost):
    """What a threshold keeps of the strong engine's accuracy, and saves of its calls and of its cost."""
    up = score < threshold
    kept = np.where(up, strong, weak).mean() / strong.mean()
    cost = 1 - (strong_cost[up].sum() + weak_cost.sum()) / strong_cost.sum()
    return float(kept), float(1 - up.mean()), float(cost)


def spread(score, *columns, draws=300):
    """Standard errors of saved_at_95, by drawing the rows anew."""
    random = np.random.default_rng(1)
    drawn = []
    for _ in range(draws):
        rows = random.integers(0, len(score), len(score))
        drawn.append(saved_at_95(score[rows], *(column[rows] for column in columns)))
    return np.std(drawn, axis=0)


def calibration(right, p, bins=((0, 0.3), (0.3, 0.5), (0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.85), (0.85, 0.91))):
    """(from, to, rows, mean confidence, share that was right)."""
    table = []
    for low, high in bins:
        held = (p >= low) & (p < high)
        if held.any():
            table.append((low, high, int(held.sum()), float(p[held].mean()), float(right[held].mean())))
    return table
