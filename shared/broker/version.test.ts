import { expect, it } from 'vitest';
import { isSupported, PINNED } from './version.ts';

it.each(['2.12.7', 'v2.12.7', '2.12.15', '2.12.8-fips', '2.14.0', '2.14.9', '2.15.0-RC.1', PINNED, '2.100.0', '3.0.0'])(
  'supports %s',
  (version) => {
    expect(isSupported(version)).toBe(true);
  },
);

it.each(['2.9.10', '2.12.6', '2.12.7-RC.1', '2.13.0', '2.14.0-RC.1', '1.99.0', '0.0.0', '2.14', 'latest', ''])(
  'does not support %s',
  (version) => {
    expect(isSupported(version)).toBe(false);
  },
);
