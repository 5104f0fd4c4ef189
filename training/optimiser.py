"""Adam that touches only the table's rows seen in a batch; shared/nlu/net fine-tunes with the same rule."""

import torch


class RowAdam:
    """`step` takes a sparse gradient [rows, dim]; moments of rows not seen stay as they are."""

    def __init__(self, table, betas=(0.9, 0.98), eps=1e-8):
        self.table, self.betas, self.eps, self.steps = table, betas, eps, 0
        self.first = torch.zeros_like(table)
        self.second = torch.zeros(table.shape[0], 1)  # one for each row: half the memory, and steadier

    @torch.no_grad()
    def step(self, lr):
        gradient = self.table.grad.coalesce()
        rows, g = gradient.indices()[0], gradient.values()
        b1, b2 = self.betas
        self.steps += 1
        first = self.first[rows].mul_(b1).add_(g, alpha=1 - b1)
        second = self.second[rows].mul_(b2).add_(g.square().mean(1, keepdim=True), alpha=1 - b2)
        self.first[rows], self.second[rows] = first, second
        scale = lr / (1 - b1**self.steps)
        denominator = (second / (1 - b2**self.steps)).sqrt_().add_(self.eps)
        self.table.index_add_(0, rows, first.div_(denominator), alpha=-scale)
        self.table.grad = None
        return rows
