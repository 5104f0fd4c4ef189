"""The net: rows of a hashed table summed for each token, width-3 convolutions, pooling, one head for all sets.

Sentences of a batch lie one behind another with a row of zeros between them, so that a convolution is one product of
matrices and nothing is padded; shared/nlu/net does the same.
"""

import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self, rows, dim, hidden, classes, layers=1, dropout=0.3):
        super().__init__()
        self.table = nn.Parameter(torch.randn(rows, dim) * 0.1)
        widths = [dim] + [hidden] * layers
        self.convs = nn.ModuleList(nn.Linear(3 * a, b) for a, b in zip(widths, widths[1:]))
        self.head = nn.Linear(2 * hidden + dim, classes)
        self.dropout = dropout

    def tokens(self, flat, offsets, weights):
        return F.embedding_bag(flat, self.table, offsets, mode="sum", per_sample_weights=weights, sparse=True)

    def pool(self, h, x, slots, lengths):
        """slots: index into [batch, longest] of each token, in order."""
        batch, longest = lengths.numel(), int(lengths.max())
        dense = h.new_zeros(batch * longest, h.shape[1]).index_copy(0, slots, h).view(batch, longest, -1)
        # relu leaves nothing below zero, so the padding's zeros change no maximum.
        parts = [dense.amax(1), dense.sum(1) / lengths[:, None].sqrt()]
        bag = h.new_zeros(batch * longest, x.shape[1]).index_copy(0, slots, x).view(batch, longest, -1)
        parts.append(bag.sum(1) / lengths[:, None].sqrt())
        return torch.cat(parts, 1)

    def sentence(self, batch):
        x = self.tokens(batch["flat"], batch["offsets"], batch["weights"])
        where = batch["where"]  # rows of the tokens among the spaced-out rows
        x = F.dropout(x, self.dropout / 2, self.training)
        h = x
        for i, conv in enumerate(self.convs):
            spaced = h.new_zeros(batch["spaced"], h.shape[1]).index_copy(0, where, h)
            window = torch.cat([spaced[where - 1], h, spaced[where + 1]], 1)
            new = F.relu(conv(window))
            h = new if i == 0 else h + new
            if i + 1 < len(self.convs):
                h = F.dropout(h, self.dropout / 2, self.training)
        return F.dropout(self.pool(h, x, batch["slots"], batch["lengths"]), self.dropout, self.training)

    def forward(self, batch):
        return self.head(self.sentence(batch))
