import type { TenantId } from '../../events/envelope.ts';
import { AUDIO_KEPT_MS } from '../../shared/log/provision.ts';
import type { Counters } from '../../shared/log/counters.ts';
import type { AudioLog } from '../../shared/speech/audio-log.ts';

/**
 * Bounds the bytes of sound that the log keeps of each tenant, over all processes. Sound is gone after `AUDIO_KEPT_MS`,
 * so what stands there was written in this stretch of so long or in the one before: each may have half. Every process
 * counts what it writes on the server; between two counts a tenant may be over by what its calls bring in 2 s.
 */
export interface SoundBudget {
  /** The same log, with what is appended to it counted. */
  metered(audio: AudioLog): AudioLog;
  /** Whether a tenant may have more sound kept, as far as is known here. */
  hasRoom(tenant: TenantId): boolean;
  /** Counts what was written since; often. */
  tick(): void;
}

export interface SoundBudgetOptions {
  readonly counters: Counters;
  readonly now: () => Date;
  /** Bytes that the log may keep of a tenant. */
  readonly mostOf: (tenant: TenantId) => number;
  /** It could not be counted; it is counted later. */
  readonly onFailure: (error: unknown) => void;
}

interface Account {
  stretch: number;
  /** All processes together, as of the last count. */
  total: number;
  uncounted: number;
  countedAt: number;
  counting: boolean;
}

const COUNT_MS = 2_000;
/** What a chunk takes beside its sound: subject, headers, encryption. */
const CHUNK_BYTES = 450;

/** A budget for each tenant that has calls in this process. */
export function soundBudget({ counters, now, mostOf, onFailure }: SoundBudgetOptions): SoundBudget {
  const accounts = new Map<TenantId, Account>();

  const accountOf = (tenant: TenantId): Account => {
    const at = now().getTime();
    const stretch = Math.floor(at / AUDIO_KEPT_MS);
    const known = accounts.get(tenant);
    if (known?.stretch === stretch) return known;
    const fresh = { stretch, total: 0, uncounted: known?.uncounted ?? 0, countedAt: at, counting: false };
    accounts.set(tenant, fresh);
    return fresh;
  };
  const count = async (tenant: TenantId, account: Account): Promise<void> => {
    const { uncounted } = account;
    account.counting = true;
    account.uncounted = 0;
    try {
      account.total = await counters.add(tenant, `sound-${account.stretch}`, uncounted);
    } catch (error) {
      accountOf(tenant).uncounted += uncounted;
      onFailure(error);
    } finally {
      account.counting = false;
    }
  };

  return {
    metered: (audio) => ({
      ...audio,
      append(ref, chunk, previous) {
        accountOf(ref.tenant).uncounted += chunk.sound.length + CHUNK_BYTES;
        return audio.append(ref, chunk, previous);
      },
    }),
    hasRoom(tenant) {
      const { total, uncounted } = accountOf(tenant);
      return total + uncounted < mostOf(tenant) / 2;
    },
    tick() {
      const at = now().getTime();
      for (const tenant of accounts.keys()) {
        const account = accountOf(tenant);
        if (account.counting || account.uncounted === 0 || at - account.countedAt < COUNT_MS) continue;
        account.countedAt = at;
        void count(tenant, account);
      }
    },
  };
}
