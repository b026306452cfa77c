"""The encoder in torch (GPU or CPU) and its fine-tuning. Imported only when torch is there; names as in graph.py."""

import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from graph import DIM, FEATURES, HEADS, layers, means


def _safe(name):  # ParameterDict wants names without dots
    return name.replace(".", "__")


class Encoder(torch.nn.Module):
    """Weights of graph.from_bert, heads and the embedding's branch; forward gives (embedding, logits, features)."""

    def __init__(self, params):
        super().__init__()
        self.layers, self.means = layers(params), means(params)
        self.p = torch.nn.ParameterDict({_safe(k): torch.nn.Parameter(torch.tensor(np.asarray(v, np.float32))) for k, v in params.items()})

    def numpy(self):
        return {k.replace("__", "."): v.detach().float().cpu().numpy().copy() for k, v in self.p.items()}

    def get(self, name):
        return self.p[_safe(name)]

    def norm(self, x, key):
        return F.layer_norm(x, (DIM,), self.get(key + ".w"), self.get(key + ".b"), 1e-12)

    def dense(self, x, key):
        return F.linear(x, self.get(key + ".w").t(), self.get(key + ".b"))

    def forward(self, ids, mask, drop=0.0):
        train = self.training and drop > 0
        batch, length = ids.shape
        x = F.embedding(ids, self.get("word")) + self.get("pos")[:length]
        x = F.dropout(self.norm(x, "ln"), drop, train)
        allowed = mask.bool()[:, None, None, :]
        seen = mask.unsqueeze(-1).float()
        count = seen.sum(1).clamp(min=1e-6)
        pooled = {0: (x.float() * seen).sum(1) / count} if 0 in self.means else {}
        for i in range(self.layers):
            q, k, v = self.dense(x, f"{i}.qkv").view(batch, length, 3, HEADS, DIM // HEADS).permute(2, 0, 3, 1, 4).unbind(0)
            a = F.scaled_dot_product_attention(q, k, v, attn_mask=allowed, dropout_p=drop if train else 0.0)
            a = a.transpose(1, 2).reshape(batch, length, DIM)
            x = self.norm(x + F.dropout(self.dense(a, f"{i}.out"), drop, train), f"{i}.ln1")
            u = F.gelu(self.dense(x, f"{i}.up"))
            x = self.norm(x + F.dropout(self.dense(u, f"{i}.down"), drop, train), f"{i}.ln2")
            if i + 1 in self.means:
                pooled[i + 1] = (x.float() * seen).sum(1) / count
        f = torch.cat([x[:, 0].float()] + [pooled[m] for m in self.means], -1)
        with torch.autocast(ids.device.type, enabled=False):  # pooled vectors are small: full precision
            e = f @ self.get("emb.w") if "emb__w" in self.p else pooled[self.layers]
            y = None
            if "head__w" in self.p:
                y = F.dropout(f, 0.1, train) @ self.get("head.w") + self.get("head.b")
                if "tok__w" in self.p:  # the strongest single token speaks too: a second job may be a few words of a long text
                    said = (x.float() @ self.get("tok.w")).masked_fill(mask.unsqueeze(-1) == 0, -1e4)
                    y = y + F.pad(said.max(1).values, (0, 4))
        return F.normalize(e, dim=-1), y, f


def device():
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def brief(dev, wanted=True):
    """bfloat16 for the large products, where the hardware has it (half as long); elsewhere full precision."""
    cpuinfo = Path("/proc/cpuinfo")
    able = dev.type == "cuda" or cpuinfo.exists() and "avx512_bf16" in cpuinfo.read_text()
    return torch.autocast(dev.type, torch.bfloat16, enabled=wanted and able)


def tensors(lists, dev):
    n = max(map(len, lists))
    ids = np.zeros((len(lists), n), np.int64)
    mask = np.zeros((len(lists), n), np.int64)
    for i, x in enumerate(lists):
        ids[i, : len(x)] = x
        mask[i, : len(x)] = 1
    return torch.from_numpy(ids).to(dev), torch.from_numpy(mask).to(dev)


@torch.no_grad()
def run(params, ids, batch=256, half=False):
    """(embedding, features, logits) of token lists, in order; logits are zeros where there are no heads. `half`: see `brief`."""
    dev = device()
    net = Encoder(params).to(dev).eval()
    order = np.argsort([len(x) for x in ids], kind="stable")
    emb = np.zeros((len(ids), DIM), np.float32)
    feats = np.zeros((len(ids), FEATURES), np.float32)
    out = np.zeros((len(ids), 8), np.float32)
    for s in range(0, len(order), batch):
        j = order[s : s + batch]
        with brief(dev, half):
            e, y, f = net(*tensors([ids[i] for i in j], dev))
        emb[j], feats[j] = e.float().cpu().numpy(), f.float().cpu().numpy()
        if y is not None:
            out[j] = y.float().cpu().numpy()
    return emb, feats, out


@torch.no_grad()
def widest(params, ids):
    """Largest absolute input of each channel of each product, over token lists read one by one."""
    seen = {}

    class Watched(Encoder):
        def dense(self, x, key):
            most = x.abs().amax((0, 1))
            seen[key] = torch.maximum(seen[key], most) if key in seen else most
            return super().dense(x, key)

    net = Watched(params).eval()
    for one in ids:
        net(*tensors([one], torch.device("cpu")))
    return {k: v.numpy() for k, v in seen.items()}


def losses(y, t, o):
    """Sum of the head losses; `t` holds targets and weights (zero where there is no target)."""
    dom, guard, cx = y[:, :4], y[:, 4:7], y[:, 7]
    bce = (F.binary_cross_entropy_with_logits(dom, t["dom"], reduction="none").mean(1) * t["dom_w"]).sum() / t["dom_w"].sum().clamp(min=1)
    ce = (F.cross_entropy(dom, t["single"].clamp(min=0), reduction="none", label_smoothing=o["smooth"]) * (t["single"] >= 0)).sum() / (t["single"] >= 0).sum().clamp(min=1)
    g = (F.cross_entropy(guard, t["guard"].clamp(min=0), reduction="none", label_smoothing=0.02) * t["guard_w"]).sum() / t["guard_w"].sum().clamp(min=1)
    c = (F.binary_cross_entropy_with_logits(cx, t["cx"], reduction="none") * t["cx_w"]).sum() / t["cx_w"].sum().clamp(min=1)
    return 2 * bce + 0.5 * ce + o["w_guard"] * g + o["w_cx"] * c


def distilled(y, soft, w_guard=0.5):
    """Distance to a teacher's logits (Hinton et al. 2015), over the rows that it has read."""
    known = torch.isfinite(soft[:, 0])
    if not known.any():
        return 0.0
    y, soft = y[known], soft[known]
    dom = F.binary_cross_entropy_with_logits(y[:, :4], torch.sigmoid(soft[:, :4]))
    one = F.kl_div(F.log_softmax(y[:, :4], 1), F.softmax(soft[:, :4], 1), reduction="batchmean")
    g = F.kl_div(F.log_softmax(y[:, 4:7], 1), F.softmax(soft[:, 4:7], 1), reduction="batchmean")
    c = F.binary_cross_entropy_with_logits(y[:, 7], torch.sigmoid(soft[:, 7]))
    return 2 * dom + 0.5 * one + w_guard * g + 0.1 * c


def batches_of(lengths, tokens, rng):
    """Batches of about `tokens` tokens, like lengths together inside big random chunks: little padding, still random."""
    order = rng.permutation(len(lengths))
    out = []
    for s in range(0, len(order), 1500):
        chunk = sorted(order[s : s + 1500], key=lambda i: lengths[i])
        batch = []
        for i in chunk:
            if batch and (len(batch) + 1) * max(lengths[i], 8) > tokens or len(batch) >= 64:
                out.append(batch)
                batch = []
            batch.append(i)
        if batch:
            out.append(batch)
    return [out[k] for k in rng.permutation(len(out))]


def groups_of(net, o):
    """Parameters with their rates: later layers learn faster (Howard & Ruder 2018). The embedding tables stay as they are:
    words that training never shows keep their place beside those that it shows."""
    groups = []
    for name, w in net.p.items():
        key = name.replace("__", ".")
        depth = int(key.split(".")[0]) + 1 if key[0].isdigit() else 0
        if key in ("word", "pos") or 0 < depth <= o["frozen_layers"]:
            w.requires_grad_(False)
            continue
        rate = o["lr_head"] if key.startswith(("head", "emb", "tok")) else o["lr"] * o["decay"] ** (net.layers - depth)
        plain = key.endswith(".b") or ".ln" in key or key.startswith("ln")
        groups.append({"params": [w], "lr": rate, "weight_decay": 0.0 if plain else 0.01})
    return groups


def finetune(start, rows_of_epoch, o, seed, log):
    """Multi-task fine-tuning of the heads, of the layers above `frozen_layers` and of the embedding's branch.

    `rows_of_epoch(e)` gives token lists, a dict of target arrays, the original embedding of each row (rows of zeros where
    there is none) and a teacher's logits (not-a-number where there are none; `soft` is their weight). Returns the running mean of the weights over the last third (Izmailov et al. 2018: flatter, generalises)."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    dev = device()
    params = dict(start)
    if "head.w" not in start:  # else it goes on where an earlier run ended
        params["head.w"] = np.random.default_rng(seed).normal(0, 0.01, (FEATURES, 8)).astype(np.float32)
        params["head.b"] = np.zeros(8, np.float32)
        params["tok.w"] = np.random.default_rng(seed + 1).normal(0, 0.02, (DIM, 4)).astype(np.float32)
        branch = np.zeros((FEATURES, DIM), np.float32)
        branch[DIM : 2 * DIM] = np.eye(DIM, dtype=np.float32)  # begins as plain mean pooling
        params["emb.w"] = branch
    net = Encoder(params).to(dev).train()
    opt = torch.optim.AdamW(groups_of(net, o), betas=(0.9, 0.98), eps=1e-6, fused=True)
    schedule, step, began, total, mean, taken = None, 0, time.time(), 0, None, 0
    for epoch in range(o["epochs"]):
        ids, targets, originals, soft = rows_of_epoch(epoch)
        batches = batches_of([len(x) for x in ids], o["tokens"], rng)
        if schedule is None:
            total = len(batches) * o["epochs"]
            warm = max(1, int(0.06 * total))
            schedule = torch.optim.lr_scheduler.LambdaLR(opt, lambda k: (k + 1) / warm if k < warm else max(0.03, 0.5 * (1 + math.cos(math.pi * min(1.0, (k - warm) / max(1, total - warm))))))
        shown = np.zeros(2)
        for j in batches:
            x, m = tensors([ids[i] for i in j], dev)
            t = {k: torch.from_numpy(v[j]).to(dev) for k, v in targets.items()}
            want = torch.from_numpy(originals[j]).to(dev)
            known = want.abs().sum(1) > 0
            with brief(dev):
                e, y, _ = net(x, m, drop=o["dropout"])
            loss = losses(y, t, o)
            if o["soft"]:
                loss = (1 - o["soft"]) * loss + o["soft"] * distilled(y, torch.from_numpy(soft[j]).to(dev))
            if known.any():
                e, want = e[known], want[known]
                apart = (1 - (e * want).sum(-1)).mean()
                loss = loss + o["w_embed"] * apart + o["w_pairs"] * F.mse_loss(e @ e.t(), want @ want.t())
                shown[1] += float(apart.detach())
            opt.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_([w for w in net.parameters() if w.requires_grad], 1.0)
            opt.step()
            schedule.step()
            step += 1
            shown[0] += loss.item()
            if step > 0.66 * total and step % 10 == 0:
                taken += 1
                now = net.numpy()
                mean = now if mean is None else {k: v + (now[k] - v) / taken for k, v in mean.items()}
            if step % 100 == 0:
                log(f"    seed {seed} epoch {epoch + 1} step {step}/{total} loss {shown[0] / 100:.3f} 1-cos {shown[1] / 100:.3f} {time.time() - began:.0f}s")
                shown[:] = 0
    return mean or net.numpy()
