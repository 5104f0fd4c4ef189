import type { DeskFeeds } from './desk/feeds.ts';
import type { Quota } from './limits.ts';
import type { TenantId } from '../../events/envelope.ts';
import type { GatewayLimits, GatewayOptions } from './options.ts';
import type { Streams } from './streams.ts';
import type { Turns } from './turns.ts';
import type { Views } from '../../shared/incoming/views.ts';
import type { Watch } from './watch.ts';

/** What the routes share. */
export interface Inside {
  /** The name under which events are stored. */
  readonly emitter: 'gateway';
  readonly options: GatewayOptions;
  readonly limits: GatewayLimits;
  readonly views: Views;
  readonly turns: Turns;
  readonly streams: Streams;
  readonly desks: DeskFeeds;
  readonly watch: Watch;
  readonly quotaOf: (tenant: TenantId) => Quota;
}
