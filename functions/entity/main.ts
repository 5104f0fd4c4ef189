import { runGroupProcess } from '../run.ts';
import { entity } from './handler.ts';
import { entityPorts } from './model.ts';

runGroupProcess({ name: entity.name, functions: [entity] }, (nc, botOf, watch) => entityPorts(botOf, { nc, watch }));
