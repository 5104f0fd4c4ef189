import {
  archiveRole,
  asrRole,
  gatewayRole,
  groupRole,
  operatorRole,
  relayRole,
  shadowRole,
  timerRole,
  voiceRole,
  type Role,
} from '../shared/access/roles.ts';
import { ConnectionConfig, FunctionConfig, GroupConfig, RelayConfig } from '../shared/config/config.ts';
import type { Deployment } from '../shared/deploy/deployment.ts';
import type { Process } from '../shared/deploy/process.ts';
import { PATHS } from '../shared/deploy/names.ts';
import { PROVISION } from '../shared/deploy/provisioning.ts';
import type { AnyFunction } from '../shared/function/define.ts';
import { AUDIO, CONVERSATIONS, TIMERS } from '../shared/log/streams.ts';
import { TICKS } from '../shared/log/timers.ts';
import type { Group } from '../shared/runtime/chain.ts';
import { ACK_WAIT_MS, durableOf } from '../shared/runtime/pull.ts';
import { LISTENERS } from '../shared/speech/provision.ts';
import { deployment as action } from './action/deploy.ts';
import { ArchiveConfig } from './archive/config.ts';
import { deployment as archive } from './archive/deploy.ts';
import { AsrConfig } from './asr/config.ts';
import { deployment as asr } from './asr/deploy.ts';
import { DeliverConfig } from './deliver/config.ts';
import { deployment as deliver } from './deliver/deploy.ts';
import { deliver as delivery } from './deliver/handler.ts';
import { ACK_WAIT_MS as DELIVERY_ACK_WAIT_MS, DUE, SPOKEN } from './deliver/provision.ts';
import { deliverRole } from './deliver/role.ts';
import { deployment as entity } from './entity/deploy.ts';
import { deployment as generate } from './generate/deploy.ts';
import { GatewayProcessConfig } from './gateway/config.ts';
import { deployment as gateway } from './gateway/deploy.ts';
import { groupsOf } from './index.ts';
import { deployment as intent } from './intent/deploy.ts';
import { SHADOWED } from './intent/shadow.ts';
import { deployment as knowledge } from './knowledge/deploy.ts';
import { deployment as outside } from './outside/deploy.ts';
import { deployment as policy } from './policy/deploy.ts';
import { deployment as relay } from './relay/deploy.ts';
import { deployment as reply } from './reply/deploy.ts';
import { deployment as timers } from './timers/deploy.ts';
import { deployment as turn } from './turn/deploy.ts';
import { VoiceConfig } from './voice/config.ts';
import { deployment as voice } from './voice/deploy.ts';

const FACTS: Readonly<Record<string, Deployment>> = {
  intent,
  entity,
  knowledge,
  policy,
  reply,
  action,
  generate,
  turn,
  outside,
};
/** Processes that ask servers of tenants, or that tenants name. */
const ASKING: ReadonlySet<string> = new Set(['action', 'generate', 'outside']);

/** Every process of a deployment, with the facts about it: what manifests are rendered from. */
export const processes: readonly Process[] = [
  {
    name: 'gateway',
    kind: 'gateway',
    deployment: gateway,
    role: gatewayRole,
    environment: GatewayProcessConfig,
    needs: ['tenants', 'tenantKeys', 'sessionKey', 'objects', 'tenantSecrets'],
    queues: [],
    reachesOut: true,
  },
  ...[...groupsOf('hop-by-hop'), ...groupsOf('chained')].map(processOf),
  {
    name: 'relay',
    kind: 'relay',
    deployment: relay,
    role: relayRole([...groupsOf('hop-by-hop'), ...groupsOf('chained')]),
    environment: RelayConfig,
    needs: [],
    queues: [],
  },
  {
    name: 'timers',
    kind: 'puller',
    deployment: timers,
    role: timerRole,
    environment: FunctionConfig,
    needs: ['tenantKeys'],
    queues: [{ stream: TIMERS, consumer: TICKS }],
  },
  {
    name: 'deliver',
    kind: 'puller',
    deployment: deliver,
    role: deliverRole,
    environment: DeliverConfig,
    needs: ['tenants', 'tenantKeys', 'tenantSecrets'],
    queues: [
      { stream: CONVERSATIONS, consumer: SPOKEN },
      { stream: TIMERS, consumer: DUE },
    ],
    limits: [delivery.limits],
    ackWaitMs: DELIVERY_ACK_WAIT_MS,
    reachesOut: true,
  },
  {
    name: 'voice',
    kind: 'gateway',
    deployment: voice,
    role: voiceRole,
    environment: VoiceConfig,
    needs: ['tenants', 'tenantKeys', 'sessionKey', 'objects', 'tenantSecrets'],
    queues: [],
    reachesOut: true,
  },
  {
    name: 'asr',
    kind: 'puller',
    deployment: asr,
    role: asrRole,
    environment: AsrConfig,
    needs: ['tenantKeys'],
    queues: [{ stream: AUDIO, consumer: LISTENERS }],
    ackWaitMs: ACK_WAIT_MS,
    reachesOut: true,
  },
  {
    name: 'archive',
    kind: 'task',
    deployment: archive,
    role: archiveRole,
    environment: ArchiveConfig,
    needs: ['tenants', 'tenantKeys', 'objects'],
    queues: [],
    reachesOut: true,
    arguments: ['--once'],
  },
  {
    name: 'provision',
    kind: 'task',
    deployment: { ...timers, timeoutSeconds: 300 },
    role: operatorRole,
    environment: ConnectionConfig,
    needs: ['tenants'],
    queues: [],
    bundle: 'turnstream',
    arguments: [...PROVISION, '--tenants', `${PATHS.tenants}/tenants.yml`],
  },
];

/** The users of the log: one for each process, with exactly what it needs. */
export const roles: readonly Role[] = processes.map(({ role }) => role);

/** The user of a model that is tried out on conversations. The log lets it in only where an overlay says so. */
export const shadow: Role = shadowRole(SHADOWED);

function processOf(group: Group): Process {
  const facts = FACTS[group.name];
  if (!facts) throw new Error(`nothing is said about running ${group.name}`);
  const asks = ASKING.has(group.name);
  return {
    name: group.name,
    kind: 'function',
    deployment: facts,
    role: groupRole(group),
    environment: GroupConfig,
    needs: asks ? ['tenants', 'tenantKeys', 'tenantSecrets'] : ['tenantKeys'],
    queues: [{ stream: CONVERSATIONS, consumer: durableOf(group) }],
    ...(asks && { reachesOut: true }),
    limits: group.functions.map(({ limits }: AnyFunction) => limits),
    ackWaitMs: ACK_WAIT_MS,
  };
}
