"""heddle inspect --html: what the page holds, and what it does in a browser where there is one."""
import html.parser
import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

from programs import BIN, ProgramTest

HEDDLE = BIN / "heddle"
LINE = pathlib.Path(__file__).with_name("line.mlir")
STEP = pathlib.Path(__file__).with_name("step.mlir")  # a training step, with names that HTML could trip over
CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
VOID = {"meta", "input", "br", "link", "img"}


class Page(html.parser.HTMLParser):
    """Elements are closed in the order they were opened; what would load something is collected."""

    def __init__(self, text):
        super().__init__()
        self.open, self.loads, self.scripts, self.errors = [], [], [], []
        self.feed(text)
        self.close()
        self.errors += [f"<{tag}> is not closed" for tag in self.open]

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.loads += [attributes[name] for name in ("src", "href", "data", "action") if name in attributes]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.errors.append(f"</{tag}> closes another element")

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data


@unittest.skipUnless(shutil.which("dot"), "Graphviz's program dot is not installed")
class HtmlTest(ProgramTest):
    def write_page(self, model, *options):
        path = self.folder / "page.html"
        self.check_runs([HEDDLE, "inspect", model, "--html", path, *options])
        return path

    def read(self, path):
        page = Page(path.read_text())
        self.assertEqual(page.errors, [])
        return json.loads(page.scripts[0])


class Html(HtmlTest):
    def test_page_is_one_file(self):
        text = self.write_page(STEP).read_text()
        page = Page(text)
        self.assertEqual((page.errors, page.loads, len(page.scripts)), ([], [], 2))
        loading = re.findall(r"@import|url\((?!#)|\bfetch\(|XMLHttpRequest|https?://(?!www\.w3\.org/2000/svg)", text)
        self.assertEqual(loading, [])

    def test_data_are_those_of_the_model(self):
        data = self.read(self.write_page(STEP))
        (function,) = data["functions"]
        self.assertEqual((data["model"], function["name"]), ("step", "train"))
        shown = self.check_runs([HEDDLE, "inspect", STEP]).stdout
        self.assertLess(function["arena_bytes"], 1000)
        self.assertIn(f"arena {function['arena_bytes']} B", shown)
        self.assertIn(function["signature"], shown)
        # The marks by which nodes are followed change nothing: the model that runs has the same launches.
        ran = json.loads(self.check_runs([HEDDLE, "profile", STEP, "--calls", 1, "--json"]).stdout)["launches"]
        self.assertEqual([(each["kernel"], each["bytes"], each["ops"]) for each in ran],
                         [(each["kernel"], each["bytes"], each["ops"]) for each in function["launches"]])
        self.assertEqual([tensor["name"] for tensor in data["state"]], ["fc.weight", "</script><b>&\"'"])

    def test_nodes_lead_to_what_they_became(self):
        (function,) = self.read(self.write_page(STEP))["functions"]
        traced, fused = function["traced"]["nodes"], function["fused"]["nodes"]
        self.assertEqual(sorted(node["name"] for node in traced if node["kind"] == "state"), ["</script><b>&\"'", "fc.weight"])
        tanh = next(i for i, node in enumerate(traced) if node["name"] == "tanh")
        self.assertIn("tanh", [part["op"] for node in fused if tanh in node.get("origins", []) for part in node.get("parts", [])])
        # Each launch does the work of a node, or of a product and what follows it, and each node that computes has a launch.
        self.assertEqual({node for launch in function["launches"] for node in launch["nodes"]},
                         {i for i, node in enumerate(fused) if node["kind"] == "fusion" or node["name"] == "contraction"})
        self.assertEqual({node["phase"] for node in fused}, {"forward", "backward", "update"})
        self.assertIn("fc", {node["module"] for node in fused})

    def test_buffers_never_overlap(self):
        (function,) = self.read(self.write_page(STEP))["functions"]
        buffers = function["buffers"]
        self.assertGreater(len(buffers), 2)
        self.assertLessEqual(max(each["offset"] + each["bytes"] for each in buffers), function["arena_bytes"])
        for i, x in enumerate(buffers):
            self.assertLess(x["launches"][-1], len(function["launches"]))
            for y in buffers[:i]:
                in_time = x["launches"][0] <= y["launches"][-1] and y["launches"][0] <= x["launches"][-1]
                in_space = x["offset"] < y["offset"] + y["bytes"] and y["offset"] < x["offset"] + x["bytes"]
                self.assertFalse(in_time and in_space, f"{x} and {y}")

    def test_lines_are_those_of_the_source(self):
        data = self.read(self.write_page(STEP))
        (excerpt,) = data["files"]
        source = STEP.read_text().splitlines()
        for row in excerpt["lines"]:
            self.assertEqual(row["text"], source[row["line"] - 1])
        shown = {row["line"] for row in excerpt["lines"]}
        self.assertLessEqual({line["line"] for line in data["lines"]}, shown)
        self.assertNotIn(len(source), shown, "only what is near a line that something came from")

    def test_every_node_is_in_a_view(self):
        (function,) = self.read(self.write_page(STEP))["functions"]
        for stage in "traced", "fused":
            for grouping in "by_layer", "by_line":
                views = function[stage][grouping]
                boxes = [box for view in views for box in view["boxes"]]
                alone = {box["nodes"][0] for box in boxes if "opens" not in box and not box.get("outside")}
                read = {edge[0] for edge in function[stage]["edges"]} | {edge[1] for edge in function[stage]["edges"]}
                self.assertEqual(read - alone, set(), f"{stage}, {grouping}")
                for view in views:
                    self.assertTrue(all(arrow["points"] for arrow in view["arrows"]))
                    self.assertTrue(all(0 < box["x"] < view["width"] and 0 < box["y"] < view["height"] for box in view["boxes"]))

    def test_profile(self):
        (function,) = self.read(self.write_page(LINE, "--profile", "--calls", 1, "--function", "predict"))["functions"]
        self.assertEqual((function["name"], function["times"]["calls"]), ("predict", 1))
        (kernel,) = function["kernels"]
        self.assertGreater(kernel["seconds"], 0)
        self.assertEqual((kernel["launches"], kernel["bytes"], kernel["ops"]), ([0], 40, 6))

    def test_library_tells_less(self):
        out = self.folder / "out"
        self.check_runs([HEDDLE, "compile", LINE, "-o", out, "--no-archive"])
        for file in out / "libline.so", out / "line.json":
            data = self.read(self.write_page(file))
            self.assertFalse(data["has_graphs"])
            self.assertEqual([function["name"] for function in data["functions"]], ["predict", "pick"])

    def test_errors(self):
        page = self.folder / "page.html"
        page.write_text("before")
        inspect = [HEDDLE, "inspect"]
        self.check_fails([*inspect, self.folder / "none.mlir", "--html", page], 1, "heddle: there is no file '")
        self.check_fails([*inspect, LINE, "--html", page, "--function", "train"], 1, "has no function 'train'; it has predict, pick")
        self.check_fails([*inspect, page, "--html", page], 1, "is of no kind that --html can show")
        self.check_fails([*inspect, LINE, "--profile"], 2, "--profile requires --html")
        self.check_fails([*inspect, LINE, "--html", self.folder / "no" / "page.html"], 1, "no/page.html")
        self.check_fails([*inspect, LINE, "--html", page], 1, "install graphviz", env={**os.environ, "PATH": str(self.folder)})
        self.assertEqual(page.read_text(), "before")
        self.assertEqual([path.name for path in self.folder.iterdir()], ["page.html"])


@unittest.skipUnless(CHROMIUM, "no Chromium is installed")
class HtmlInBrowser(HtmlTest):
    def play(self, page, actions):
        """Runs JavaScript in the opened page; what it returns, and the errors."""
        text = page.read_text()
        first = "<script>window.errors = []; addEventListener('error', event => errors.push(event.message));</script>"
        last = (f"<pre id='played'></pre><script>window.result = (() => {{ {actions} }})();"
                "document.getElementById('played').textContent = JSON.stringify({ result, errors });</script>")
        text = text.replace("<head>", "<head>" + first, 1).replace("</body>", last + "</body>", 1)
        played = self.folder / "played.html"
        played.write_text(text)
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={self.folder / 'profile'}",
                   "--virtual-time-budget=5000", "--dump-dom", played.as_uri()]
        dom = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
        self.assertIn('id="played"', dom)
        parser = html.unescape(re.search(r'<pre id="played">(.*?)</pre>', dom, re.DOTALL).group(1))
        outcome = json.loads(parser)
        self.assertEqual(outcome["errors"], [])
        return outcome["result"]

    def test_a_click_leads_to_the_line_and_back(self):
        page = self.write_page(STEP)
        hot = "[...document.querySelectorAll('.code .hot')].map(row => row.textContent)"
        clicked = self.play(page, f"""
          const node = [...document.querySelectorAll('.box.op')].find(box => box.textContent.includes('tanh'));
          node.dispatchEvent(new MouseEvent('click', {{ bubbles: true }}));
          const lines = {hot}, fused = document.querySelectorAll('.box.fusion.hot').length;
          document.querySelector('.code .hot').click();
          return {{ lines, fused, after: document.querySelectorAll('.box.op.hot').length,
                    rows: document.querySelectorAll('tbody tr.hot').length }};""")
        self.assertEqual(len(clicked["lines"]), 1)
        self.assertIn("heddle.tanh", clicked["lines"][0])
        self.assertGreaterEqual(clicked["fused"], 1)
        self.assertEqual(clicked["after"], 1)
        self.assertGreaterEqual(clicked["rows"], 1)

    def test_buffers_kernels_search_and_groupings(self):
        found = self.play(self.write_page(STEP, "--profile", "--calls", "1"), """
          document.querySelector('.buffer').dispatchEvent(new MouseEvent('click', { bubbles: true }));
          const buffer = document.querySelectorAll('.box.hot').length;
          document.querySelector('tbody tr').click();
          const kernel = document.querySelectorAll('.code .hot').length;
          const search = document.getElementById('search');
          search.value = 'tanh';
          search.oninput();
          const matches = document.querySelectorAll('.box.match').length;
          const grouping = document.getElementById('grouping');
          grouping.value = 'by_line';
          grouping.onchange();
          return { buffer, kernel, matches, boxes: document.querySelectorAll('.box').length };""")
        for what, count in found.items():
            self.assertGreater(count, 0, what)

    def test_names_are_text(self):
        shown = self.play(self.write_page(STEP), """
          return { text: [...document.querySelectorAll('.box.state')].some(box => box.textContent.includes('<' + '/script><b>&"')),
                   elements: document.querySelectorAll('svg b, header b').length };""")
        self.assertEqual(shown, {"text": True, "elements": 0})

    def test_library_says_what_is_missing(self):
        out = self.folder / "out"
        self.check_runs([HEDDLE, "compile", LINE, "-o", out, "--no-archive"])
        notice = self.play(self.write_page(out / "libline.so"), "return document.getElementById('notice').textContent;")
        self.assertIn("libline.so tells only what a program needs to call the model", notice)


if __name__ == "__main__":
    unittest.main()
