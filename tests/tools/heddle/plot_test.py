"""heddle plot: the curves of runs as pictures, and what is no run."""
import json
import unittest

from programs import BIN, ProgramTest

PLOT = [BIN / "heddle", "plot"]


class PlotTest(ProgramTest):
    def run_of(self, name, losses):
        folder = self.folder / name
        folder.mkdir()
        lines = [{"step": step, "seconds": step / 2, "phase": "train", "loss": loss} for step, loss in enumerate(losses, 1)]
        lines.append({"step": len(losses), "seconds": len(losses) / 2, "phase": "validation", "loss": 1, "accuracy": 0.5})
        (folder / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        return folder


class Plot(PlotTest):
    def test_pictures(self):
        a, b = self.run_of("a", [4, 3, "NaN", 2]), self.run_of("b", [5, 4, "Infinity", 3])
        svg, png = self.folder / "out.svg", self.folder / "out.png"
        shown = self.check_runs([*PLOT, a, "-o", svg]).stdout
        self.assertEqual(shown, f"{svg}: 2 lines\n")
        self.assertIn("</svg>", svg.read_text())
        self.assertNotIn("nan", svg.read_text())
        self.check_runs([*PLOT, a, b / "log.jsonl", "-o", png, "--metric", "train/loss", "--x", "seconds", "--smooth", 2,
                         "--log-y"])
        self.assertTrue(png.read_bytes().startswith(b"\x89PNG"))
        shown = self.check_runs([*PLOT, a, b, "-o", png, "--metric", "loss", "--metric", "accuracy"]).stdout
        self.assertEqual(shown, f"{png}: 6 lines\n")

    def test_the_picture_follows_the_options(self):
        a, b = self.run_of("a", [4, 3, 2.5, 2]), self.run_of("b", [5, 4, 3.5, 3])
        pictures = set()
        for options in [], ["--x", "seconds"], ["--smooth", 3], ["--log-y"], ["--metric", "accuracy"], [b]:
            svg = self.folder / "out.svg"
            self.check_runs([*PLOT, a, "-o", svg, *options])
            pictures.add(svg.read_text())
        self.assertEqual(len(pictures), 6)

    def test_a_training_that_goes_on(self):
        a = self.run_of("a", [4, 3])
        with open(a / "log.jsonl", "a") as log:
            log.write('{"step": 3, "sec')
        self.check_runs([*PLOT, a, "-o", self.folder / "out.svg"])

    def test_the_default_name(self):
        self.check_runs([*PLOT, self.run_of("a", [4, 3])], cwd=self.folder)
        self.assertTrue((self.folder / "runs.svg").exists())


class PlotErrors(PlotTest):
    def test_runs(self):
        out = ["-o", self.folder / "out.svg"]
        a = self.run_of("a", [4, 3])
        self.check_fails([*PLOT, self.folder / "none", *out], 1, "heddle: cannot read", "none: No such file or directory")
        (self.folder / "empty").mkdir()
        self.check_fails([*PLOT, self.folder / "empty", *out], 1, "cannot read", "empty/log.jsonl: No such file")
        self.check_fails([*PLOT, a, *out, "--metric", "acuracy"], 1,
                         "heddle: there is no metric 'acuracy'; there is train/loss, validation/accuracy, validation/loss")
        log = a / "log.jsonl"
        text = log.read_text()
        log.write_text(text.replace("3}", "[3]}"))
        self.check_fails([*PLOT, a, *out], 1, f"heddle: {log}:2: no line of a training log: expected a number")
        log.write_text("step,loss\n1,2\n")
        self.check_fails([*PLOT, log, *out], 1, f"{log}:1: no line of a training log: expected a JSON object, got")
        log.write_text("")
        self.check_fails([*PLOT, log, *out], 1, "run 'a' has nothing to draw; its log has nothing")
        log.write_text(text.replace("4", '"NaN"', 1).splitlines()[0].replace("3}", '"NaN"}') + "\n")
        self.check_fails([*PLOT, log, *out], 1, "has no point that can be drawn")
        self.assertFalse((self.folder / "out.svg").exists())

    def test_pictures(self):
        a = self.run_of("a", [4, 3])
        self.check_fails([*PLOT, a, "-o", self.folder / "out.gif"], 1, "expected the extension .svg or .png, got '.gif'")
        self.check_fails([*PLOT, a, "-o", self.folder / "none" / "out.svg"], 1, "there is no folder")

    def test_arguments(self):
        self.check_fails(PLOT, 2, "runs is required")
        self.check_fails([*PLOT, "a", "--x", "epoch"], 2, "--x: epoch not in {seconds,step}")
        self.check_fails([*PLOT, "a", "--smooth", "0"], 2, "--smooth: Value 0 not in range")
        self.check_fails([*PLOT, "a", "--smooth", "x"], 2, "--smooth")
        self.check_fails([*PLOT, "a", "--metric"], 2, "--metric")


if __name__ == "__main__":
    unittest.main()
