import type { Cast } from './cast.ts';
import { components } from './components.ts';
import { ARCHIVE_VALUES, SETTING_VALUES } from './environment.ts';
import { monitoring, scaledGateway, scaledObject } from './keda.ts';
import { onKnative } from './knative.ts';
import { folder, hosting, retargeted, type Folder } from './kustomize.ts';
import { natsCluster } from './nats.ts';
import { ARCHIVE_SETTINGS, DEFAULT_NAMESPACE, SETTINGS } from './names.ts';
import { closedByDefault, configMap, namespace } from './objects.ts';
import { openfaasTargets } from './openfaas.ts';
import { cronJobOf, jobOf, knativeTargets, plainGateway, pulling, relaying, targetsVariable } from './workloads.ts';

/** The folders below `knative/`: three ways to run functions, what they share, and what overlays may add. */
export const trees = (cast: Cast): Readonly<Record<string, Folder>> => ({
  ...parts(cast),
  ...targets(cast),
  ...components(cast),
});

function parts({ archive, deadlineMs, functions, gateway, provision, relay, release, roles, timers }: Cast) {
  return {
    'parts/cell': folder({
      files: {
        'namespace.yaml': [namespace(DEFAULT_NAMESPACE), closedByDefault],
        'settings.yaml': [configMap(SETTINGS, SETTING_VALUES), configMap(ARCHIVE_SETTINGS, ARCHIVE_VALUES)],
        'nats.yaml': natsCluster(roles),
        'provision.yaml': jobOf(provision, release),
        'timers.yaml': pulling(timers, release),
        'archive.yaml': cronJobOf(archive, release),
      },
    }),
    'parts/relay': folder({
      files: { 'relay.yaml': relaying(relay, release, knativeTargets(functions), deadlineMs) },
    }),
    'parts/gateway': folder({ files: { 'gateway.yaml': plainGateway(gateway, release) } }),
  };
}

function targets({ chained, functions, gateway, relay, release, timers }: Cast) {
  return {
    base: folder({
      resources: ['../parts/cell', '../parts/relay'],
      files: Object.fromEntries(
        [gateway, ...functions].map((process) => [`${process.name}.yaml`, onKnative(process, release)]),
      ),
    }),
    keda: folder({
      resources: ['../parts/cell', '../parts/gateway'],
      files: {
        ...Object.fromEntries(
          chained.map((process) => [
            `${process.name}.yaml`,
            [...pulling(process, release), scaledObject(process, process.queues)],
          ]),
        ),
        'scaling.yaml': [...monitoring, scaledGateway(gateway), scaledObject(timers, timers.queues)],
      },
      patches: [hosting('chained')],
    }),
    openfaas: folder({
      resources: ['../parts/cell', '../parts/gateway', '../parts/relay'],
      patches: [retargeted(relay.name, targetsVariable(openfaasTargets(functions)))],
    }),
  };
}
