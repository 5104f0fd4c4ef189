import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { copyOf, tiny } from './fixtures/copy.ts';

/** Loads a model in a process in which every look at the network ends it. */
const load = async (dir: string): Promise<string> => {
  const program = `
    import net from 'node:net';
    import dns from 'node:dns';
    import dgram from 'node:dgram';
    const never = () => { process.stdout.write('asked the network'); process.exit(0); };
    net.Socket.prototype.connect = never;
    dns.lookup = dns.promises.lookup = never;
    dgram.createSocket = never;
    const { loadModel } = await import(${JSON.stringify(new URL('./inference.ts', import.meta.url).href)});
    const layout = { dir: process.argv[1], kind: 'embedding', weights: 'onnx/model.onnx', quantised: false, hidden: 16,
      vocabulary: 10, maxTokens: 64, labels: [], pooling: 'mean', prefixes: { query: '', passage: '' }, files: [] };
    const said = await loadModel(layout, 1).then((m) => m.run({ kind: 'embed', texts: ['a'], as: 'query' })).then(
      (rows) => rows.length + ' numbers', (error) => error.code);
    process.stdout.write(said);
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, dir]);
  return stdout;
};

it('a model is loaded and run without the network', async () => {
  expect(await load(tiny('embedding'))).toBe('16 numbers');
});

it.each(['tokenizer.json', 'tokenizer_config.json', 'config.json', 'onnx/model.onnx'])(
  'a model without %s is not looked for on the network',
  async (file) => {
    await using copy = await copyOf('embedding');
    await rm(join(copy.dir, file));
    expect(await load(copy.dir)).toBe('model.invalid');
  },
);
