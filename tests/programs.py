"""Running the built programs, and what the tests ask about a run."""
import os
import pathlib
import subprocess
import tempfile
import unittest

BIN = pathlib.Path(os.environ["HEDDLE_BIN"])
SOURCE = pathlib.Path(os.environ["HEDDLE_SOURCE"])


def run(command, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=500, **options)


class ProgramTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="heddle-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def check_runs(self, command, **options):
        result = run(command, **options)
        self.assertEqual(result.returncode, 0, f"{command}\n{result.stdout}\n{result.stderr}")
        return result

    def check_fails(self, command, status, *texts, **options):
        result = run(command, **options)
        self.assertEqual(result.returncode, status, f"{command}\n{result.stdout}\n{result.stderr}")
        for text in texts:
            self.assertIn(text, result.stderr)
        return result
