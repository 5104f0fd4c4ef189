import type { NatsConnection } from '@nats-io/nats-core';
import * as v from 'valibot';
import { ulid } from 'ulid';
import { readData, type DataOf } from '../../events/define.ts';
import { modelPromoted } from '../../events/models.ts';
import { PlatformError } from '../errors/index.ts';
import { register } from '../log/register.ts';
import { requests, type Requests } from '../log/requests.ts';
import { MODELS } from '../log/streams.ts';

/** Stands for every tenant without a promotion of its own. No tenant can be called that. */
export const EVERY_TENANT = '_';

export type ModelPromoted = DataOf<typeof modelPromoted>;

/** A promotion in its place. */
export interface Promotion extends ModelPromoted {
  readonly position: number;
  readonly time: string;
}

/** Where a bot's promotions stand. A bot's name may hold what a subject may not. */
export const promotionSubject = (tenant: string, bot: string): string =>
  `promoted.${tenant}.${encodeURIComponent(bot).replaceAll('.', '%2E').replaceAll('*', '%2A')}`;

const Record = v.object({
  type: v.literal(modelPromoted.type),
  revision: v.pipe(v.number(), v.integer(), v.minValue(1)),
  time: v.pipe(v.string(), v.isoTimestamp()),
  data: v.unknown(),
});

/** Reads what stands on the subject of a bot; undefined for what this build cannot read, which then changes nothing. */
export function readPromotion(data: Uint8Array, position: number): Promotion | undefined {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(data).toString());
  } catch {
    return undefined;
  }
  const record = v.safeParse(Record, json);
  if (!record.success) return undefined;
  const read = readData(modelPromoted, record.output.revision, record.output.data);
  return read.ok ? { ...read.data, position, time: record.output.time } : undefined;
}

/** The promotions of a bot, for whoever may change them. Every method fails with `log.unavailable` without a store. */
export interface Promotions {
  /** All there ever were, oldest first. */
  history(): Promise<readonly Promotion[]>;
  /**
   * Says which model counts from now on. Fails with `model.moved-on` (retry later) if the newest promotion is not the
   * one that stands at `after` (0: there was none): somebody else was faster; with `model.promotion-invalid` (never) for
   * names that are none.
   */
  promote(promotion: Omit<ModelPromoted, 'bot'>, after: number): Promise<number>;
}

/** The promotions of a bot for one tenant, or for every tenant. */
export function promotionsOf(
  nc: NatsConnection,
  bot: string,
  { tenant = EVERY_TENANT, now = () => new Date() }: { readonly tenant?: string; readonly now?: () => Date } = {},
): Promotions {
  const subject = promotionSubject(tenant, bot);
  const stored = register(nc, MODELS);
  const send = requests(nc);
  return {
    history: () => historyOf(send, subject),
    async promote(promotion, after) {
      const { type, revision, data } = modelPromoted({ bot, ...promotion });
      const checked = v.safeParse(modelPromoted.schema, data);
      if (!checked.success) {
        const [issue] = checked.issues;
        const message = `a promotion cannot be written: ${v.getDotPath(issue) ?? 'it'} ${issue.message}`;
        throw new PlatformError('model.promotion-invalid', message, { retry: 'never' });
      }
      const event = { id: ulid(), type, revision, time: now().toISOString(), data: checked.output };
      const position = await stored.write(subject, JSON.stringify(event), after);
      if (position !== undefined) return position;
      throw new PlatformError('model.moved-on', `another model of ${bot} was promoted meanwhile`, { retry: 'later' });
    },
  };
}

const BATCH = 200;

/** All promotions on a subject, oldest first; those that this build cannot read are left out. */
export async function historyOf(send: Requests, subject: string): Promise<readonly Promotion[]> {
  const found: Promotion[] = [];
  for (let seq = 1; ;) {
    const query = Buffer.from(JSON.stringify({ seq, next_by_subj: subject, batch: BATCH }));
    const messages = await send.many(`$JS.API.DIRECT.GET.${MODELS}`, query);
    if (messages.length === 0) return found;
    for (const m of messages) {
      const position = Number(m.headers?.get('Nats-Sequence'));
      const promotion = readPromotion(m.data, position);
      if (promotion) found.push(promotion);
      seq = position + 1;
    }
  }
}

/** What a rollback goes back to: the models that were promoted, oldest first, without those that were taken back. */
export function standing(history: readonly Promotion[]): readonly Promotion[] {
  const stack: Promotion[] = [];
  for (const promotion of history) {
    if (promotion.how === 'rolled-back') {
      stack.pop();
      continue;
    }
    stack.push(promotion);
  }
  return stack;
}
