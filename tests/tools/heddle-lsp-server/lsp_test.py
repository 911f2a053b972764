"""heddle-lsp-server: it knows the dialect, and says what is wrong in a file."""
import json
import subprocess
import unittest

from programs import BIN, ProgramTest


def message(method, params, identifier=None):
    body = {"jsonrpc": "2.0", "method": method, "params": params}
    if identifier is not None:
        body["id"] = identifier
    text = json.dumps(body)
    return f"Content-Length: {len(text)}\r\n\r\n{text}"


def opened(text):
    document = {"uri": "file:///model.mlir", "languageId": "mlir", "version": 1, "text": text}
    return message("textDocument/didOpen", {"textDocument": document})


class LspServer(ProgramTest):
    def answer(self, text):
        start = message("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, 1)
        end = message("shutdown", None, 2) + message("exit", None)
        result = subprocess.run([BIN / "heddle-lsp-server"], input=start + opened(text) + end, capture_output=True,
                                text=True, timeout=60)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def test_diagnostics(self):
        good = self.answer("func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
                           "  %0 = heddle.exp %x : tensor<4xf32>\n  return %0 : tensor<4xf32>\n}\n")
        self.assertIn('"hoverProvider":true', good)
        self.assertIn('"diagnostics":[]', good)
        bad = self.answer("func.func @f(%x: tensor<4xf32>) {\n"
                          "  %0 = heddle.softmax %x {dimension = 3 : i64} : tensor<4xf32>\n  return\n}\n")
        self.assertIn("dimension 3 is out of range for rank 1", bad)


if __name__ == "__main__":
    unittest.main()
