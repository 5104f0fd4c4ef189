import { env, InferenceSession as Session, Tensor as RuntimeTensor } from 'onnxruntime-node';

// Stands in for `onnxruntime-node` where @xenova/transformers imports it (see library.ts). The package was written for
// version 1.14, whose tensors are plain records; those of today hide their data behind a getter, which its copying of
// tensors loses. So tensors are records here, and become the runtime's own at its border.

type Data = ConstructorParameters<typeof RuntimeTensor>[1];

interface Options {
  readonly executionProviders: readonly string[];
}

/** A tensor with its data as an ordinary field. */
export class Tensor {
  readonly type: string;
  readonly data: unknown;
  readonly dims: readonly number[];
  readonly size: number;

  constructor(type: string, data: unknown, dims: readonly number[]) {
    this.type = type;
    this.data = data;
    this.dims = dims;
    this.size = dims.reduce((product, dim) => product * dim, 1);
  }
}

/** Sessions with this process's settings: one thread each unless told otherwise, silent, without a second try. */
export const InferenceSession = {
  async create(bytes: Uint8Array, options: Options) {
    if (!options.executionProviders.includes('cpu')) throw new Error('only the CPU is used');
    const session = await Session.create(bytes, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      logSeverityLevel: 4,
    });
    return {
      inputNames: session.inputNames,
      outputNames: session.outputNames,
      async run(feeds: Readonly<Record<string, Tensor>>) {
        const own = Object.entries(feeds).map(([name, t]) => [
          name,
          new RuntimeTensor(t.type as 'int64', t.data as Data & BigInt64Array, t.dims),
        ]);
        const results = await session.run(Object.fromEntries(own) as Record<string, RuntimeTensor>);
        return Object.fromEntries(
          Object.entries(results).map(([name, t]) => [name, new Tensor(t.type, t.data, t.dims)]),
        );
      },
    };
  },
};

export { env };

let threads = 1;

/** How many threads a run may take. Counts for sessions that are made afterwards. */
export function useThreads(count: number): void {
  threads = count;
}
