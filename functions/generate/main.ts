import { runGroupProcess } from '../run.ts';
import { generate } from './handler.ts';
import { generatePorts } from './ports.ts';

runGroupProcess({ name: generate.name, functions: [generate] }, (nc, botOf, _models, tenants, watch) =>
  generatePorts(nc, botOf, tenants, watch),
);
