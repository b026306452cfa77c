"""The encoder in torch (GPU or CPU) and its fine-tuning. Imported only when torch is there; names as in graph.py."""

import math
import time

import numpy as np
import torch
import torch.nn.functional as F

from graph import DIM, FEATURES, HEADS, LAYERS, MEANS


def _safe(name):  # ParameterDict wants names without dots
    return name.replace(".", "__")


class Encoder(torch.nn.Module):
    """Weights of graph.from_bert, heads and the embedding's branch; forward gives (embedding, logits, features)."""

    def __init__(self, params):
        super().__init__()
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
        means = {}
        for i in range(LAYERS):
            q, k, v = self.dense(x, f"{i}.qkv").view(batch, length, 3, HEADS, DIM // HEADS).permute(2, 0, 3, 1, 4).unbind(0)
            a = F.scaled_dot_product_attention(q, k, v, attn_mask=allowed, dropout_p=drop if train else 0.0)
            a = a.transpose(1, 2).reshape(batch, length, DIM)
            x = self.norm(x + F.dropout(self.dense(a, f"{i}.out"), drop, train), f"{i}.ln1")
            u = F.gelu(self.dense(x, f"{i}.up"))
            x = self.norm(x + F.dropout(self.dense(u, f"{i}.down"), drop, train), f"{i}.ln2")
            if i + 1 in MEANS:
                means[i + 1] = (x.float() * seen).sum(1) / count
        f = torch.cat([x[:, 0].float()] + [means[m] for m in MEANS], -1)
        with torch.autocast(ids.device.type, enabled=False):  # pooled vectors are small: full precision
            e = f @ self.get("emb.w") if "emb__w" in self.p else means[LAYERS]
            y = None
            if "head__w" in self.p:
                y = F.dropout(f, 0.1, train) @ self.get("head.w") + self.get("head.b")
        return F.normalize(e, dim=-1), y, f


def device():
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def tensors(lists, dev):
    n = max(map(len, lists))
    ids = np.zeros((len(lists), n), np.int64)
    mask = np.zeros((len(lists), n), np.int64)
    for i, x in enumerate(lists):
        ids[i, : len(x)] = x
        mask[i, : len(x)] = 1
    return torch.from_numpy(ids).to(dev), torch.from_numpy(mask).to(dev)


@torch.no_grad()
def run(params, ids, batch=256):
    """(embedding, features) of token lists, in order."""
    dev = device()
    net = Encoder(params).to(dev).eval()
    order = np.argsort([len(x) for x in ids], kind="stable")
    emb = np.zeros((len(ids), DIM), np.float32)
    feats = np.zeros((len(ids), FEATURES), np.float32)
    for s in range(0, len(order), batch):
        j = order[s : s + batch]
        e, _, f = net(*tensors([ids[i] for i in j], dev))
        emb[j], feats[j] = e.float().cpu().numpy(), f.float().cpu().numpy()
    return emb, feats


def losses(y, t, o):
    """Sum of the head losses; `t` holds targets and weights (zero where there is no target)."""
    dom, guard, cx = y[:, :4], y[:, 4:7], y[:, 7]
    bce = (F.binary_cross_entropy_with_logits(dom, t["dom"], reduction="none").mean(1) * t["dom_w"]).sum() / t["dom_w"].sum().clamp(min=1)
    ce = (F.cross_entropy(dom, t["single"].clamp(min=0), reduction="none", label_smoothing=o["smooth"]) * (t["single"] >= 0)).sum() / (t["single"] >= 0).sum().clamp(min=1)
    g = (F.cross_entropy(guard, t["guard"].clamp(min=0), reduction="none", label_smoothing=0.02) * t["guard_w"]).sum() / t["guard_w"].sum().clamp(min=1e-3)
    c = (F.binary_cross_entropy_with_logits(cx, t["cx"], reduction="none") * t["cx_w"]).sum() / t["cx_w"].sum().clamp(min=1)
    return 2 * bce + 0.5 * ce + o["w_guard"] * g + o["w_cx"] * c


def finetune(start, epochs_of_rows, o, seed, log):
    """Full multi-task fine-tuning. `epochs_of_rows(e)` gives (token lists, dict of target arrays) of epoch e, freshly augmented."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    dev = device()
    cuda = dev.type == "cuda"
    teacher = Encoder(start).to(dev).eval()  # the original encoder: its embedding shall survive
    params = dict(start)
    params["head.w"] = np.random.default_rng(seed).normal(0, 0.01, (FEATURES, 8)).astype(np.float32)
    params["head.b"] = np.zeros(8, np.float32)
    branch = np.zeros((FEATURES, DIM), np.float32)
    branch[DIM : 2 * DIM] = np.eye(DIM, dtype=np.float32)  # begins as plain mean pooling
    params["emb.w"] = branch
    net = Encoder(params).to(dev).train()
    groups = []
    for name, w in net.p.items():
        key = name.replace("__", ".")
        if key.startswith(("head", "emb")):
            lr = o["lr_head"]
        else:
            depth = int(key.split(".")[0]) + 1 if key[0].isdigit() else 0
            lr = o["lr"] * o["decay"] ** (LAYERS - depth)
        plain = key.endswith(".b") or ".ln" in key or key.startswith("ln")
        groups.append({"params": [w], "lr": lr, "weight_decay": 0.0 if plain else 0.01})
    opt = torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-6)
    schedule, step, began = None, 0, time.time()
    for epoch in range(o["epochs"]):
        ids, targets = epochs_of_rows(epoch)
        n = len(ids)
        size = o["batch"]
        order = rng.permutation(n)
        batches = []
        for s in range(0, n, size * 40):  # batches of like length inside chunks: little padding, still random
            chunk = sorted(order[s : s + size * 40], key=lambda i: len(ids[i]))
            batches += [chunk[k : k + size] for k in range(0, len(chunk), size)]
        batches = [batches[k] for k in rng.permutation(len(batches))]
        if schedule is None:
            total = len(batches) * o["epochs"]
            warm = max(1, int(0.06 * total))
            schedule = torch.optim.lr_scheduler.LambdaLR(opt, lambda k: (k + 1) / warm if k < warm else max(0.0, 0.5 * (1 + math.cos(math.pi * (k - warm) / max(1, total - warm)))))
        shown, seen_n = 0.0, 0
        for j in batches:
            x, m = tensors([ids[i] for i in j], dev)
            t = {k: torch.from_numpy(v[j]).to(dev) for k, v in targets.items()}
            with torch.no_grad(), torch.autocast(dev.type, dtype=torch.bfloat16, enabled=cuda):
                want = teacher(x, m)[0].float()
            with torch.autocast(dev.type, dtype=torch.bfloat16, enabled=cuda):
                e, y, _ = net(x, m, drop=o["dropout"])
            e, y = e.float(), y.float()
            keep = (1 - (e * want).sum(-1)).mean() + o["w_pairs"] * F.mse_loss(e @ e.t(), want @ want.t())
            loss = losses(y, t, o) + o["w_embed"] * keep
            opt.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            schedule.step()
            step += 1
            shown, seen_n = shown + loss.item(), seen_n + 1
            if step % 200 == 0:
                log(f"    seed {seed} epoch {epoch + 1} step {step}/{total} loss {shown / seen_n:.3f} 1-cos {float(1 - (e * want).sum(-1).mean()):.3f} {time.time() - began:.0f}s")
                shown, seen_n = 0.0, 0
    return net.numpy()
