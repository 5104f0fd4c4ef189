import type { Cast } from './cast.ts';
import { monitoring, scaledObject } from './keda.ts';
import { onKnative } from './knative.ts';
import { argument, component, hosting, retargeted, setting, without, type Folder } from './kustomize.ts';
import { ALONE_CONF } from './nats-conf.ts';
import { admitting, NATS, NATS_CONFIG } from './nats.ts';
import { callsEntrance, knativeTargets, plainGateway, pulling, targetsVariable } from './workloads.ts';

/** What overlays may choose, each in a folder of its own. */
export const components = ({
  asr,
  deliver,
  functions,
  relay,
  release,
  roles,
  shadow,
  chained,
  voice,
}: Cast): Readonly<Record<`components/${string}`, Folder>> => ({
  'components/chained': component({
    files: Object.fromEntries(chained.map((process) => [`${process.name}.yaml`, onKnative(process, release)])),
    patches: [
      ...functions.flatMap(({ name }) => ON_KNATIVE.map((object) => without({ ...object, name }))),
      retargeted(relay.name, targetsVariable(knativeTargets(chained))),
      hosting('chained'),
    ],
  }),
  'components/queue-depth': component({
    files: {
      'relay.yaml': [
        ...monitoring,
        scaledObject(
          relay,
          chained.flatMap(({ queues }) => queues),
        ),
      ],
    },
  }),
  'components/one-server': component({
    patches: [
      setting({ kind: 'ConfigMap', name: NATS_CONFIG }, { '/data/cluster.conf': ALONE_CONF }),
      setting({ kind: 'StatefulSet', name: NATS }, { '/spec/replicas': 1 }),
      argument('--replicas', '1'),
    ],
  }),
  'components/shadow': component({ patches: admitting([...roles, shadow], shadow) }),
  'components/webhooks': component({ files: { 'deliver.yaml': pulling(deliver, release) } }),
  'components/voice': component({
    files: { 'voice.yaml': plainGateway(voice, release), 'asr.yaml': pulling(asr, release) },
  }),
  'components/voice-ingress': component({ files: { 'ingress.yaml': [callsEntrance(voice)] } }),
  'components/voice-scaled': component({ files: { 'asr.yaml': [scaledObject(asr, asr.queues)] } }),
  'components/webhooks-scaled': component({ files: { 'deliver.yaml': [scaledObject(deliver, deliver.queues)] } }),
});

/** What Knative's form of a function is made of. */
const ON_KNATIVE = [
  { apiVersion: 'serving.knative.dev/v1', kind: 'Service' },
  { apiVersion: 'v1', kind: 'ServiceAccount' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
] as const;
