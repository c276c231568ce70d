#!/usr/bin/env python3
"""The backend opencl as a user meets it: what the command says of its devices, results next to the other devices', the
source that is printed, time limits, and libraries or drivers that are broken. Skipped, with the reason, where no OpenCL
device is.

HEDDLE names the command, HEDDLE_SOURCE_DIR the source tree, CC a C compiler."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

HEDDLE = os.environ.get("HEDDLE") or sys.exit("HEDDLE must name the command")
SOURCE = pathlib.Path(os.environ.get("HEDDLE_SOURCE_DIR") or pathlib.Path(__file__).resolve().parents[2])
SAXPY = [SOURCE / "examples" / "saxpy.cu", "--grid", 4, "--block", 256, "--arg", 2.5, "--arg", "rand:f32:1024:1", "--arg",
         "rand:f32:1024:2", "--arg", 1024]


def heddle(*arguments, environment=None, timeout=120):
    return subprocess.run([HEDDLE, *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          timeout=timeout, env={**os.environ, **(environment or {})})


def listed(environment=None):
    result = heddle("devices", "--json", environment=environment)
    document = json.loads(result.stdout)
    reasons = {entry["backend"]: entry["reason"] for entry in document["unavailable"]}
    return {device["id"]: device for device in document["devices"]}, reasons


def description_of(platform, capability):
    """The C source of a libOpenCL.so.1 with one GPU, of which one can ask and with which one can do nothing."""
    text = r"""
#include <stddef.h>
#include <string.h>
static int answer(const void* from, size_t bytes, size_t size, void* place, size_t* needed) {
    if (needed) *needed = bytes;
    if (place && size >= bytes) memcpy(place, from, bytes);
    return 0;
}
int clGetPlatformIDs(unsigned n, void** all, unsigned* count) {
    if (all) all[0] = (void*)1;
    if (count) *count = 1;
    return 0;
}
int clGetDeviceIDs(void* platform, unsigned long kinds, unsigned n, void** all, unsigned* count) {
    if (all) all[0] = (void*)2;
    if (count) *count = 1;
    return 0;
}
int clGetPlatformInfo(void* platform, unsigned what, size_t size, void* place, size_t* needed) {
    return answer(PLATFORM, sizeof PLATFORM, size, place, needed);
}
int clGetDeviceInfo(void* device, unsigned what, size_t size, void* place, size_t* needed) {
    const unsigned long gpu = 4, one = 1, threads[3] = {1024, 1024, 64}, bytes = 1ul << 30;
    const unsigned yes = 1, bits = 64, major = MAJOR, minor = MINOR;
    switch (what) {
        case 0x1000: return answer(&gpu, 8, size, place, needed);
        case 0x1053: return answer(&one, 8, size, place, needed);  // shared virtual memory
        case 0x1004: return answer(threads, 8, size, place, needed);
        case 0x1005: return answer(threads, 24, size, place, needed);
        case 0x101F: case 0x1010: case 0x1023: return answer(&bytes, 8, size, place, needed);
        case 0x100D: return answer(&bits, 4, size, place, needed);
        case 0x1026: case 0x1027: case 0x1028: return answer(&yes, 4, size, place, needed);
        case 0x102B: return answer("GPU", 4, size, place, needed);
        case 0x1030: return answer(EXTENSION, sizeof EXTENSION, size, place, needed);
        case 0x4000: return answer(&major, 4, size, place, needed);
        case 0x4001: return answer(&minor, 4, size, place, needed);
        default: return -30;  // CL_INVALID_VALUE
    }
}
"""
    head = (f'#define PLATFORM "{platform}"\n#define EXTENSION "cl_nv_device_attribute_query"\n'
            f"#define MAJOR {capability[0]}\n#define MINOR {capability[1]}\n")
    names = (SOURCE / "src" / "backends" / "opencl" / "api.cpp").read_text().split('get("')[1:]
    rest = "".join(f"int {name}(void) {{ __builtin_trap(); }}\n" for name in (part.split('"')[0] for part in names)
                   if f" {name}(" not in text)
    return head + text + rest


class OpenCl(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="heddle-opencl-"))
        self.addCleanup(shutil.rmtree, self.folder, True)

    def test_devices(self):
        devices, _ = listed()
        device = devices["opencl:0"]
        self.assertEqual(device["backend"], "opencl")
        self.assertGreater(device["memory_bytes"], 0)
        self.assertEqual(device["limits"]["warp"], 32)
        self.assertRegex(heddle("devices").stdout, r"opencl:0 ")
        if device["kind"] == "cpu" and "cpu:0" in devices:
            self.assertIn("cpu:0", device["same_as"])
            self.assertIn("opencl:0", devices["cpu:0"]["same_as"])

    def test_it_can_be_left_alone(self):
        for environment in ({"HEDDLE_DISABLE": "opencl"}, {"HEDDLE_DEVICES": "cpu"}):
            self.assertNotIn("opencl:0", listed(environment)[0])

    def test_results_are_those_of_other_devices(self):
        result = heddle("run", *SAXPY, "--device", "all", "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        runs = {run["device"]: run for run in json.loads(result.stdout)["runs"]}
        self.assertIn("opencl:0", runs)
        self.assertTrue(all(run["status"] == "ok" for run in runs.values()), result.stdout)
        table = heddle("run", *SAXPY, "--device", "opencl:0")
        self.assertRegex(table.stdout, r"opencl:0 +ok")

    def test_source_is_printed(self):
        result = heddle("compile", SOURCE / "examples" / "saxpy.cu", "--emit", "opencl")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"// heddle: kernel \S+ saxpy\nkernel void saxpy\(")

    def test_packages_need_no_compiler(self):
        package = self.folder / "saxpy.heddle"
        alone = {"HEDDLE_COMPILER": str(self.folder / "none.so"), "HEDDLE_CACHE": "off"}
        for targets in ("opencl", "opencl:portable"):
            self.assertEqual(heddle("compile", SAXPY[0], "--targets", targets, "-o", package).returncode, 0)
            result = heddle("run", package, *SAXPY[1:], "--device", "opencl:0", environment=alone)
            self.assertEqual(result.returncode, 0, result.stderr)

    def test_code_for_other_devices_is_refused(self):
        if "NVIDIA" in listed()[0]["opencl:0"]["driver"]:
            self.skipTest("opencl:0 takes NVIDIA's variant")
        package = self.folder / "saxpy.heddle"
        self.assertEqual(heddle("compile", SAXPY[0], "--targets", "opencl:nv", "-o", package).returncode, 0)
        result = heddle("run", package, *SAXPY[1:], "--device", "opencl:0")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("the device takes opencl:portable; the package holds opencl:nv", result.stderr)

    def test_a_kernel_without_end_is_given_up(self):
        endless = self.folder / "endless.cu"
        endless.write_text('extern "C" __global__ void endless(volatile int* flag) { while (*flag == 0) { } }\n')
        start = time.monotonic()
        result = heddle("run", endless, "--grid", 1, "--block", 32, "--arg", "zeros:i32:1", "--device", "opencl:0",
                        environment={"HEDDLE_TIMEOUT_MS": "500"})
        self.assertEqual(result.returncode, 1)
        self.assertIn("opencl:0", result.stderr)
        self.assertIn("work did not end within 500 ms (HEDDLE_TIMEOUT_MS)", result.stderr)
        self.assertLess(time.monotonic() - start, 60)

    def test_a_time_limit_does_no_harm(self):
        result = heddle("run", *SAXPY, "--device", "opencl:0", environment={"HEDDLE_TIMEOUT_MS": "60000"})
        self.assertEqual(result.returncode, 0, result.stderr)

    def assert_unavailable(self, environment, *parts):
        devices, reasons = listed(environment)
        self.assertNotIn("opencl:0", devices)
        self.assertIn("cpu:0", devices)  # the others do not mind
        for part in parts:
            self.assertIn(part, reasons["opencl"])
        self.assertIn(parts[-1], heddle("devices", environment=environment).stdout)
        refused = heddle("run", *SAXPY, "--device", "opencl:0", environment=environment)
        self.assertEqual(refused.returncode, 3, refused.stderr)
        self.assertIn("error:", refused.stderr)

    def library(self, text):
        (self.folder / "driver.c").write_text(text)
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-o", self.folder / "libOpenCL.so.1",
                        self.folder / "driver.c"], check=True)
        return {"LD_LIBRARY_PATH": str(self.folder)}

    def test_the_variant_is_chosen_by_the_device(self):
        """A driver that only describes its device; a package that suits no device says what this one takes."""
        package = self.folder / "saxpy.heddle"
        self.assertEqual(heddle("compile", SAXPY[0], "--targets", "ptx:sm_70", "-o", package).returncode, 0)
        for platform, capability, taken in (("NVIDIA CUDA", (9, 0), "opencl:nv|portable"),
                                            ("NVIDIA CUDA", (7, 0), "opencl:nv|portable"),
                                            ("NVIDIA CUDA", (6, 1), "opencl:portable"),
                                            ("Another driver", (9, 0), "opencl:portable")):
            with self.subTest(platform=platform, capability=capability):
                environment = self.library(description_of(platform, capability))
                result = heddle("run", package, *SAXPY[1:], "--device", "opencl:0", environment=environment)
                self.assertNotEqual(result.returncode, 0)
                self.assertIn(f"the device takes {taken}; the package holds ptx:sm_70", result.stderr)

    def test_a_corrupt_library_is_a_reason(self):
        (self.folder / "libOpenCL.so.1").write_text("This is no library.\n" * 10)
        self.assert_unavailable({"LD_LIBRARY_PATH": str(self.folder)}, "libOpenCL.so.1", "ELF")

    def test_a_library_without_functions_is_a_reason(self):
        self.assert_unavailable(self.library("int nothing;\n"), "libOpenCL.so.1 has no function clGetPlatformIDs",
                                "OpenCL 2.0 is needed")

    def test_a_failing_library_is_a_reason(self):
        names = (SOURCE / "src" / "backends" / "opencl" / "api.cpp").read_text().split('get("')[1:]
        text = "int clGetPlatformIDs(unsigned n, void** p, unsigned* count) { return -6; }\n"
        for name in (part.split('"')[0] for part in names):
            if name != "clGetPlatformIDs":
                text += f"int {name}(void) {{ __builtin_trap(); }}\n"
        self.assert_unavailable(self.library(text), "clGetPlatformIDs: CL_OUT_OF_HOST_MEMORY (-6)")

    def test_a_missing_driver_is_a_reason(self):
        (self.folder / "broken.icd").write_text(str(self.folder / "nothing.so") + "\n")
        self.assert_unavailable({"OCL_ICD_VENDORS": str(self.folder)}, "no OpenCL platform is installed")


if __name__ == "__main__":
    found, missing = listed()
    if "opencl:0" not in found:
        print("SKIP: no OpenCL device:", missing.get("opencl", "the backend is disabled"))
        sys.exit(77)
    program = unittest.main(exit=False, verbosity=2)
    sys.exit(0 if program.result.wasSuccessful() else 1)
