import * as v from 'valibot';
import { ObjectsConfig } from '../../shared/archive/config.ts';
import { GatewayConfig } from '../../shared/config/config.ts';
import { EnginesConfig } from '../../shared/speech/engines/config.ts';

/** What the gateway takes from its environment: also the archive of departed sessions, and who listens to recordings. */
export const GatewayProcessConfig = v.object({
  ...GatewayConfig.entries,
  ...ObjectsConfig.entries,
  ...EnginesConfig.entries,
});
