#!/usr/bin/env python3
"""The memory of a launch does not depend on its grid: the peak of the process for one block, a million and 2^31 - 1."""

import os
import subprocess
import sys
import tempfile
import time

HEDDLE = os.environ.get("HEDDLE") or sys.exit("HEDDLE must name the command")
GREATEST = 2**31 - 1
MAY_GROW_KIB = 8 * 1024  # a word of 16 bytes a block would be 16 MiB for a million, a bit a block 256 MiB for 2^31 - 1
WATCHED_S = 4.0          # how long a launch is watched that takes longer; blocks run in order, none is set up ahead
KERNELS = r"""
__global__ void empty(int* out) {}
__global__ void early(int* out, unsigned n) { if (blockIdx.x >= n) return; atomicAdd(out, 1); }
__global__ void meets(int* out) {
    __shared__ int there[64];
    there[threadIdx.x] = threadIdx.x;
    __syncthreads();
    if (there[threadIdx.x ^ 1] < 0) *out = 1;
}
"""
LAUNCHES = {  # kernel: threads a block, its other arguments
    "empty": (64, []),
    "early": (64, ["--arg", "1000"]),
    "meets": (64, []),
}


def peak_kib(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0  # it has just ended


def measure(package, device, kernel, blocks):
    """The peak of a process that launches so many blocks, in KiB, and whether the launch came to its end."""
    threads, arguments = LAUNCHES[kernel]
    command = [HEDDLE, "run", package, "--kernel", kernel, "--grid", str(blocks), "--block", str(threads),
               "--device", device, "--arg", "zeros:i32:1", *arguments]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        peak, end = 0, time.monotonic() + WATCHED_S
        while True:
            # WNOWAIT keeps the ended process, and so its id, until wait4() below.
            if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                break
            peak = max(peak, peak_kib(process))
            if blocks == GREATEST and time.monotonic() > end:
                process.kill()
                break
            time.sleep(0.01)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        ended = process.returncode == 0
        if not ended and process.returncode != -9:
            output.seek(0)
            sys.exit(f"{' '.join(command)}\n{output.read().decode(errors='replace')}")
        # What the kernel keeps of an ended process starts at this script's own size, from before the exec; a growth
        # that matters lies above it.
        return max(peak, usage.ru_maxrss), ended


def main():
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        source, package = os.path.join(folder, "kernels.cu"), os.path.join(folder, "kernels.heddle")
        with open(source, "w", encoding="ascii") as file:
            file.write(KERNELS)
        # A package: otherwise the compiler's memory, and not the launch's, would be what is seen.
        subprocess.run([HEDDLE, "compile", source, "-o", package], check=True, stdout=subprocess.DEVNULL)
        for device in ("cpu:0", "scalar:0"):
            for kernel in LAUNCHES:
                one, _ = measure(package, device, kernel, 1)
                for blocks in (1_000_000, GREATEST):
                    peak, ended = measure(package, device, kernel, blocks)
                    verdict = "" if peak <= one + MAY_GROW_KIB else "  TOO MUCH"
                    failed = failed or bool(verdict)
                    print(f"{device} {kernel}: {one} KiB for one block, {peak} KiB for {blocks}"
                          f"{'' if ended else f', stopped after {WATCHED_S} s'}{verdict}")
    if failed:
        sys.exit("FAILED: the memory of a launch grows with its grid")


main()
