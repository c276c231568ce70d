#!/usr/bin/env python3
"""Writes the package fuzzer's seeds into tests/fuzz/corpus/package_fuzzer (or the folder given): packages and manifests
after docs/design/package.md, made without Heddle's own writer."""

import hashlib
import io
import json
import pathlib
import sys
import zipfile


def packed(name, data):
    return {"file": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def manifest(files, kernels=1, symbols=2):
    parameters = [
        {"name": "n", "kind": "scalar", "type": "i32", "bytes": 4, "offset": 0, "access": "none"},
        {"name": "x", "kind": "pointer", "type": "f32", "bytes": 8, "offset": 8, "access": "read"},
        {"name": "p", "kind": "structure", "type": None, "bytes": 12, "offset": 16, "access": "none"},
    ]
    return {
        "format": "heddle-package/1",
        "compiler": "seed",
        "source": "seed.cu",
        "kernels": [
            {
                "name": f"k{i}<float>",
                "symbol": f"_Z2k{i}",
                "parameters": parameters,
                "parameter_bytes": 28,
                "static_shared_bytes": 64,
                "uses_dynamic_shared": False,
                "uses_barriers": True,
                "max_threads": 256,
                "features": ["fp64"],
            }
            for i in range(kernels)
        ],
        "globals": {
            "bytes": 32,
            "alignment": 16,
            "initial": packed("globals.bin", files["globals.bin"]) if "globals.bin" in files else None,
            "symbols": [
                {"name": f"g{i}", "offset": 8 * i, "bytes": 8, "constant": i % 2 == 0} for i in range(symbols)
            ],
            "relocations": [[8, 0]],
        },
        "payloads": [
            {"target": "simd", "variant": name} | packed(name, data)
            for name, data in files.items()
            if name != "globals.bin"
        ],
        "diagnostics": [{"target": "wgsl", "kernel": "k0<float>", "message": "seed.cu:1: no"}],
    }


def archive(files, compression):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as zipped:
        for name, data in {"manifest.json": json.dumps(manifest(files)).encode(), **files}.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = compression
            zipped.writestr(info, data)
    return out.getvalue()


def main():
    default = pathlib.Path(__file__).parent / "corpus" / "package_fuzzer"
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    folder.mkdir(parents=True, exist_ok=True)
    full = {"globals.bin": bytes(range(32)), "v3": b"code" * 40, "v2": b""}
    seeds = {
        "stored.heddle": archive(full, zipfile.ZIP_STORED),
        "deflated.heddle": archive(full, zipfile.ZIP_DEFLATED),
        "no-files.heddle": archive({}, zipfile.ZIP_STORED),
        "manifest.json": json.dumps(manifest(full)).encode(),
        "empty.json": json.dumps(manifest({}, kernels=0, symbols=0)).encode(),
        "several.json": json.dumps(manifest(full, kernels=3, symbols=4), indent=1).encode(),
    }
    for name, data in seeds.items():
        (folder / name).write_bytes(data)
    print(f"{len(seeds)} seeds in {folder}")


if __name__ == "__main__":
    main()
