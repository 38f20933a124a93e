"""What a node writes for the callers of a model: compiled, run and read against the node itself."""
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

from support import processes, x402
from support.node import BIN, Node
from support.onnx_file import TYPES, identities
from support.paid_node import PaidNode

SOURCES = pathlib.Path(__file__).resolve().parent / "clients"
STRICT = ["-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]

# What a stranger may call a tensor to break out of the text that names it.
HOSTILE = ['"; system("touch owned"); //', "*/ int evil; /*", "new\nline", "back\\", "back\\\nslash", "??/", "$(touch owned)",
           "`touch owned`", "'; touch owned; '", "</script>", "\u2028evil()", "\U0001f680", "class", "linux", "errno", "__proto__",
           "constructor", "9", "__", "A-B", "a_b", "a b", "a_b_2", "#define int", "R\"(", "x" * 300, "t9", "\x7f\x01"]

VALUES = {"BOOL": "1, 0", "UINT8": "7, 255", "UINT16": "1, 65535", "UINT32": "1, 4294967295u", "UINT64": "1, 18446744073709551615u",
          "INT8": "-128, 127", "INT16": "-32768, 3", "INT32": "-2147483647, 5", "INT64": "-9223372036854775807, 9",
          "FP16": "0x3c00, 0xc000", "BF16": "0x3f80, 0xc000", "FP32": "0.5f, -2", "FP64": "3.25, 1e300",
          "BYTES": 'std::string("h\\0x", 3), ""'}


RUNTIME = pathlib.Path(__file__).resolve().parents[2] / "inference/clients/cpp_runtime.cpp"


@functools.cache
def macros():
    """Words in lower case that the headers which a client includes make something else of."""
    included = "".join(line + "\n" for line in RUNTIME.read_text().splitlines() if line.startswith("#include <"))
    defined = subprocess.run(["g++", "-std=gnu++17", "-dM", "-E", "-x", "c++", "-"], input=included, capture_output=True,
                             text=True, check=True).stdout
    return sorted(set(re.findall(r"^#define ([a-z][a-z0-9]*(?:_[a-z0-9]+)*) ", defined, re.M)))[:64]


def tensors_of(kind):
    if kind == "macros":
        return [(name, name + "!", "FP32", [2]) for name in macros()]
    if kind == "every":
        return [(f"in::{name}", f"out::{name}", name, [-1, 2]) for name in TYPES]
    return [(name, name + "!", "FP32", [2]) for name in HOSTILE]


def members(text, struct):
    """[(type, member)] in the header's own order."""
    body = re.search(rf"struct {struct} {{\n(.*?)}};", text, re.S)[1]
    return [tuple(line.strip(" ;").split(" ")) for line in body.splitlines()]


def main_program(header, text, tensors, node):
    space = re.search(r"^namespace (\w+) {", text, re.M)[1]
    lines = [f'#include "{header}"', '#include "lies.inc"', "#include <iostream>", "int main() {", f"using namespace {space};",
             "int wrong = 0;", "Inputs inputs;"]
    for (_, member), (_, _, datatype, _) in zip(members(text, "Inputs"), tensors):
        lines.append(f"inputs.{member}.data = {{{VALUES[datatype]}}};")
    lines.append(f'const Client client(posix_transport("127.0.0.1", "{node.port}"));')
    lines.append("const Outputs outputs = client.infer(inputs);")
    for (_, given), (_, taken) in zip(members(text, "Inputs"), members(text, "Outputs")):
        lines.append(f"wrong += outputs.{taken}.data != inputs.{given}.data || outputs.{taken}.shape != inputs.{given}.shape;")
    lines += ["wrong += survive_lies<Client, Inputs, Error, Reply>(inputs);", "std::cout << wrong << std::endl;", "return wrong; }"]
    return "\n".join(lines)


class Generated(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node()
        names = {"every": "every", "hostile": "hostile */ \"model\"", "macros": "linux"}
        for kind in names:
            (cls.node.home / f"{kind}.onnx").write_bytes(identities(tensors_of(kind)))
        cls.node.configure(host={"models": [{"name": name, "files": [f"{kind}.onnx"]} for kind, name in names.items()]})
        cls.node.start()
        cls.folder = cls.node.folder
        quote = {"every": "every", "hostile": "hostile%20%2A%2F%20%22model%22", "macros": "linux"}
        cls.path = {kind: f"/v2/models/{name}" for kind, name in quote.items()}

    @classmethod
    def tearDownClass(cls):
        cls.node.__exit__(None, None, None)

    def fetch(self, kind, file):
        status, text = self.node.get(f"{self.path[kind]}/{file}")
        self.assertEqual(status, 200, text)
        return text

    def tearDown(self):
        self.assertFalse((self.folder / "owned").exists(), "a name was run as a command")

    def test_the_cpp_client_compiles_cleanly_and_survives_any_answer(self):
        for kind in self.path:
            with self.subTest(kind):
                text = self.fetch(kind, "client.hpp")
                (self.folder / f"{kind}.hpp").write_text(text)
                main = self.folder / f"{kind}.cpp"
                main.write_text(main_program(f"{kind}.hpp", text, tensors_of(kind), self.node))
                run = ["-I", self.folder, "-I", SOURCES, main, "-o", self.folder / kind]
                processes.run(["g++", *STRICT, "-std=gnu++17", "-fsanitize=address,undefined", "-fno-sanitize-recover", *run], self.folder)
                self.assertEqual(processes.run([self.folder / kind], self.folder).strip(), "0")

    def test_headers_of_two_models_stand_side_by_side_in_other_compilers_and_dialects(self):
        for kind in self.path:
            (self.folder / f"{kind}.hpp").write_text(self.fetch(kind, "client.hpp"))
        both = self.folder / "both.cpp"
        both.write_text('#include "every.hpp"\n#include "hostile.hpp"\nint main() {}\n')
        for compiler in filter(shutil.which, ("g++", "clang++")):
            for more in ([], ["-DMILLRACE_NO_SOCKETS"], ["-std=gnu++20"]):
                processes.run([compiler, *STRICT, *more, "-fsyntax-only", both], self.folder)

    def test_the_js_client_runs(self):
        for kind in self.path:
            module = self.folder / f"{kind}.mjs"
            module.write_text(self.fetch(kind, "client.mjs"))
            said = processes.run(["node", SOURCES / "round_trip.mjs", module, self.node.url("")], self.folder)
            self.assertEqual(said, f"{len(tensors_of(kind))} tensors came back\n")

    def test_the_script_calls_the_model(self):
        script = self.folder / "try.sh"
        script.write_text(self.fetch("hostile", "try.sh"))
        answer = json.loads(processes.run(["sh", script], self.folder))
        self.assertEqual([output["name"] for output in answer["outputs"]], [name + "!" for name in HOSTILE])
        script.write_text(self.fetch("every", "try.sh"))
        self.assertEqual(processes.run(["sh", script], self.folder), "")
        answer = (self.folder / "answer.bin").read_bytes()
        self.assertIn(b'"binary_data_size":8', answer)

    def test_the_document_describes_what_the_model_takes(self):
        document = self.fetch("hostile", "openapi.json")
        self.assertEqual(document["openapi"], "3.1.0")
        operation = document["paths"][self.path["hostile"] + "/infer"]["post"]
        request = operation["requestBody"]["content"]["application/json"]
        status, answer = self.node.post(self.path["hostile"] + "/infer", request["example"])
        self.assertEqual(status, 200, answer)
        kinds = [kind["$ref"].split("/")[-1] for kind in document["components"]["schemas"]["Request"]["properties"]["inputs"]["items"]["oneOf"]]
        self.assertEqual([document["components"]["schemas"][kind]["properties"]["name"]["const"] for kind in kinds], HOSTILE)

    def test_the_wallet_writes_the_same_clients_by_itself(self):
        files = {"--cpp": self.folder / "own.hpp", "--js": self.folder / "own.mjs"}
        said = json.loads(processes.run(
            [BIN / "millrace", "--json", "--node", self.node.url(""), "model", "api", "every", "--curl", "--openapi",
             *(word for pair in files.items() for word in pair)], self.folder,
            env={**os.environ, "MILLRACE_HOME": str(self.folder / "wallet")}))
        self.assertEqual(files["--cpp"].read_text(), self.fetch("every", "client.hpp"))
        self.assertEqual(files["--js"].read_text(), self.fetch("every", "client.mjs"))
        self.assertEqual(said["curl"], self.fetch("every", "try.sh"))
        self.assertEqual(said["openapi"], self.fetch("every", "openapi.json"))

    def test_nobody_gets_a_client_of_a_model_that_is_not_there(self):
        for path in ("/v2/models/none/client.hpp", "/v2/models/every/versions/2/openapi.json"):
            self.assertEqual(self.node.get(path)[0], 404)


class Paid(unittest.TestCase):
    def test_the_js_client_pays_with_the_stock_x402_fetch_and_the_cpp_client_is_told_the_terms(self):
        client = x402.install(os.environ["MILLRACE_BUILD"])
        with processes.temporary_home() as folder, PaidNode(pathlib.Path(folder) / "wallet") as node:
            module = pathlib.Path(folder) / "digits.mjs"
            module.write_text(node.get("/v2/models/digits/client.mjs")[1])
            shutil.copy(SOURCES / "paid.mjs", client / "paid.mjs")
            done = subprocess.run(
                ["node", "paid.mjs", module, node.url("")], cwd=client, capture_output=True, text=True, timeout=120,
                env={**os.environ, "URL": node.url(node.TARGET), "KEY": node.wallet.key_file("caller").read_text().strip(),
                     "ASSET": node.identity["asset"], "CHAIN": str(node.identity["chainId"])})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(json.loads(done.stdout)["paid"], True)

            document = node.get("/v2/models/digits/openapi.json")[1]
            self.assertEqual(document["x-millrace-price"]["parts"][0]["unit"], "row")
            (node.folder / "digits.hpp").write_text(node.get("/v2/models/digits/client.hpp")[1])
            (node.folder / "main.cpp").write_text(f"""#include "digits.hpp"
#include <iostream>
int main() {{
    using namespace millrace_digits;
    Inputs inputs;
    inputs.image.data.assign(784, 0.5f);
    try {{ Client(posix_transport("127.0.0.1", "{node.port}")).infer(inputs); }}
    catch (const Error& error) {{ std::cout << error.reply.status << " " << !error.reply.header("payment-required").empty(); }}
}}
""")
            processes.run(["g++", *STRICT, "main.cpp", "-o", "main"], node.folder)
            self.assertEqual(processes.run([node.folder / "main"], node.folder), "402 1")


if __name__ == "__main__":
    unittest.main()
