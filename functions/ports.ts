import { actionPorts } from './action/ports.ts';
import { entityPorts } from './entity/model.ts';
import { generatePorts } from './generate/ports.ts';
import type { PortsOf } from './host.ts';
import { intentPorts } from './intent/model.ts';
import { knowledgePorts } from './knowledge/model.ts';
import { replyPorts } from './reply/ports.ts';

/** The ports of every function that answers turns, for processes that host more than one. */
export const allPorts: PortsOf = (nc, botOf, watch, tenants) => ({
  ...intentPorts(nc, botOf, watch),
  ...entityPorts(botOf),
  ...replyPorts(nc, botOf),
  ...knowledgePorts(nc),
  ...actionPorts(botOf, tenants),
  ...generatePorts(nc, botOf, tenants),
});
