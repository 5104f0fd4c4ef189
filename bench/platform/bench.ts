import { paint } from '../../cli/terminal.ts';
import { A_NUMBER, oneOf, someOf, type Bench, type Figure } from '../lib/bench.ts';
import { durabilityOf } from '../lib/broker.ts';
import { entries } from '../lib/build.ts';
import { endings } from '../lib/endings.ts';
import { faulty } from './faulty.ts';
import { fromZero } from './from-zero.ts';
import { kills, pullingKills } from './kills.ts';
import { lag } from './lag.ts';
import { overhead } from './overhead.ts';
import { BOTS, type Part } from './stand.ts';
import { step } from './step.ts';

const PARTS: Readonly<Record<string, Part>> = {
  overhead,
  zero: fromZero,
  step,
  kills,
  'kills-pulling': pullingKills,
  faults: faulty,
  keda: lag,
};
const options = {
  parts: {
    help: `${Object.keys(PARTS).join(', ')}, or several with commas`,
    default: Object.keys(PARTS).join(','),
    like: someOf(...Object.keys(PARTS)),
  },
  bot: { help: BOTS.join(' or '), default: BOTS[0], like: oneOf(...BOTS) },
  rounds: { help: 'times that everything starts from zero', default: '20', like: A_NUMBER },
  seconds: { help: 'how long functions are stopped under load', default: '120', like: A_NUMBER },
  from: { help: 'build or sources', default: 'build', like: oneOf('build', 'sources') },
};
/** What changes what is measured, and not only how often. */
const WHOLE = ['parts', 'bot', 'seconds', 'from'] as const;

/** Functions as processes that a platform starts and stops, by the published rules of Knative and of KEDA. */
export const platform: Bench = {
  name: 'platform',
  summary: 'functions from zero to many and back behind a relay, by the rules of Knative and KEDA; relay overhead',
  options,

  async run(context) {
    const entryOf = await entries(context.option('from') === 'sources' ? 'sources' : 'build');
    const figures: Figure[] = [];
    for (const name of context.option('parts').split(',')) {
      const faults: unknown[] = [];
      const { add, end } = endings((error) => faults.push(error));
      context.atEnd(end);
      const found = await PARTS[name]?.({ context, entryOf, atEnd: add });
      await end();
      // A process that had ended by itself: the figures are not those of the platform.
      if (faults.length > 0) throw faults[0];
      for (const { name: what, value, unit, detail } of found ?? []) {
        if (!detail) context.say(`${what.padEnd(72)} ${value.toFixed(1).padStart(9)} ${paint('dim', unit)}`);
      }
      figures.push(...(found ?? []));
    }
    return {
      durability: durabilityOf(1, 'default'),
      figures,
      partial: WHOLE.some((name) => context.option(name) !== options[name].default),
      notes: [
        'Customers, activators, autoscalers, relay, functions and nats-server share this machine. Customers write into the log as the gateway does.',
        'The stand follows the published rules of Knative 1.23 (autoscaler, activator, queue-proxy) and KEDA 2.20, a second of theirs in a tenth of one: a stable window of 60 s takes 6 s. What a cluster adds on top (scheduling, image pull) is not in it.',
      ],
    };
  },
};
