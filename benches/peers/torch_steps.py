"""PyTorch's side of the comparison: the same steps, written the way PyTorch is fast on a CPU.

Reads the name of a piece of work and a count per line, does it that often, and answers with the shortest time of one
in seconds and the last loss. The first argument is the number of threads, the second the optimiser's form
(`plain`, `foreach` or `fused`), the third the device (`cpu` or `cuda`). `compare.py` drives it.
"""

import random
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

from torch_mixture import mixture_step
from torch_translation import translation_step

VOCABULARY, BATCH, LENGTH, WIDTH, HEAD, INNER, DEPTH, EXPERTS = 1000, 32, 32, 128, 32, 256, 3, 2
BETWEEN = [(96, [192, 256]), (128, [128, 192, 256]), (64, [256, 128]), (96, [192, 192, 128])]


class Elastic(nn.Linear):
    """A linear layer of which the leading inputs and outputs are used."""

    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs)
        nn.init.xavier_uniform_(self.weight)
        nn.init.zeros_(self.bias)

    def forward(self, x, outputs):
        weight, bias = self.weight, self.bias
        if x.shape[-1] != weight.shape[1] or outputs != weight.shape[0]:
            weight, bias = weight[:outputs, : x.shape[-1]], bias[:outputs]
        return F.linear(x, weight, bias)


class Norm(nn.LayerNorm):
    def forward(self, x):
        width = x.shape[-1]
        return F.layer_norm(x, (width,), self.weight[:width], self.bias[:width], 1e-5)


class Router(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.hidden, self.out = Elastic(1 + DEPTH, 128), Elastic(128, outputs)

    def forward(self, code, rows):
        logits = self.out(F.relu(self.hidden(code, 128)), rows * EXPERTS)
        return logits.view(rows, EXPERTS).softmax(-1)


class Experts(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(EXPERTS, outputs, inputs))
        self.bias = nn.Parameter(torch.zeros(EXPERTS, outputs))
        for expert in self.weight:
            nn.init.xavier_uniform_(expert.data)

    def forward(self, x, alpha, outputs):
        weight, bias = self.weight[:, :outputs, : x.shape[-1]], self.bias[:, :outputs]
        if alpha.dim() == 1:
            a, b = alpha.unbind()
            return F.linear(x, a * weight[0] + b * weight[1], a * bias[0] + b * bias[1])
        a, b = alpha.unbind(1)
        mixed = a[:, None] * weight[0] + b[:, None] * weight[1]
        return F.linear(x, mixed, a * bias[0] + b * bias[1])


class Block(nn.Module):
    def __init__(self, sharing):
        super().__init__()
        self.norm1, self.norm2 = Norm(WIDTH), Norm(WIDTH)
        self.qkv, self.out = Elastic(WIDTH, 3 * WIDTH), Elastic(WIDTH, WIDTH)
        self.sharing = sharing
        if sharing == "shared":
            self.up, self.down = Elastic(WIDTH, INNER), Elastic(INNER, WIDTH)
        else:
            self.up, self.down = Experts(WIDTH, INNER), Experts(INNER, WIDTH)
        if sharing == "layer-wise":
            self.router = Router(EXPERTS)
        if sharing == "neuron-wise":
            self.router, self.router2 = Router(INNER * EXPERTS), Router(WIDTH * EXPERTS)

    def feed_forward(self, x, inner, code):
        width = x.shape[-1]
        if self.sharing == "shared":
            return self.down(F.relu(self.up(x, inner)), width)
        if self.sharing == "layer-wise":
            alpha = beta = self.router(code, 1)[0]
        else:
            alpha, beta = self.router(code, inner), self.router2(code, width)
        return self.down(F.relu(self.up(x, alpha, inner)), beta, width)

    def forward(self, x, inner, code):
        tokens, width = x.shape
        heads = width // HEAD
        qkv = self.qkv(self.norm1(x), 3 * width).view(BATCH, LENGTH, heads, 3, HEAD)
        q, k, v = qkv.permute(3, 0, 2, 1, 4).unbind(0)
        attended = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(tokens, width)
        x = x + self.out(attended, width)
        return x + self.feed_forward(self.norm2(x), inner, code)


class Encoder(nn.Module):
    def __init__(self, sharing):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(LENGTH, WIDTH)
        nn.init.xavier_uniform_(self.tokens.weight)
        nn.init.xavier_uniform_(self.positions.weight)
        self.blocks = nn.ModuleList(Block(sharing) for _ in range(DEPTH))
        self.norm, self.head = Norm(WIDTH), Elastic(WIDTH, VOCABULARY)

    def forward(self, tokens, width, inners):
        code = torch.zeros(1, 1 + DEPTH)
        code[0, 0] = width / WIDTH
        code[0, 1 : 1 + len(inners)] = torch.tensor(inners) / INNER
        x = F.embedding(tokens, self.tokens.weight)[..., :width] + self.positions.weight[:, :width]
        x = x.reshape(BATCH * LENGTH, width)
        for block, inner in zip(self.blocks, inners):
            x = block(x, inner, code)
        return self.head(self.norm(x), VOCABULARY)


def adam(model, form):
    options = {"plain": {}, "foreach": {"foreach": True}, "fused": {"fused": True}}[form]
    return torch.optim.Adam(model.parameters(), 1e-3, betas=(0.9, 0.98), eps=1e-8, **options)


def encoder_step(sharing, form):
    torch.manual_seed(1)
    model = Encoder(sharing)
    optimiser = adam(model, form)
    numbers = (torch.arange(BATCH * LENGTH + 1) * 7919 + 13) % VOCABULARY
    tokens, targets = numbers[:-1].view(BATCH, LENGTH), numbers[1:]
    count = 0

    def step():
        nonlocal count
        optimiser.zero_grad(set_to_none=True)
        total = 0.0
        for width, inners in [(WIDTH, [INNER] * DEPTH), (64, [128]), BETWEEN[count % 4]]:
            loss = F.cross_entropy(model(tokens, width, inners), targets)
            loss.backward()
            total += loss.item()
        optimiser.step()
        count += 1
        return total

    return step


SPACE_WIDTHS, SPACE_DEPTHS, SPACE_INNERS, ROWS, ROUTER = [12, 24, 48], [1, 2, 3], [8, 24, 64], 719, 32


class Digits(nn.Module):
    """The elastic residual perceptron of `mos-digits`; all routers of a mixture are one batched network."""

    def __init__(self, sharing):
        super().__init__()
        self.sharing, width, inner, depth = sharing, SPACE_WIDTHS[-1], SPACE_INNERS[-1], SPACE_DEPTHS[-1]
        self.input, self.head = Elastic(64, width), Elastic(width, 10)
        layer = Elastic if sharing == "shared" else Experts
        self.up = nn.ModuleList(layer(width, inner) for _ in range(depth))
        self.down = nn.ModuleList(layer(inner, width) for _ in range(depth))
        if sharing != "shared":
            count, rows = (depth, 1) if sharing == "layer-wise" else (2 * depth, inner)
            code = 2 + depth
            self.hidden = nn.Parameter(torch.randn(count, code, ROUTER) * code**-0.5)
            self.hidden_bias = nn.Parameter(torch.zeros(count, 1, ROUTER))
            self.out = nn.Parameter(torch.randn(count, ROUTER, rows * EXPERTS) * ROUTER**-0.5)
            self.out_bias = nn.Parameter(torch.zeros(count, 1, rows * EXPERTS))

    def router_parameters(self):
        return [] if self.sharing == "shared" else [self.hidden, self.hidden_bias, self.out, self.out_bias]

    def alphas(self, shapes):
        codes = torch.tensor(
            [
                [w / SPACE_WIDTHS[-1], len(f) / SPACE_DEPTHS[-1]]
                + [x / SPACE_INNERS[-1] for x in f]
                + [0.0] * (SPACE_DEPTHS[-1] - len(f))
                for w, f in shapes
            ]
        )
        hidden = F.relu(torch.baddbmm(self.hidden_bias, codes.expand(len(self.hidden), -1, -1), self.hidden))
        logits = torch.baddbmm(self.out_bias, hidden, self.out)
        return logits.unflatten(-1, (-1, EXPERTS)).softmax(-1)

    def forward(self, x, shapes):
        alpha = None if self.sharing == "shared" else self.alphas(shapes)
        answers = []
        for index, (width, inners) in enumerate(shapes):
            h = self.input(x, width)
            for block, inner in enumerate(inners):
                up, down = self.up[block], self.down[block]
                if self.sharing == "shared":
                    h = h + down(F.relu(up(h, inner)), width)
                elif self.sharing == "layer-wise":
                    a = alpha[block, index, 0]
                    h = h + down(F.relu(up(h, a, inner)), a, width)
                else:
                    a, b = alpha[2 * block, index, :inner], alpha[2 * block + 1, index, :width]
                    h = h + down(F.relu(up(h, a, inner)), b, width)
            answers.append(self.head(h, 10))
        return answers


def digits_step(sharing, form):
    torch.manual_seed(1)
    random.seed(1)
    model = Digits(sharing)
    router = model.router_parameters()
    rest = [p for p in model.parameters() if all(p is not q for q in router)]
    groups = [{"params": rest}] + ([{"params": router, "lr": 3e-4}] if router else [])
    options = {"plain": {}, "foreach": {"foreach": True}, "fused": {"fused": True}}[form]
    optimiser = torch.optim.Adam(groups, 3e-3, betas=(0.9, 0.98), eps=1e-8, **options)
    rows, labels = torch.randn(ROWS, 64), F.one_hot(torch.arange(ROWS) * 7 % 10, 10).float()
    largest, smallest = (48, [64, 64, 64]), (12, [8])
    order, place = torch.randperm(ROWS), 0

    def steps():
        nonlocal order, place
        for _ in range(100):
            if place + 64 > ROWS:
                order, place = torch.randperm(ROWS), 0
            batch = order[place : place + 64]
            place += 64
            x, target = rows[batch], labels[batch]
            depth = random.choice(SPACE_DEPTHS)
            between = (random.choice(SPACE_WIDTHS), [random.choice(SPACE_INNERS) for _ in range(depth)])
            optimiser.zero_grad(set_to_none=True)
            losses = [F.cross_entropy(y, target) for y in model(x, [largest, between, smallest])]
            loss = sum(losses) / 3
            loss.backward()
            optimiser.step()
            last = loss.item()
        return last

    return steps


def work(name, form):
    kind, sharing = name.split(" ", 1)
    if kind == "translation":
        size, sharing, *options = sharing.split(" ")
        return translation_step(size, sharing, options, lambda model: adam(model, form))
    if kind == "mixture":
        experts, way = sharing.split(" ")
        return mixture_step(int(experts), way, lambda model: adam(model, form))
    return {"encoder": encoder_step, "mos-digits": digits_step}[kind](sharing, form)


def main():
    torch.set_num_threads(int(sys.argv[1]))
    torch.set_default_device(sys.argv[3] if len(sys.argv) > 3 else "cpu")
    form, steps = sys.argv[2], {}
    for line in sys.stdin:
        name, count = line.rstrip("\n").split("\t")
        if name not in steps:
            steps[name] = work(name, form)
        best, loss = float("inf"), float("nan")
        for _ in range(int(count)):
            start = time.perf_counter()
            loss = steps[name]()
            if torch.get_default_device().type == "cuda":
                torch.cuda.synchronize()
            best = min(best, time.perf_counter() - start)
        print(best, loss, flush=True)


if __name__ == "__main__":
    main()
