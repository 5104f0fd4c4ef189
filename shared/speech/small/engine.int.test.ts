import { copyFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { describeEngine } from '../engine.contract.ts';
import { digits, hasRecordings } from '../recordings.fixture.ts';
import { checkEngine } from '../check.ts';
import { openSmallEngine } from './engine.ts';

const MODEL = fileURLToPath(new URL('../../../models/speech-en-small', import.meta.url));

// The recordings belong to nobody's checkout but this project's own machines.
if (hasRecordings()) {
  describeEngine('that is shipped', async () => {
    const engine = await openSmallEngine(MODEL);
    const { sound, words } = await digits('theo', [3, 7, 1]);
    return { engine, speech: sound, says: words.join(' '), locale: 'en-GB' };
  });
} else {
  describe.skip('the engine that is shipped: the recordings of ../shared/data/voice are not here', () => {
    it.todo('is held to the contract');
  });
}

/** Its config.json, changed. */
async function edited(dir: string, change: (config: { context: object }) => object): Promise<void> {
  const file = join(dir, 'config.json');
  await writeFile(file, JSON.stringify(change(JSON.parse(await readFile(file, 'utf8')) as { context: object })));
}

describe('a small model is refused, with what is to blame,', () => {
  const damaged = async (damage: (dir: string) => Promise<unknown>): Promise<string> => {
    const dir = await mkdtemp(join(tmpdir(), 'turnstream-speech-'));
    try {
      for (const file of ['config.json', 'model.onnx']) await copyFile(join(MODEL, file), join(dir, file));
      await damage(dir);
      return await checkEngine('small', dir).then(
        () => 'good',
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'model.invalid', retry: 'never' });
          return (error as Error).message;
        },
      );
    } finally {
      await rm(dir, { recursive: true });
    }
  };

  it('and a good one is not', async () => {
    expect(await damaged(() => Promise.resolve())).toBe('good');
  });

  it.each([
    ['without its config.json', (dir: string) => rm(join(dir, 'config.json')), 'config.json: is missing'],
    ['without its weights', (dir: string) => rm(join(dir, 'model.onnx')), 'model.onnx: is missing'],
    ['with a config.json that is none', (dir: string) => writeFile(join(dir, 'config.json'), '{'), 'config.json: '],
    [
      'with a prior too few',
      (dir: string) => edited(dir, (c) => ({ ...c, context: { ...c.context, prior: [0.5] } })),
      'prior',
    ],
    ['with other weights', (dir: string) => truncate(join(dir, 'model.onnx'), 9_000), 'model.onnx: is not the file'],
  ])('%s', async (_, damage, said) => {
    expect(await damaged(damage)).toContain(said);
  });
});
