import { describe, expect, it } from 'vitest';
import { trafficOf } from './knative.ts';
import { imageOf, promoted, readRelease, withShare } from './release.ts';

const ALONE = `# What runs.\nimage: turnstream\nversion: 0.1.0\nrevision: r1\n`;
const TRIED = `${ALONE}canary: # being tried out\n  version: 0.2.0\n  revision: r2\n  percent: 10\n`;
const share = (text: string) => trafficOf('policy', readRelease(text));

describe('a rollout', () => {
  it('sends everything to the one version that there is', () => {
    expect(share(ALONE)).toEqual([{ latestRevision: true, percent: 100 }]);
  });

  it('sends a share to what is tried out', () => {
    expect(share(TRIED)).toEqual([
      { revisionName: 'policy-r1', latestRevision: false, percent: 90 },
      { tag: 'canary', latestRevision: true, percent: 10 },
    ]);
  });

  it('goes back with one number, and keeps what people wrote beside it', () => {
    const back = withShare(TRIED, 0);
    expect(share(back)).toMatchObject([{ percent: 100 }, { percent: 0 }]);
    expect(back).toContain('# being tried out');
  });

  it('ends with the new version alone', () => {
    const done = promoted(TRIED);
    expect(readRelease(done)).toEqual({ image: 'turnstream', version: '0.2.0', revision: 'r2' });
    expect(done).toContain('# What runs.');
  });

  it('takes the digest of the version along, and no other', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(imageOf({ image: 'turnstream' }, { version: '0.1.0', digest })).toBe(`turnstream@${digest}`);
    const pinned = TRIED.replace('version: 0.1.0', `version: 0.1.0\ndigest: ${digest}`);
    expect(readRelease(promoted(pinned)).digest).toBeUndefined();
  });
});

it.each([
  ['a share of more than everything', () => withShare(TRIED, 101), 'release: canary.percent: '],
  ['a share that is no number', () => withShare(TRIED, Number.NaN), 'release: canary.percent: '],
  ['a share of nothing', () => withShare(ALONE, 10), 'release: canary: there is none'],
  ['the promotion of nothing', () => promoted(ALONE), 'release: canary: there is none'],
  ['two versions of one name', () => readRelease(TRIED.replace('r2', 'r1')), 'release: canary.revision: '],
  ['a name that DNS does not take', () => readRelease(ALONE.replace('r1', 'R_1')), 'release: revision: '],
  ['a digest that is none', () => readRelease(`${ALONE}digest: latest\n`), 'release: digest: '],
  ['a field that there is not', () => readRelease(`${ALONE}replicas: 3\n`), 'release: replicas: '],
])('refuses %s', (_, run, message) => {
  expect(run).toThrow(message);
});
