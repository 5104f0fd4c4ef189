import * as v from 'valibot';
import { ObjectsConfig } from '../../shared/archive/config.ts';
import { GatewayConfig } from '../../shared/config/config.ts';

/** What the gateway takes from its environment, the archive of departed sessions included. */
export const GatewayProcessConfig = v.object({ ...GatewayConfig.entries, ...ObjectsConfig.entries });
