import { runGroupProcess } from '../run.ts';
import { action } from './handler.ts';
import { actionPorts } from './ports.ts';

runGroupProcess({ name: action.name, functions: [action] }, (_nc, botOf, _models, tenants, watch) =>
  actionPorts(botOf, tenants, watch),
);
