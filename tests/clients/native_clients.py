# SPDX-License-Identifier: Apache-2.0
"""The Rust binding tflitec, and C programs that call as GStreamer's tfliteinference does."""
import shutil

from comparison import C_HEADERS, HERE, INCLUDE, ROOT, compare, last_line, record, run

SHARED = ROOT.parent / "shared"


def rust_rows(build, folder, original, model):
    home = folder / "rust"
    if shutil.which("cargo") is None:
        record("tflitec", "skipped", "no cargo here")
        record("bindgen, every header", "skipped", "no cargo here")
        return
    bindgen_row(build, folder)
    (home / "src").mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "client.rs", home / "src/main.rs")
    (home / "Cargo.toml").write_text('[package]\nname = "client"\nversion = "0.1.0"\n'
                                     'edition = "2021"\n[dependencies]\ntflitec = "0.7"\n')
    made = run(["cargo", "build", "-q"], home, TFLITEC_HEADER_DIR=INCLUDE,
               TFLITEC_PREBUILT_PATH=build / "libtensorflowlite_c.so")
    if made.returncode != 0:
        error = [line for line in made.stderr.splitlines() if "error" in line] or ["?"]
        had = (home / "Cargo.lock").exists()
        record("tflitec", "FAILED" if had else "skipped", error[0][:80])
        return
    compare("tflitec", lambda where: run([home / "target/debug/client", model], home,
                                         LD_LIBRARY_PATH=where), build, original, 1e-6)


def bindgen_row(build, folder):
    """Every C header through bindgen, whose tests of layout run."""
    home = folder / "bindgen"
    (home / "src").mkdir(parents=True, exist_ok=True)
    (home / "Cargo.toml").write_text(
        '[package]\nname = "parsed"\nversion = "0.1.0"\nedition = "2021"\n'
        '[build-dependencies]\nbindgen = "0.65"\n')
    (home / "headers.h").write_text("".join(f'#include "{name}"\n' for name in C_HEADERS))
    (home / "build.rs").write_text(
        'fn main() {\n    let made = bindgen::Builder::default().header("headers.h")\n'
        f'        .clang_arg("-I{INCLUDE}").generate().expect("parses");\n'
        '    let to = std::path::PathBuf::from(std::env::var("OUT_DIR").unwrap());\n'
        '    made.write_to_file(to.join("made.rs")).unwrap();\n}\n')
    (home / "src/lib.rs").write_text('#![allow(warnings)]\n'
                                     'include!(concat!(env!("OUT_DIR"), "/made.rs"));\n')
    made = run(["cargo", "test", "-q"], home, RUSTFLAGS=f"-L{build} -ltensorflowlite_c",
               LD_LIBRARY_PATH=build)
    if made.returncode != 0 and not (home / "Cargo.lock").exists():
        record("bindgen, every header", "skipped", "cannot be had")
        return
    result = [line for line in made.stdout.splitlines() if line.startswith("test result")] or ["?"]
    record("bindgen, every header", "ran" if made.returncode == 0 else "FAILED",
           result[0] if made.returncode == 0 else last_line(made.stderr))


def c_rows(build, folder, original, model):
    """Networks for pictures, fed with frames."""
    program = folder / "frames"
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        record("GStreamer's calls", "skipped", "no C compiler here")
        return
    made = run([compiler, "-std=c11", "-Wall", "-Werror", f"-I{INCLUDE}", HERE / "frames.c", "-o",
                program, f"-L{build}", "-ltensorflowlite_c", "-lm"], folder)
    if made.returncode != 0:
        record("GStreamer's calls", "FAILED", last_line(made.stderr))
        return
    # Google's default kernels round 8-bit results in their own way, by single steps.
    networks = {ROOT / "models/fashion_mnist_int8.tflite": 1,
                SHARED / "models/coral/mobilenet_v1_0.25_128_quant.tflite": 1}
    for network, bound in networks.items():
        name = f"GStreamer's calls, {network.stem[:14]}"
        if not network.exists():
            record(name, "skipped", "there is no such model")
            continue
        compare(name, lambda where, network=network: run([program, network], folder,
                                                         LD_LIBRARY_PATH=where),
                build, original, bound)
