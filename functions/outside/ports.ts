import { actionPorts } from '../action/ports.ts';
import { generatePorts } from '../generate/ports.ts';
import type { PortsOf } from '../host.ts';

/** The ports of the functions that wait for servers of others. */
export const outsidePorts: PortsOf = (nc, botOf, _models, tenants, watch) => ({
  ...actionPorts(botOf, tenants, watch),
  ...generatePorts(nc, botOf, tenants, watch),
});
