"""The classifier as an ONNX graph, written node by node from a dictionary of weights.

One pass gives the sentence embedding and all logits. Writing the graph by hand (instead of tracing the trained module)
keeps it small and readable, makes the export independent of the training framework, and merges the query, key and value
products into one. `quantise` turns the layers' constant matrix products into int8; the embedding tables are int8 with one
scale per row, and what works on pooled vectors is stored in half precision and computed in fp32.

    parameters          shape            meaning
    word, pos           [V,D], [P,D]     embedding tables (token type 0 is added to pos by `from_bert`)
    ln.w, ln.b          [D]
    {i}.qkv.w, .b       [D,3D], [3D]     layer i (0..L-1); also {i}.out, {i}.up, {i}.down, {i}.ln1, {i}.ln2
    head.w, head.b      [F,8], [8]       4 domain, 3 guard, 1 complexity logits
    tok.w               [D,4]            optional: logits of each token of the last layer; the highest is added to the domain's
    {i}.qkv.even        [D]              optional factors of a product's input channels, for int8 (`evened`); also of up and down
    emb.w               [F,D]            optional branch of the embedding (without it: mean pooling as in the original)

The features F are [CLS of the last layer | mean of the last layer | mean of the two middle layers].
"""

import os

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper

DIM, HEADS, POSITIONS = 384, 12, 256
FEATURES = DIM * 4
OUTPUTS = (("domain_logits", 4), ("guard_logits", 3), ("complexity_logit", 1))
OPSET = 17
EVENED, EVEN = ("qkv", "up", "down"), 0.85  # products that `evened` treats, and how much of the width goes to the weights


def layers(p):
    """Number of layers in a dictionary of weights."""
    return sum(k.endswith(".qkv.w") for k in p)


def means(p):
    """Layers whose mean is a feature (0: the embedding tables' sum); the first one is the original's embedding."""
    n = layers(p)
    return (n, n - 2, n - 4) if n > 4 else (n, max(n - 1, 0), max(n - 2, 0))


def from_bert(sd, keep=range(6)):
    """Weights of a Hugging Face BERT state dict (name -> array), renamed, transposed and merged; `keep`: which of its layers."""
    sd = {k.removeprefix("bert."): np.asarray(v, np.float32) for k, v in sd.items()}
    e = "embeddings."
    p = {"word": sd[e + "word_embeddings.weight"], "pos": (sd[e + "position_embeddings.weight"] + sd[e + "token_type_embeddings.weight"][0])[:POSITIONS]}
    p["ln.w"], p["ln.b"] = sd[e + "LayerNorm.weight"], sd[e + "LayerNorm.bias"]
    for i, layer in enumerate(keep):
        b = f"encoder.layer.{layer}."
        qkv = [b + f"attention.self.{n}" for n in ("query", "key", "value")]
        p[f"{i}.qkv.w"] = np.concatenate([sd[n + ".weight"].T for n in qkv], 1)
        p[f"{i}.qkv.b"] = np.concatenate([sd[n + ".bias"] for n in qkv])
        for ours, theirs in (("out", "attention.output.dense"), ("up", "intermediate.dense"), ("down", "output.dense")):
            p[f"{i}.{ours}.w"], p[f"{i}.{ours}.b"] = sd[b + theirs + ".weight"].T, sd[b + theirs + ".bias"]
        for ours, theirs in (("ln1", "attention.output.LayerNorm"), ("ln2", "output.LayerNorm")):
            p[f"{i}.{ours}.w"], p[f"{i}.{ours}.b"] = sd[b + theirs + ".weight"], sd[b + theirs + ".bias"]
    return {k: np.ascontiguousarray(v) for k, v in p.items()}


def build(p, small=False, keep=()):
    """The graph as a ModelProto. `small`: the form that `quantise` starts from. `keep`: name beginnings of products that then
    have int8 weights but fp32 arithmetic."""
    nodes, inits = [], []

    def const(name, value):
        inits.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def op(kind, *inputs, out=None, **attrs):
        out = out or f"n{len(nodes)}_{kind}"
        nodes.append(h.make_node(kind, list(inputs), [out], name=out, **attrs))
        return out

    def ints(name, *v):
        return const(name, np.array(v, np.int64))

    def norm(x, key):
        return op("LayerNormalization", x, const(key + ".w", p[key + ".w"]), const(key + ".b", p[key + ".b"]), axis=-1, epsilon=1e-12)

    def dense(x, key, w=None, b=None):
        w = p[key + ".w"] if w is None else w
        if small and key + ".even" in p:  # wide channels of the input become narrower, their weights wider: the product is the same
            x = op("Mul", x, const(key + ".even", 1 / p[key + ".even"]))
            w = w * p[key + ".even"][:, None]
        if small and key.startswith(tuple(keep)):
            scale = np.maximum(np.abs(w).max(0, keepdims=True), 1e-8).astype(np.float32) / 127
            w8 = const(key + ".w8", np.clip(np.round(w / scale), -127, 127).astype(np.int8))
            y = op("MatMul", x, op("Mul", op("Cast", w8, to=T.FLOAT), const(key + ".s8", scale)))  # folded when loaded
        else:
            y = op("MatMul", x, const(key + ".w", w))
        b = p[key + ".b"] if b is None else b
        return op("Add", y, const(key + ".b", b))

    def pooled_weight(key):
        """A weight applied to pooled vectors, in fp32 arithmetic: heads in half precision, the big branch int8 with a scale per column."""
        if not small:
            return const(key, p[key])
        if p[key].size < 100_000:
            return op("Cast", const(key, p[key].astype(np.float16)), to=T.FLOAT)
        scale = np.maximum(np.abs(p[key]).max(0, keepdims=True), 1e-8).astype(np.float32) / 127
        q = const(key + ".q", np.clip(np.round(p[key] / scale), -127, 127).astype(np.int8))
        return op("Mul", op("Cast", q, to=T.FLOAT), const(key + ".s", scale))

    def table(key, index):
        if not small:
            return op("Gather", const(key, p[key]), index)
        scale = np.maximum(np.abs(p[key]).max(1, keepdims=True), 1e-8).astype(np.float32) / 127
        rows = op("Gather", const(key + ".q", np.clip(np.round(p[key] / scale), -127, 127).astype(np.int8)), index)
        return op("Mul", op("Cast", rows, to=T.FLOAT), op("Gather", const(key + ".s", scale), index))

    one, two = ints("i1", 1), ints("i2", 2)
    mask = op("Cast", "attention_mask", to=T.FLOAT)
    seen = op("Unsqueeze", mask, two)  # [B,S,1]
    count = op("Max", op("ReduceSum", mask, one, keepdims=1), const("tiny", np.array([1e-6], np.float32)))  # [B,1]
    shut = op("Mul", op("Sub", const("f1", np.array(1, np.float32)), mask), const("minus", np.array(-1e4, np.float32)))
    bias = op("Unsqueeze", shut, ints("i12", 1, 2))  # [B,1,1,S]
    length = op("Gather", op("Shape", "input_ids"), const("g1", np.array(1, np.int64)))
    positions = op("Range", const("r0", np.array(0, np.int64)), length, const("r1", np.array(1, np.int64)))

    def mean(x):
        return op("Div", op("ReduceSum", op("Mul", x, seen), one, keepdims=0), count)

    x = norm(op("Add", table("word", "input_ids"), table("pos", positions)), "ln")
    split, merge = ints("heads", 0, 0, 3, HEADS, DIM // HEADS), ints("flat", 0, 0, DIM)
    half, rt2, f1 = const("half", np.array(0.5, np.float32)), const("rt2", np.array(2**0.5, np.float32)), "f1"
    pick = [const(f"pick{j}", np.array(j, np.int64)) for j in range(3)]
    pooled = {0: mean(x)} if 0 in means(p) else {}
    for i in range(layers(p)):
        w, b = p[f"{i}.qkv.w"].copy(), p[f"{i}.qkv.b"].copy()
        w[:, :DIM] /= (DIM // HEADS) ** 0.5  # the attention's 1/sqrt(d)
        b[:DIM] /= (DIM // HEADS) ** 0.5
        qkv = op("Transpose", op("Reshape", dense(x, f"{i}.qkv", w, b), split), perm=[2, 0, 3, 1, 4])  # [3,B,H,S,d]
        q, k, v = (op("Gather", qkv, j, axis=0) for j in pick)
        a = op("Softmax", op("Add", op("MatMul", q, op("Transpose", k, perm=[0, 1, 3, 2])), bias), axis=-1)
        a = op("Reshape", op("Transpose", op("MatMul", a, v), perm=[0, 2, 1, 3]), merge)
        x = norm(op("Sum", dense(a, f"{i}.out"), x), f"{i}.ln1")  # Sum, not Add: the runtime would fuse Add into a slower kernel
        u = dense(x, f"{i}.up")
        u = op("Mul", op("Mul", u, op("Add", op("Erf", op("Div", u, rt2)), f1)), half)  # gelu; the runtime fuses it
        x = norm(op("Sum", dense(u, f"{i}.down"), x), f"{i}.ln2")
        if i + 1 in means(p):
            pooled[i + 1] = mean(x)
    cls = op("Gather", x, const("g0", np.array(0, np.int64)), axis=1)
    f = op("Concat", cls, *(pooled[m] for m in means(p)), axis=-1)
    e = op("MatMul", f, pooled_weight("emb.w")) if "emb.w" in p else pooled[layers(p)]
    op("Div", e, op("Max", op("ReduceL2", e, axes=[1], keepdims=1), "tiny"), out="embedding")
    outputs = [h.make_tensor_value_info("embedding", T.FLOAT, ["batch", DIM])]
    if "head.w" in p:
        y = f
        y = op("Add", op("MatMul", y, pooled_weight("head.w")), const("head.b", p["head.b"]))
        if "tok.w" in p:  # evidence of the strongest token, for the domains only
            said = op("MatMul", x, op("Cast", const("tok.w", p["tok.w"].astype(np.float16)), to=T.FLOAT))
            hidden = op("Mul", op("Sub", seen, "f1"), const("shut", np.array(1e4, np.float32)))  # [B,S,1]
            most = op("ReduceMax", op("Add", said, hidden), axes=[1], keepdims=0)
            y = op("Add", y, op("Concat", most, op("Mul", most, const("zero", np.array(0, np.float32))), axis=-1))
        nodes.append(h.make_node("Split", [y, ints("sizes", *(n for _, n in OUTPUTS))], [n for n, _ in OUTPUTS], name="outputs", axis=1))
        outputs += [h.make_tensor_value_info(n, T.FLOAT, ["batch", k]) for n, k in OUTPUTS]
    inputs = [h.make_tensor_value_info(n, T.INT64, ["batch", "sequence"]) for n in ("input_ids", "attention_mask")]
    model = h.make_model(h.make_graph(nodes, "plexus-router", inputs, outputs, inits), opset_imports=[h.make_opsetid("", OPSET)], producer_name="plexus")
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model


def evened(p, widest):
    """Factors that spread the rounding of int8 between inputs and weights (SmoothQuant, Xiao et al. 2022), so that one wide
    channel does not coarsen all others. `widest`: largest absolute input of each channel of each product, by name."""
    out = {}
    for key in (f"{i}.{kind}" for i in range(layers(p)) for kind in EVENED):
        factor = np.maximum(widest[key], 1e-3) ** EVEN / np.maximum(np.abs(p[key + ".w"]).max(1), 1e-4) ** (1 - EVEN)
        out[key + ".even"] = (factor / np.exp(np.log(factor).mean())).astype(np.float32)
    return out


def quantise(p, path, reduce_range, keep=()):
    """Writes the int8 graph. `reduce_range`: 7-bit weights, which cannot saturate on processors without VNNI.
    `keep`: as in `build`, for a model that fails the gate."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    raw = str(path) + ".fp32"
    onnx.save(build(p, small=True, keep=keep), raw)
    quantize_dynamic(raw, str(path), op_types_to_quantize=["MatMul"], per_channel=True, reduce_range=reduce_range, weight_type=QuantType.QInt8, extra_options={"DefaultTensorType": T.FLOAT})
    os.remove(raw)
    done = onnx.load(str(path))
    onnx.checker.check_model(done)
    left = [n.name for n in done.graph.node if n.op_type == "MatMul" and any(i.endswith(".w") and i[0].isdigit() for i in n.input)]
    assert not left, f"not quantised: {left}"
