import { join } from 'node:path';
import { PlatformError } from '../errors/index.ts';
import type { Capabilities } from './encoder.ts';
import { fingerprint } from './fingerprint.ts';
import { loadModel, type Task } from './inference.ts';
import { modelInvalid } from './invalid.ts';
import { readLayout } from './layout.ts';
import { checkOnnxFile } from './onnx-file.ts';

// Started by check.ts as a process of its own, which may crash or be killed. Answers once and ends.

/** What the process says of the model: that it is good, or which file is to blame. */
export type Verdict<T = Capabilities> = { readonly good: T } | { readonly bad: string };

const TEXTS = ['', 'where is my parcel?', '我的快递到哪了？', '😀', '退款 refund 1234 '.repeat(700)];

async function probe(dir: string): Promise<Capabilities> {
  const layout = readLayout(dir);
  const { kind, weights, maxTokens, labels, pooling, quantised } = layout;
  checkOnnxFile(join(dir, weights), weights);
  const model = await fingerprint(dir, layout.files);
  const loaded = await loadModel(layout, 1);
  await loaded.tryLimits();
  for (const task of tasksFor(kind)) {
    const rows = await loaded.run(task);
    if (!rows.every((n) => Number.isFinite(n))) throw modelInvalid(weights, 'answers with what is no number');
  }
  return { kind, model, dimension: loaded.dimension, maxTokens, labels, pooling, quantised };
}

function tasksFor(kind: Capabilities['kind']): readonly Task[] {
  switch (kind) {
    case 'embedding':
      return [{ kind: 'embed', texts: TEXTS, as: 'query' }];
    case 'classifier':
      return TEXTS.map((text) => ({ kind: 'classify', text }));
    case 'reranker':
      return [{ kind: 'rerank', query: TEXTS[1] ?? '', passages: TEXTS }];
  }
}

function blame(error: unknown): string {
  if (error instanceof PlatformError) return error.message;
  return `the model cannot be run (${error instanceof Error ? error.message.slice(0, 160) : 'unknown'})`;
}

const verdict: Verdict = await probe(process.argv[2] ?? '').then(
  (good) => ({ good }),
  (error: unknown) => ({ bad: blame(error) }),
);
process.send?.(verdict, () => process.exit(0));
