import { findServer } from './shared/broker/find.ts';
import { keepSilent } from './shared/encoder/silent.ts';

/** Finds, fetches or builds the nats-server once, before any test's time limit runs. */
export async function setup(): Promise<void> {
  keepSilent();
  await findServer({ env: process.env, onProgress: (text) => process.stdout.write(`${text}\n`) });
}
