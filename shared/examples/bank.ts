import { Hono } from 'hono';
import * as v from 'valibot';
import { oncePerKey } from './once.ts';

/** A transfer that was made. */
export interface Transfer {
  readonly id: string;
  readonly to: string;
  readonly amount: number;
}

const OPENING_BALANCE = 1_000;
const CARD = /^\d{4}$/u;
const TransferRequest = v.object({
  to: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  amount: v.pipe(v.number(), v.gtValue(0)),
});

/**
 * A bank that does not exist, with one customer: cards are named by their last four digits, the account begins with
 * 1,000. Transfers are made once for each `Idempotency-Key`.
 */
export function bank(): {
  readonly app: Hono;
  readonly transfers: readonly Transfer[];
  readonly blocked: ReadonlySet<string>;
} {
  const transfers: Transfer[] = [];
  const blocked = new Set<string>();
  const once = oncePerKey();
  const balance = () => OPENING_BALANCE - transfers.reduce((sum, { amount }) => sum + amount, 0);
  const app = new Hono();

  app.get('/accounts/main/balance', (c) => c.json({ balance: balance(), currency: 'EUR' }));

  app.get('/cards/:digits', (c) => {
    const digits = c.req.param('digits');
    if (!CARD.test(digits)) return c.json({ error: 'no such card' }, 404);
    return c.json({ card: { digits, blocked: blocked.has(digits) } });
  });

  app.post('/cards/:digits/block', (c) => {
    const digits = c.req.param('digits');
    if (!CARD.test(digits)) return c.json({ error: 'no such card' }, 404);
    // Blocking a blocked card changes nothing: it needs no key.
    blocked.add(digits);
    return c.json({ card: { digits, blocked: true } });
  });

  app.post('/transfers', async (c) => {
    const asked = v.safeParse(TransferRequest, await c.req.json().catch(() => undefined));
    if (!asked.success) return c.json({ error: 'not a transfer' }, 400);
    const { to, amount } = asked.output;
    const answer = once(c.req.header('idempotency-key'), () => {
      if (amount > balance()) return { error: 'not enough' };
      const made = { id: `T${transfers.length + 1}`, to, amount };
      transfers.push(made);
      return { transfer: made, balance: balance() };
    });
    return c.json(answer, 'error' in answer ? 422 : 201);
  });
  return { app, transfers, blocked };
}
