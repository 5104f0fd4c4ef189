import { entityPorts } from '../entity/model.ts';
import type { PortsOf } from '../host.ts';
import { intentPorts } from '../intent/model.ts';
import { knowledgePorts } from '../knowledge/model.ts';
import { replyPorts } from '../reply/ports.ts';

/** The ports of the functions that every turn passes, or that answer at once. */
export const turnPorts: PortsOf = (nc, botOf, watch) => ({
  ...intentPorts(nc, botOf, watch),
  ...entityPorts(botOf, { nc, watch }),
  ...replyPorts(nc, botOf),
  ...knowledgePorts(nc),
});
