"""Makes the model folder of this test: a text classifier that shares nothing with ours.

    pip install onnx && python make.py

A bag of words: each word of a vocabulary of its own has logits for five labels, and the logits of a text are the sum over its tokens.
Its inputs have other names and widths than ours (ids are int32), it wants token_type_ids, its labels are no domains, it has neither a guard nor an
embedding, and its tokenizer puts <s> and </s> around every text.
"""

import hashlib
import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LABELS = ["computer science", "physics", "mathematics", "law", "chat"]
WORDS = {
    "computer science": "python function loop array compile",
    "physics": "energy force mass velocity",
    "mathematics": "sum divide equation percent",
    "law": "therefore premise argument deduce",
    "chat": "hello poem translate letter",
}
SPECIAL = ["<s>", "</s>", "<unk>"]

folder = pathlib.Path(__file__).parent
vocabulary = SPECIAL + [word for label in LABELS for word in WORDS[label].split()]
table = np.zeros((len(vocabulary), len(LABELS)), np.float32)
for column, label in enumerate(LABELS):
    for word in WORDS[label].split():
        table[vocabulary.index(word), column] = 4.0

nodes = [
    helper.make_node("Gather", ["table", "tokens"], ["rows"]),
    helper.make_node("Unsqueeze", ["attention_mask", "last"], ["mask3"]),
    helper.make_node("Cast", ["mask3"], ["mask"], to=TensorProto.FLOAT),
    helper.make_node("Mul", ["rows", "mask"], ["masked"]),
    helper.make_node("ReduceSum", ["masked", "middle"], ["sums"], keepdims=0),
    # A segment that is not zero would drown everything.
    helper.make_node("Cast", ["token_type_ids"], ["types"], to=TensorProto.FLOAT),
    helper.make_node("ReduceSum", ["types", "middle"], ["noise"], keepdims=1),
    helper.make_node("Mul", ["noise", "huge"], ["drowning"]),
    helper.make_node("Add", ["sums", "drowning"], ["logits"]),
]
shape = ["batch", "sequence"]
graph = helper.make_graph(
    nodes,
    "bag of words",
    [
        helper.make_tensor_value_info("tokens", TensorProto.INT32, shape),
        helper.make_tensor_value_info("attention_mask", TensorProto.INT64, shape),
        helper.make_tensor_value_info("token_type_ids", TensorProto.INT64, shape),
    ],
    [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", len(LABELS)])],
    [
        numpy_helper.from_array(table, "table"),
        numpy_helper.from_array(np.array([2], np.int64), "last"),
        numpy_helper.from_array(np.array([1], np.int64), "middle"),
        numpy_helper.from_array(np.array([[1000.0, 0, 0, 0, 0]], np.float32), "huge"),
    ],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model)
(folder / "model.onnx").write_bytes(model.SerializeToString())

token = lambda word: {"id": vocabulary.index(word), "content": word, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
tokenizer = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [token(word) for word in SPECIAL],
    "normalizer": {"type": "Lowercase"},
    "pre_tokenizer": {"type": "Whitespace"},
    "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 1], "cls": ["<s>", 0], "trim_offsets": True, "add_prefix_space": False},
    "decoder": None,
    "model": {"type": "WordLevel", "vocab": {word: index for index, word in enumerate(vocabulary)}, "unk_token": "<unk>"},
}
(folder / "tokenizer.json").write_text(json.dumps(tokenizer, indent=1) + "\n")

sha = lambda name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
(folder / "manifest.toml").write_text(f"""\
schema = 2
name = "bag-of-words"
version = "1"

[files]
model = {{ path = "model.onnx", sha256 = "{sha("model.onnx")}" }}
tokenizer = {{ path = "tokenizer.json", sha256 = "{sha("tokenizer.json")}" }}

[input]
max_tokens = 16
ids = "tokens"

[heads.domain]
output = "logits"
labels = {json.dumps(LABELS)}
activation = "softmax"
temperature = 1.0
map = {{ "computer science" = "code", physics = "math", mathematics = "math", law = "reasoning", chat = "language" }}

[thresholds]
multi_label = 0.5
not_sure = 0.5
outside = 0.2
guard_flag = 1.0
guard_refuse = 1.0

[[smoke]]
text = "deduce therefore"
domain = "reasoning"
""")
