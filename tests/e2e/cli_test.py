#!/usr/bin/env python3
"""The command line as scripts meet it: exit codes, JSON documents, files written, and what bad input gets.

HEDDLE names the command, HEDDLE_SOURCE_DIR the source tree. Needs Python's standard library alone."""

import json
import os
import pathlib
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import zipfile

HEDDLE = os.environ.get("HEDDLE") or sys.exit("HEDDLE must name the command")
SOURCE = pathlib.Path(os.environ.get("HEDDLE_SOURCE_DIR") or pathlib.Path(__file__).resolve().parents[2])
EXAMPLES = SOURCE / "examples"

DONE, FAILED, USAGE, NO_DEVICE = 0, 1, 2, 3
MASK = (1 << 64) - 1


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def random_words(seed, count):
    """docs/reference/random.md"""
    start = mix(seed)
    return [mix((start + (i + 1) * 0x9E3779B97F4A7C15) & MASK) for i in range(count)]


def random_f32(seed, count):
    return [(word >> 40) * 2.0**-24 for word in random_words(seed, count)]


def to_f32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


NPY_FORMATS = {"|i1": "b", "|u1": "B", "<i2": "h", "<u2": "H", "<i4": "i", "<u4": "I", "<i8": "q", "<u8": "Q", "<f2": "e",
               "<f4": "f", "<f8": "d"}


def read_npy(path):
    """(type, shape, values) of a version 1.0 file."""
    data = pathlib.Path(path).read_bytes()
    assert data[:8] == b"\x93NUMPY\x01\x00", data[:8]
    length = struct.unpack("<H", data[8:10])[0]
    assert (10 + length) % 64 == 0
    header = eval(data[10:10 + length].decode("ascii"), {"__builtins__": {}}, {"False": False, "True": True})
    assert header["fortran_order"] is False
    count = 1
    for extent in header["shape"]:
        count *= extent
    values = struct.unpack(f"<{count}{NPY_FORMATS[header['descr']]}", data[10 + length:])
    return header["descr"], header["shape"], values


def write_npy(path, descr, shape, data):
    header = repr({"descr": descr, "fortran_order": False, "shape": shape}).encode() + b"\n"
    pathlib.Path(path).write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data)


class Cli(unittest.TestCase):
    """Each test works in a folder of its own."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="heddle-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, True)

    def heddle(self, *arguments, environment=None, timeout=120):
        result = subprocess.run([HEDDLE, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True,
                                stdin=subprocess.DEVNULL, timeout=timeout, env={**os.environ, **(environment or {})})
        self.assertIn(result.returncode, (DONE, FAILED, USAGE, NO_DEVICE), f"died: {result}")
        return result

    def expect(self, code, *arguments, **keywords):
        result = self.heddle(*arguments, **keywords)
        self.assertEqual(result.returncode, code, f"{arguments}\n{result.stdout}\n{result.stderr}")
        if code != DONE:
            self.assertIn("error:", result.stderr)
        return result

    def expect_json(self, code, *arguments, **keywords):
        """Standard output is one JSON document and nothing else, whatever happens."""
        result = self.expect(code, *arguments, **keywords)
        document = json.loads(result.stdout)
        self.assertEqual(document["status"], "ok" if code == DONE else "failed")
        if code != DONE:
            self.assertTrue(document["error"])
        return document, result

    def source(self, text, name="kernel.cu"):
        path = self.folder / name
        path.write_text(text)
        return path


class General(Cli):
    def test_version_and_help(self):
        self.assertRegex(self.expect(DONE, "--version").stdout, r"^heddle \d+\.\d+\.\d+\n$")
        self.assertIn("devices", self.expect(DONE, "--help").stdout)
        for command in ("devices", "run", "compile", "doctor", "completion"):
            text = self.expect(DONE, command, "--help").stdout
            self.assertIn("--help", text)
        run_help = self.expect(DONE, "run", "--help").stdout
        for option in ("--kernel", "--grid", "--block", "--arg", "--out", "--shared", "--device", "--tolerance", "--repeat",
                       "--check", "-D", "-I", "--std", "--fast-math", "--no-cache", "--json"):
            self.assertIn(option, run_help)

    def test_wrong_usage(self):
        self.assertEqual(self.heddle().returncode, USAGE)
        self.expect(USAGE, "no-such-command")
        self.expect(USAGE, "run")
        self.expect(USAGE, "run", EXAMPLES / "saxpy.cu", "--grid", "1", "--block", "1", "--no-such-option")
        self.expect_json(USAGE, "run", "--json")
        self.expect_json(USAGE, "compile", "--json", "--no-such-option", "x.cu")

    def test_completion(self):
        for shell in ("bash", "zsh"):
            script = self.expect(DONE, "completion", shell).stdout
            for word in ("devices", "run", "compile", "doctor", "--kernel", "--device", "--time-limit"):
                self.assertIn(word, script)
        self.expect(USAGE, "completion", "fish")
        # Ask bash what it would offer.
        script = self.folder / "heddle.bash"
        script.write_text(self.heddle("completion", "bash").stdout)
        for words, wanted in ((["heddle", "de"], "devices"), (["heddle", "run", "--ke"], "--kernel"),
                              (["heddle", "run", "--device", "al"], "all")):
            listed = subprocess.run(
                ["bash", "-c", f"source {script}; COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; _heddle; "
                 'printf "%s\\n" "${COMPREPLY[@]}"'], capture_output=True, text=True, check=True)
            self.assertIn(wanted, listed.stdout.split())

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed: apt-get install zsh")
    def test_zsh_reads_its_completion(self):
        script = self.folder / "heddle.zsh"
        script.write_text(self.heddle("completion", "zsh").stdout)
        subprocess.run(["zsh", "-n", str(script)], check=True)
        loaded = subprocess.run(["zsh", "-f", "-c", f"autoload -U compinit && compinit -u -D && source {script} && "
                                 "echo $_comps[heddle]"], capture_output=True, text=True, check=True)
        self.assertEqual(loaded.stdout.strip(), "_heddle")

    def test_full_disk_is_an_error(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        with open("/dev/full", "w") as full:
            result = subprocess.run([HEDDLE, "devices", "--json"], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(result.returncode, FAILED)
        self.assertIn("standard output", result.stderr)

    def test_colour_only_on_a_terminal(self):
        def on_terminal(environment):
            master, slave = pty.openpty()
            with subprocess.Popen([HEDDLE, "devices"], stdout=slave, stderr=slave, stdin=subprocess.DEVNULL,
                                  env={**os.environ, **environment}) as process:
                os.close(slave)
                output, end = b"", time.monotonic() + 60
                while time.monotonic() < end:
                    if select.select([master], [], [], 1)[0]:
                        try:
                            chunk = os.read(master, 65536)
                        except OSError:
                            break
                        if not chunk:
                            break
                        output += chunk
                process.wait(60)
            os.close(master)
            return output

        plain = {"TERM": "xterm", "NO_COLOR": ""}
        self.assertIn(b"\033[", on_terminal(plain))
        self.assertNotIn(b"\033[", on_terminal({**plain, "NO_COLOR": "1"}))
        self.assertNotIn(b"\033[", on_terminal({**plain, "TERM": "dumb"}))
        self.assertNotIn("\033", self.heddle("devices", environment=plain).stdout)


class Devices(Cli):
    def test_json(self):
        document, _ = self.expect_json(DONE, "devices", "--json")
        ids = [device["id"] for device in document["devices"]]
        self.assertIn("cpu:0", ids)
        self.assertIn("scalar:0", ids)
        for device in document["devices"]:
            self.assertEqual(set(device), {"id", "backend", "name", "kind", "memory_bytes", "free_bytes", "compute_units",
                                           "uuid", "pci", "driver", "score", "score_parts", "same_as", "features",
                                           "emulated", "limits"})
            self.assertEqual(device["score"], sum(part["points"] for part in device["score_parts"]))
            self.assertTrue(all(part["reason"] for part in device["score_parts"]))
            self.assertIn(device["kind"], ("cpu", "integrated", "discrete", "virtual", "other"))
            self.assertEqual(set(device["limits"]), {"block", "threads", "grid", "shared_bytes", "warp"})
            self.assertEqual(len(device["limits"]["block"]), 3)
            self.assertEqual(len(device["limits"]["grid"]), 3)
            self.assertGreater(device["memory_bytes"], 0)
        scores = [device["score"] for device in document["devices"]]
        self.assertEqual(scores, sorted(scores, reverse=True))
        for device in document["devices"]:
            if device["kind"] == "cpu" and device["backend"] not in ("cpu", "scalar"):
                self.assertLess(ids.index("cpu:0"), ids.index(device["id"]), "software before the processor")
                self.assertLess(ids.index(device["id"]), ids.index("scalar:0"))
        for missing in document["unavailable"]:
            self.assertEqual(set(missing), {"backend", "reason"})
            self.assertTrue(missing["reason"])

    def test_text(self):
        self.assertIn("cpu:0", self.expect(DONE, "devices").stdout)
        verbose = self.expect(DONE, "devices", "--verbose").stdout
        for word in ("score", "features", "shared memory", "warp"):
            self.assertIn(word, verbose)

    def test_limited_by_the_environment(self):
        document, _ = self.expect_json(DONE, "devices", "--json", environment={"HEDDLE_DEVICES": "scalar"})
        self.assertEqual([device["id"] for device in document["devices"]], ["scalar:0"])
        document, _ = self.expect_json(DONE, "devices", "--json", environment={"HEDDLE_DISABLE": "scalar"})
        self.assertNotIn("scalar:0", [device["id"] for device in document["devices"]])


class BrokenDrivers(Cli):
    """Drivers that break when they are first asked take nothing with them. The stand-in plays each backend's library."""

    LIBRARIES = {"cuda": "libcuda.so.1", "vulkan": "libvulkan.so.1", "opencl": "libOpenCL.so.1"}

    def setUp(self):
        super().setUp()
        self.standin = pathlib.Path(HEDDLE).parent.parent / "lib" / "libstandin-breaking.so"
        if not self.standin.exists():
            self.skipTest(f"{self.standin} is not built")

    def broken(self, way, backends=tuple(LIBRARIES), **more):
        libraries = self.folder / "libraries"
        libraries.mkdir(exist_ok=True)
        for backend in backends:
            shutil.copy(self.standin, libraries / self.LIBRARIES[backend])
        return {"LD_LIBRARY_PATH": str(libraries), "STANDIN_BREAKS": way, "HEDDLE_PROBE_TIMEOUT_MS": "2000",
                "HEDDLE_CACHE_DIR": str(self.folder / "cache"), **more}

    def reasons(self, environment):
        start = time.monotonic()
        document, _ = self.expect_json(DONE, "devices", "--json", environment=environment)
        took = time.monotonic() - start
        ids = [device["id"] for device in document["devices"]]
        self.assertEqual([ids[0], ids[-1]], ["cpu:0", "scalar:0"])
        return {missing["backend"]: missing["reason"] for missing in document["unavailable"]}, ids, took

    def test_each_way_of_each_backend(self):
        for way, told in (("crash", "crashed while probed (SIGSEGV)"), ("abort", "crashed while probed (SIGABRT)"),
                          ("load", "crashed while probed (SIGSEGV)"), ("exit", "ended the process while probed (exit status 3)"),
                          ("hang", "did not answer within 2 s")):
            environment = self.broken(way)
            for again in (False, True):
                reasons, _, took = self.reasons(environment)
                for backend in self.LIBRARIES:
                    self.assertIn(told, reasons[backend], way)
                # All at once, and what is known is not tried again.
                self.assertLess(took, 1 if again else 5, way)
            shutil.rmtree(self.folder / "cache")

    def test_one_leaves_the_others(self):
        patient = {"HEDDLE_PROBE_TIMEOUT_MS": "60000"}  # the others may be slow
        _, ids, _ = self.reasons({"HEDDLE_CACHE_DIR": str(self.folder / "usual"), **patient})
        for backend in self.LIBRARIES:
            environment = self.broken("crash", [backend], **patient)
            reasons, left, _ = self.reasons(environment)
            self.assertIn("crashed while probed", reasons[backend])
            self.assertEqual([i for i in ids if not i.startswith(backend)], left, reasons)
            shutil.rmtree(self.folder / "libraries")

    def test_a_changed_file_is_tried_again(self):
        environment = self.broken("crash", ["cuda"])
        self.assertIn("crashed", self.reasons(environment)[0]["cuda"])
        (self.folder / "libraries" / "libcuda.so.1").unlink()
        self.assertNotIn("crashed", self.reasons(environment)[0].get("cuda", ""))
        self.broken("crash", ["cuda"])
        self.assertIn("crashed", self.reasons(environment)[0]["cuda"])

    def test_without_a_cache(self):
        for more in ({"HEDDLE_CACHE": "off"}, {"HEDDLE_CACHE_DIR": "/proc/no/such/folder"}):
            environment = self.broken("crash", **more)
            for _ in range(2):
                self.assertIn("crashed", self.reasons(environment)[0]["vulkan"])

    def test_naming_the_processor_touches_no_driver(self):
        environment = self.broken("crash", HEDDLE_PROBE="off")
        document, _ = self.expect_json(DONE, *saxpy_arguments(64, ("--device", "cpu:0,scalar", "--json")),
                                       environment=environment)
        self.assertEqual([run["device"] for run in document["runs"]], ["cpu:0", "scalar:0"])

    def test_naming_a_broken_one_says_why(self):
        result = self.expect(NO_DEVICE, *saxpy_arguments(64, ("--device", "vulkan:0")), environment=self.broken("crash"))
        self.assertIn("its driver crashed while probed (SIGSEGV)", result.stderr)
        self.assertIn("available: cpu:0 scalar:0", result.stderr)

    def test_a_probe_that_cannot_run_is_told(self):
        result = self.expect(DONE, "devices", environment={"HEDDLE_PROBE": "/no/such/program", "HEDDLE_LOG": "warn",
                                                           "HEDDLE_CACHE_DIR": str(self.folder / "cache")})
        self.assertIn("'/no/such/program' cannot be started", result.stderr)


class Doctor(Cli):
    """What it finds depends on the machine; what it says of what is known here does not."""

    def doctor(self, *arguments, environment=None):
        result = self.heddle("doctor", "--json", *arguments, environment=environment, timeout=300)
        document = json.loads(result.stdout)
        self.assertEqual(document["status"], "failed" if result.returncode else "ok")
        problems = [finding for finding in document["findings"] if finding["level"] == "problem"]
        self.assertEqual(document["problems"], len(problems))
        self.assertEqual(result.returncode, FAILED if problems else DONE, problems)
        for finding in document["findings"]:
            self.assertEqual(set(finding), {"level", "check", "what", "why", "command", "evidence"})
            self.assertIn(finding["level"], ("ok", "note", "problem"))
            self.assertTrue(finding["what"])
        return document

    def found(self, document, check, level):
        return [finding for finding in document["findings"] if (finding["check"], finding["level"]) == (check, level)]

    def test_every_device_runs_the_kernel(self):
        document = self.doctor(environment={"HEDDLE_DEVICES": "cpu,scalar"})
        self.assertEqual(set(document["devices"]), {"cpu:0", "scalar:0"})
        self.assertEqual(len(self.found(document, "run", "ok")), 2, document)
        self.assertEqual(len(self.found(document, "compiler", "ok")), 1)
        notes = [finding["what"] for finding in self.found(document, "environment", "note")]
        self.assertIn("HEDDLE_DEVICES=cpu,scalar", notes)
        for check in ("gpu", "vulkan", "opencl", "limits", "cache", "devices"):
            self.assertIn(check, [finding["check"] for finding in document["findings"]])

    def test_without_the_compiler(self):
        document = self.doctor(environment={"HEDDLE_DEVICES": "scalar", "HEDDLE_COMPILER": "/no/such/library.so"})
        problem, = self.found(document, "compiler", "problem")
        self.assertIn("HEDDLE_COMPILER", problem["command"])
        skipped, = self.found(document, "run", "note")
        self.assertIn("compiler", skipped["why"])

    def test_cache_and_drivers_that_are_not_there(self):
        (self.folder / "file").write_text("")
        (self.folder / "broken.json").write_text('{"ICD": {"library_path": "/no/such/driver.so"}}')
        document = self.doctor(environment={"HEDDLE_DEVICES": "scalar", "HEDDLE_CACHE_DIR": str(self.folder / "file" / "x"),
                                            "VK_ICD_FILENAMES": str(self.folder / "broken.json"), "VK_DRIVER_FILES": "",
                                            "OCL_ICD_VENDORS": str(self.folder)})
        self.assertEqual(len(self.found(document, "cache", "problem")), 1)
        if any("loader" in finding["what"] and "cannot be loaded" in finding["what"] for finding in document["findings"]):
            self.skipTest("a loader of Vulkan or OpenCL is not installed here")
        self.assertIn("/no/such/driver.so", self.found(document, "vulkan", "problem")[0]["what"])
        self.assertIn("unset OCL_ICD_VENDORS", [finding["command"] for finding in self.found(document, "opencl", "note")])

    def test_text(self):
        result = self.heddle("doctor", "--verbose", environment={"HEDDLE_DEVICES": "scalar"}, timeout=300)
        self.assertIn("scalar:0: the test kernel ran", result.stdout)
        self.assertIn("from: ", result.stdout)
        self.assertRegex(result.stdout, r"\d+ problems?, \d+ notes?\n$")
        self.expect(USAGE, "doctor", "--time-limit", "0")
        # Then no device can be listed: what the library says of it is a finding.
        failed = self.heddle("doctor", environment={"HEDDLE_DEVICES": "?"})
        self.assertEqual(failed.returncode, FAILED)
        self.assertIn("HEDDLE_DEVICES: '?'", failed.stdout)


class Power(Cli):
    def test_preference(self):
        for value in ("low-power", "high-performance", ""):
            self.expect(DONE, *saxpy_arguments(100000, ("--device", "cpu,scalar")), environment={"HEDDLE_POWER": value})
        result = self.expect(FAILED, *saxpy_arguments(10, ("--device", "cpu")), environment={"HEDDLE_POWER": "most"})
        self.assertIn("HEDDLE_POWER", result.stderr)


class Trace(Cli):
    def events(self, pattern="trace.json"):
        path, = self.folder.glob(pattern)
        return json.loads(path.read_text())

    def check_nesting(self, events):
        """Spans of one track lie side by side or inside each other."""
        tracks = {}
        for event in events:
            if event["ph"] == "X":
                tracks.setdefault(event["tid"], []).append((event["ts"], event["ts"] + event["dur"]))
        for spans in tracks.values():
            spans.sort(key=lambda span: (span[0], -span[1]))
            inside = []
            for start, end in spans:
                while inside and inside[-1] <= start + 0.0015:
                    inside.pop()
                self.assertTrue(not inside or end <= inside[-1] + 0.0015, (start, end, inside))
                inside.append(end)

    def test_run_on_every_device(self):
        document, _ = self.expect_json(DONE, *saxpy_arguments(1000, ("--device", "all", "--repeat", 3, "--json", "--no-cache")),
                                       environment={"HEDDLE_TRACE": "trace-%p.json"})
        events = self.events("trace-*.json")
        self.assertEqual({event["pid"] for event in events}, {events[0]["pid"]})
        self.check_nesting(events)
        tracks = {event["tid"]: event["args"]["name"] for event in events if event["name"] == "thread_name"}
        for run in document["runs"]:
            device = run["device"]
            kernels = [event for event in events if event["ph"] == "X" and event["name"] == "saxpy"
                       and tracks[event["tid"]].startswith(device + " queue")]
            self.assertGreaterEqual(len(kernels), 3, device)
            for kernel in kernels:
                self.assertEqual(kernel["args"]["grid"], "4 x 1 x 1")
                self.assertEqual(kernel["args"]["block"], "256 x 1 x 1")
                call, = [event for event in events if event.get("bind_id") == kernel["bind_id"] and "flow_out" in event]
                self.assertEqual(call["name"], "launch saxpy")
                self.assertGreaterEqual(kernel["ts"], call["ts"])
            memory = [event["args"]["device bytes"] for event in events if event["name"] == device + " memory"]
            self.assertGreaterEqual(max(memory), 8000)
            self.assertEqual(memory[-1], 0)
        names = {event["name"] for event in events}
        self.assertGreaterEqual(names, {"compile saxpy", "load kernel saxpy", "synchronize", "write", "read", "allocate", "free",
                                        "create queue"})
        origins = {event["args"]["code from"] for event in events if event["name"] == "compile saxpy"}
        self.assertEqual(origins, {"compiler"})

    def test_a_cached_kernel_says_so(self):
        for _ in range(2):
            self.expect(DONE, *saxpy_arguments(10, ("--device", "scalar")), environment={"HEDDLE_TRACE": "trace.json"})
        compiled, = [event for event in self.events() if event["name"] == "compile saxpy"]
        self.assertEqual(compiled["args"]["code from"], "cache")

    def test_a_killed_process_leaves_what_happened(self):
        source = self.source("__global__ void endless(int* x) { while (atomicAdd(x, 0) == 0) {} }")
        process = subprocess.Popen([HEDDLE, "run", source, "--grid", "1", "--block", "1", "--arg", "zeros:i32:1", "--device",
                                    "scalar"], cwd=self.folder, env={**os.environ, "HEDDLE_TRACE": "trace.json"},
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            text, until = "", time.monotonic() + 60
            while "load kernel endless" not in text and time.monotonic() < until:
                time.sleep(0.05)
                path = self.folder / "trace.json"
                text = path.read_text() if path.exists() else ""
        finally:
            process.kill()
            process.wait()
        text = (self.folder / "trace.json").read_text()
        self.assertNotIn("\n]", text)
        self.assertIn("load kernel endless", {event["name"] for event in json.loads(text + "]")})

    def test_file_that_cannot_be_made(self):
        result = self.expect(FAILED, "devices", environment={"HEDDLE_TRACE": "no/such/folder/trace.json"})
        self.assertIn("HEDDLE_TRACE", result.stderr)


def saxpy_arguments(count, extra=()):
    return ("run", EXAMPLES / "saxpy.cu", "--kernel", "saxpy", "--grid", (count + 255) // 256, "--block", 256, "--arg", "2.5",
            "--arg", f"rand:f32:{count}:1", "--arg", f"rand:f32:{count}:2", "--arg", count, *extra)


class Run(Cli):
    def check_saxpy(self, path, count):
        descr, shape, values = read_npy(path)
        self.assertEqual((descr, shape), ("<f4", (count,)))
        for i, (x, y) in enumerate(zip(random_f32(1, count), random_f32(2, count))):
            exact = 2.5 * x + y  # no rounding: 26 bits and 24 bits fit a double
            # One rounding with a fused multiply-add, two without.
            self.assertIn(values[i], (to_f32(exact), to_f32(to_f32(2.5 * x) + y)), f"element {i}")

    def test_saxpy_on_every_device(self):
        """The command of the README, word for word, on a million elements."""
        document, _ = self.expect_json(
            DONE, "run", EXAMPLES / "saxpy.cu", "--kernel", "saxpy", "--grid", "4096", "--block", "256", "--arg", "2.5",
            "--arg", "rand:f32:1048576:1", "--arg", "rand:f32:1048576:2", "--arg", "1048576", "--out", "y=y.npy",
            "--device", "all", "--json")
        self.assertEqual(document["kernel"], "saxpy")
        self.assertIs(document["agree"], True)
        self.assertEqual(document["reference"], "scalar:0")
        self.assertGreaterEqual({run["device"] for run in document["runs"]}, {"cpu:0", "scalar:0"})
        for run in document["runs"]:
            self.assertEqual(run["status"], "ok")
            self.assertEqual(run["time_ms"]["repeat"], 1)
            self.assertGreaterEqual(run["time_ms"]["max"], run["time_ms"]["min"])
            self.assertGreaterEqual(run["compile_ms"], 0)
            self.assertIn(run["cache"], ("hit", "miss"))
            self.assertEqual(set(run["outputs"]), {"y"})
            output = run["outputs"]["y"]
            self.assertEqual((output["dtype"], output["shape"]), ("f32", [1048576]))
            self.assertRegex(output["sha256"], "^[0-9a-f]{64}$")
        self.check_saxpy(self.folder / "y.npy", 1048576)

    def test_text_output(self):
        result = self.expect(DONE, *saxpy_arguments(1000, ("--device", "all", "--repeat", 3)))
        for word in ("saxpy", "cpu:0", "scalar:0", "reference", "yes", "median", "f32[1000]"):
            self.assertIn(word, result.stdout)
        self.assertNotIn("\033", result.stdout)

    def test_cache(self):
        cache = {"HEDDLE_CACHE_DIR": str(self.folder / "cache")}
        origins = []
        for extra in ((), (), ("--no-cache",), ("-D", "UNUSED=1")):
            document, _ = self.expect_json(DONE, *saxpy_arguments(256, ("--json", *extra)), environment=cache)
            origins.append(document["runs"][0]["cache"])
        self.assertEqual(origins, ["miss", "hit", "miss", "miss"])

    def test_repeats_start_from_the_same_inputs(self):
        kernel = self.source("__global__ void next(int* x) { x[threadIdx.x] += 1; }")
        document, _ = self.expect_json(DONE, "run", kernel, "--grid", 1, "--block", 32, "--arg", "iota:i32:32", "--repeat",
                                       5, "--out", "x=x.npy", "--device", "cpu,scalar", "--json")
        self.assertEqual(read_npy(self.folder / "x.npy")[2], tuple(range(1, 33)))
        self.assertIs(document["agree"], True)
        for run in document["runs"]:
            self.assertEqual(run["time_ms"]["repeat"], 5)
            self.assertLessEqual(run["time_ms"]["min"], run["time_ms"]["median"])
            self.assertLessEqual(run["time_ms"]["median"], run["time_ms"]["max"])

    def test_one_file_a_device(self):
        self.expect(DONE, *saxpy_arguments(100, ("--device", "cpu,scalar", "--out", "y=y-{device}.npy", "--out", "1=x.npy")))
        for name in ("y-cpu-0.npy", "y-scalar-0.npy"):
            self.check_saxpy(self.folder / name, 100)
        self.assertEqual(read_npy(self.folder / "x.npy")[2], tuple(random_f32(1, 100)))

    def test_every_type_in_and_out(self):
        types = {"i8": ("signed char", "|i1"), "u8": ("unsigned char", "|u1"), "i16": ("short", "<i2"),
                 "u16": ("unsigned short", "<u2"), "i32": ("int", "<i4"), "u32": ("unsigned", "<u4"),
                 "i64": ("long long", "<i8"), "u64": ("unsigned long long", "<u8"), "f32": ("float", "<f4"),
                 "f64": ("double", "<f8")}
        for name, (spelling, descr) in types.items():
            kernel = self.source(f"__global__ void twice(const {spelling}* x, {spelling}* y, {spelling} add) "
                                 "{ y[threadIdx.x] = x[threadIdx.x] + x[threadIdx.x] + add; }")
            write_npy(self.folder / "x.npy", descr, (2, 16), struct.pack(f"<32{NPY_FORMATS[descr]}", *range(32)))
            document, _ = self.expect_json(DONE, "run", kernel, "--grid", 1, "--block", 32, "--arg", "x.npy", "--arg",
                                           f"zeros:{name}:2x16", "--arg", 1, "--out", "y=y.npy", "--device", "all", "--json")
            self.assertIs(document["agree"], True, name)
            self.assertEqual(read_npy(self.folder / "y.npy"), (descr, (2, 16), tuple(range(1, 65, 2))))

    def test_negative_and_special_numbers(self):
        kernel = self.source("__global__ void put(double a, float b, long long c, unsigned char d, double* y, long long* z) "
                             "{ y[0] = a; y[1] = b; z[0] = c; z[1] = d; }")
        self.expect(DONE, "run", kernel, "--grid", 1, "--block", 1, "--arg", "-1e-3", "-a", "-inf",
                    "--arg=-9223372036854775808", "--arg", "0xff", "--arg", "zeros:f64:2", "--arg", "zeros:i64:2", "--out",
                    "y=y.npy", "--out", "z=z.npy")
        self.assertEqual(read_npy(self.folder / "y.npy")[2], (-1e-3, float("-inf")))
        self.assertEqual(read_npy(self.folder / "z.npy")[2], (-(1 << 63), 255))

    def test_structure_null_and_scratch(self):
        kernel = self.source("struct Pair { int a; float b; };\n"
                             "__global__ void put(Pair pair, int* missing, float* scratch, float* y)\n"
                             "{ scratch[0] = pair.b; y[0] = missing == nullptr ? pair.a + scratch[0] : -1.0f; }")
        pair = struct.pack("<if", 40, 2.5).hex()
        document, _ = self.expect_json(DONE, "run", kernel, "--grid", 1, "--block", 1, "--arg", f"bytes:{pair}", "--arg",
                                       "null", "--arg", "local:1024", "--arg", "zeros:f32:1", "--out", "y=y.npy", "--json")
        self.assertEqual(read_npy(self.folder / "y.npy")[2], (42.5,))
        self.assertEqual(set(document["runs"][0]["outputs"]), {"y"})

    def test_pictures(self):
        self.expect(DONE, "run", EXAMPLES / "blur.cu", "--kernel", "sobel", "--grid", "40,30", "--block", "16,16", "--arg",
                    EXAMPLES / "images" / "scene.png", "--arg", "zeros:u8:480x640", "--arg", 640, "--arg", 480, "--out",
                    "to=edges.png", "--device", "all")
        self.assertEqual((self.folder / "edges.png").read_bytes()[:8], b"\x89PNG\r\n\x1a\n")
        result = self.expect(USAGE, *saxpy_arguments(16, ("--out", "y=y.png")))
        self.assertIn("needs u8", result.stderr)

    def test_templates(self):
        for name, dtype in (("transpose<float>", "f32"), ("transpose<double>", "f64"), ("transpose<unsigned char>", "u8")):
            document, _ = self.expect_json(
                DONE, "run", EXAMPLES / "transpose.cu", "--kernel", name, "--grid", "3,2", "--block", "32,8", "--arg",
                f"rand:{dtype}:40x70", "--arg", f"zeros:{dtype}:70x40", "--arg", 40, "--arg", 70, "--out", "to=t.npy",
                "--out", "from=f.npy", "--device", "all", "--json")
            self.assertIs(document["agree"], True)
            before, after = read_npy(self.folder / "f.npy")[2], read_npy(self.folder / "t.npy")[2]
            self.assertTrue(all(after[c * 40 + r] == before[r * 70 + c] for r in range(40) for c in range(70)))

    def test_kernel_printf_stays_out_of_the_document(self):
        kernel = self.source('#include <stdio.h>\n__global__ void hello(int n) { printf("hello %d\\n", n); }')
        _, result = self.expect_json(DONE, "run", kernel, "--grid", 1, "--block", 1, "--arg", 7, "--json")
        self.assertIn("hello 7", result.stderr)
        self.assertIn("hello 7", self.expect(DONE, "run", kernel, "--grid", 1, "--block", 1, "--arg", 7).stdout)

    def test_disagreement(self):
        kernel = self.source("__global__ void time(long long* x) { x[threadIdx.x] = threadIdx.x == 3 ? clock64() : 1; }")
        document, result = self.expect_json(FAILED, "run", kernel, "--grid", 1, "--block", 32, "--arg", "zeros:i64:32",
                                            "--device", "cpu,scalar", "--json")
        self.assertIs(document["agree"], False)
        self.assertIn("cpu:0 disagrees with scalar:0 in 'x': 1 of 32 elements; first at [3]", result.stderr)
        wrong = document["runs"][0]["outputs"]["x"]["disagreement"]
        self.assertEqual((wrong["count"], wrong["first_index"]), (1, 3))

    def test_examples(self):
        """The command in each example's first lines runs as it stands, and all devices agree."""
        environment = {"PATH": f"{pathlib.Path(HEDDLE).resolve().parent}:{os.environ['PATH']}"}
        (self.folder / "examples").symlink_to(EXAMPLES)
        ran = 0
        for example in sorted(EXAMPLES.glob("*.cu")):
            head = re.match(r"(?://.*\n)+", example.read_text()).group()
            lines = [re.sub(r"^// ?", "", line) for line in head.splitlines()]
            commands = re.findall(r"^ +heddle (?:[^\n\\]|\\\n)*", "\n".join(lines), re.M)
            self.assertTrue(commands, f"{example.name} has no command")
            for command in commands:
                with self.subTest(command=command.strip()):
                    result = subprocess.run(["bash", "-c", command], cwd=self.folder, capture_output=True, text=True,
                                            env={**os.environ, **environment}, timeout=300)
                    self.assertEqual(result.returncode, DONE, result.stderr)
                    ran += 1
        self.assertGreaterEqual(ran, 11)


class BadRuns(Cli):
    def test_missing_files(self):
        result = self.expect(USAGE, "run", "absent.cu", "--grid", 1, "--block", 1)
        self.assertIn("'absent.cu' does not exist", result.stderr)
        result = self.expect(USAGE, "run", self.folder, "--grid", 1, "--block", 1)
        self.assertIn("is a directory", result.stderr)
        document, _ = self.expect_json(USAGE, "run", "absent.cu", "--grid", 1, "--block", 1, "--json")
        self.assertEqual(document["runs"], [])
        result = self.expect(USAGE, *saxpy_arguments(16, ("--out", "y=nowhere/y.npy")))
        self.assertIn("no directory 'nowhere'", result.stderr)

    def test_kernel_that_does_not_compile(self):
        kernel = self.source("__global__ void bad(float* x) {\n    x[0] = undeclared + 1;\n}\n", "bad.cu")
        document, result = self.expect_json(FAILED, "run", kernel, "--grid", 1, "--block", 1, "--arg", "zeros:f32:1",
                                            "--device", "all", "--json")
        # Clang's own words: file, line, column, text and caret.
        self.assertRegex(result.stderr, r"bad\.cu:2:12: error: use of undeclared identifier 'undeclared'")
        self.assertIn("^", result.stderr)
        self.assertEqual(result.stderr.count("bad.cu:2:12: error"), 1)
        self.assertTrue(all(run["status"] == "failed" and run["error"] for run in document["runs"]))
        self.assertIsNone(document["agree"])

    def test_kernel_names(self):
        result = self.expect(USAGE, "run", EXAMPLES / "blur.cu", "--grid", 1, "--block", 1)
        self.assertIn("has 2 kernels", result.stderr)
        self.assertIn("sobel", result.stderr)
        result = self.expect(USAGE, "run", EXAMPLES / "saxpy.cu", "--kernel", "saxpi", "--grid", 1, "--block", 1)
        self.assertIn("saxpi", result.stderr)
        self.assertIn("saxpy", result.stderr)
        result = self.expect(USAGE, "run", self.source("__device__ int f() { return 1; }"), "--grid", 1, "--block", 1)
        self.assertIn("no kernel", result.stderr)

    def test_arguments(self):
        run = ("run", EXAMPLES / "saxpy.cu", "--grid", 1, "--block", 16)
        result = self.expect(USAGE, *run, "--arg", "1", "--arg", "zeros:f32:16")
        self.assertIn("saxpy(f32 a, f32* x, f32* y, i32 n) takes 4 arguments, but 2 --arg were given", result.stderr)
        buffers = ("--arg", "zeros:f32:16", "--arg", "zeros:f32:16")
        result = self.expect(USAGE, *run, "--arg", "1", *buffers, "--arg", "2.5")
        self.assertIn("argument 4 ('n') is i32, but '2.5' is not an integer", result.stderr)
        result = self.expect(USAGE, *run, "--arg", "1", *buffers, "--arg", "3000000000")
        self.assertIn("out of its range", result.stderr)
        result = self.expect(USAGE, *run, "--arg", "1", "--arg", "zeros:f64:16", *buffers)
        self.assertIn("argument 2 ('x') points to f32", result.stderr)
        result = self.expect(USAGE, *run, "--arg", "zeros:f32:16", *buffers, "--arg", "1")
        self.assertIn("argument 1 ('a') is a number", result.stderr)
        result = self.expect(USAGE, *run, "--arg", "1", *buffers, "--arg", "16", "--out", "z=z.npy")
        self.assertIn("no such parameter; its buffers are: x, y", result.stderr)
        for bad in ("zeros:f33:16", "zeros:f32:0", "rand:f32", "banana", "local:x"):
            self.assertIn(bad, self.expect(USAGE, *run, "--arg", bad).stderr)

    def test_geometry(self):
        for grid in ("0", "1,2,3,4", "-1", "x", "1,", "4294967296"):
            result = self.expect(USAGE, "run", EXAMPLES / "saxpy.cu", f"--grid={grid}", "--block", 1)
            self.assertIn("--grid", result.stderr)
        result = self.expect(FAILED, "run", EXAMPLES / "saxpy.cu", "--grid", 1, "--block", 2048, "--arg", 1, "--arg",
                             "zeros:f32:16", "--arg", "zeros:f32:16", "--arg", 16)
        self.assertRegex(result.stderr, r"launch of 'saxpy' failed: block of 2048 threads is over .* 1024")
        result = self.expect(FAILED, *saxpy_arguments(16, ("--shared", 1 << 40)))
        self.assertIn("shared", result.stderr)

    def test_out_of_memory(self):
        document, result = self.expect_json(FAILED, "run", EXAMPLES / "histogram.cu", "--grid", 1, "--block", 32, "--arg",
                                            "zeros:u8:10000000000000", "--arg", "zeros:u32:256", "--arg", 1, "--device",
                                            "all", "--json")
        self.assertIn("10000000000000", re.sub(r"[,_ ']", "", result.stderr))
        self.assertTrue(all(run["status"] == "failed" for run in document["runs"]))

    def test_devices(self):
        result = self.expect(NO_DEVICE, *saxpy_arguments(16, ("--device", "cuda:99")))
        self.assertIn("cuda:99", result.stderr)
        self.expect_json(NO_DEVICE, *saxpy_arguments(16, ("--device", "cpu:7", "--json")))
        self.expect(NO_DEVICE, *saxpy_arguments(16), environment={"HEDDLE_DISABLE": "cpu,scalar,cuda,vulkan,opencl,webgpu"})
        self.expect(USAGE, *saxpy_arguments(16, ("--device", "cpu:x")))
        self.expect(USAGE, *saxpy_arguments(16, ("--check", "--device", "cpu:0")))

    def test_input_files(self):
        run = ("run", EXAMPLES / "saxpy.cu", "--grid", 1, "--block", 1, "--arg", 1)
        rest = ("--arg", "zeros:f32:16", "--arg", 1)
        (self.folder / "text.npy").write_text("not an array")
        self.assertIn("not a .npy file", self.expect(FAILED, *run, "--arg", "text.npy", *rest).stderr)
        write_npy(self.folder / "short.npy", "<f4", (16,), bytes(60))
        self.assertIn("cut off", self.expect(FAILED, *run, "--arg", "short.npy", *rest).stderr)
        write_npy(self.folder / "complex.npy", "<c8", (2,), bytes(16))
        self.assertIn("<c8", self.expect(FAILED, *run, "--arg", "complex.npy", *rest).stderr)
        (self.folder / "folder.npy").mkdir()
        self.assertIn("directory", self.expect(USAGE, *run, "--arg", "folder.npy", *rest).stderr)
        (self.folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
        self.assertIn("broken.png", self.expect(FAILED, *run, "--arg", "broken.png", *rest).stderr)

    def test_check_finds_an_access_out_of_bounds(self):
        kernel = self.source("__global__ void over(float* x) {\n    x[threadIdx.x] = 1.0f;\n}\n", "over.cu")
        run = ("run", kernel, "--grid", 1, "--block", 64, "--arg", "zeros:f32:60", "--check")
        result = self.expect(FAILED, *run)
        self.assertIn("over.cu:2", result.stderr)
        self.expect(DONE, "run", kernel, "--grid", 1, "--block", 60, "--arg", "zeros:f32:60", "--check")


class Compile(Cli):
    def test_package_runs_without_its_source(self):
        source = shutil.copy(EXAMPLES / "saxpy.cu", self.folder / "copy.cu")
        document, _ = self.expect_json(DONE, "compile", source, "--json")
        self.assertEqual(document["output"], "copy.heddle")
        package = self.folder / "copy.heddle"
        self.assertEqual(document["bytes"], package.stat().st_size)
        self.assertTrue(zipfile.is_zipfile(package))
        os.remove(source)
        (kernel,) = document["kernels"]
        self.assertEqual(kernel["name"], "saxpy")
        self.assertEqual([(a["name"], a["kind"], a["type"]) for a in kernel["arguments"]],
                         [("a", "scalar", "f32"), ("x", "pointer", "f32"), ("y", "pointer", "f32"), ("n", "scalar", "i32")])
        self.assertEqual([a["access"] for a in kernel["arguments"]], ["none", "read", "read_write", "none"])
        self.assertGreaterEqual({t["target"] for t in document["targets"]}, {"simd", "scalar"})
        self.assertEqual(document["diagnostics"], [])
        result, _ = self.expect_json(DONE, "run", package, "--grid", 4, "--block", 256, "--arg", "2.5", "--arg",
                                     "rand:f32:1024:1", "--arg", "rand:f32:1024:2", "--arg", 1024, "--device", "all",
                                     "--json")
        self.assertIs(result["agree"], True)
        self.assertEqual({run["cache"] for run in result["runs"]}, {"package"})

    def test_targets(self):
        document, _ = self.expect_json(DONE, "compile", EXAMPLES / "saxpy.cu", "-o", "x.heddle", "--targets", "scalar",
                                       "--json")
        self.assertEqual({target["target"] for target in document["targets"]}, {"scalar"})
        result = self.heddle("compile", EXAMPLES / "saxpy.cu", "-o", "x.heddle", "--targets", "abacus")
        self.assertIn(result.returncode, (FAILED, USAGE))
        self.assertIn("abacus", result.stderr)
        self.expect(USAGE, "compile", EXAMPLES / "saxpy.cu", "-o", "x.heddle", "--targets", "simd,,scalar")

    def test_emit(self):
        ir = self.expect(DONE, "compile", EXAMPLES / "saxpy.cu", "--emit", "ir").stdout
        self.assertIn("@heddle.tid.x", ir)
        self.assertIn("saxpy", ir)
        for target in ("simd", "scalar"):
            self.assertIn("saxpy", self.expect(DONE, "compile", EXAMPLES / "saxpy.cu", "--emit", target).stdout)
        document, _ = self.expect_json(DONE, "compile", EXAMPLES / "saxpy.cu", "--emit", "ir", "--json")
        self.assertEqual(document["emit"]["text"], ir)
        self.expect(USAGE, "compile", EXAMPLES / "saxpy.cu", "--emit", "ir", "--targets", "ir")

    def test_bad_input(self):
        bad = self.source("__global__ void f(int* x) { x = 3.0f; }", "bad.cu")
        document, result = self.expect_json(FAILED, "compile", bad, "--json")
        self.assertIn("bad.cu:1:", result.stderr)
        self.assertTrue(any("bad.cu:1:" in d["message"] for d in document["diagnostics"]))
        self.assertFalse((self.folder / "bad.heddle").exists())
        self.expect(USAGE, "compile", "absent.cu")
        self.expect(USAGE, "compile", EXAMPLES / "saxpy.cu", "-o", self.folder)
        self.expect(USAGE, "compile", EXAMPLES / "saxpy.cu", "-o", "nowhere/x.heddle")
        self.expect(USAGE, "compile", EXAMPLES / "saxpy.cu", "-I", "nowhere")
        self.expect(DONE, "compile", EXAMPLES / "saxpy.cu", "-o", "x.heddle")
        self.assertIn("package already", self.expect(USAGE, "compile", "x.heddle").stderr)

    def test_damaged_packages(self):
        self.expect(DONE, "compile", EXAMPLES / "saxpy.cu", "-o", "x.heddle", "--targets", "simd,scalar")
        whole = (self.folder / "x.heddle").read_bytes()
        run = ("run", "cut.heddle", "--grid", 1, "--block", 16, "--arg", 1, "--arg", "zeros:f32:16", "--arg", "zeros:f32:16",
               "--arg", 16)
        for length in (len(whole) - 1, len(whole) // 2, 100, 4):
            (self.folder / "cut.heddle").write_bytes(whole[:length])
            result = self.expect(FAILED, *run)
            self.assertIn("cut.heddle", result.stderr)
        for at in range(0, len(whole), max(1, len(whole) // 40)):
            damaged = bytearray(whole)
            damaged[at] ^= 0x55
            (self.folder / "cut.heddle").write_bytes(damaged)
            self.heddle(*run)  # refused, or harmless where nothing reads the byte; never a crash

    def test_macros_and_headers(self):
        (self.folder / "include").mkdir()
        (self.folder / "include" / "factor.h").write_text("#define FACTOR 3\n")
        kernel = self.source('#include "factor.h"\n__global__ void scale(int* x) { x[threadIdx.x] *= FACTOR * MORE; }')
        self.expect(DONE, "run", kernel, "-I", "include", "-DMORE=2", "--grid", 1, "--block", 32, "--arg", "iota:i32:32",
                    "--out", "x=x.npy", "--std", "c++17")
        self.assertEqual(read_npy(self.folder / "x.npy")[2], tuple(range(0, 192, 6)))
        # The header is part of what the cache knows the program by.
        (self.folder / "include" / "factor.h").write_text("#define FACTOR 5\n")
        self.expect(DONE, "run", kernel, "-I", "include", "-DMORE=2", "--grid", 1, "--block", 32, "--arg", "iota:i32:32",
                    "--out", "x=x.npy", "--std", "c++17")
        self.assertEqual(read_npy(self.folder / "x.npy")[2], tuple(range(0, 320, 10)))
        self.expect(USAGE, "run", kernel, "--grid", 1, "--block", 1, "--std", "c++99")


class Bench(Cli):
    """The suites that compare Heddle with the device's own API: that they run and check, not what they measure."""

    def measure(self, suite, cases, *more):
        arguments = ["bench", "--suite", suite, "--case", ",".join(cases), "--samples", 1, "--json", "-", *more]
        document, _ = self.expect_json(DONE, *arguments, timeout=300)
        self.assertEqual(document["schema"], "heddle-bench/1")
        for result in document["results"]:
            self.assertEqual(result["suite"], suite)
            self.assertIn(result["case"], cases)
            self.assertTrue(result["checked"], result)
            self.assertGreater(result["ms"], 0)
            self.assertGreater(result["metric"]["value"], 0)
            # The CPU devices have no API but Heddle.
            has_peer = not result["device"].startswith(("cpu", "scalar"))
            self.assertEqual([peer["peer"] for peer in result["peers"]], ["raw"] * has_peer)
            for peer in result["peers"]:
                self.assertGreater(peer["ratio"], 0)
                self.assertGreater(peer["metric"], 0)
        self.assertEqual(document["missing"], [])
        return document["results"]

    def test_launch_and_transfers(self):
        source = pathlib.Path(os.environ["HEDDLE_SOURCE_DIR"]) / "bench" / "kernels" / "launch.cu"
        self.expect(DONE, "compile", source, "-o", "launch.heddle")
        packages = ["--packages", "."]
        results = self.measure("launch", ["launches", "round_trip"], *packages)
        self.assertIn(("cpu:0", "launches", "us"), [(r["device"], r["case"], r["metric"]["unit"]) for r in results])
        self.measure("transfers", ["overlap_read"], *packages, "--device", "cpu")
        results = self.measure("transfers", ["write_pinned"], *packages)
        sizes = [r["size"] for r in results if r["device"] == "cpu:0" and r["case"] == "write_pinned"]
        self.assertEqual(sizes, ["64 KiB", "1 MiB", "16 MiB", "256 MiB"])
        self.expect(USAGE, "bench", "--suite", "launch", "--packages", "nowhere", "--device", "cpu", "--samples", 1)
        self.expect(USAGE, "bench", "--suite", "launch", "--peer", "pocl", "--device", "cpu")
        self.expect(USAGE, "bench", "--suite", "transfers", "--size", "large", "--device", "cpu")
        result = self.expect(USAGE, "bench", "--suite", "launch", "--case", "saxpy")
        self.assertIn("launches, round_trip", result.stderr)

    def test_split(self):
        source = pathlib.Path(os.environ["HEDDLE_SOURCE_DIR"]) / "bench" / "kernels" / "split.cu"
        document, _ = self.expect_json(DONE, "compile", source, "--grid-parts", "-o", "split.heddle", "--json")
        self.assertEqual({kernel["grid_parts"] for kernel in document["kernels"]}, {True})
        document, _ = self.expect_json(DONE, "bench", "--suite", "split", "--device", "cpu:0,scalar:0", "--samples", 1,
                                       "--packages", ".", "--json", "-", timeout=300)
        self.assertEqual([result["case"] for result in document["results"]], ["nbody", "map"])
        for result in document["results"]:
            self.assertEqual(result["device"], "cpu:0+scalar:0")
            self.assertTrue(result["checked"], result)
            self.assertEqual([peer["peer"] for peer in result["peers"]], ["cpu:0", "scalar:0"])
            for peer in result["peers"]:
                self.assertGreater(peer["ratio"], 0)
        # A package of kernels for whole grids is refused, and why.
        self.expect(DONE, "compile", source, "-o", "split.heddle")
        result = self.expect(FAILED, "bench", "--suite", "split", "--device", "cpu:0,scalar:0", "--samples", 1,
                             "--packages", ".", "--case", "nbody")
        self.assertIn("--grid-parts", result.stdout + result.stderr)
        self.expect(USAGE, "bench", "--suite", "split", "--device", "cpu:0")
        self.expect(USAGE, "bench", "--suite", "split", "--device", "cpu:0,scalar:0", "--peer", "pocl")
        self.expect(USAGE, "bench", "--suite", "split", "--device", "cpu:0,scalar:0", "--case", "saxpy")

    def test_run_with_grid_parts(self):
        source = self.source("__global__ void places(unsigned* out) "
                            "{ out[blockIdx.x * blockDim.x + threadIdx.x] = blockIdx.x * 100 + gridDim.x; }")
        for more in ([], ["--grid-parts"]):
            self.expect(DONE, "run", source, "--grid", 3, "--block", 2, "--arg", "zeros:u32:6", "--out", "out=out.npy",
                        "--device", "cpu:0", *more)
            self.assertEqual(read_npy(self.folder / "out.npy")[2], (3, 3, 103, 103, 203, 203))


if __name__ == "__main__":
    program = unittest.main(exit=False, verbosity=2)
    sys.exit(0 if program.result.wasSuccessful() else 1)
