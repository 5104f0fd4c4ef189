import type { GivenPlaces } from '../../config.ts';

/** What the commands for models in use share. */
export interface LogOptions extends GivenPlaces {
  readonly json?: boolean;
}

/** Those for one bot, of every tenant or of one. */
export interface BotOptions extends LogOptions {
  readonly bot: string;
  readonly tenant?: string;
}
