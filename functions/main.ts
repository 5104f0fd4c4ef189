import { groupsOf } from './index.ts';
import { runGroupProcess } from './run.ts';
import { turnPorts } from './turn/ports.ts';

/** An import would read every name of the module: 1.5 ms of a start. */
const { parseArgs } = process.getBuiltinModule('node:util');

// Any group by name: `node functions/main.ts --group turn` (what every turn passes, in one process), or `--group intent`.
const { values } = parseArgs({ options: { group: { type: 'string', default: 'turn' } } });
const groups = [...groupsOf('chained'), ...groupsOf('hop-by-hop')];
const group = groups.find((g) => g.name === values.group);
if (!group) {
  process.stderr.write(`turnstream: --group must be one of ${groups.map((g) => g.name).join(', ')}\n`);
  process.exitCode = 2;
} else if (group.name === 'turn') runGroupProcess(group, turnPorts);
else {
  // What talks to servers of others takes time to load, and the functions of a turn never need it.
  const { allPorts } = await import('./ports.ts');
  runGroupProcess(group, allPorts);
}
