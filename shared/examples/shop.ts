import { Hono } from 'hono';
import * as v from 'valibot';
import { oncePerKey } from './once.ts';

/** A refund that was made. */
export interface Refund {
  readonly id: string;
  readonly order: string;
  readonly amount: number;
}

const ORDER = /^TS\d{4,8}$/u;
const TOTAL = 500;
const STATUSES = ['paid', 'packed', 'shipped', 'out_for_delivery', 'delivered'] as const;
const CARRIERS = ['SF Express', 'DHL', 'YTO'] as const;
const RefundRequest = v.object({ order: v.pipe(v.string(), v.regex(ORDER)), amount: v.pipe(v.number(), v.gtValue(0)) });

/**
 * The order system of a shop that does not exist. Every number like TS12345678 is an order whose status follows from its
 * last digit, and none where that is 9. Refunds are made once for each `Idempotency-Key`.
 */
export function shop(): { readonly app: Hono; readonly refunds: readonly Refund[] } {
  const refunds: Refund[] = [];
  const once = oncePerKey();
  const app = new Hono();

  app.get('/orders/:number', (c) => {
    const number = c.req.param('number').toUpperCase();
    const digit = Number(number.at(-1));
    if (!ORDER.test(number) || digit === 9) return c.json({ error: 'no such order' }, 404);
    const status = STATUSES[digit % STATUSES.length] ?? 'paid';
    return c.json({ order: { number, status, carrier: CARRIERS[digit % CARRIERS.length], total: TOTAL } });
  });

  app.post('/refunds', async (c) => {
    const asked = v.safeParse(RefundRequest, await c.req.json().catch(() => undefined));
    if (!asked.success) return c.json({ error: 'not a refund' }, 400);
    const { order, amount } = asked.output;
    if (order.endsWith('9')) return c.json({ error: 'no such order' }, 404);
    if (amount > TOTAL) return c.json({ error: 'more than was paid' }, 422);
    const refund = once(c.req.header('idempotency-key'), () => {
      const made = { id: `R${refunds.length + 1}`, order, amount };
      refunds.push(made);
      return made;
    });
    return c.json({ refund }, 201);
  });
  return { app, refunds };
}
