"""The tiny transformer with experts in PyTorch: the network of benches/src/mixture.rs, written the way PyTorch is fast.

Experts are computed in two ways: `dense`, all of them in one matrix product with a gate on what each contributes, and
`gathered`, each one's tokens on their own. `compare.py` takes the faster one.
"""

import torch
import torch.nn.functional as F
from torch import nn

VOCABULARY, BATCH, LENGTH, WIDTH, HIDDEN, HEADS, DEPTH, CHOSEN = 64, 32, 64, 64, 128, 4, 2, 2


def linear(inputs, outputs):
    layer = nn.Linear(inputs, outputs)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


class Experts(nn.Module):
    """Experts of one hidden layer behind a softmax top-2 router, and the load-balance loss of the last batch."""

    def __init__(self, count, way):
        super().__init__()
        self.count, self.way = count, way
        self.router = nn.Linear(WIDTH, count, bias=False)
        nn.init.xavier_uniform_(self.router.weight)
        bound = (6 / (WIDTH + HIDDEN)) ** 0.5
        if way == "dense":
            up, down = (WIDTH, count * HIDDEN), (count * HIDDEN, WIDTH)
        else:
            up, down = (count, WIDTH, HIDDEN), (count, HIDDEN, WIDTH)
        self.up = nn.Parameter(torch.empty(up).uniform_(-bound, bound))
        self.down = nn.Parameter(torch.empty(down).uniform_(-bound, bound))
        self.up_bias = nn.Parameter(torch.zeros(count, HIDDEN))
        self.down_bias = nn.Parameter(torch.zeros(count, WIDTH))

    def forward(self, x):
        p = self.router(x).softmax(-1)
        weights, chosen = p.topk(CHOSEN, dim=-1)
        weights = weights / weights.sum(-1, keepdim=True)
        counts = torch.bincount(chosen.flatten(), minlength=self.count)
        loss = self.count * (counts / chosen.numel() * p.mean(0)).sum()
        answer = self.dense if self.way == "dense" else self.gathered
        return answer(x, weights, chosen, counts), loss

    def dense(self, x, weights, chosen, counts):
        gates = torch.zeros(len(x), self.count).scatter(1, chosen, weights)
        hidden = F.relu(torch.addmm(self.up_bias.flatten(), x, self.up))
        hidden = (hidden.view(-1, self.count, HIDDEN) * gates[:, :, None]).flatten(1)
        return torch.addmm(gates @ self.down_bias, hidden, self.down)

    def gathered(self, x, weights, chosen, counts):
        order = chosen.flatten().argsort(stable=True)
        tokens = order // CHOSEN
        parts, weights = x[tokens].split(counts.tolist()), weights.flatten()[order, None]
        up, up_bias = self.up.unbind(), self.up_bias.unbind()
        down, down_bias = self.down.unbind(), self.down_bias.unbind()
        answers = [
            torch.addmm(down_bias[e], F.relu(torch.addmm(up_bias[e], part, up[e])), down[e])
            for e, part in enumerate(parts)
        ]
        return torch.zeros_like(x).index_add(0, tokens, torch.cat(answers) * weights)


class Block(nn.Module):
    def __init__(self, experts, way):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = linear(WIDTH, 3 * WIDTH), linear(WIDTH, WIDTH)
        with torch.no_grad():
            self.out.weight *= (2 * DEPTH) ** -0.5
        self.experts = Experts(experts, way)

    def forward(self, x):
        qkv = self.qkv(self.norm1(x)).view(BATCH, LENGTH, 3, HEADS, WIDTH // HEADS)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(attended.transpose(1, 2).reshape(BATCH * LENGTH, WIDTH))
        answer, loss = self.experts(self.norm2(x))
        return x + answer, loss


class Mixture(nn.Module):
    def __init__(self, experts, way):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(LENGTH, WIDTH)
        nn.init.normal_(self.tokens.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)
        self.blocks = nn.ModuleList(Block(experts, way) for _ in range(DEPTH))
        self.norm, self.head = nn.LayerNorm(WIDTH), linear(WIDTH, VOCABULARY)
        nn.init.normal_(self.head.weight, std=0.02)

    def forward(self, tokens):
        x = (self.tokens(tokens) + self.positions.weight).view(BATCH * LENGTH, WIDTH)
        balance = 0.0
        for block in self.blocks:
            x, loss = block(x)
            balance = balance + loss
        return self.head(self.norm(x)), balance


def mixture_step(experts, way, adam):
    """A function that does one step and returns the batch's cross entropy."""
    torch.manual_seed(1)
    model = Mixture(experts, way)
    optimiser = adam(model)
    index = torch.arange(BATCH * LENGTH + 1)
    numbers = (index * 7919 + index // 7 + 13) % VOCABULARY
    tokens, targets = numbers[:-1].view(BATCH, LENGTH), numbers[1:]

    def step():
        optimiser.zero_grad(set_to_none=True)
        logits, balance = model(tokens)
        task = F.cross_entropy(logits, targets)
        (task + 0.01 * balance).backward()
        optimiser.step()
        return task.item()

    return step
