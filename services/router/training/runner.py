"""A graph in onnxruntime."""

import concurrent.futures

import numpy as np


class Runner:
    """A graph in onnxruntime over many texts. `alone`: one text per pass, as the router does it (int8 scales depend on the batch)."""

    def __init__(self, model, threads, alone=False):
        import onnxruntime as ort

        o = ort.SessionOptions()
        o.intra_op_num_threads = 1 if alone else threads
        self.alone, self.threads = alone, threads
        o.log_severity_level = 3
        self.s = ort.InferenceSession(model if isinstance(model, bytes) else str(model), o, providers=["CPUExecutionProvider"])
        self.names = [x.name for x in self.s.get_outputs()]

    def __call__(self, ids, batch=32):
        if self.alone:
            one = lambda x: self.s.run(None, {"input_ids": np.array([x], np.int64), "attention_mask": np.ones((1, len(x)), np.int64)})  # noqa: E731
            with concurrent.futures.ThreadPoolExecutor(self.threads) as pool:
                y = list(pool.map(one, ids))
            return {name: np.concatenate([v[k] for v in y]) for k, name in enumerate(self.names)}
        order = np.argsort([len(x) for x in ids], kind="stable")
        out = {}
        for s in range(0, len(order), batch):
            j = order[s : s + batch]
            n = max(len(ids[i]) for i in j)
            x = np.zeros((len(j), n), np.int64)
            m = np.zeros((len(j), n), np.int64)
            for k, i in enumerate(j):
                x[k, : len(ids[i])], m[k, : len(ids[i])] = ids[i], 1
            for name, v in zip(self.names, self.s.run(None, {"input_ids": x, "attention_mask": m})):
                out.setdefault(name, np.zeros((len(ids), v.shape[1]), np.float32))[j] = v
        return out
