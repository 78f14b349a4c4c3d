"""PyTorch's side of the comparison of elastic transformers that translate; `torch_steps.py` calls it.

The same networks as `switchyard::supernet::transformer`: pre-norm, fixed positions, one embedding for both languages and
the last layer, keys and values of the last encoder layers one behind the other, feed-forward weights shared or mixed by a
router that reads every layer's choices. Written the way PyTorch is fast on a CPU: fused attention, sliced weights without
copies, one batched router.
"""

import math
import os

import torch
import torch.nn.functional as F
from torch import nn

LENGTH, EXPERTS, HIDDEN = 32, 2, 128
PAD, BEGIN, END = 0, 1, 2
ATTEND = 3
# Layers a side, the largest width, feed-forward width, inner width and number of heads, vocabulary, pairs in a batch.
SIZES = {
    "small": (3, 128, 256, 128, 4, 1000, 32),
    "large": (6, 256, 1024, 256, 4, 4000, 32),
    "hat": (6, 640, 3072, 512, 8, 32000, 128),
}


def architectures(size):
    """Those of the file: encoder width and layers, decoder width and layers."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "architectures.txt")) as lines:
        texts = [line.split()[1] for line in lines if line.startswith(size + " ")]

    def side(width, layers):
        return int(width[1:]), [[int(number) for number in layer.split("x")] for layer in layers.split(".")]

    return [[side(*parts[:2]), side(*parts[2:])] for parts in (text.split("-") for text in texts)]


def sentence(side, index, vocabulary):
    words = 25 + (index * 5 + side * 3) % 7
    return [3 + (side * 31 + index * LENGTH + place) * 7919 % (vocabulary - 3) for place in range(words)]


class Batch:
    """Padded pairs: what each side reads, what hides padding in the source, which places count and what follows there."""

    def __init__(self, vocabulary, count):
        pairs = [[sentence(side, index, vocabulary) for side in (0, 1)] for index in range(count)]
        longest = [max(len(pair[side]) for pair in pairs) + 1 for side in (0, 1)]
        pad = lambda words, length: words + [PAD] * (length - len(words))
        self.source = torch.tensor([pad(a + [END], longest[0]) for a, _ in pairs])
        self.target = torch.tensor([pad([BEGIN] + b, longest[1]) for _, b in pairs])
        lengths = torch.tensor([len(a) + 1 for a, _ in pairs])
        hidden = torch.arange(longest[0])[None, :] >= lengths[:, None]
        self.padding = torch.zeros(hidden.shape).masked_fill(hidden, -1e9)[:, None, None, :]
        places = [row * longest[1] + place for row, (_, b) in enumerate(pairs) for place in range(len(b) + 1)]
        self.places = torch.tensor(places)
        self.expected = torch.tensor([word for _, b in pairs for word in b + [END]])


class Map(nn.Linear):
    """A linear map of which the leading inputs and outputs are used."""

    def __init__(self, inputs, outputs, parts=1):
        super().__init__(inputs, outputs)
        nn.init.uniform_(self.weight, -1, 1).data.mul_(math.sqrt(6 / (inputs + outputs / parts)))
        nn.init.zeros_(self.bias)

    def forward(self, x, outputs):
        weight, bias = self.weight, self.bias
        if x.shape[-1] != weight.shape[1] or outputs != weight.shape[0]:
            weight, bias = weight[:outputs, : x.shape[-1]], bias[:outputs]
        return F.linear(x, weight, bias)


class Norm(nn.LayerNorm):
    def forward(self, x):
        width = x.shape[-1]
        if width == self.weight.shape[0]:
            return F.layer_norm(x, (width,), self.weight, self.bias, 1e-5)
        return F.layer_norm(x, (width,), self.weight[:width], self.bias[:width], 1e-5)


class Experts(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(EXPERTS, outputs, inputs))
        self.bias = nn.Parameter(torch.zeros(EXPERTS, outputs))
        for expert in self.weight:
            nn.init.xavier_uniform_(expert.data)

    def forward(self, x, alpha, outputs):
        """`alpha` is `[1 or outputs, experts]`."""
        weight, bias = self.weight[:, :outputs, : x.shape[-1]], self.bias[:, :outputs]
        a, b = alpha.unbind(1)
        mixed = a[:, None] * weight[0] + b[:, None] * weight[1]
        return F.linear(x, mixed, a * bias[0] + b * bias[1])


class Attention(nn.Module):
    def __init__(self, width, memory, inner):
        super().__init__()
        self.inner, self.norm = inner, Norm(width)
        self.query, self.key_value, self.out = Map(width, inner), Map(memory, 2 * inner, 2), Map(inner, width)

    def forward(self, x, pairs, memory, heads, mask=None, causal=False):
        """`memory` is `[pairs, keys, width]`, or nothing for self-attention."""
        rows, width = x.shape
        normal = self.norm(x)
        if memory is None:
            memory = normal.view(pairs, -1, width)
        query = self.query(normal, self.inner).view(pairs, rows // pairs, heads, -1).transpose(1, 2)
        both = self.key_value(memory.reshape(-1, memory.shape[-1]), 2 * self.inner)
        both = both.view(pairs, memory.shape[1], 2, heads, -1)
        key, value = both[:, :, 0].transpose(1, 2), both[:, :, 1].transpose(1, 2)
        found = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, is_causal=causal)
        return self.out(found.transpose(1, 2).reshape(rows, self.inner), width)


class FeedForward(nn.Module):
    def __init__(self, width, inner, sharing):
        super().__init__()
        kind = Map if sharing == "shared" else Experts
        self.mixed, self.norm = sharing != "shared", Norm(width)
        self.up, self.down = kind(width, inner), kind(inner, width)

    def forward(self, x, inner, alphas):
        width = x.shape[1]
        if not self.mixed:
            return self.down(F.relu(self.up(self.norm(x), inner)), width)
        up, down = alphas
        return self.down(F.relu(self.up(self.norm(x), up[:inner], inner)), down[:width], width)


class Layer(nn.Module):
    def __init__(self, width, memory, inner, ffn, sharing):
        super().__init__()
        self.attention = Attention(width, width, inner)
        if memory:
            self.cross = Attention(width, memory, inner)
        self.feed_forward = FeedForward(width, ffn, sharing)


class Router(nn.Module):
    """All routers of a mixture as one batched network, from every layer's choices to mixing weights."""

    def __init__(self, layers, width, ffn, heads, sharing):
        super().__init__()
        self.layers, self.width, self.most = layers, width, [ffn, heads, heads, ATTEND]
        self.each = 2 if sharing == "neuron-wise" else 1
        count, rows = 2 * layers * self.each, max(width, ffn) if self.each == 2 else 1
        code = 4 + 2 * layers + 4 * layers
        self.hidden = nn.Parameter(torch.rand(count, code, HIDDEN) * 2 / code**0.5 - 1 / code**0.5)
        self.hidden_bias = nn.Parameter(torch.zeros(count, 1, HIDDEN))
        self.out = nn.Parameter((torch.rand(count, HIDDEN, rows * EXPERTS) * 2 - 1) * (6 / (HIDDEN + rows)) ** 0.5)
        self.out_bias = nn.Parameter(torch.zeros(count, 1, rows * EXPERTS))

    def code(self, architecture):
        (low, encoder), (high, decoder) = architecture
        code = [low / self.width, len(encoder) / self.layers, high / self.width, len(decoder) / self.layers]
        for layers, choices in ((encoder, 2), (decoder, 4)):
            for layer in layers + [[0] * choices] * (self.layers - len(layers)):
                code += [number / largest for number, largest in zip(layer, self.most)]
        return torch.tensor([code])

    def forward(self, architecture):
        """A pair of mixing weights for every layer: the encoder's, then the decoder's."""
        code = self.code(architecture).expand(len(self.hidden), -1, -1)
        hidden = F.relu(torch.baddbmm(self.hidden_bias, code, self.hidden))
        logits = torch.baddbmm(self.out_bias, hidden, self.out)
        alphas = logits.view(len(self.hidden), -1, EXPERTS).softmax(-1).unbind(0)
        if self.each == 1:
            return [(alpha, alpha) for alpha in alphas]
        return [(alphas[place], alphas[place + 1]) for place in range(0, len(alphas), 2)]


class Transformer(nn.Module):
    def __init__(self, size, sharing):
        super().__init__()
        layers, width, ffn, inner, heads, vocabulary, self.pairs = SIZES[size]
        self.embedding = nn.Parameter(torch.randn(vocabulary, width) * width**-0.5)
        self.encoder = nn.ModuleList(Layer(width, 0, inner, ffn, sharing) for _ in range(layers))
        self.decoder = nn.ModuleList(Layer(width, width, inner, ffn, sharing) for _ in range(layers))
        self.encoder_norm, self.decoder_norm = Norm(width), Norm(width)
        self.router = None if sharing == "shared" else Router(layers, width, ffn, heads, sharing)
        angles = torch.arange(LENGTH)[:, None] * torch.exp(-math.log(1e4) * torch.arange(0, width, 2) / width)
        self.positions = torch.stack((angles.sin(), angles.cos()), 2).view(LENGTH, width)

    def embed(self, words, width):
        # Cutting the table first leaves less to add up on the way back.
        x = F.embedding(words, self.embedding[:, :width]) * width**0.5
        return (x + self.positions[: words.shape[1], :width]).view(-1, width)

    def forward(self, batch, architecture, dropout):
        (low, encoder), (high, decoder) = architecture
        layers = len(self.encoder)
        alphas = self.router(architecture) if self.router else [None] * (2 * layers)
        drop = (lambda x: F.dropout(x, dropout)) if dropout else (lambda x: x)
        x, memories = drop(self.embed(batch.source, low)), []
        most = max(layer[3] for layer in decoder)
        for place, (layer, (ffn, heads)) in enumerate(zip(self.encoder, encoder)):
            x = x + drop(layer.attention(x, self.pairs, None, heads, batch.padding))
            x = x + drop(layer.feed_forward(x, ffn, alphas[place]))
            if place + most >= len(encoder):
                memories.append(self.encoder_norm(x).view(self.pairs, -1, low))
        x = drop(self.embed(batch.target, high))
        for place, (layer, (ffn, heads, cross_heads, attend)) in enumerate(zip(self.decoder, decoder)):
            x = x + drop(layer.attention(x, self.pairs, None, heads, causal=True))
            memory = memories[-1] if attend == 1 else torch.cat(memories[-attend:], 1)
            x = x + drop(layer.cross(x, self.pairs, memory, cross_heads, batch.padding.repeat(1, 1, 1, attend)))
            x = x + drop(layer.feed_forward(x, ffn, alphas[layers + place]))
        rows = self.decoder_norm(x)[batch.places]
        return F.linear(rows, self.embedding[:, :high])


def translation_step(size, sharing, options, make_optimiser):
    """A sandwich step: the largest, the smallest and two others, one update along the mean of their gradients."""
    torch.manual_seed(1)
    model, batch, choices = Transformer(size, sharing), Batch(*SIZES[size][-2:]), architectures(size)
    optimiser, dropout, count = make_optimiser(model), 0.1 if "dropout" in options else 0.0, 0

    def step():
        nonlocal count
        optimiser.zero_grad(set_to_none=True)
        total, others = 0.0, len(choices) - 2
        for which in (0, 1, 2 + 2 * count % others, 2 + (2 * count + 1) % others):
            logits = model(batch, choices[which], dropout)
            loss = F.cross_entropy(logits, batch.expected, label_smoothing=0.1)
            (loss / 4).backward()
            total += loss.item()
        optimiser.step()
        count += 1
        return total

    return step
