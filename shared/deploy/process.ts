import type * as v from 'valibot';
import type { Role } from '../access/roles.ts';
import type { Limits } from '../function/define.ts';
import { checkTimes } from './times.ts';
import { readDeployment, type Deployment } from './deployment.ts';

/**
 * How a process is fed, from which follows what runs it: `gateway` by customers over HTTP; `function` with events, over
 * HTTP by the relay or by pulling; `puller` always by pulling; `relay` by pulling, for functions over HTTP; `task`
 * does what there is to do and ends.
 */
export type Kind = 'gateway' | 'function' | 'puller' | 'relay' | 'task';

/** What a process reads from secrets besides its password. */
export type Need = 'tenants' | 'tenantKeys' | 'sessionKey' | 'objects' | 'tenantSecrets';

/** A durable consumer that a process lives on. */
export interface Queue {
  readonly stream: string;
  readonly consumer: string;
}

/** One process of the platform: facts of its own, and those of the code that it runs. */
export interface Process {
  /** The name of its objects, and of its bundle. */
  readonly name: string;
  readonly kind: Kind;
  readonly deployment: Deployment;
  /** Its user of the log. */
  readonly role: Role;
  /** What it reads from the environment. */
  readonly environment: Schema;
  readonly needs: readonly Need[];
  readonly queues: readonly Queue[];
  /** Time limits of the functions in it. */
  readonly limits?: readonly Limits[];
  readonly ackWaitMs?: number;
  /** Reaches addresses outside the cluster. */
  readonly reachesOut?: boolean;
  /** The bundle that it runs, where that has another name. */
  readonly bundle?: string;
  readonly arguments?: readonly string[];
}

/** A schema of environment variables. */
export type Schema = v.ObjectSchema<v.ObjectEntries, undefined>;

/** Checks what a process is said to be. Fails with `deploy.invalid` (never), naming the field. */
export function checkProcess(process: Process): Process {
  const { name, limits = [], ackWaitMs } = process;
  const deployment = readDeployment(name, process.deployment);
  const { breakerMs, timeoutSeconds } = deployment;
  for (const { timeoutMs, attempts } of ackWaitMs === undefined ? [] : limits) {
    const outside = breakerMs === undefined ? {} : { breakerMs };
    checkTimes(name, { ...outside, timeoutMs, attempts, ackWaitMs: ackWaitMs ?? 0, timeoutSeconds });
  }
  return { ...process, deployment };
}
