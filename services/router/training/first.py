"""The first stage: a bag of hashed features, one hidden layer, the same eight outputs as the encoder; learns from labels and from the encoder."""

import numpy as np
import torch
import torch.nn.functional as F

import encoder
import lexical


class Net(torch.nn.Module):
    """Two tables (words, characters), summed and scaled by 1/sqrt(count), then a hidden layer (none where `hidden` is 0)."""

    def __init__(self, bits, dim, hidden, seed):
        super().__init__()
        torch.manual_seed(seed)
        self.bits = bits
        self.tables = torch.nn.ModuleList(torch.nn.EmbeddingBag(1 << b, dim, mode="sum", sparse=False) for b in bits)
        for t in self.tables:
            torch.nn.init.normal_(t.weight, 0, 0.05)
        self.hidden = torch.nn.Linear(2 * dim, hidden) if hidden else None
        self.out = torch.nn.Linear(hidden or 2 * dim, 8)

    def forward(self, bags, drop=0.0):
        x = torch.cat([t(*b[:2], per_sample_weights=b[2]) for t, b in zip(self.tables, bags)], 1)
        if self.hidden is not None:
            x = F.dropout(F.relu(self.hidden(F.dropout(x, drop, self.training))), drop, self.training)
        return self.out(x)


def read(texts, bits):
    """Rows of both tables for each text."""
    out = []
    for text in texts:
        out.append([torch.from_numpy(lexical.slots(h, b).astype(np.int32)) for h, b in zip(lexical.features(text), bits)])
    return out


def bags(rows, drop=0.0):
    """(rows, offsets, weights) of each table for a batch; `drop`: share of features left out."""
    out = []
    for k in (0, 1):
        xs = [r[k] for r in rows]
        if drop:
            xs = [x[torch.rand(len(x)) >= drop] for x in xs]
        counts = torch.tensor([len(x) for x in xs])
        offsets = torch.cat([torch.zeros(1, dtype=torch.long), counts.cumsum(0)[:-1]]).int()
        weights = torch.repeat_interleave(1 / counts.clamp(min=1).float().sqrt(), counts)
        out.append((torch.cat(xs), offsets, weights))
    return out


def logits(net, rows, batch=512):
    net.eval()
    with torch.no_grad():
        return np.concatenate([net(bags(rows[s : s + batch])).numpy() for s in range(0, len(rows), batch)])


def train(rows, t, teacher, o, seed, log):
    """`t`: targets as for the encoder; `teacher`: the encoder's logits after temperature [n, 8], learnt beside the labels (Hinton et al. 2015)."""
    net = Net(o["bits"], o["dim"], o["hidden"], seed)
    decay = [p for n, p in net.named_parameters() if n.startswith("tables")]
    rest = [p for n, p in net.named_parameters() if not n.startswith("tables")]
    opt = torch.optim.Adam([{"params": decay, "lr": o["lr"]}, {"params": rest, "lr": o["lr"] * 0.3}])
    rng = np.random.default_rng(seed)
    n, size = len(rows), o["batch"]
    total, step = o["epochs"] * -(-n // size), 0
    soft = torch.from_numpy(teacher) if teacher is not None else None
    t = {k: torch.from_numpy(v) for k, v in t.items()}
    for epoch in range(o["epochs"]):
        net.train()
        order, shown = rng.permutation(n), 0.0
        for s in range(0, n, size):
            j = order[s : s + size]
            for g, rate in zip(opt.param_groups, (o["lr"], o["lr"] * 0.3)):
                g["lr"] = rate * max(0.02, 1 - step / total)
            y = net(bags([rows[i] for i in j], o["feature_drop"]), o["drop"])
            k = {name: v[j] for name, v in t.items()}
            loss = hard(y, k, o["w_guard"])
            if soft is not None:
                loss = (1 - o["soft"]) * loss + o["soft"] * encoder.distilled(y, soft[j], o["w_guard"])
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            step += 1
            shown += loss.item()
        log(f"    first stage epoch {epoch + 1}/{o['epochs']} loss {shown / -(-n // size):.3f}")
    return net


def hard(y, t, w_guard=0.5):
    dom = (F.binary_cross_entropy_with_logits(y[:, :4], t["dom"], reduction="none").mean(1) * t["dom_w"]).sum() / t["dom_w"].sum().clamp(min=1)
    g = (F.cross_entropy(y[:, 4:7], t["guard"], reduction="none") * t["guard_w"]).sum() / t["guard_w"].sum().clamp(min=1)
    c = (F.binary_cross_entropy_with_logits(y[:, 7], t["cx"], reduction="none") * t["cx_w"]).sum() / t["cx_w"].sum().clamp(min=1)
    return 2 * dom + w_guard * g + 0.2 * c


def save(net, path):
    """safetensors; tables in int8 with one scale. Returns the network as the file says it: what is measured is what runs."""
    from safetensors.numpy import save_file

    out = {}
    for name, table in zip(("words", "chars"), net.tables):
        w = table.weight.detach().numpy()
        scale = np.quantile(np.abs(w), 0.9999) / 127
        q = np.clip(np.round(w / scale), -127, 127).astype(np.int8)
        out[name], out[name + ".scale"] = q, np.array([scale], np.float32)
        with torch.no_grad():
            table.weight.copy_(torch.from_numpy(q.astype(np.float32) * np.float32(scale)))
    for name, layer in (("hidden", net.hidden), ("out", net.out)):
        out[name + ".weight"], out[name + ".bias"] = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    save_file({k: np.ascontiguousarray(v) for k, v in out.items()}, str(path))
    return net
