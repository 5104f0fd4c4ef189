import { expect, it } from 'vitest';
import { endings } from './endings.ts';

it('ends everything once, last begun first, even where a part fails or two ask', async () => {
  const ended: string[] = [];
  const errors: unknown[] = [];
  const all = endings((error) => errors.push(error));
  all.add(() => ended.push('broker'));
  all.add(() => Promise.reject(new Error('gone already')));
  all.add(async () => {
    await Promise.resolve();
    ended.push('gateway');
  });
  await Promise.all([all.end(), all.end()]);
  expect(ended).toEqual(['gateway', 'broker']);
  expect(errors).toHaveLength(1);
});
