"""The tutorial and the README: their code is the code that is compiled, and it runs."""
import json
import os
import re
import signal
import subprocess
import time
import unittest

from programs import BIN, SOURCE, ProgramTest

TUTORIALS = SOURCE / "docs" / "tutorials"


def blocks(markdown, language):
    found = re.findall(r"^```" + language + r"\n(.*?)^```$", markdown, re.MULTILINE | re.DOTALL)
    assert found, f"no {language} blocks"
    return found


class Tutorial(ProgramTest):
    def test_runs(self):
        result = self.check_runs([BIN / "heddle_tutorial_first_model", self.folder])
        value = float(re.search(r"predict\(0\.5\) = ([-0-9.]+),", result.stdout)[1])
        self.assertAlmostEqual(value, 1, delta=0.05)
        self.assertIn(f"the same weights, loaded: {value:.3f}\n", result.stdout)
        self.assertRegex(result.stdout, r"first_model\.cpp:\d+: .*fc1.*1.*2")
        (shown,) = blocks((TUTORIALS / "first-model.md").read_text(), "text")
        for remark in shown.splitlines():
            self.assertIn(f"/{remark}\n", result.stdout)

        for file in ("wave.h", "libwave.so", "libwave.a", "wave.safetensors"):
            self.assertTrue((self.folder / file).stat().st_size > 0, file)
        self.check_runs([os.environ.get("CC", "cc"), "-std=c11", "-pedantic-errors", "-Wall", "-Werror",
                         TUTORIALS / "use_wave.c", "-I.", "-L.", "-lwave", "-Wl,-rpath,$ORIGIN", "-o", "use_wave"],
                        cwd=self.folder)
        written = self.check_runs(["./use_wave"], cwd=self.folder).stdout
        self.assertEqual(written, f"predict(0.5) = {value:.3f}\n")

    def test_c_program_without_weights(self):
        self.check_runs([BIN / "heddle_tutorial_first_model", self.folder])
        (self.folder / "wave.safetensors").unlink()
        self.check_runs([os.environ.get("CC", "cc"), TUTORIALS / "use_wave.c", "-I.", "-L.", "-lwave",
                         "-Wl,-rpath,$ORIGIN", "-o", "use_wave"], cwd=self.folder)
        self.check_fails(["./use_wave"], 1, "use_wave: ", "wave.safetensors", cwd=self.folder)


class TutorialTraining(ProgramTest):
    PROGRAM = BIN / "heddle_tutorial_training"

    def entries(self, folder):
        lines = (folder / "log.jsonl").read_text().splitlines()
        return [{name: value for name, value in json.loads(line).items() if name != "seconds"} for line in lines]

    def stop(self, folder, signal_number, *options):
        """Starts the program, and ends it when its log has grown."""
        log = folder / "log.jsonl"
        before = log.stat().st_size if log.exists() else 0
        program = subprocess.Popen([self.PROGRAM, folder, *options], stdout=subprocess.PIPE, text=True)
        while program.poll() is None and (not log.exists() or log.stat().st_size < before + 30_000):
            time.sleep(0.001)
        program.send_signal(signal_number)
        shown = program.communicate(timeout=60)[0]
        self.assertEqual(program.returncode, 0 if signal_number == signal.SIGINT else -signal_number, shown)
        return shown

    def test_stopped_at_any_time(self):
        whole, parts = self.folder / "whole", self.folder / "deep" / "parts"
        shown = self.check_runs([self.PROGRAM, whole]).stdout
        self.assertAlmostEqual(float(re.search(r"predict\(0\.5\) = ([-0-9.]+),", shown)[1]), 0.84, delta=0.1)
        self.assertIn("step 12000\n", shown)

        self.assertIn("interrupted; go on with --resume", self.stop(parts, signal.SIGINT))
        self.stop(parts, signal.SIGKILL, "--resume")
        self.stop(parts, signal.SIGKILL, "--resume")
        self.assertEqual(self.check_runs([self.PROGRAM, parts, "--resume"]).stdout, shown)
        self.assertEqual(self.entries(whole), self.entries(parts))
        for file in ("last.safetensors", "best.safetensors"):
            self.assertEqual((whole / file).read_bytes(), (parts / file).read_bytes(), file)
        self.assertEqual(sorted(path.name for path in parts.iterdir()),
                         ["best.safetensors", "last.safetensors", "log.jsonl"])

        self.check_fails([self.PROGRAM, whole], 1, "training: ", "already holds a run; resume it")
        self.check_fails([self.PROGRAM, self.folder / "none", "--resume"], 1, "has no last.safetensors to resume from")


class TutorialText(unittest.TestCase):
    def test_code_is_the_program(self):
        package = SOURCE / "tests/package"
        a_pass, ops = SOURCE / "examples/fuse_attention", SOURCE / "examples/lm_ops"
        for page, language, *files in (
                ("first-model.md", "cpp", TUTORIALS / "first_model.cpp"),
                ("first-model.md", "c", TUTORIALS / "use_wave.c"),
                ("training.md", "cpp", TUTORIALS / "training.cpp"),
                ("text.md", "cpp", SOURCE / "examples/text_classifier/text_classifier.cpp"),
                ("ship.md", "cpp", package / "consumer/flight.cpp"),
                ("ship.md", "c", package / "consumer/learn.c", package / "consumer/aim.c"),
                ("ship.md", "cmake", package / "consumer/CMakeLists.txt", package / "checks/CMakeLists.txt"),
                ("write-a-pass.md", "cpp", *sorted(a_pass.glob("*.cpp"))),
                ("write-a-pass.md", "tablegen", *a_pass.glob("*.td")),
                ("write-a-pass.md", "mlir", *a_pass.glob("test/*.mlir")),
                ("write-a-pass.md", "cmake", a_pass / "CMakeLists.txt"),
                ("add-an-op.md", "cpp", *sorted(ops.glob("*.cpp")), *sorted(ops.glob("*.h"))),
                ("add-an-op.md", "tablegen", *ops.glob("*.td")),
                ("add-an-op.md", "mlir", *ops.glob("test/*.mlir")),
                ("add-an-op.md", "cmake", ops / "CMakeLists.txt")):
            programs = [file.read_text() for file in files]
            for block in blocks((TUTORIALS / page).read_text(), language):
                self.assertTrue(any(block in program for program in programs), f"{page}: not in {files}:\n{block}")

    def test_transformer_code_is_the_programs(self):
        programs = "".join(path.read_text() for path in sorted((SOURCE / "examples/dates").iterdir()))
        page = (TUTORIALS / "transformer.md").read_text()
        for block in blocks(page, "cpp"):
            if block.startswith("load_pretrained"):
                # Which tests/twins does with files of these names' formats.
                for function in re.findall(r"hugging_face_\w+\(\)", block):
                    self.assertIn(function, (SOURCE / "tests/twins/TwinTest.cpp").read_text())
            else:
                self.assertIn(block, programs)

    def test_links(self):
        for page in [*(SOURCE / "docs").rglob("*.md"), SOURCE / "README.md"]:
            text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
            for target in re.findall(r"\]\(([^)#:]+)\)", text):
                self.assertTrue((page.parent / target).exists(), f"{page} links to {target}")


class ReadmeText(unittest.TestCase):
    def test_model_is_the_example(self):
        markdown = (SOURCE / "README.md").read_text()
        program = (SOURCE / "examples/house_price/house_price.cpp").read_text()
        for block in blocks(markdown, "cpp"):
            self.assertIn(block, program)


if __name__ == "__main__":
    unittest.main()
