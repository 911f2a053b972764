"""heddle_gpt_demo and the C program that it builds, with settings small enough to take seconds."""
import json
import os
import re
import struct
import subprocess
import sys
import unittest

from programs import BIN, SOURCE, ProgramTest, run

DEMO = BIN / "heddle_gpt_demo"
TINY = ["--layers", 2, "--heads", 2, "--width", 32, "--context", 32, "--batch", 4, "--dropout", 0.1]


def read_header(path):
    data = path.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    return json.loads(data[8:8 + size])


def read_log(folder):
    """The log of a run without the seconds, which no run repeats."""
    lines = (folder / "log.jsonl").read_text().splitlines()
    return [{name: value for name, value in json.loads(line).items() if name != "seconds"} for line in lines]


class Demo(ProgramTest):
    def test_whole_way(self):
        result = self.check_runs([DEMO, *TINY, "--output", self.folder, "--pieces", 300, "--steps", 300,
                                  "--length", 50])
        losses = [entry["loss"] for entry in read_log(self.folder) if entry["phase"] == "train"]
        self.assertEqual(len(losses), 300)
        self.assertLess(sum(losses[-10:]), 0.8 * sum(losses[:10]))
        self.assertRegex(result.stdout, r"epoch 1: mean training loss \d\.\d+, validation loss \d\.\d+")
        self.assertIn("next:", result.stdout)
        self.assertTrue((self.folder / "loss.png").read_bytes().startswith(b"\x89PNG"))
        self.assertIn("<svg", (self.folder / "loss.svg").read_text())

        names = set(read_header(self.folder / "weights.safetensors"))
        self.assertTrue({"wte.weight", "wpe.weight", "h.0.ln_1.weight", "h.1.attn.c_attn.bias", "h.1.attn.c_proj.weight",
                         "h.0.mlp.c_fc.weight", "h.0.mlp.c_proj.bias", "ln_f.bias"} <= names, names)
        self.assertFalse([name for name in names if "optimizer" in name])
        self.assertEqual(set(read_header(self.folder / "best.safetensors")), names)
        self.assertFalse(list(self.folder.glob("*.tmp")))

        self.generate()
        self.library()

    def generate(self):
        program = self.folder / "generate"

        def text(*options):
            return self.check_runs([program, "--prompt", "Once", *options]).stdout

        # 100 tokens are more than three times the context: the cache fills and starts over.
        first = text("--length", 100, "--seed", 3)
        self.assertGreaterEqual(len(first), len("Once") + 100 + 1)
        self.assertTrue(first.startswith("Once"))
        self.assertEqual(text("--length", 100, "--seed", 3), first)
        self.assertNotEqual(text("--length", 100, "--seed", 4), first)
        greedy = text("--length", 40, "--temperature", 0)
        self.assertEqual(text("--length", 40, "--top-k", 1, "--seed", 9), greedy)
        self.assertEqual(text("--length", 40, "--top-p", 0.000001, "--seed", 9), greedy)
        self.assertEqual(text("--length", 0), "Once\n")

        self.check_runs([program, "--help"])
        self.check_fails([program, "--colour", "red"], 2, "unknown option '--colour'")
        self.check_fails([program, "--length"], 2, "--length needs a value")
        self.check_fails([program, "--length", "many"], 2, "--length expects a number", "'many'")
        self.check_fails([program, "--top-p", "2"], 2, "--top-p expects a number")
        self.check_fails([program, "--prompt", "smile ☺"], 1, "does not know the character", "'☺'")
        self.check_fails([program, "--weights", self.folder / "none"], 1, str(self.folder / "none"))
        self.check_fails([program, "--vocabulary", self.folder / "none"], 1, "cannot read the vocabulary")
        vocabulary = self.folder / "broken.txt"
        for line in ("-1\n", "-1\t\n", "-1\ta\\q\n", "-1\ta\\\n", "one\ta\n"):
            vocabulary.write_text(line)
            self.check_fails([program, "--vocabulary", vocabulary], 1, "broken.txt is not a vocabulary")
        vocabulary.write_text("-1\tO\n")
        self.check_fails([program, "--vocabulary", vocabulary], 1, "do not have as many pieces")
        damaged = self.folder / "damaged.safetensors"
        damaged.write_bytes((self.folder / "weights.safetensors").read_bytes()[:-100])
        self.check_fails([program, "--weights", damaged], 1, "generate: ", "damaged.safetensors")

    def library(self):
        library = self.folder / "libgpt.so"
        needed = run(["ldd", library]).stdout
        self.assertIn("libdnnl", needed)
        self.assertNotRegex(needed, "(?i)LLVM|MLIR")
        symbols = [line.split()[-1] for line in run(["nm", "-D", "--defined-only", library]).stdout.splitlines()]
        self.assertIn("gpt_decode", symbols)
        self.assertFalse([name for name in symbols if not name.startswith("gpt_")])


class Pieces(ProgramTest):
    """Texts of every kind become tokens and back: the C program repeats what it is prompted with."""

    def check_text(self, text, *options):
        data = self.folder / "text.txt"
        data.write_text(text)
        output = self.folder / "out"
        result = self.check_runs([DEMO, *TINY, "--data", data, "--output", output, "--steps", 1, "--length", 1, *options])
        self.assertIn("bytes are", result.stdout)
        prompt = text[:60].replace("\0", "")
        self.assertTrue(self.check_runs([output / "generate", "--prompt", prompt, "--length", 0]).stdout.startswith(prompt))
        return [line.split("\t")[1] for line in (output / "vocab.txt").read_text().split("\n")[:-1]]

    def test_words_become_pieces(self):
        pieces = self.check_text("the quick brown fox jumps over the lazy dog, and the dog sleeps.\n" * 200, "--pieces", 60)
        self.assertIn("\\sdog", pieces)
        self.assertIn("\\n", pieces)
        self.assertIn("z", pieces)

    def test_single_characters(self):
        self.assertEqual(self.check_text("ab\\ c\td\n" * 200, "--pieces", 0),
                         ["\\t", "\\n", "\\s", "\\\\", "a", "b", "c", "d"])

    def test_odd_texts(self):
        self.check_text("a" * 20000)  # one word, longer than a sentence may be
        self.check_text("déjà vu \u2581 ☺ 多 " * 100)  # of several bytes, and the trainer's own sign for a space
        self.check_text("x\0y\vz\n" * 400)
        self.check_text("".join(chr(0x4e00 + i) for i in range(700)))  # no character twice


class Repeat(ProgramTest):
    def train(self, folder, *options):
        self.check_runs([DEMO, *TINY, "--output", folder, "--no-generate", *options])
        return read_log(folder)

    def test_same_seed_same_run(self):
        a, b, c = (self.folder / name for name in "abc")
        self.assertEqual(self.train(a, "--steps", 12), self.train(b, "--steps", 12))
        self.assertEqual((a / "weights.safetensors").read_bytes(), (b / "weights.safetensors").read_bytes())
        self.assertNotEqual(self.train(c, "--steps", 12, "--seed", 5), self.train(a, "--steps", 12))

    def test_resume_repeats_bit_for_bit(self):
        whole, parts = self.folder / "whole", self.folder / "parts"
        self.train(whole, "--steps", 20)
        result = self.check_runs([DEMO, *TINY, "--output", parts, "--steps", 20, "--stop-at", 9])
        self.assertIn("--resume", result.stdout)
        self.assertFalse((parts / "weights.safetensors").exists())
        # The settings of the model come from the run that is resumed.
        self.check_runs([DEMO, "--output", parts, "--steps", 20, "--resume", "--no-generate"])

        self.assertEqual(read_log(whole), read_log(parts))
        for file in ("weights.safetensors", "last.safetensors", "best.safetensors"):
            self.assertEqual((whole / file).read_bytes(), (parts / file).read_bytes(), file)


class Errors(ProgramTest):
    def check_data(self, content, *texts):
        data = self.folder / "text.txt"
        data.write_bytes(content)
        output = self.folder / "output"
        self.check_fails([DEMO, *TINY, "--data", data, "--output", output], 1, "heddle_gpt_demo: ", *texts)
        self.assertFalse(list(output.glob("*")) if output.exists() else [])

    def test_corpus(self):
        self.check_data(b"", "text.txt is empty")
        self.check_data(b"\xef\xbb\xbf", "text.txt is empty")
        self.check_data("café ".encode() * 100 + b"caf\xe9 au lait", "text.txt is not UTF-8", "0xe9 at offset 603",
                        "iconv")
        self.check_data(b"\n" * 1000, "cannot be learned", "--pieces 0")
        self.check_data(b"short", "has 5 tokens", "at least 330", "--context")

    def test_paths(self):
        self.check_fails([DEMO, "--data", self.folder / "none.txt"], 1, "cannot read", "none.txt",
                         "No such file or directory")
        self.check_fails([DEMO, "--data", self.folder], 1, "cannot read", "Is a directory")
        file = self.folder / "file"
        file.write_text("x")
        self.check_fails([DEMO, *TINY, "--output", file / "out", "--steps", 1], 1, "cannot make the folder")
        self.check_fails([DEMO, *TINY, "--output", file, "--steps", 1], 1, "cannot make the folder")

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_unreadable(self):
        file = self.folder / "secret.txt"
        file.write_text("x")
        file.chmod(0)
        self.check_fails([DEMO, "--data", file], 1, "cannot read", "Permission denied")

    def test_flags(self):
        self.check_fails([DEMO, "--colour"], 2, "--colour")
        self.check_fails([DEMO, "--layers", "0"], 2, "--layers")
        self.check_fails([DEMO, "--steps", "many"], 2, "--steps")
        self.check_fails([DEMO, "--heads", 3, "--width", 128, "--output", self.folder / "o"], 1,
                         "width 128", "3 heads")
        self.assertIn("--resume", self.check_runs([DEMO, "--help"]).stdout)

    def test_resume(self):
        self.check_fails([DEMO, *TINY, "--output", self.folder / "new", "--resume"], 1, "cannot read",
                         "settings.json")
        output = self.folder / "run"
        self.check_runs([DEMO, *TINY, "--output", output, "--steps", 3, "--no-generate"])
        before = {path.name: path.read_bytes() for path in output.iterdir()}
        other = self.folder / "other.txt"
        other.write_text("abc " * 2000)
        self.check_fails([DEMO, "--data", other, "--output", output, "--resume", "--steps", 6], 1, "is not the text that the training")
        self.check_fails([DEMO, "--width", 64, "--output", output, "--resume", "--steps", 6], 1, "last.safetensors")
        checkpoint = output / "last.safetensors"
        self.assertEqual(checkpoint.read_bytes(), before[checkpoint.name])
        checkpoint.write_bytes(before[checkpoint.name][:1000])
        self.check_fails([DEMO, "--output", output, "--resume", "--steps", 6], 1, "last.safetensors")


class Corpus(ProgramTest):
    def test_is_what_the_script_writes(self):
        folder = SOURCE / "examples/gpt/corpus"
        made = self.folder / "stories.txt"
        subprocess.run([sys.executable, folder / "make_stories.py", made], check=True)
        self.assertEqual(made.read_bytes(), (folder / "stories.txt").read_bytes())
        self.assertGreater(made.stat().st_size, 200_000)


if __name__ == "__main__":
    unittest.main()
