import { jetstreamManager } from '@nats-io/jetstream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TenantId } from '../../events/envelope.ts';
import { startReceiver, type Receiver } from '../../shared/egress/receiver.fixture.ts';
import { CONVERSATIONS } from '../../shared/log/streams.ts';
import { endpointAt, startDeliveries, type Deliveries } from './deliveries.fixture.ts';
import { provisionDeliveries, SPOKEN, verifyDeliveries } from './provision.ts';

const ACME = 'acme' as TenantId;

const GLOBEX = 'globex' as TenantId;

let receiver: Receiver;
let d: Deliveries;
beforeEach(async () => {
  [receiver, d] = await Promise.all([startReceiver(), startDeliveries([ACME, GLOBEX])]);
});
afterEach(async () => {
  await d.stop();
  await receiver.close();
});

const toReceiver = () => new Map([[ACME, endpointAt(receiver)]]);
describe('provisioning', () => {
  it('leaves no consumer behind where no tenant has an address', async () => {
    await provisionDeliveries(d.nc, { channels: [], desks: [] });
    const jsm = await jetstreamManager(d.nc);
    await expect(jsm.consumers.info(CONVERSATIONS, SPOKEN)).rejects.toThrow('consumer not found');
    await expect(verifyDeliveries(d.nc, { channels: [ACME], desks: [] })).rejects.toMatchObject({
      code: 'deliver.not-provisioned',
    });
  });

  it('may be repeated, and sees tenants come and go', async () => {
    await provisionDeliveries(d.nc, { channels: [ACME], desks: [] });
    await verifyDeliveries(d.nc, { channels: [ACME], desks: [] });
    await expect(verifyDeliveries(d.nc, { channels: [ACME, GLOBEX], desks: [] })).rejects.toMatchObject({
      code: 'deliver.not-provisioned',
    });
    await provisionDeliveries(d.nc, { channels: [ACME, GLOBEX], desks: [] });
    await verifyDeliveries(d.nc, { channels: [ACME, GLOBEX], desks: [] });
  });

  it('does not deliver what was said before there was anybody to deliver it to', async () => {
    await provisionDeliveries(d.nc, { channels: [], desks: [] });
    await d.say('old');
    await provisionDeliveries(d.nc, { channels: [ACME], desks: [] });
    await d.host(toReceiver());
    const reply = await d.say('new');
    await expect.poll(() => d.outcomes(reply)).toHaveLength(1);
    await d.settled();
    expect(receiver.received).toHaveLength(1);
    expect(receiver.received[0]?.body).toContain('new');
  });
});
