import type { PortsOf } from './host.ts';
import { outsidePorts } from './outside/ports.ts';
import { turnPorts } from './turn/ports.ts';

/** The ports of every function that answers turns, for processes that host more than one group. */
export const allPorts: PortsOf = (...given) => ({ ...turnPorts(...given), ...outsidePorts(...given) });
