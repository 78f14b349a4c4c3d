"""Runs our steps and PyTorch's in turn on this machine and prints the table of benches/README.md.

    cargo build --release -p switchyard-benches --bin steps
    python3 benches/peers/compare.py [--rounds 20] [--ours PATH] [--only encoder]

Every round does a few steps of each side one after the other, so that a busy moment hits both. The number reported is
the shortest step. PyTorch runs with one and with two threads and two forms of Adam, and does experts in two ways; the
best of them counts.
"""

import argparse
import os
import subprocess
import sys

# How often a piece of work is done in a round, and how many steps it is.
WORK = {
    "mos-digits shared": (2, 100),
    "mos-digits layer-wise": (2, 100),
    "mos-digits neuron-wise": (2, 100),
    "encoder shared": (4, 1),
    "encoder layer-wise": (4, 1),
    "encoder neuron-wise": (4, 1),
    "mixture 4": (4, 1),
    "mixture 64": (4, 1),
}
# PyTorch's ways of doing a piece of work that it can do in several; the fastest counts.
WAYS = {"mixture": (" dense", " gathered")}
HERE = os.path.dirname(os.path.abspath(__file__))


class Side:
    """A process that does named work on request."""

    def __init__(self, label, command, environment=None):
        self.label = label
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        self.best, self.way, self.loss = {}, {}, {}

    def run(self, name, way=""):
        count, steps = WORK[name]
        self.process.stdin.write(f"{name}{way}\t{count}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if len(answer) != 2:
            sys.exit(f"{self.label} stopped at `{name}`")
        time = float(answer[0]) / steps
        if time < self.best.get(name, float("inf")):
            self.best[name], self.way[name] = time, way
        self.loss[name] = float(answer[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--ours", default=os.path.join(HERE, "..", "..", "target", "release", "steps"))
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    torch = [sys.executable, os.path.join(HERE, "torch_steps.py")]
    ours = [
        Side("ours, 1 thread", [options.ours, "1"], {"RAYON_NUM_THREADS": "1"}),
        Side("ours, 2 threads", [options.ours, "2"], {"RAYON_NUM_THREADS": "2"}),
    ]
    theirs = [
        Side(f"torch, {threads} thread{'s' * (threads > 1)}, {form}", torch + [str(threads), form])
        for threads in (1, 2)
        for form in ("foreach", "fused")
    ]
    names = [name for name in WORK if name.startswith(options.only)]
    print("| step | ours, ms | threads | PyTorch, ms | its best form | ours / PyTorch |")
    print("|---|---:|---:|---:|---|---:|", flush=True)
    for name in names:
        ways = WAYS.get(name.split()[0], ("",))
        for _ in range(options.rounds):
            for way in ways:
                # As many turns for us as for each way of theirs.
                for side in ours:
                    side.run(name)
                for side in theirs:
                    side.run(name, way)
        our = min(ours, key=lambda side: side.best[name])
        their = min(theirs, key=lambda side: side.best[name])
        a, b = our.best[name] * 1e3, their.best[name] * 1e3
        threads = our.label.split()[1]
        print(f"| {name} | {a:.3f} | {threads} | {b:.3f} | {their.label[7:]}{their.way[name]} | {a / b:.2f} |", flush=True)
    for side in ours + theirs:
        times = ", ".join(f"{name} {side.best[name] * 1e3:.3f} (loss {side.loss[name]:.3f})" for name in names)
        print(f"# {side.label}: {times}")


if __name__ == "__main__":
    main()
