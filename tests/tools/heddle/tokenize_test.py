"""heddle tokenize: train, encode and decode, from files and standard input."""
import json
import unittest

from programs import BIN, ProgramTest

TOKENIZE = [BIN / "heddle", "tokenize"]
TEXTS = "the cat sat on the mat\nthe dog sat\n"


class TokenizeTest(ProgramTest):
    def write(self, name, text):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def train(self, kind, *options):
        out = self.folder / f"{kind}.json"
        self.check_runs([*TOKENIZE, "train", "--kind", kind, "--vocab", 30, "--out", out, *options])
        return out

    def encode(self, tokenizer, *options, **more):
        return self.check_runs([*TOKENIZE, "encode", "--tokenizer", tokenizer, *options], **more).stdout


class Tokenize(TokenizeTest):
    def test_there_and_back(self):
        texts = self.write("texts.txt", TEXTS)
        for kind in "word", "char", "bpe":
            tokenizer = self.train(kind, texts)
            ids = self.encode(tokenizer, texts)
            self.assertRegex(ids, r"\A(\d+ )*\d+\n(\d+ )*\d+\n\Z")
            self.assertEqual(self.encode(tokenizer, input=TEXTS), ids)
            decode = [*TOKENIZE, "decode", "--tokenizer", tokenizer]
            self.assertEqual(self.check_runs([*decode, self.write("ids", ids)]).stdout, TEXTS)
            self.assertEqual(self.check_runs(decode, input=ids).stdout, TEXTS)

    def test_special_tokens_and_pieces(self):
        tokenizer = self.train("word", self.write("texts.txt", TEXTS))
        self.assertEqual(self.encode(tokenizer, "--begin", "--end", input="the zebra sat\n\n"), "2 4 1 5 3\n2 3\n")
        self.assertEqual(self.encode(tokenizer, "--begin", "--pieces", input="the zebra"), "<s> the <unk>\n")
        decode = [*TOKENIZE, "decode", "--tokenizer", tokenizer]
        self.assertEqual(self.check_runs(decode, input="2 4 1\t5 3 0 0\n\n").stdout, "the <unk> sat\n\n")

    def test_columns_and_fields(self):
        table = self.write("t.csv", 'text,n\n"a b, c",1\n"d\ne",2\n')
        lines = self.write("t.jsonl", '{"m": {"text": "a b, c"}}\n{"m": {"text": "d\\ne"}}\n')
        bare = self.write("bare.tsv", "a b, c\t1\nd e\t2\n")
        wanted = json.loads(self.train("word", table, "--column", "text").read_text())["vocabulary"]
        self.assertEqual(wanted[4:], ["a", "b,", "c", "d", "e"])
        self.assertEqual(json.loads(self.train("word", lines, "--field", "/m/text").read_text())["vocabulary"], wanted)
        tokenizer = self.train("word", bare, "--column", "0", "--no-header", "--separator", "\t")
        self.assertEqual(json.loads(tokenizer.read_text())["vocabulary"], wanted)
        self.assertEqual(self.encode(tokenizer, table, "--column", "text"), "4 5 6\n7 8\n")
        self.assertEqual(self.encode(tokenizer, lines, "--field", "/m/text"), "4 5 6\n7 8\n")

    def test_cleaning_is_kept(self):
        tokenizer = self.train("word", self.write("a.txt", "The ﬁrst.\n"), self.write("b.txt", "the  END\n"),
                               "--normalize", "nfkc", "--lower-case", "--strip-punctuation", "--collapse-whitespace")
        self.assertEqual(self.encode(tokenizer, "--pieces", input="THE first, end!"), "the first end\n")


class TokenizeErrors(TokenizeTest):
    def check_train(self, name, content, message, *options):
        path = self.write(name, content)
        out = self.folder / "out.json"
        self.check_fails([*TOKENIZE, "train", "--kind", "word", "--out", out, path, *options], 1, message)
        self.assertFalse(out.exists())

    def test_files(self):
        self.check_train("t.csv", "", "t.csv is empty; expected a line with the names", "--column", "text")
        self.check_train("t.csv", "text\n", "heddle: there is no text to learn from", "--column", "text")
        self.check_train("t.csv", "a,b\n1,2\n", "t.csv has no column 'text'; it has 'a', 'b'", "--column", "text")
        self.check_train("t.csv", 'text\n"a\nb\n', "t.csv:2: row 1, field 1 opens a quote that is never closed",
                         "--column", "text")
        self.check_train("t.jsonl", '{"text": 1}\n', "t.jsonl:1: row 1, field 'text': expected a text, got '1'",
                         "--field", "text")
        self.check_train("t.txt", b"a\n\xe9\n", "t.txt:2: the line is not UTF-8: byte 0xe9 at offset 0")
        self.check_fails([*TOKENIZE, "train", "--kind", "word", "--out", "x", self.folder / "none"], 1, "cannot read",
                         "No such file or directory")

    def test_tokenizers(self):
        texts = self.write("texts.txt", TEXTS)
        self.check_fails([*TOKENIZE, "encode", "--tokenizer", texts], 1, "texts.txt is no tokenizer")
        self.check_fails([*TOKENIZE, "encode", "--tokenizer", "none"], 1, "cannot read none")
        cut = self.write("cut.json", self.train("bpe", texts).read_bytes()[:500])
        self.check_fails([*TOKENIZE, "decode", "--tokenizer", cut], 1, "cut.json is no tokenizer, or was cut short")
        train = [*TOKENIZE, "train", texts, "--out", self.folder / "out.json"]
        self.check_fails([*train, "--kind", "word", "--vocab", 4], 1, "a vocabulary of 4 has no room beside the 4 special")
        self.check_fails([*train, "--kind", "bpe", "--vocab", 9], 1, "a bpe vocabulary of 9 has no room", "give 16 or more")
        self.check_fails([*TOKENIZE, "train", texts, "--kind", "word", "--out", self.folder], 1, "is not a regular file")

    def test_ids(self):
        decode = [*TOKENIZE, "decode", "--tokenizer", self.train("word", self.write("texts.txt", TEXTS))]
        self.check_fails(decode, 1, "/dev/stdin:2: 'x' is no id; expected whole numbers", input="4\n4 x\n")
        self.check_fails(decode, 1, "/dev/stdin:1: 99 is no id of this tokenizer; expected one in [0, 10)", input="99\n")
        self.check_fails(decode, 1, "'4.5' is no id", input="4.5\n")

    def test_arguments(self):
        train = [*TOKENIZE, "train", "--out", "x", "texts.txt"]
        self.check_fails(TOKENIZE, 2, "A subcommand is required")
        self.check_fails(train, 2, "--kind is required")
        self.check_fails([*train, "--kind", "letters"], 2, "--kind: letters not in {bpe,char,word}")
        self.check_fails([*train, "--kind", "word", "--column", "a", "--field", "b"], 2, "excludes")
        self.check_fails([*train, "--kind", "word", "--no-header"], 2, "--no-header requires --column")
        self.check_fails([*train, "--kind", "word", "--normalize", "nfd"], 2, "nfd not in {nfc,nfkc}")
        self.check_fails([*TOKENIZE, "encode"], 2, "--tokenizer is required")


if __name__ == "__main__":
    unittest.main()
