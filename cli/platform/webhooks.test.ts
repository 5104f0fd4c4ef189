import { expect, it } from 'vitest';
import { BOT, tenantsWith } from './tenants.ts';
import { webhooksIn } from './webhooks.ts';

const tenant = (env: NodeJS.ProcessEnv) =>
  tenantsWith({}, { bot: BOT, webhooks: webhooksIn(env) }).get('demo' as never);

it('replies are pushed where the environment says, also on this machine', () => {
  expect(tenant({})).not.toHaveProperty('webhook');
  const env = { TURNSTREAM_WEBHOOK_URL: 'http://127.0.0.1:9/a', TURNSTREAM_DESK_WEBHOOK_URL: 'http://127.0.0.1:9/b' };
  expect(tenant(env)).toMatchObject({
    webhook: { url: env.TURNSTREAM_WEBHOOK_URL, secretFrom: 'TURNSTREAM_WEBHOOK_SECRET', allowPrivate: true },
    deskWebhook: { url: env.TURNSTREAM_DESK_WEBHOOK_URL },
  });
});
