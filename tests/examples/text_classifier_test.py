"""heddle_text_classifier: it learns, keeps what it has learned, and says what is wrong with a file."""
import csv
import re
import subprocess
import sys
import unittest

from programs import BIN, SOURCE, ProgramTest

PROGRAM = BIN / "heddle_text_classifier"
EXAMPLE = SOURCE / "examples/text_classifier"


class TextClassifier(ProgramTest):
    def test_learns_and_predicts(self):
        folder = self.folder / "deep" / "out"
        shown = self.check_runs([PROGRAM, "train", folder]).stdout
        self.assertIn("500 messages on 4 topics", shown)
        self.assertGreater(float(re.findall(r"validation accuracy (\d+\.\d)%", shown)[-1]), 95)
        self.assertEqual(sorted(path.name for path in folder.iterdir()),
                         ["tokenizer.json", "topics.txt", "weights.safetensors"])

        texts = ["Where is my PARCEL?", "The password, again!\nIt does not work.", "I was charged twice", ""]
        lines = self.check_runs([PROGRAM, "predict", folder, *texts]).stdout
        self.assertRegex(lines, r"(?m)^delivery \(\d+%\): Where is my PARCEL\?$")
        self.assertRegex(lines, r"(?m)^account \(\d+%\): The password, again!$")
        self.assertRegex(lines, r"(?m)^payment \(\d+%\): I was charged twice$")

    def test_the_same_run_twice(self):
        for folder in "ab":
            self.check_runs([PROGRAM, "train", self.folder / folder])
        for file in ("tokenizer.json", "weights.safetensors"):
            self.assertEqual((self.folder / "a" / file).read_bytes(), (self.folder / "b" / file).read_bytes(), file)

    def test_errors(self):
        self.check_fails([PROGRAM], 2, "usage: heddle_text_classifier train FOLDER")
        self.check_fails([PROGRAM, "predict", self.folder], 2, "usage: ")
        self.check_fails([PROGRAM, "predict", self.folder, "x"], 1, "text_classifier: cannot read", "topics.txt")
        table = self.folder / "t.csv"
        table.write_text("text,about\na,b\n")
        self.check_fails([PROGRAM, "train", self.folder, table], 1, "t.csv has no column 'topic'; it has 'text', 'about'")
        table.write_text("text,topic\nmoney, please,payment\n")
        self.check_fails([PROGRAM, "train", self.folder, table], 1, "t.csv:2: row 1: expected 2 fields")
        table.write_text("text,topic\n")
        self.check_fails([PROGRAM, "train", self.folder, table], 1, "needs 2 rows or more, got 0")

    def test_messages_are_what_the_script_writes(self):
        made = self.folder / "messages.csv"
        subprocess.run([sys.executable, EXAMPLE / "make_messages.py", made], check=True)
        self.assertEqual(made.read_bytes(), (EXAMPLE / "messages.csv").read_bytes())
        self.assertLess(made.stat().st_size, 60_000)
        with open(made, newline="") as file:
            texts = [row["text"] for row in csv.DictReader(file)]
        self.assertTrue(any('"' in text for text in texts))
        self.assertTrue(any("\n" in text for text in texts))


if __name__ == "__main__":
    unittest.main()
