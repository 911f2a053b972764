"""heddle_dates and heddle_bert: an encoder-decoder and a masked language model learn, and use what they learned."""
import re
import unittest

from programs import BIN, ProgramTest


class Dates(ProgramTest):
    PROGRAM = BIN / "heddle_dates"

    def test_reads_dates_it_has_never_seen(self):
        folder = self.folder / "deep" / "out"
        shown = self.check_runs([self.PROGRAM, "train", folder]).stdout
        self.assertGreater(float(re.search(r"of 1000 dates .* (\d+\.\d)% are read exactly", shown)[1]), 99)
        texts = {"3rd of March 1998": "1998-03-03", "tue 14 nov 2026": None, "TUESDAY, 14 NOVEMBER 2026": "2026-11-14",
                 "7-Jul-04": "2004-07-07", "": None, "a text that is far too long to be a date of any kind": None}
        lines = self.check_runs([self.PROGRAM, "read", folder, *texts]).stdout.splitlines()
        self.assertEqual(len(lines), len(texts))
        for line, (text, date) in zip(lines, texts.items()):
            self.assertEqual(line, f"{text}: {date}") if date else self.assertTrue(line.startswith(text + ": "), line)

    def test_errors(self):
        self.check_fails([self.PROGRAM], 2, "usage: heddle_dates train FOLDER")
        self.check_fails([self.PROGRAM, "read", self.folder], 2, "usage: ")
        self.check_fails([self.PROGRAM, "read", self.folder, "x"], 1, "heddle_dates: ", "tokenizer.json")


class Bert(ProgramTest):
    PROGRAM = BIN / "heddle_bert"

    def test_guesses_hidden_words(self):
        shown = self.check_runs([self.PROGRAM, "train", self.folder, "35"]).stdout
        right, most_frequent = map(float, re.search(
            r"words in lines that it has never seen, (\d+\.\d)% are guessed right \(the most frequent word: (\d+\.\d)%\)",
            shown).groups())
        self.assertGreater(right, 3 * most_frequent)
        texts = ['"Where are you?" said [MASK].', "[MASK] [MASK]", "nothing is hidden"]
        shown = self.check_runs([self.PROGRAM, "fill", self.folder, *texts]).stdout
        words = r"( [^ \n]+){5}\n"
        self.assertRegex(shown, re.escape(texts[0]) + r"\n  word 5:" + words + re.escape(texts[1]) +
                         r"\n  word 1:" + words + "  word 2:" + words + texts[2] + r"\n$")

    def test_errors(self):
        self.check_fails([self.PROGRAM], 2, "usage: heddle_bert train FOLDER")
        self.check_fails([self.PROGRAM, "train", self.folder, "none"], 2, "usage: ")
        self.check_fails([self.PROGRAM, "train", self.folder, "1", self.folder / "no.txt"], 1, "no.txt")
        self.check_fails([self.PROGRAM, "fill", self.folder, "x"], 1, "heddle_bert: ", "tokenizer.json")


if __name__ == "__main__":
    unittest.main()
