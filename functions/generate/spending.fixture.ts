// A process of its own that asks a language model so many times at once, and tells what came of it.
import { connect } from '@nats-io/transport-node';
import { breakers } from '../../shared/egress/breaker.ts';
import { egress } from '../../shared/egress/post.ts';
import { serverCounters } from '../../shared/log/counters.ts';
import { completing } from './complete.ts';

const [servers = '', url = '', tokensPerDay = '0', times = '0'] = process.argv.slice(2);
const nc = await connect({ servers });
const out = egress();
const complete = completing({
  endpointOf: () => ({ url, model: 'stand-in', tokensPerDay: Number(tokensPerDay), allowPrivate: true }),
  open: out.open,
  guard: breakers(),
  budget: serverCounters(nc),
  now: () => new Date('2026-11-20T12:00:00Z'),
});
const prompt = { messages: [{ role: 'user', content: 'May I?' }], maxTokens: 100 } as const;
const signal = new AbortController().signal;
const answers = await Promise.all(Array.from({ length: Number(times) }, () => complete('acme', prompt, signal)));
process.stdout.write(JSON.stringify(answers.map((it) => (it.kind === 'failed' ? it.reason : it.kind))));
out.close();
await nc.close();
