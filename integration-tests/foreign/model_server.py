"""A model server that nobody here wrote: llama.cpp's, with a tiny model that is made on the spot.

    model_server.py KEY SENTENCE

The model says SENTENCE whatever it is asked, then stops: its one layer has weights of zero, its embeddings are one-hot,
and its output matrix follows each word of the sentence with the next. Prints `listening URL`; ends when its standard
input does.
"""

import sys
import tempfile
from pathlib import Path

import gguf
import numpy
import xllamacpp

WIDTH, HEADS, CONTEXT = 320, 4, 2048
# Ends with the token that the sentence follows.
TEMPLATE = "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}>"


def write_model(path, sentence):
    words = ["\u2581" + word for word in sentence.split()]
    pieces = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)] + words
    kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    kinds += [gguf.TokenType.BYTE] * 256 + [gguf.TokenType.NORMAL] * len(words)
    begin, end, prompt, first = 1, 2, 3 + ord(">"), 3 + 256
    chain = [prompt, *range(first, len(pieces)), end]
    following = numpy.zeros((len(pieces), WIDTH), dtype=numpy.float32)
    for this, after in zip(chain, chain[1:]):
        following[after, this] = 10.0

    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(WIDTH)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(pieces))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(pieces)
    writer.add_token_scores([0.0] * len(pieces))
    writer.add_token_types(kinds)
    writer.add_bos_token_id(begin)
    writer.add_eos_token_id(end)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_chat_template(TEMPLATE)
    zeros = numpy.zeros((WIDTH, WIDTH), dtype=numpy.float32)
    ones = numpy.ones(WIDTH, dtype=numpy.float32)
    writer.add_tensor("token_embd.weight", numpy.eye(len(pieces), WIDTH, dtype=numpy.float32))
    writer.add_tensor("output_norm.weight", ones)
    writer.add_tensor("output.weight", following)
    for name in ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"]:
        writer.add_tensor(f"blk.0.{name}.weight", zeros)
    for name in ["attn_norm", "ffn_norm"]:
        writer.add_tensor(f"blk.0.{name}.weight", ones)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main(key, sentence):
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "tiny.gguf"
        write_model(model, sentence)
        params = xllamacpp.CommonParams()
        params.model.path = str(model)
        params.hostnames = ["127.0.0.1"]
        params.port = 0
        params.api_keys = [key]
        params.n_ctx = CONTEXT
        params.n_parallel = 1
        params.n_gpu_layers = 0
        params.cpuparams.n_threads = 1
        params.warmup = False
        params.sampling.temp = 0.0
        server = xllamacpp.Server(params)
        print("listening", server.listening_address, flush=True)
        sys.stdin.read()


main(*sys.argv[1:])
