"""Elastic transformers that translate: our sandwich steps and PyTorch's in turn, what a mixture costs, and beam search with
keys and values kept beside the twin that keeps nothing.

    cargo build --release -p switchyard-benches --bin steps
    python3 benches/peers/compare_translation.py [--rounds 5] [--ours PATH] [--only "translation small"]
    cargo build --release -p switchyard-benches --bin steps --features cuda
    python3 benches/peers/compare_translation.py --device cuda

Every round runs each side once, one after the other, so that a busy moment hits all; a ratio is taken within a round, and
the middle one of all rounds is given with the smallest and the largest. Both sides have the same number of threads. With
two, our steps run in two forms: products split over the threads, as the lab trains, and the largest network beside the
others. PyTorch's Adam is its fused form.

On an accelerator a third size is HAT's space unreduced, and the table ends with the memory that each side's process holds
there. A step ends when nothing is under way on the device any more. PyTorch has no `wgpu`: beside it is the processor's
time.
"""

import argparse
import os
import shutil
import subprocess
import sys

from compare import HERE, WORK, Side

SHARINGS = ["shared", "layer-wise", "neuron-wise"]


def times(side, name, count):
    """The shortest time of a step within this round, in milliseconds."""
    WORK[name] = (count, 1)
    side.best.pop(name, None)
    side.run(name)
    return side.best[name] * 1e3


def middle(numbers):
    ordered = sorted(numbers)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def spread(numbers):
    return f"{middle(numbers):.2f} ({min(numbers):.2f} to {max(numbers):.2f})"


def row(name, threads, ours, theirs, what):
    ratios = [a / b for a, b in zip(ours, theirs)]
    print(f"| {name} | {threads} | {middle(ours):.1f} | {middle(theirs):.1f} | {what} | {spread(ratios)} |", flush=True)


def held(side):
    """The memory of an accelerator that a process holds, in MiB."""
    if not shutil.which("nvidia-smi"):
        return "unknown"
    query = ["nvidia-smi", "--query-compute-apps=pid,used_memory", "--format=csv,noheader,nounits"]
    rows = [line.split(", ") for line in subprocess.run(query, capture_output=True, text=True).stdout.splitlines()]
    return next((memory for pid, memory in rows if int(pid) == side.process.pid), "unknown")


def steps(names, rounds, threads, sizes, ours, theirs):
    for size in sizes:
        works = [f"translation {size} {sharing}" for sharing in SHARINGS] + [f"translation {size} shared dropout"]
        works = [work for work in works if work.startswith(names)]
        forms = [""] if threads == 1 else ["", " side-by-side"]
        found = {}
        for _ in range(rounds):
            for work in works:
                count = {"small": 3, "large": 1, "hat": 3}[size]
                for form in forms:
                    found.setdefault(("ours", work, form), []).append(times(ours, work + form, count))
                found.setdefault(("torch", work), []).append(times(theirs, work, count))
        for work in works:
            for form in forms:
                row(work + form, threads, found["ours", work, form], found["torch", work], "ours / PyTorch")
        plain = f"translation {size} shared"
        for sharing in SHARINGS[1:]:
            work = f"translation {size} {sharing}"
            if work in works and plain in works:
                row(work, threads, found["ours", work, ""], found["ours", plain, ""], "over plain sharing")


def beams(names, rounds, ours):
    for size in ("small", "large"):
        for sentences in (1, 8):
            work = f"translation {size} beam {sentences}"
            if not work.startswith(names):
                continue
            kept, naive = [], []
            for _ in range(rounds):
                kept.append(times(ours, f"{work} kept", 2))
                naive.append(times(ours, f"{work} naive", 1))
            row(work, 1, naive, kept, "nothing kept over kept")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ours", default=os.path.join(HERE, "..", "..", "target", "release", "steps"))
    parser.add_argument("--only", default="translation")
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--device", default="flex", choices=["flex", "cuda", "wgpu"])
    options = parser.parse_args()
    if not (options.only.startswith("translation") or "translation".startswith(options.only)):
        return
    print("| what | threads | ms | the other, ms | ratio | middle of the rounds |")
    print("|---|---:|---:|---:|---|---:|", flush=True)
    is_processor, peers = options.device == "flex", "cuda" if options.device == "cuda" else "cpu"
    sizes = ["small", "large"] if is_processor else ["small", "large", "hat"]
    for threads in options.threads if is_processor else [1]:
        count = str(threads)
        ours = Side("ours", [options.ours, count, options.device], {"RAYON_NUM_THREADS": count})
        peer = [sys.executable, os.path.join(HERE, "torch_steps.py"), count, "fused", peers]
        theirs = Side("torch", peer, {"OMP_NUM_THREADS": count, "MKL_NUM_THREADS": count})
        steps(options.only, options.rounds, threads, sizes, ours, theirs)
        if not is_processor:
            print(f"# MiB held on the device: ours {held(ours)}, PyTorch's {held(theirs)}")
        elif threads == 1:
            beams(options.only, options.rounds, ours)


if __name__ == "__main__":
    main()
