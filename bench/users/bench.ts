import { number } from '../../cli/terminal.ts';
import { A_NUMBER, atMost, oneOf, type Bench } from '../lib/bench.ts';
import { durabilityOf } from '../lib/broker.ts';
import { entries } from '../lib/build.ts';
import { deploy } from '../lib/deployment.ts';
import { latencies } from '../lib/latencies.ts';
import { startLoad } from '../lib/load-generator.ts';
import { QUERIES } from '../lib/queries.ts';

const THINK_MS = [500, 2_000] as const;

/** Many customers at a time, far more than two processor cores can answer at once. */
export const users: Bench = {
  name: 'users',
  summary: 'thousands of users at a time, each with a session of its own: no error, every turn answered',
  options: {
    users: { help: 'how many', default: '5000', like: A_NUMBER },
    seconds: { help: 'for how long', default: '60', like: A_NUMBER },
    hosting: { help: 'chained or hop-by-hop', default: 'chained', like: oneOf('chained', 'hop-by-hop') },
    from: { help: 'build or sources', default: 'build', like: oneOf('build', 'sources') },
  },

  async run(context) {
    const count = context.quick ? 500 : Number(context.option('users'));
    const seconds = context.quick ? 10 : Number(context.option('seconds'));
    const hosting = context.option('hosting') === 'hop-by-hop' ? 'hop-by-hop' : 'chained';
    const entryOf = await entries(context.option('from') === 'sources' ? 'sources' : 'build');
    const options = { hosting, replicas: 1, sync: 'default', entryOf, encrypted: true, gateways: 1 } as const;
    const { gateways, keys } = await deploy(options, (end) => {
      context.atEnd(end);
    });
    // Names of their own: the session of each is opened by the first thing that is said.
    const sessions = Array.from({ length: count }, (_, i) => ({ id: `user ${i}`, key: keys[i % keys.length] ?? '' }));
    const load = await startLoad({ port: gateways[0]?.port ?? 0, sessions, queries: QUERIES });
    context.atEnd(() => load.stop());
    const progress = context.progress(`turns of ${number(count)} users`);
    const began = performance.now();
    const result = await load.run({ kind: 'users', users: count, thinkMs: THINK_MS, seconds }, (done) => {
      progress.show((performance.now() - began) / 1_000 / seconds, done);
    });
    progress.done();

    const times = latencies(result.latencies);
    for (const [what, many] of Object.entries({ ...result.errors, ...result.refused }))
      context.say(`  ${what}: ${many}`);
    const sumOf = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0);
    return {
      durability: durabilityOf(1, 'default'),
      figures: [
        { name: 'users', value: count, unit: 'users' },
        { name: 'turns answered', value: times.count, unit: 'turns' },
        { name: 'turns answered a second', value: (times.count / result.ms) * 1_000, unit: 'turns/s' },
        { name: 'reply, p50', value: times.percentile(50), unit: 'ms' },
        { name: 'reply, p99', value: times.percentile(99), unit: 'ms' },
        { name: 'reply, max', value: times.max(), unit: 'ms' },
        { name: 'errors', value: sumOf(result.errors), unit: 'turns', goal: atMost(0) },
        { name: 'accepted and never answered', value: result.unanswered, unit: 'turns', goal: atMost(0) },
        { name: 'answered later than a request waits', value: result.late, unit: 'turns' },
        { name: 'refused on purpose (429, 503)', value: sumOf(result.refused), unit: 'turns' },
      ],
      notes: [
        `${number(count)} users that think for 0.5 to 2 s ask for ${number(Math.round(count / 1.25))} turns a second; what is more than the capacity (bench/turns) waits in line.`,
      ],
    };
  },
};
